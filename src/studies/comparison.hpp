// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "config/method.hpp"
#include "figures/statistics.hpp"
#include "studies/job.hpp"

namespace chronograd {

/// What one method came to over all seeds.
struct ComparisonRow {
  Method method;
  std::vector<RunResult> runs;            ///< one a seed, in the order of the seeds
  std::vector<std::string> directories;   ///< of the runs, inside the comparison's folder; "" = not recorded
  std::string watched;                    ///< directory of the run beside the exact gradient; "" = none
  Estimate loss{};                        ///< final loss: on test data where there are any, else on rows to
                                          ///< validate on, else of training; diverged runs are left out
  Estimate accuracy{};                    ///< likewise
  int diverged = 0;                       ///< runs that reached NaN or infinity
  double us_per_step = not_measured;      ///< training time a step and stream
  double us_per_step_cpu = not_measured;  ///< the same, of the time that the run's thread worked
  std::size_t rule_bytes = 0;
  double cosine = not_measured;  ///< mean cosine with the exact gradient along the first seed's trajectory
};

struct Comparison {
  std::vector<std::uint64_t> seeds;
  std::vector<ComparisonRow> rows;
  std::vector<Reference> references;
  std::string loss_on = "train";  ///< what the losses are of: test, validation, train
  bool classes = false;
  bool stopped = false;               ///< the user stopped it: rows hold what was finished
  int jobs = 1;                       ///< runs at a time
  std::string untuned;                ///< a sentence, if one rate that nobody chose is shared by all rules
  std::vector<std::string> warnings;  ///< what else makes it less fair

  /// What the losses are held against; null: not known.
  const Reference* floor() const;
};

struct ComparisonOptions {
  JobSettings settings;
  std::string folder;                 ///< where the runs and comparison.json go; "" = nowhere
  bool resume = false;                ///< go on with what the folder holds; begin if it holds nothing
  bool alignment = true;              ///< measure cosines, in runs of their own
  bool times = true;                  ///< where runs go side by side, take the time of a step in runs of their own
  int jobs = 0;                       ///< runs at a time; 0 = as many as cores
  std::vector<std::string> warnings;  ///< to be kept with the result
};

/// Trains the configuration under each method and seed: the same data, initial weights and random streams for all.
/// Each run uses one thread; the cores are used for runs. Times are the median over the seeds if one run goes at a
/// time, else they are taken after all runs, one rule at a time with nothing beside it: the median of three short runs,
/// the rules in turns. Recorded runs that were interrupted go on with `resume` to the same bits, finished ones are only
/// read. Throws Error (usage, data) before the first run for what is wrong, and for a folder of another comparison.
Comparison compare(const Config& config, const std::vector<Method>& methods, const std::vector<std::uint64_t>& seeds,
                   const ComparisonOptions& options);

/// For people, and comparison.json.
std::string comparison_text(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);
/// Throws Error (usage) if a comparison.json is about other rules or seeds, Error (data) if it is none. `path`: its.
void require_same_comparison(const std::string& path, const std::string& begun, const Comparison& comparison);

}  // namespace chronograd
