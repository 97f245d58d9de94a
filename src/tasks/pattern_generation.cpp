// SPDX-License-Identifier: Apache-2.0
// Pattern generation: from frozen input spikes a sum of four sines is to be made.
#include <algorithm>
#include <array>

#include "tasks/sines.hpp"
#include "tasks/spikes.hpp"

namespace chronograd::entries {
namespace {

class PatternGeneration final : public Task {
 public:
  PatternGeneration(const Options& options, std::uint64_t seed)
      : inputs_(static_cast<int>(options.integer("inputs"))),
        length_(options.integer("length")),
        rate_(options.number("rate")),
        seed_(seed) {
    Random random = row_draws(seed, 0);
    std::array<double, 4> amplitudes{}, phases{};
    for (double& amplitude : amplitudes) amplitude = 0.5 + 1.5 * random.uniform();
    for (double& phase : phases) phase = 2 * std::numbers::pi * random.uniform();
    y_ = sum_of_sines(static_cast<std::size_t>(length_), amplitudes, phases);
  }

  int inputs() const override { return inputs_; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 1; }  // the same to learn and to test

  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k)
      draw_spikes(
          seed_, 0, t + k, inputs_, [&](int) { return rate_; }, out.x + std::ptrdiff_t{k} * inputs_);
    std::copy_n(y_.begin() + static_cast<std::ptrdiff_t>(t), steps, out.y);
    std::fill_n(out.mask, steps, 1.0);
    std::fill_n(out.reset, steps, std::uint8_t{0});
  }

  std::vector<Reference> references() const override { return {{"constant output", loss_of_constant(y_), true}}; }
  std::string summary() const override {
    return "pattern_generation: one row of " + std::to_string(length_) + " steps, " + std::to_string(inputs_) +
           " inputs with frozen spikes, four sines";
  }

 private:
  int inputs_;
  std::int64_t length_;
  double rate_;
  std::uint64_t seed_;
  std::vector<double> y_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<PatternGeneration>(options, seed);
}

constexpr Option options[] = {
    {.key = "inputs",
     .type = OptionType::integer,
     .fallback = "100",
     .low = 1,
     .high = 100000,
     .unit = "inputs",
     .help = "inputs that spike"},
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "1000",
     .low = 200,
     .high = 1e6,
     .unit = "steps",
     .help = "steps of the row; sines that have no whole cycle in it stand still"},
    {.key = "rate",
     .type = OptionType::number,
     .fallback = "0.05",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "chance of a spike of an input at a step"},
};

}  // namespace

extern const TaskRecord task_pattern_generation;
const TaskRecord task_pattern_generation = {
    .entry = {.name = "pattern_generation",
              .title = "four sines out of frozen input spikes",
              .text = "One row, the same again and again: inputs spike at random, and y* is a sum of four sines with "
                      "periods 1000, 500, 333 and 200 steps, of which a row has as many whole cycles as fit, "
                      "amplitudes of 0.5 to 2 and any phases, less its first number, over its largest absolute value; "
                      "for mse.",
              .cite = "bellec2020solution",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
