// SPDX-License-Identifier: Apache-2.0
// Evidence accumulation: on which side were most cues? Asked for after a delay.
#include <cmath>
#include <vector>

#include "tasks/cue_trial.hpp"
#include "tasks/spikes.hpp"

namespace chronograd::entries {
namespace {

class EvidenceAccumulation final : public Task {
 public:
  EvidenceAccumulation(const Options& options, std::uint64_t seed)
      : course_{static_cast<int>(options.integer("group")),
                static_cast<int>(options.integer("cues")),
                static_cast<int>(options.integer("cue")),
                static_cast<int>(options.integer("pause")) + static_cast<int>(options.integer("cue")),
                static_cast<int>(options.integer("delay")),
                static_cast<int>(options.integer("recall"))},
        rate_(options.number("rate")),
        noise_(options.number("noise")),
        odds_(options.number("odds")),
        seed_(seed) {}

  int inputs() const override { return course_.inputs(); }
  int outputs() const override { return 2; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return course_.length(); }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = row_stream(split, row);
    Random random = row_draws(seed_, stream);
    const double of_side_1 = random.below(2) == 1 ? odds_ : 1 - odds_;
    std::vector<int> sides(static_cast<std::size_t>(course_.cues));
    for (int& side : sides) side = random.uniform() < of_side_1 ? 1 : 0;
    for (int k = 0; k < steps; ++k) {
      const int now = static_cast<int>(t) + k;
      draw_spikes(
          seed_, stream, now, course_.inputs(), [&](int i) { return course_.chance(sides, now, i, rate_, noise_); },
          out.x + std::ptrdiff_t{k} * course_.inputs());
    }
    course_.ask(CueTrial::answer(sides), t, steps, out);
  }

  std::vector<Reference> references() const override { return {{"chance", std::log(2.0), true}}; }
  std::string summary() const override {
    return "evidence_accumulation: " + std::to_string(course_.cues) + " cues of " + std::to_string(course_.cue_steps) +
           " steps on two sides, asked for after " + std::to_string(course_.delay) + " more, trials of " +
           std::to_string(course_.length()) + " steps";
  }

 private:
  CueTrial course_;
  double rate_, noise_, odds_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<EvidenceAccumulation>(options, seed);
}

constexpr Option options[] = {
    {.key = "group",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 1,
     .high = 10000,
     .unit = "inputs",
     .help = "inputs of each group: cues of either side, recall, noise"},
    {.key = "cues",
     .type = OptionType::integer,
     .fallback = "7",
     .low = 1,
     .high = 1000,
     .unit = "cues",
     .help = "of a trial"},
    {.key = "cue",
     .type = OptionType::integer,
     .fallback = "100",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "how long a cue is"},
    {.key = "pause",
     .type = OptionType::integer,
     .fallback = "50",
     .low = 0,
     .high = 100000,
     .unit = "steps",
     .help = "before each cue"},
    {.key = "delay",
     .type = OptionType::integer,
     .fallback = "1050",
     .low = 0,
     .high = 1000000,
     .unit = "steps",
     .help = "between the last cue and the recall signal"},
    {.key = "recall",
     .type = OptionType::integer,
     .fallback = "150",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "the last steps of a trial, in which the answer is asked for"},
    {.key = "rate",
     .type = OptionType::number,
     .fallback = "0.04",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "of inputs that are on: a cue, or the recall signal"},
    {.key = "noise",
     .type = OptionType::number,
     .fallback = "0.01",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "of the noise inputs, at all times"},
    {.key = "odds",
     .type = OptionType::number,
     .fallback = "0.7",
     .low = 0.5,
     .high = 1,
     .help = "chance of a cue to be on the side that a trial prefers"},
};

}  // namespace

extern const TaskRecord task_evidence_accumulation;
const TaskRecord task_evidence_accumulation = {
    .entry = {.name = "evidence_accumulation",
              .title = "on which of two sides most cues were, asked for after a delay",
              .text = "Four groups of inputs spike: during a cue that of its side, during recall the third, at all "
                      "times the fourth. A trial prefers a side, and each cue is on it with chance `odds`. The class "
                      "is 1 where more than half of the cues were on side 1; only steps of recall have a loss, for "
                      "cross_entropy. An even number of cues that is a draw is class 0.",
              .cite = "bellec2020solution",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
