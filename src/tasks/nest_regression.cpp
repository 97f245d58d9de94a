// SPDX-License-Identifier: Apache-2.0
// The regression by which NEST's e-prop is verified, to the bit: pattern generation with the reference's own weights,
// frozen input and target.
#include <algorithm>
#include <vector>

#include "chronograd/task.hpp"
#include "tasks/nest_draws.hpp"
#include "tasks/sines.hpp"

namespace chronograd::entries {
namespace {

constexpr int input_count = 100, units = 100, steps_of_row = 1000;
constexpr double rate = 0.05;  // spikes a step of an input

class NestRegression final : public Task {
 public:
  explicit NestRegression(std::uint32_t seed) {
    NestDraws draws(seed);
    const auto tenth = [&] { return draws.normal() / 10; };
    parameters_["W_in"] = NestDraws::weights(input_count, units, true, tenth);
    parameters_["W_rec"] = NestDraws::weights(units, units, false, tenth);
    parameters_["W_out"] = NestDraws::weights(units, 1, true, tenth);
    parameters_["B_feedback"] = as_feedback(NestDraws::weights(units, 1, true, tenth));
    parameters_["b_y"] = Array::of({1}, std::vector<double>{0});
    x_.reserve(std::size_t{steps_of_row} * input_count);
    for (int i = 0; i < steps_of_row * input_count; ++i) x_.push_back(draws.uniform() < rate ? 1 : 0);
    std::fill_n(x_.begin(), input_count, 0.0);
    std::array<double, 4> amplitudes{}, phases{};
    for (double& amplitude : amplitudes) amplitude = draws.uniform(0.5, 2);
    for (double& phase : phases) phase = draws.uniform(0, 2 * std::numbers::pi);
    y_ = sum_of_sines(steps_of_row, amplitudes, phases);
  }

  int inputs() const override { return input_count; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return steps_of_row; }
  std::int64_t rows(Split split) const override { return split == Split::train ? 1 : -1; }

  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    const auto first = static_cast<std::ptrdiff_t>(t);
    std::copy_n(x_.begin() + first * input_count, std::ptrdiff_t{steps} * input_count, out.x);
    std::copy_n(y_.begin() + first, steps, out.y);
    std::fill_n(out.mask, steps, 1.0);
    std::fill_n(out.reset, steps, std::uint8_t{0});
  }

  Arrays parameters() const override { return parameters_; }
  std::vector<Reference> references() const override { return {{"constant output", loss_of_constant(y_), true}}; }
  std::string summary() const override {
    return "nest_regression: one row of " + std::to_string(steps_of_row) + " steps, frozen input spikes, four sines";
  }

 private:
  Arrays parameters_;
  std::vector<double> x_, y_;  ///< [T][n], [T]
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<NestRegression>(static_cast<std::uint32_t>(options.integer("draws")));
}

constexpr Option options[] = {
    {.key = "draws",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 0,
     .high = 4294967295.0,
     .help = "the seed of the reference's own random numbers; its losses are of 1"},
};

}  // namespace

extern const TaskRecord task_nest_regression;
const TaskRecord task_nest_regression = {
    .entry = {.name = "nest_regression",
              .title = "the regression that verifies NEST's e-prop, with its weights, for 100 spiking units",
              .text = "One row of 1000 steps: 100 inputs that spike with chance 0.05 (none at the first step), and as "
                      "target a sum of four sines, for mse. Weights and feedback of 100 alif units without biases are "
                      "the task's, drawn as by NumPy's RandomState(draws) and rounded to float32. Settings: "
                      "experiments/nest_regression.toml.",
              .cite = "bellec2020solution",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
