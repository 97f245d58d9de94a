// SPDX-License-Identifier: Apache-2.0
// Delayed match to sample: two directions with a delay between them. Were they the same?
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tasks/spikes.hpp"

namespace chronograd::entries {
namespace {

class DelayedMatch final : public Task {
 public:
  DelayedMatch(const Options& options, std::uint64_t seed)
      : inputs_(static_cast<int>(options.integer("inputs"))),
        directions_(options.integer("directions")),
        fixation_(options.integer("fixation")),
        sample_(options.integer("sample")),
        delay_(options.integer("delay")),
        test_(options.integer("test")),
        concentration_(options.number("concentration")),
        peak_(options.number("peak")),
        background_(options.number("background")),
        seed_(seed) {}

  int inputs() const override { return inputs_; }
  int outputs() const override { return 2; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return fixation_ + sample_ + delay_ + test_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = row_stream(split, row);
    Random random = row_draws(seed_, stream);
    const auto all = static_cast<std::uint64_t>(directions_);
    const bool match = random.below(2) == 1;
    const std::uint64_t shown = random.below(all), other = 1 + random.below(all - 1);
    const std::uint64_t tested = match ? shown : (shown + other) % all;
    const std::int64_t test_from = length(split) - test_;
    for (int k = 0; k < steps; ++k) {
      const std::int64_t now = t + k;
      const bool samples = now >= fixation_ && now < fixation_ + sample_, tests = now >= test_from;
      const double angle = angle_of(static_cast<double>(tests ? tested : shown), static_cast<double>(directions_));
      const auto chance = [&](int i) {
        if (!samples && !tests) return background_;
        const double away = angle - angle_of(i, inputs_);
        return std::min(1.0, background_ + peak_ * std::exp(concentration_ * (std::cos(away) - 1)));
      };
      draw_spikes(seed_, stream, now, inputs_, chance, out.x + std::ptrdiff_t{k} * inputs_);
      out.y[2 * k] = match ? 0 : 1;
      out.y[2 * k + 1] = match ? 1 : 0;
      out.mask[k] = tests ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override { return {{"chance", std::log(2.0), true}}; }
  std::string summary() const override {
    return "delayed_match: two of " + std::to_string(directions_) + " directions, " + std::to_string(delay_) +
           " steps between them, trials of " + std::to_string(length(Split::train)) + " steps";
  }

 private:
  static double angle_of(double index, double count) { return 2 * std::numbers::pi * index / count; }

  int inputs_;
  std::int64_t directions_, fixation_, sample_, delay_, test_;
  double concentration_, peak_, background_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<DelayedMatch>(options, seed);
}

constexpr Option options[] = {
    {.key = "inputs",
     .type = OptionType::integer,
     .fallback = "100",
     .low = 1,
     .high = 10000,
     .unit = "inputs",
     .help = "inputs, whose preferred directions are evenly spaced"},
    {.key = "directions",
     .type = OptionType::integer,
     .fallback = "8",
     .low = 2,
     .high = 10000,
     .unit = "directions",
     .help = "different ones, evenly spaced"},
    {.key = "fixation",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 0,
     .high = 1000000,
     .unit = "steps",
     .help = "before the sample"},
    {.key = "sample",
     .type = OptionType::integer,
     .fallback = "500",
     .low = 1,
     .high = 1000000,
     .unit = "steps",
     .help = "how long the first direction is shown"},
    {.key = "delay",
     .type = OptionType::integer,
     .fallback = "1000",
     .low = 0,
     .high = 1000000,
     .unit = "steps",
     .help = "between the two directions"},
    {.key = "test",
     .type = OptionType::integer,
     .fallback = "500",
     .low = 1,
     .high = 1000000,
     .unit = "steps",
     .help = "how long the second one is shown, and the answer asked for"},
    {.key = "concentration",
     .type = OptionType::number,
     .fallback = "3.0",
     .low = 0,
     .high = 1000,
     .help = "of the inputs' tuning, k in exp(k (cos(away) - 1))"},
    {.key = "peak",
     .type = OptionType::number,
     .fallback = "0.1",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "of an input at its preferred direction, above the background"},
    {.key = "background",
     .type = OptionType::number,
     .fallback = "0.001",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "of every input at all times"},
};

}  // namespace

extern const TaskRecord task_delayed_match;
const TaskRecord task_delayed_match = {
    .entry = {.name = "delayed_match",
              .title = "whether a direction is the one that was shown before a delay",
              .text = "Inputs spike with chance background + peak exp(concentration (cos(a - a_i) - 1)) while a "
                      "direction a is shown, a_i being the one that input i prefers, else with the background's. The "
                      "second direction is the first with chance 1/2 (class 1), else any other (class 0); only its "
                      "steps have a loss, for cross_entropy.",
              .cite = "wang2025brainscale",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
