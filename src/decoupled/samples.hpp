// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "chronograd/task.hpp"
#include "decoupled/net_plan.hpp"
#include "transport/transport.hpp"

namespace chronograd {

/// Reads steps of rows as samples.
template <class T>
class SampleReader {
 public:
  /// `class_weights`: a factor of the objective for each class; empty: none.
  SampleReader(const Task& task, Split split, std::vector<double> class_weights);
  /// Adds a sample: step t of a row. Steps of weight 0 are no samples, and nothing is added.
  void add(std::int64_t row, std::int64_t t, Message<T>& batch);
  int inputs() const { return task_.inputs(); }

 private:
  const Task& task_;
  Split split_;
  std::vector<double> class_weights_;
  std::vector<double> x_, y_;
};

/// The batches of a run: which samples each has, by its number alone. Samples of a fixed number come in an order that
/// is shuffled anew in each epoch from the seed.
template <class T>
class SampleOrder {
 public:
  SampleOrder(const NetPlan& plan, const Task& task, std::vector<double> class_weights, std::uint64_t seed);
  /// Batch t with inputs as values: B samples, fewer where some have the weight 0 or the epoch ends.
  Message<T> read(std::int64_t t);

 private:
  void shuffle(std::int64_t epoch);

  const NetPlan& plan_;
  std::int64_t length_;
  SampleReader<T> reader_;
  std::uint64_t seed_;
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;
};

}  // namespace chronograd
