// SPDX-License-Identifier: Apache-2.0
// Trace conditioning: a stream in which a stimulus tells of an outcome that comes later, among distractors that tell of
// nothing. To predict is the discounted sum of the outcomes to come.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

constexpr double negligible = 1e-17;  // beside 1, of what is discounted so far

/// A sum of numbers and of their squares, each with its weight: how far they are from their mean.
struct Spread {
  double weight = 0, sum = 0, squares = 0;
  void add(double mean, double square) {
    weight += 1;
    sum += mean;
    squares += square;
  }
  /// Sum of the squared distances from the mean.
  double unexplained() const { return weight > 0 ? squares - sum * sum / weight : 0; }
};

class TraceConditioning final : public Task {
 public:
  TraceConditioning(const Options& options, std::uint64_t seed)
      : period_(options.integer("period")),
        jitter_(options.integer("jitter")),
        shortest_(options.integer("shortest")),
        longest_(options.integer("longest")),
        stimulus_(options.integer("stimulus")),
        outcome_(options.integer("outcome")),
        distractors_(static_cast<int>(options.integer("distractors"))),
        gamma_(options.number("gamma")),
        seed_(seed) {
    if (shortest_ > longest_)
      throw Error(
          Exit::usage, "task.shortest",
          "got " + std::to_string(shortest_) + ", allowed is 1 ... " + std::to_string(longest_) + " = task.longest.");
    const std::int64_t needed = jitter_ + std::max(longest_ + outcome_, stimulus_);
    if (period_ < needed)
      throw Error(Exit::usage, "task.period",
                  "got " + std::to_string(period_) + ", allowed is " + std::to_string(needed) +
                      " or more: jitter + longest + outcome, and jitter + stimulus, must fit into it.");
    // So many periods ahead are summed up: what comes later is lost in rounding.
    ahead_ = 1;
    if (gamma_ > 0)
      ahead_ += static_cast<std::int64_t>(std::log(negligible) / (std::log(gamma_) * static_cast<double>(period_)));
  }

  int inputs() const override { return 2 + distractors_; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return 0; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    const auto n = static_cast<std::size_t>(inputs()), some = static_cast<std::size_t>(distractors_);
    std::vector<std::int64_t> begun(some, -stimulus_);  // when each distractor began last
    for (std::int64_t before = std::max<std::int64_t>(0, t - stimulus_ + 1); before < t; ++before)
      begin_distractors(stream, before, begun);
    std::int64_t number = -1;
    Trial trial{};
    double later = 0;  // the discounted outcomes of all periods from the next one on, as of its first step
    for (int k = 0; k < steps; ++k) {
      if (const std::int64_t now = (t + k) / period_; now != number) {
        number = now;
        trial = trial_of(stream, number);
        later = outcomes_from(stream, number + 1);
      }
      const std::int64_t phase = (t + k) % period_;
      double* const x = out.x + static_cast<std::size_t>(k) * n;
      begin_distractors(stream, t + k, begun);
      x[0] = is_on(phase, trial.outcome, outcome_);
      x[1] = is_on(phase, trial.stimulus, stimulus_);
      for (std::size_t i = 0; i < some; ++i) x[2 + i] = is_on(t + k, begun[i], stimulus_);
      out.y[k] = own_return(phase, trial.outcome) + discount(period_ - phase - 1) * later;
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }

  /// Halves of variances: what a constant, the inputs of the present step, and everything that was seen leave of the
  /// target. Sums over all places in a period, of the stimulus in it and of the outcome after it; what later periods
  /// add is independent of all that was seen, and its mean and variance follow from those of one period.
  std::vector<Reference> references() const override {
    double first = 0, second = 0, cases = 0;  // of what a period's outcome is worth at the period's first step
    for_each_trial([&](const Trial& trial) {
      const double worth = discount(trial.outcome) * run_of_outcomes();
      first += worth;
      second += worth * worth;
      ++cases;
    });
    const double mean = first / cases, over = discount(period_);
    const double later = mean / (1 - over), variance = (second / cases - mean * mean) / (1 - over * over);
    Spread all;
    std::map<std::array<std::int64_t, 2>, Spread> present;
    std::map<std::array<std::int64_t, 3>, Spread> known;
    double steps = 0;
    for_each_trial([&](const Trial& trial) {
      for (std::int64_t phase = 0; phase < period_; ++phase) {
        const double far = discount(period_ - phase - 1);
        const double expected = own_return(phase, trial.outcome) + far * later;
        const double square = expected * expected + far * far * variance;
        const bool stimulus = phase >= trial.stimulus, outcome = phase >= trial.outcome;
        all.add(expected, square);
        present[{phase < trial.outcome + outcome_ && outcome, phase < trial.stimulus + stimulus_ && stimulus}].add(
            expected, square);
        known[{phase, stimulus ? trial.stimulus : -1, outcome ? trial.outcome : -1}].add(expected, square);
        ++steps;
      }
    });
    const auto loss = [&](const auto& spreads) {
      double sum = 0;
      for (const auto& [key, spread] : spreads) sum += spread.unexplained();
      return 0.5 * sum / steps;
    };
    return {{"constant output", 0.5 * all.unexplained() / steps, true},
            {"no memory", loss(present)},
            {"all that was seen", loss(known)}};
  }

  std::string summary() const override {
    return "trace_conditioning: an outcome " + std::to_string(shortest_) + " ... " + std::to_string(longest_) +
           " steps after a stimulus, one in " + std::to_string(period_) + " steps, " + std::to_string(distractors_) +
           " distractors, endless";
  }

 private:
  /// When in its period they begin.
  struct Trial {
    std::int64_t stimulus, outcome;
  };

  static double is_on(std::int64_t t, std::int64_t begun, std::int64_t lasts) {
    return t >= begun && t < begun + lasts ? 1 : 0;
  }
  double discount(std::int64_t steps) const { return std::pow(gamma_, static_cast<double>(steps)); }
  /// Of an outcome that begins now.
  double run_of_outcomes() const { return (1 - discount(outcome_)) / (1 - gamma_); }

  Trial trial_of(std::uint64_t stream, std::int64_t number) const {
    Random random(seed_, Draw::data, 2 * stream, static_cast<std::uint64_t>(number));
    const auto from = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(jitter_ + 1)));
    const auto more = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(longest_ - shortest_ + 1)));
    return {from, from + shortest_ + more};
  }
  template <class Visit>
  void for_each_trial(const Visit& visit) const {
    for (std::int64_t from = 0; from <= jitter_; ++from)
      for (std::int64_t after = shortest_; after <= longest_; ++after) visit(Trial{from, from + after});
  }

  /// sum_{i >= 1} gamma^(i - 1) u_{t+i} over the outcomes u of a period, at its step `phase`.
  double own_return(std::int64_t phase, std::int64_t begins) const {
    if (phase < begins) return discount(begins - phase - 1) * run_of_outcomes();
    const std::int64_t left = begins + outcome_ - phase - 1;
    return left > 0 ? (1 - discount(left)) / (1 - gamma_) : 0;
  }
  double outcomes_from(std::uint64_t stream, std::int64_t number) const {
    const double over = discount(period_);
    double sum = 0;
    for (std::int64_t i = ahead_; i-- > 0;)
      sum = discount(trial_of(stream, number + i).outcome) * run_of_outcomes() + over * sum;
    return sum;
  }

  /// A distractor begins, anew where it is on, with chance 1/10, 1/20, 1/30, ...
  void begin_distractors(std::uint64_t stream, std::int64_t t, std::vector<std::int64_t>& begun) const {
    Random random(seed_, Draw::data, 2 * stream + 1, static_cast<std::uint64_t>(t));
    for (std::size_t i = 0; i < begun.size(); ++i)
      if (random.uniform() < 0.1 / static_cast<double>(i + 1)) begun[i] = t;
  }

  std::int64_t period_, jitter_, shortest_, longest_, stimulus_, outcome_, ahead_;
  int distractors_;
  double gamma_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<TraceConditioning>(options, seed);
}

