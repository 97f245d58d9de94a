// SPDX-License-Identifier: Apache-2.0
// Steps to the left and to the right on a circle of places: where does a walk end?
#include <cmath>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class CycleNavigation final : public Task {
 public:
  CycleNavigation(const Options& options, std::uint64_t seed)
      : places_(static_cast<int>(options.integer("places"))),
        length_(options.integer("length")),
        all_(options.word("loss_on") == "all"),
        seed_(seed) {}

  int inputs() const override { return 3; }
  int outputs() const override { return places_; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    std::int64_t place = 0;
    for (std::int64_t before = 0; before < t; ++before) place += move(stream, before);
    for (int k = 0; k < steps; ++k) {
      const int moved = move(stream, t + k);
      place += moved;
      const auto now = static_cast<int>(((place % places_) + places_) % places_);
      for (int i = 0; i < 3; ++i) out.x[3 * k + i] = i == moved + 1 ? 1 : 0;
      for (int i = 0; i < places_; ++i) out.y[places_ * k + i] = i == now ? 1 : 0;
      out.mask[k] = all_ || t + k == length_ - 1 ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// Nats a step with a loss. Moves that are uniform on three leave the place after many of them uniform.
  std::vector<Reference> references() const override {
    return {{"place by chance", std::log(static_cast<double>(places_)), true}, {"all moves remembered", 0}};
  }

  std::string summary() const override {
    return "cycle_navigation: " + std::to_string(length_) + " moves on a circle of " + std::to_string(places_) +
           " places";
  }

 private:
  /// -1, 0 or 1.
  int move(std::uint64_t stream, std::int64_t at) const {
    return static_cast<int>(Random(seed_, Draw::data, stream, static_cast<std::uint64_t>(at)).below(3)) - 1;
  }

  int places_;
  std::int64_t length_;
  bool all_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<CycleNavigation>(options, seed);
}

constexpr Option options[] = {
    {.key = "places",
     .type = OptionType::integer,
     .fallback = "5",
     .low = 2,
     .high = 1000,
     .unit = "places",
     .help = "places on the circle; the walk begins at place 0"},
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "20",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "moves of a row"},
    {.key = "loss_on",
     .type = OptionType::word,
     .fallback = "\"end\"",
     .help = "steps with a loss: the last move's alone, or all",
     .choices = "end|all"},
};

}  // namespace

extern const TaskRecord task_cycle_navigation;
const TaskRecord task_cycle_navigation = {
    .entry = {.name = "cycle_navigation",
              .title = "where a walk on a circle ends",
              .text =
                  "x_t is one of three: a step back, none, a step on, drawn uniformly. The target is the place after "
                  "the move, one of `places`, for cross_entropy: at the last step of the row, or at all.",
              .cite = "deletang2023neural",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
