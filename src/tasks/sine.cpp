// SPDX-License-Identifier: Apache-2.0
// One input pulse at t = 0, then two sines to be kept up for the rest of the row.
#include <cmath>

#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Sine final : public Task {
 public:
  explicit Sine(const Options& options)
      : length_(options.integer("length")),
        rows_(options.integer("rows")),
        periods_{options.number("period1"), options.number("period2")} {}

  int inputs() const override { return 1; }
  int outputs() const override { return 2; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return rows_; }  // test rows are the same: nothing is drawn

  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      out.x[k] = t + k == 0 ? 1 : 0;
      for (int i = 0; i < 2; ++i) out.y[2 * k + i] = target(i, t + k);
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }

  /// The mean squared-error loss of the best constant outputs.
  std::vector<Reference> references() const override {
    double loss = 0;
    for (int i = 0; i < 2; ++i) {
      double sum = 0, squares = 0;
      for (std::int64_t t = 0; t < length_; ++t) {
        sum += target(i, t);
        squares += target(i, t) * target(i, t);
      }
      const auto count = static_cast<double>(length_);
      loss += 0.5 * (squares / count - sum / count * (sum / count));
    }
    return {{"constant output", loss, true}};
  }

  std::string summary() const override {
    return "sine: one pulse, then two sines for " + std::to_string(length_) + " steps";
  }

 private:
  double target(int i, std::int64_t t) const {
    constexpr double pi = 3.14159265358979323846;
    return std::sin(2 * pi * static_cast<double>(t) / periods_[i]);
  }

  std::int64_t length_, rows_;
  double periods_[2];
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<Sine>(options);
}

constexpr Option options[] = {
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "100",
     .low = 1,
     .high = 1e7,
     .unit = "steps",
     .help = "steps of a row"},
    {.key = "period1",
     .type = OptionType::number,
     .fallback = "50.0",
     .low = 0,
     .unit = "steps",
     .help = "period of the first sine",
     .low_is_excluded = true},
    {.key = "period2",
     .type = OptionType::number,
     .fallback = "20.0",
     .low = 0,
     .unit = "steps",
     .help = "period of the second sine",
     .low_is_excluded = true},
    {.key = "rows",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1e9,
     .unit = "rows",
     .help = "rows of an epoch, all alike, training and test"},
};

}  // namespace

extern const TaskRecord task_sine;
const TaskRecord task_sine = {
    .entry = {.name = "sine",
              .title = "one pulse starts two sines",
              .text = "x_0 = 1, else 0;  y*_t = (sin(2 pi t/period1), sin(2 pi t/period2)), for mse.",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