constexpr Option options[] = {
    {.key = "period",
     .type = OptionType::integer,
     .fallback = "110",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "each period has one stimulus and its outcome"},
    {.key = "jitter",
     .type = OptionType::integer,
     .fallback = "40",
     .low = 0,
     .high = 1000,
     .unit = "steps",
     .help = "a stimulus comes 0 ... jitter steps after its period begins, all equally likely"},
    {.key = "shortest",
     .type = OptionType::integer,
     .fallback = "7",
     .low = 1,
     .high = 1000,
     .unit = "steps",
     .help = "shortest time from the first step of a stimulus to that of its outcome"},
    {.key = "longest",
     .type = OptionType::integer,
     .fallback = "13",
     .low = 1,
     .high = 1000,
     .unit = "steps",
     .help = "longest one; all between are equally likely"},
    {.key = "stimulus",
     .type = OptionType::integer,
     .fallback = "4",
     .low = 1,
     .high = 1000,
     .unit = "steps",
     .help = "how long stimuli last, distractors too"},
    {.key = "outcome",
     .type = OptionType::integer,
     .fallback = "2",
     .low = 1,
     .high = 1000,
     .unit = "steps",
     .help = "how long outcomes last"},
    {.key = "distractors",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 0,
     .high = 1000,
     .help = "inputs that say nothing: the i-th begins at a step with chance 1/(10 i)"},
    {.key = "gamma",
     .type = OptionType::number,
     .fallback = "0.9",
     .low = 0,
     .high = 0.999,
     .unit = "per step",
     .help = "discount: an outcome i steps ahead counts gamma^(i - 1)"},
};

}  // namespace

extern const TaskRecord task_trace_conditioning;
const TaskRecord task_trace_conditioning = {
    .entry =
        {.name = "trace_conditioning",
         .title = "predict delayed outcomes of stimuli in a stream with distractors",
         .text =
             "x_t = (outcome u_t, stimulus, distractors), each 0 or 1;  y*_t = sum_i gamma^(i - 1) u_{t+i} over "
             "i >= 1, for mse.\n"
             "By default a stimulus ends before its outcome begins: what lies between must be remembered. Lengths and "
             "chances are those of the published benchmark; there the time from an outcome to the next "
             "stimulus is drawn, here a stimulus's place in a period of fixed length.",
         .cite = "rafiee2023eye",
         .options = options},
    .make = make,
};

}  // namespace chronograd::entries
