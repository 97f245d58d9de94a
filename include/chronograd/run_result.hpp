// SPDX-License-Identifier: Apache-2.0
// What a run says while it goes on, and what it came to.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/measures.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

/// Means over steps, each weighted by the data's mask: one definition for training, tests and references, whatever
/// `update.every` and `loss.normalize` are.
struct Score {
  double loss = not_measured;       ///< NaN with steps > 0: not finite, and not "not measured"
  double accuracy = not_measured;   ///< of the answers of readout.decide; NaN without classes, or where none fell
  double objective = not_measured;  ///< of training, where the gradient weighs steps in another way: the mean that it
                                    ///< descends (every row alike, with update.every = "trial" and normalize = "mean")
  std::int64_t steps = -1;  ///< that count (weight > 0): 0: none did, nothing was measured; -1: there was nothing
                            ///< to measure on, or the run did not come so far
  bool measured() const { return steps > 0; }
};

/// How the gradient of one rule lies beside that of another, mean over comparisons on the same trajectory. The rule
/// that learns is called trained_rule, watched ones as they were written.
struct AlignedPair {
  std::string group;  ///< a parameter of the cell, or "cell": all of them
  std::string rule, beside;
  double cosine;      ///< -1 ... 1
  double norm_ratio;  ///< |rule's gradient| / |beside's gradient|
};
constexpr const char* trained_rule = "trained";
/// Rules whose gradient held NaN or infinity, and in how many comparisons; the means leave these out.
using Overflows = std::vector<std::pair<std::string, std::int64_t>>;

/// How the units of a network that spikes fire. A unit in a row that is silent or saturated may still learn; without
/// slopes nothing does.
struct Firing {
  double rate = 0;           ///< spikes a unit and step
  double silent = 0;         ///< share of (row, unit) without a spike
  double saturated = 0;      ///< share of (row, unit) that fire more than 0.9 times as often as n_ref lets them
  double without_slope = 0;  ///< share of (step, unit) where psi is 0: no credit passes
};

/// What passed between two groups of layers of a feed-forward net ([net]) since the last report. Gradients are those of
/// each sample; cosine, ratio and error are of a batch's [rows][width] numbers taken as one vector, means over the
/// batches in which the true gradient came from above (a truth step, lambda = 1, or the interface below the readout's
/// group) and was compared; NaN where none was.
struct InterfaceReport {
  int layer = 0;                     ///< the hidden layer, from 1 on, that it lies above
  double lag = not_measured;         ///< mean number of batches that went forward between a gradient's own and its use
  std::int64_t largest_lag = 0;      ///< batches
  double wait = 0;                   ///< seconds that the group below it waited for gradients from above
  double cosine = not_measured;      ///< of the guess and the true gradient, -1 ... 1
  double norm_ratio = not_measured;  ///< |guess| / |true gradient|
  double error = not_measured;       ///< |guess - true gradient|^2 / |true gradient|^2: above 1 is worse than zero
  double weight_cosine = not_measured;  ///< the same of the gradients of the weights into that layer, means over the
  double weight_norm_ratio = not_measured;  ///< batch: errors of single samples average out there
  double weight_error = not_measured;
  std::int64_t compared = 0;  ///< batches
};

/// What the rows to validate on chose.
struct Validation {
  Score score;                  ///< of the best weights; NaN if no validation gave a number
  std::int64_t update = -1;     ///< that they came from; -1: there are none
  bool patience_ended = false;  ///< the run ended because nothing better came
};

