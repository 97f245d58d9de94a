// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/task.hpp"
#include "learning/stepper.hpp"
#include "training/run_progress.hpp"

namespace chronograd {

/// How the losses of a batch are divided; see `normalize` and `update.every`.
struct Normalisation {
  bool mean = false;                       ///< false: by nothing
  bool trial = false;                      ///< mean over the row: by B * sum_t mask; else by B alone
  int streams = 1;                         ///< B, all streams of the batch
  std::vector<double> class_weights = {};  ///< a factor for each class, on top; empty: none
  bool one_error = false;                  ///< a row has one loss, of weight 1, at its last step with a mask
  bool rates_of_rows = false;              ///< a row has one rate cost: resets within it are refused

  /// The objective weighs the steps of a batch in another way than the data do.
  bool apart() const { return (mean && trial) || !class_weights.empty(); }
};

/// The factor of a step's loss in the objective: its weight in the data, times that of its class (targets y, m
/// numbers), over the divisor of the normalisation.
template <class T, class Y>
T objective_weight(const Normalisation& normalisation, double mask, const Y* y, int m, double divisor) {
  double weight = mask;
  if (!normalisation.class_weights.empty())
    weight *= normalisation.class_weights[static_cast<std::size_t>(std::max_element(y, y + m) - y)];
  return weight == 0 ? T(0) : static_cast<T>(weight / divisor);
}

/// What streams do after the last step of a row, or before a reset, that has a loss.
enum class Padding {
  as_given,  ///< they run on, on what stands there
  at_rest    ///< zero state and zero input at each step: nothing that stands there reaches a learner
};

/// Reads steps [t, t + K) of some rows into a batch, steps first. A row of -1 is a stream that is not there: zero input
/// and zero weight. With `trial` normalisation the K steps must be the whole row. `states` is N S d. Throws Error
/// (data) for a reset that `rates_of_rows` refuses.
template <class T>
void read_batch(const Task& task, Split split, std::span<const std::int64_t> rows, std::int64_t t, int steps,
                const Normalisation& normalisation, int states, Batch<T>& batch, Padding padding = Padding::as_given);

/// What the user calls the data of a split: their file or data set, else the task.
std::string data_name(const Config& config, Split split);

/// Throws Error (data) if no step of the training data counts, or none of the rows to validate on; test data without
/// one are remarked on. Weights that `dtype` takes for 0 do not count; data without a fixed
/// number of rows are taken to count.
void require_counted_steps(const Config& config, const Task& task, Observer& observer);

/// Which training row a stream reads: of the curriculum's level, or a new one, or of a fixed number of rows one that is
/// left of the epoch, in an order that is shuffled anew in each epoch from the seed.
class RowOrder {
 public:
  RowOrder(const Task& task, bool shuffle, std::uint64_t seed) : task_(task), shuffle_(shuffle), seed_(seed) {}
  /// For stream `b` of a batch of B in the run's present pass; -1: the last batch of an epoch is short.
  std::int64_t row(const RunProgress& progress, std::int64_t B, std::int64_t b);

 private:
  std::int64_t shuffled(std::int64_t epoch, std::int64_t index, std::int64_t rows);

  const Task& task_;
  bool shuffle_;
  std::uint64_t seed_;
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;
};

}  // namespace chronograd
