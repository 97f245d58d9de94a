// SPDX-License-Identifier: Apache-2.0
// The classification by which NEST's e-prop is verified, to the bit: evidence accumulation with the reference's own
// weights and trials.
#include <algorithm>
#include <cmath>
#include <vector>

#include "chronograd/task.hpp"
#include "tasks/cue_trial.hpp"
#include "tasks/nest_draws.hpp"

namespace chronograd::entries {
namespace {

constexpr int units = 100, sides = 2;
constexpr CueTrial course;
constexpr double cue_rate = 0.04, noise_rate = 0.01;  // spikes a step of an input
/// Chance of a cue of side 0, by group of trials, as the reference has them: numbers of float32.
constexpr double few = static_cast<double>(0.3F), many = static_cast<double>(0.7F);

class NestClassification final : public Task {
 public:
  NestClassification(std::uint32_t seed, std::int64_t batch) : after_weights_(seed), batch_(batch) {
    NestDraws& draws = after_weights_;
    const double glorot = std::sqrt(3.0 / 51);
    parameters_["W_in"] =
        NestDraws::weights(course.inputs(), units, true, [&] { return draws.normal() / std::sqrt(40.0); });
    parameters_["W_rec"] = NestDraws::weights(units, units, false, [&] { return draws.normal() / 10; });
    parameters_["W_out"] = NestDraws::weights(units, sides, true, [&] { return draws.uniform(-glorot, glorot); });
    parameters_["B_feedback"] = as_feedback(NestDraws::weights(units, sides, true, [&] { return draws.normal(); }));
    parameters_["b_y"] = Array::of({2}, std::vector<double>{0, 0});
  }

  int inputs() const override { return course.inputs(); }
  int outputs() const override { return sides; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return course.length(); }
  std::int64_t rows(Split split) const override { return split == Split::train ? 0 : -1; }

  void read(Split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::int64_t iteration = row / batch_, trial = row % batch_;
    const auto spikes = static_cast<std::uint64_t>(course.length()) * static_cast<std::uint64_t>(course.inputs());
    NestDraws draws = after_weights_;
    // A group is one number, a cue or a spike two.
    const std::uint64_t of_trial = 1 + 2 * course.cues + 2 * spikes;
    draws.skip(static_cast<std::uint64_t>(iteration * batch_) * of_trial);
    // All groups are drawn, then the cues of all trials, then the spikes of all.
    std::vector<int> groups(static_cast<std::size_t>(batch_)), cues(course.cues);
    for (int& group : groups) group = draws.coin();
    draws.skip(static_cast<std::uint64_t>(trial) * 2 * course.cues);
    const bool second = groups[static_cast<std::size_t>(trial)] != 0;
    const double of_side_0 = (second ? many : few) / (many + few);
    for (int& cue : cues) cue = draws.uniform() >= of_side_0 ? 1 : 0;
    draws.skip(static_cast<std::uint64_t>(batch_ - 1 - trial) * 2 * course.cues);
    draws.skip(static_cast<std::uint64_t>(trial) * 2 * spikes);
    std::vector<double> x(spikes);
    for (int k = 0; k < course.length(); ++k)
      for (int i = 0; i < course.inputs(); ++i) {
        const bool spike = course.chance(cues, k, i, cue_rate, noise_rate) > draws.uniform();
        x[static_cast<std::size_t>(k) * static_cast<std::size_t>(course.inputs()) + static_cast<std::size_t>(i)] =
            spike && k > 0 ? 1 : 0;
      }
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(t) * course.inputs(), std::ptrdiff_t{steps} * course.inputs(),
                out.x);
    course.ask(CueTrial::answer(cues), t, steps, out);
  }

  Arrays parameters() const override { return parameters_; }
  std::vector<Reference> references() const override { return {{"chance", std::log(2.0), true}}; }
  std::string summary() const override {
    return "nest_classification: trials of " + std::to_string(course.length()) + " steps, " +
           std::to_string(course.cues) + " cues, drawn " + std::to_string(batch_) + " at a time";
  }

 private:
  Arrays parameters_;
  NestDraws after_weights_;  ///< where the trials begin
  std::int64_t batch_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<NestClassification>(static_cast<std::uint32_t>(options.integer("draws")),
                                              options.integer("drawn_together"));
}

constexpr Option options[] = {
    {.key = "draws",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 0,
     .high = 4294967295.0,
     .help = "the seed of the reference's own random numbers; its losses are of 1"},
    {.key = "drawn_together",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 10000,
     .unit = "trials",
     .help = "trials whose numbers are drawn together: the reference's batch, and train.batch"},
};

}  // namespace

extern const TaskRecord task_nest_classification;
const TaskRecord task_nest_classification = {
    .entry = {.name = "nest_classification",
              .title = "the classification that verifies NEST's e-prop, with its weights, for 100 spiking units",
              .text =
                  "Trials of evidence accumulation, 2250 steps: 7 cues on one of two groups of 10 inputs, 1050 steps "
                  "of delay, 150 of recall, in which the side of most cues is asked for (two classes, the only steps "
                  "with a loss). Weights and feedback of 100 alif units without biases are the task's, drawn as by "
                  "NumPy's RandomState(draws) and rounded to float32; row r is the r-th trial after them. Settings: "
                  "experiments/nest_classification.toml.",
              .cite = "bellec2020solution",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
