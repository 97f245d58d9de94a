// SPDX-License-Identifier: Apache-2.0
// The adding problem: two of many numbers are marked, and their sum is asked for at the end.
#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Adding final : public Task {
 public:
  Adding(const Options& options, std::uint64_t seed) : length_(options.integer("length")), seed_(seed) {}

  int inputs() const override { return 2; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    Random places(seed_, Draw::data, stream, 0);
    const std::int64_t half = length_ / 2, first = place(places, 0, half), second = place(places, half, length_);
    for (int k = 0; k < steps; ++k) {
      const std::int64_t at = t + k;
      const bool last = at == length_ - 1;
      out.x[2 * k] = number(stream, at);
      out.x[2 * k + 1] = at == first || at == second ? 1 : 0;
      out.y[k] = last ? number(stream, first) + number(stream, second) : 0;
      out.mask[k] = last ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// Half the variance of what is not known of the sum; a number that is uniform on (0, 1) has 1/12.
  std::vector<Reference> references() const override {
    return {{"constant output", 1.0 / 12, true}, {"one number remembered", 1.0 / 24}, {"both remembered", 0}};
  }

  std::string summary() const override {
    return "adding: the sum of two marked numbers among " + std::to_string(length_);
  }

 private:
  static std::int64_t place(Random& random, std::int64_t from, std::int64_t end) {
    return from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(end - from)));
  }
  double number(std::uint64_t stream, std::int64_t at) const {
    return Random(seed_, Draw::data, stream, static_cast<std::uint64_t>(at) + 1).uniform();
  }

  std::int64_t length_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Adding>(options, seed);
}

constexpr Option options[] = {
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "50",
     .low = 2,
     .high = 1e6,
     .unit = "steps",
     .help = "steps of a row"},
};

}  // namespace

extern const TaskRecord task_adding;
const TaskRecord task_adding = {
    .entry = {.name = "adding",
              .title = "add the two numbers that were marked",
              .text = "x_t is (a number uniform on (0, 1), a mark); one number of the first half of the row and one of "
                      "the second are marked. At the last step, the only one with a loss, y* is their sum, for mse.",
              .cite = "hochreiter1997long",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
