// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/scale.hpp"
#include "formats/series_references.hpp"
#include "formats/table_task.hpp"

namespace chronograd {

/// "1 row", "2 rows".
std::string counted(std::size_t count, const std::string& noun);

/// One file on its way from a table to rows: its columns are scaled, finish() makes steps of its lines, split() rows,
/// and number_classes() gives the targets' classes their outputs.
class TableRows {
 public:
  /// What is kept from training: a share of each stream, at its end, to test on; of what is left a share to validate
  /// on, at its end or, where lines are whole rows, drawn from the seed.
  struct Kept {
    double test = 0, validation = 0;
    std::uint64_t seed = 0;
  };
  /// `cut` must outlive it.
  TableRows(TableFile file, const TableCut& cut, const Kept& kept);

  const TableFile& file() const { return file_; }
  const Past& past() const { return past_; }
  std::size_t streams() const { return file_.table.streams.size(); }
  bool has_classes() const { return !file_.table.classes.empty(); }
  /// Names of the inputs: columns, but numbers where several columns are steps of one.
  std::vector<std::string> inputs() const;
  const std::vector<std::string>& targets() const { return file_.table.targets; }

  /// Of the training part; with lines that are whole rows, of each input over all its steps.
  Scale input_scale() const;
  Scale target_scale() const;
  void scale_inputs(const Scale& scale) { scale.apply(file_.table.x); }
  void scale_targets(const Scale& scale) { scale.apply(file_.table.y); }

  /// Moves targets to their steps, with the weights of their lines, and fills gaps. Classes keep their numbers in the
  /// table.
  void finish();

  /// The rows of the training part (0), the test part (1) or the validation part (2), called `what`: at least one.
  /// Streams that are too short for one get a remark in `*notes` (may be null). Throws Error (data) if all are.
  SeriesSplit split(int part, const char* what, std::vector<std::string>* notes) const;

  /// The classes that those rows are asked for where they count, in their order; of numbered ones, all up to the
  /// largest.
  std::vector<std::string> classes_of(const SeriesSplit& rows) const;
  /// Throws Error (data) if those rows are asked for a class that is not in `known`; `known_from` says whose they are.
  void check_classes(const SeriesSplit& rows, const std::vector<std::string>& known,
                     const std::string& known_from) const;
  /// Numbers the classes of all steps as in `known`, for so many outputs. Others are class 0: such steps have no loss.
  void number_classes(const std::vector<std::string>& known, std::size_t outputs);

  /// Where the target of a step stands, for messages: "file:17"; in an array "file: stream 1, step 16", from 0.
  std::string target_place(std::size_t step) const;
  /// Where its inputs stand.
  std::string input_place(std::size_t step) const { return place(step / per_line()); }
  /// Throws Error (data) if an input or third factor of those rows, or a target where they count, is of greater
  /// magnitude than `largest`, as it is after data.standardize.
  void check_range(const SeriesSplit& rows, double largest) const;

 private:
  std::size_t per_line() const { return file_.steps > 0 ? file_.steps : 1; }  ///< steps
  double weight(std::size_t line) const { return file_.table.weights.empty() ? 1 : file_.table.weights[line]; }
  std::string lines_of_a_row() const;
  std::string place(std::size_t line) const;
  std::vector<std::int32_t> numbers_in(const std::vector<std::string>& known) const;
  void move_targets(std::vector<double>& y, std::size_t width, std::size_t first, std::size_t count);
  void fill(std::vector<double>& y, std::size_t width, std::size_t first, std::size_t steps);

  TableFile file_;
  const TableCut& cut_;
  std::vector<Stretch> parts_[3];  ///< of each stream's lines
  Kept kept_;
  std::shared_ptr<Series> series_ = std::make_shared<Series>();
  Past past_;
};

}  // namespace chronograd
