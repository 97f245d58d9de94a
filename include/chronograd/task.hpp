// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// Before the names of arrays that say how data become inputs and targets: Task::mapping().
constexpr const char* mapping_prefix = "mapping/";

/// Training and test data are drawn from different rows or different random streams.
enum class Split { train, test };

/// K consecutive steps of one row.
struct Steps {
  double* x;            ///< [K][n] inputs
  double* y;            ///< [K][m] targets; a class c comes as the one-hot row e_c
  double* mask;         ///< [K] weight of the step's loss
  std::uint8_t* reset;  ///< [K] 1: state and rule memory are zeroed before the step
  /// [K] 1: padding, after the last step of a row (or before a reset) that has a loss; what stands there must not reach
  /// a learner. Zero where the task leaves it; null: not asked for.
  std::uint8_t* padding = nullptr;
};

/// A number to compare a loss or metric with: what can be reached without memory, by chance, or at best.
struct Reference {
  std::string name;
  double value;
  bool floor = false;  ///< it takes no learning from inputs (the best constant output, chance): a run that ends above
                       ///< it has learnt nothing yet. At most one of a task
};

/// Rows that grow harder as a run goes on. The level is the run's: it begins at 1, is recorded, and belongs to its
/// checkpoints. Rows of a level have numbers of their own, so that reading stays pure.
class CHRONOGRAD_API Curriculum {
 public:
  virtual ~Curriculum() = default;
  /// Steps of each row of the level, at most Task::length(Split::train).
  virtual std::int64_t length(std::int64_t level) const = 0;
  /// The number of the `index`-th row of the level, for Task::read.
  virtual std::int64_t row(std::int64_t level, std::int64_t index) const = 0;
  /// The level after a batch of whole rows whose mean training loss a weighted step was `loss`.
  virtual std::int64_t next(std::int64_t level, double loss) const = 0;
};

/// A source of rows: trials, streams of a file, or endless streams. Reading is pure: the numbers depend on the task's
/// options, its seed, the split, the row and the step alone.
class CHRONOGRAD_API Task {
 public:
  virtual ~Task() = default;
  virtual int inputs() const = 0;                 ///< n
  virtual int outputs() const = 0;                ///< m
  virtual bool classes() const { return false; }  ///< targets are one-hot: accuracy makes sense
  /// T, steps of each row of the split; 0 = endless, and then in both. Of a split that has no rows: any number.
  virtual std::int64_t length(Split split) const = 0;
  virtual std::int64_t rows(Split split) const = 0;  ///< number of rows; 0 = any number, -1 = the split has none
  virtual void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const = 0;
  /// The row's first state, N S d numbers (of each layer h, then its further states); false (and untouched) where the
  /// row has none, i.e. starts from zero.
  virtual bool initial_state(Split, std::int64_t /*row*/, std::span<double> /*state*/) const { return false; }
  /// True if some row has one.
  virtual bool has_initial_state() const { return false; }
  /// What was fitted on the training data and is applied to all data that the network ever sees, as arrays for its
  /// parameter file (names begin with mapping_prefix): scales, names of classes, an alphabet. Those of
  /// FileNeeds::mapping come back as they are. Empty: inputs and targets are what the data hold.
  virtual Arrays mapping() const { return {}; }
  /// The named parameters that a network for this task begins with where the user gives none, with what belongs to them
  /// (`W_rec_mask`, `W_in_tie`); empty: they are drawn from the seed.
  virtual Arrays parameters() const { return {}; }
  /// The task's curriculum, which lives as long as the task; null: training rows are all alike. Only for tasks whose
  /// training rows have a length and no fixed number.
  virtual const Curriculum* curriculum() const { return nullptr; }
  /// Values to compare a final loss with, best known last: means over steps by their weights, as losses are.
  virtual std::vector<Reference> references() const { return {}; }
  /// The loss that they are values of; they say nothing about another one.
  virtual const char* reference_loss() const { return classes() ? "cross_entropy" : "mse"; }
  /// One line for reports: what it is, sizes, licence of real data.
  virtual std::string summary() const = 0;
  /// The files that its numbers came from, for the record of a run; none where they are made.
  virtual std::vector<std::string> files() const { return {}; }
  /// What the reader found out and the numbers depend on, as name and value: means and deviations, an alphabet, names
  /// of classes.
  virtual std::vector<std::pair<std::string, std::string>> facts() const { return {}; }

  /// Rows that no gradient sees, to choose weights and settings by: the training rows of a task of their own, which is
  /// read as this one is. Null: there are none.
  const Task* validation() const { return validation_.get(); }
  void validate_on(std::unique_ptr<const Task> rows) { validation_ = std::move(rows); }

 private:
  std::unique_ptr<const Task> validation_;
};

struct CHRONOGRAD_API TaskRecord {
  Entry entry;
  std::unique_ptr<Task> (*make)(const TaskRecord&, const Options&, std::uint64_t seed);
};

template <>
CHRONOGRAD_API std::span<const TaskRecord* const> catalogue<TaskRecord>();

}  // namespace chronograd
