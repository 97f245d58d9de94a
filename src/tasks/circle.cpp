// SPDX-License-Identifier: Apache-2.0
// A place on the unit circle, told by bits at the first step and asked for at the last.
#include <cmath>
#include <vector>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Circle final : public Task {
 public:
  Circle(const Options& options, std::uint64_t seed)
      : points_(options.integer("points")), bits_(options.integer("bits")), length_(options.integer("length")) {
    Random random(seed, Draw::data);
    for (std::int64_t i = 0; i < points_ * bits_; ++i) pattern_.push_back(random.below(2) == 1 ? 1 : 0);
  }

  int inputs() const override { return static_cast<int>(bits_); }
  int outputs() const override { return 2; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::int64_t point = row % points_;
    for (int k = 0; k < steps; ++k) {
      const bool first = t + k == 0, last = t + k == length_ - 1;
      for (std::int64_t j = 0; j < bits_; ++j)
        out.x[bits_ * k + j] = first ? pattern_[static_cast<std::size_t>(point * bits_ + j)] : 0;
      out.y[2 * k] = last ? place(point, 0) : 0;
      out.y[2 * k + 1] = last ? place(point, 1) : 0;
      out.mask[k] = last ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// The best constant is the mean of the places: the circle's centre for two points and more.
  std::vector<Reference> references() const override {
    return {{"constant output", points_ == 1 ? 0 : 0.5, true}, {"all remembered", 0}};
  }

  std::string summary() const override {
    return "circle: " + std::to_string(points_) + (points_ == 1 ? " place" : " places") +
           " on the unit circle, asked for after " + std::to_string(length_) + " steps";
  }

 private:
  double place(std::int64_t point, int which) const {
    constexpr double turn = 2 * 3.14159265358979323846;
    const double angle = turn * static_cast<double>(point) / static_cast<double>(points_);
    return which == 0 ? std::sin(angle) : std::cos(angle);
  }

  std::int64_t points_, bits_, length_;
  std::vector<double> pattern_;  ///< [points][bits]
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Circle>(options, seed);
}

constexpr Option options[] = {
    {.key = "points",
     .type = OptionType::integer,
     .fallback = "5",
     .low = 1,
     .high = 10000,
     .unit = "places",
     .help = "different places, evenly spaced from (0, 1) on"},
    {.key = "bits",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 1,
     .high = 1000,
     .unit = "inputs",
     .help = "bits that stand for a place, drawn from the seed"},
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "steps of a row"},
};

}  // namespace

extern const TaskRecord task_circle;
const TaskRecord task_circle = {
    .entry = {.name = "circle",
              .title = "a place on the circle, told at first and asked for at last",
              .text =
                  "x_0 are the bits of the row's place, then zeros; y* at the last step, the only one with a loss, is "
                  "the place (sin a, cos a), for mse. Row r is of place r mod points.",
              .cite = "pemberton2024bp",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