/// One line of metrics.jsonl: means over the updates since the line before.
struct Metrics {
  std::int64_t update = 0;          ///< updates done
  std::int64_t steps = 0;           ///< time steps done, a stream
  double loss = 0;                  ///< mean loss a weighted step (nats for cross_entropy)
  double objective = not_measured;  ///< as in Score
  double accuracy = 0;  ///< share of weighted answers that are right, as in Score; NaN without classes or answers
  double rate_cost = not_measured;    ///< [regularise]: mean over what was charged since the last report, see the table
  double firing_rate = not_measured;  ///< spikes a unit and step since the last report; of cells that spike
  double rate = 0;                    ///< learning rate of the next update
  double seconds = 0;                 ///< training time so far, without evaluation
  std::vector<AlignedPair> alignment;  ///< of all pairs; first the whole cell's of the rule that learns
  Overflows overflowed;
  double feedback_angle = 0;  ///< between W_out^T and the feedback matrix, degrees; NaN where they are one
  std::int64_t level = 0;     ///< of the task's curriculum; 0 = it has none
  Score test;                 ///< where train.test_every asks for it
  Score validation;           ///< under the weights of this update, where they were judged
  std::vector<InterfaceReport> interfaces;  ///< of a net, bottom first; empty for recurrent models
};

/// What a run came to.
struct RunResult {
  enum class Status { done, diverged, stopped } status = Status::done;
  std::int64_t updates = 0, steps = 0;  ///< steps: a stream's
  std::int64_t stream_steps = 0;        ///< of all streams together; those that a short last batch lacks do not count
  std::int64_t level = 0;               ///< of the task's curriculum that the run came to; 0 = it has none
  Score train;                          ///< over Plan's last steps, the same data whatever the reports and updates
                                        ///< are; of a run that did not come to its end over the last report
  Score test;                           ///< under `parameters`, of a run that came to its end
  Score test_learning;                  ///< with averaged weights (train.average) and without rows to validate on, of
                                        ///< a run that came to its end: the same test under the weights that learn
  Measures test_measures;               ///< of the same test; empty if there is nothing to test on
  std::optional<Firing> firing;         ///< under `parameters`, of a run that came to its end, of cells that spike
  double seconds = 0;                   ///< training alone: forward, rule, update, and reading the data
  double cpu_seconds = not_measured;    ///< that the run's threads worked in this time, all together
  int ranks = 0;                        ///< processes that shared the run (RunOptions::world); 0: it was one alone
  double exchange_seconds = 0;      ///< that the first of them waited for others' parts, since it was begun or resumed
  std::size_t rule_bytes = 0;       ///< what the rule keeps, all streams
  std::size_t parameter_count = 0;  ///< of the network, readout included
  int batch = 0;                    ///< streams side by side
  std::vector<Reference> references;        ///< of the task; none where they are of another loss
  std::vector<AlignedPair> alignment;       ///< as in Metrics, over the whole run
  Overflows overflowed;                     ///< likewise
  std::vector<InterfaceReport> interfaces;  ///< likewise
  Arrays credit;  ///< where watch.credit asks for it: who is charged for which loss under the last
                  ///< weights, by trained_rule and each watched rule (docs/run-directory.md)
  std::optional<Validation> validation;  ///< only with rows to validate on
  Arrays initial;                        ///< the recurrent parameters that the run began with
  /// With Task::mapping(): with rows to validate on the best weights, which are tested too; else those after the last
  /// update, of a run that diverged the last finite ones of a report (the first ones, if it diverged at once).
  Arrays parameters;

  /// What the run is judged by: the test, also where none of its steps counts; without test data the validation of the
  /// weights that were kept; without that the training.
  const Score& score() const { return test.steps >= 0 ? test : validation ? validation->score : train; }
  /// What settings are chosen by: the validation where there was one, so that the test chooses nothing; else score().
  const Score& choice() const { return validation && validation->score.measured() ? validation->score : score(); }
  /// What takes no learning; null: not known.
  const Reference* floor() const {
    for (const Reference& reference : references)
      if (reference.floor) return &reference;
    return nullptr;
  }
};

/// Seconds a step and stream in microseconds; NaN for a run of no step.
inline double us_per_step(double seconds, const RunResult& run) {
  return run.stream_steps > 0 ? 1e6 * seconds / static_cast<double>(run.stream_steps) : not_measured;
}
/// True where a run waited for the processor or a disk for so long that wall time is not the time of its work: it is
/// 20 % above the time that its threads worked, of one second or more.
inline bool waited(double seconds, double cpu_seconds) {
  return seconds >= 1 && seconds > 1.2 * cpu_seconds;
}

}  // namespace chronograd
