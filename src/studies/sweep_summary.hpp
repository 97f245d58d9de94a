// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "figures/statistics.hpp"
#include "studies/cautions.hpp"
#include "studies/sweep.hpp"

namespace chronograd {

/// What one combination of values came to over the seeds.
struct SweepRow {
  std::vector<std::string> values;  ///< one for each axis
  Method method;
  Estimate loss{}, accuracy{};                       ///< of the runs that are done; diverged ones are left out
  double seconds = 0;                                ///< training time of all its runs
  AmountOfData data;                                 ///< that its runs saw
  Reference floor{};                                 ///< what the loss is held against; false: not known
  int done = 0, diverged = 0, failed = 0, open = 0;  ///< runs; open: not run yet, or not to their end

  /// The better of two combinations has fewer runs that are not done; with as many of them, more measured losses, and
  /// then the smaller mean loss.
  bool better_than(const SweepRow& other) const;
};

/// A method's best value that has no neighbour on one side.
struct SweepEdge {
  std::string method, key, value;
  bool largest;
};

struct SweepSummary {
  std::vector<SweepRow> rows;         ///< in the order of the combinations
  std::vector<std::size_t> best;      ///< for each method in the order of the rows, its best row
  std::vector<SweepEdge> edges;       ///< best values at the end of their axis: the optimum may lie outside
  std::vector<std::string> warnings;  ///< what else the table must say: unequal data, rules that are one
  int done = 0, diverged = 0, failed = 0, open = 0;  ///< jobs
};

/// Sums up over seeds; a row without a measured loss is never the best of its method.
SweepSummary summarise(const Sweep& sweep);

/// The axes at whose end this row lies.
std::vector<SweepEdge> edges_of(const Sweep& sweep, const SweepRow& row);
std::string edge_text(const SweepEdge& edge);

/// The axis that maps are drawn over: optimizer.lr, or else the first whose values are numbers; -1 if there is none.
int map_axis(const SweepPlan& plan);

/// The best row of each rule, a map of rule against rate, edges, failures: for people, and for programs.
std::string summary_text(const Sweep& sweep, const SweepSummary& summary);
std::string summary_json(const Sweep& sweep, const SweepSummary& summary);

}  // namespace chronograd
