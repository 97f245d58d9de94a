// SPDX-License-Identifier: Apache-2.0
// A periodic output without any input (Murray): three sines of one period and its harmonics, from a fixed first state.
#include <cmath>

#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Periodic final : public Task {
 public:
  explicit Periodic(const Options& options)
      : period_(options.integer("period")),
        length_(options.given("length") ? options.integer("length") : period_),
        start_(options.number("start")) {}

  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split split) const override { return split == Split::test ? 1 : 0; }  // all rows are alike

  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      out.x[k] = 0;
      out.y[k] = target(t + k);
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }

  bool has_initial_state() const override { return start_ != 0; }
  bool initial_state(Split, std::int64_t, std::span<double> state) const override {
    if (start_ == 0) return false;
    for (double& h : state) h = start_;
    return true;
  }

  std::vector<Reference> references() const override {
    double sum = 0, squares = 0;
    for (std::int64_t t = 0; t < length_; ++t) {
      sum += target(t);
      squares += target(t) * target(t);
    }
    const double mean = sum / static_cast<double>(length_);
    return {{"constant output", 0.5 * (squares / static_cast<double>(length_) - mean * mean), true}};
  }

  std::string summary() const override {
    return "periodic: three sines of period " + std::to_string(period_) + " and its harmonics, no input, rows of " +
           std::to_string(length_) + " steps";
  }

 private:
  double target(std::int64_t t) const {
    constexpr double pi = 3.14159265358979323846;
    const double phase = 2 * pi * static_cast<double>(t % period_) / static_cast<double>(period_);
    return std::sin(phase) + 0.5 * std::sin(2 * phase) + 0.25 * std::sin(4 * phase);
  }

  std::int64_t period_, length_;
  double start_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<Periodic>(options);
}

constexpr Option options[] = {
    {.key = "period",
     .type = OptionType::integer,
     .fallback = "200",
     .low = 1,
     .high = 1e7,
     .unit = "steps",
     .help = "T: 20 tau and 160 tau of the paper are 200 and 1600"},
    {.key = "length",
     .type = OptionType::integer,
     .low = 1,
     .high = 1e7,
     .unit = "steps",
     .help = "steps of a row; absent: one period"},
    {.key = "start",
     .type = OptionType::number,
     .fallback = "0.1",
     .help = "first state of all units, from which phase is told"},
};

}  // namespace

extern const TaskRecord task_periodic;
const TaskRecord task_periodic = {
    .entry = {.name = "periodic",
              .title = "a periodic output out of nothing but the first state",
              .text = "x_t = 0,  y*_t = sin(2 pi t/T) + 1/2 sin(4 pi t/T) + 1/4 sin(8 pi t/T), for mse.",
              .cite = "murray2019local",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
