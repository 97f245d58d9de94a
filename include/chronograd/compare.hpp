// SPDX-License-Identifier: Apache-2.0
// The same network, data and seeds under several rules: what the program's verb "compare" does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/estimate.hpp"
#include "chronograd/export.hpp"
#include "chronograd/method.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

class World;

/// What one method came to over all seeds.
struct ComparisonRow {
  Method method;
  std::vector<RunResult> runs;            ///< one a seed, in the order of the seeds; the first ones of
                                          ///< ComparisonOptions::counts
  std::vector<std::string> directories;   ///< of the runs, inside the comparison's folder; "" = not recorded
  std::string watched;                    ///< directory of the run beside the exact gradient; "" = none
  Estimate loss;                          ///< final loss: on test data where there are any, else on rows to
                                          ///< validate on, else of training; diverged runs are left out
  Estimate accuracy;                      ///< likewise
  int diverged = 0;                       ///< runs that reached NaN or infinity
  double us_per_step = not_measured;      ///< training time a step and stream
  double us_per_step_cpu = not_measured;  ///< the same, of the time that the run's thread worked
  std::size_t rule_bytes = 0;
  double cosine = not_measured;  ///< mean cosine with the exact gradient along the first seed's trajectory
};

struct CHRONOGRAD_API Comparison {
  std::vector<std::uint64_t> seeds;
  std::vector<ComparisonRow> rows;
  std::vector<Reference> references;
  std::string loss_on = "train";  ///< what the losses are of: test, validation, train
  bool classes = false;
  bool stopped = false;               ///< the observer stopped it: rows hold what was finished
  int jobs = 1;                       ///< runs at a time
  std::string untuned;                ///< a sentence, if one rate that nobody chose is shared by all rules
  std::vector<std::string> warnings;  ///< what else makes it less fair

  /// What the losses are held against; null: not known.
  const Reference* floor() const;
};

struct ComparisonOptions {
  const Task* task = nullptr;          ///< the data of all runs, read by several threads at once; null: those that the
                                       ///< configuration names
  const Arrays* parameters = nullptr;  ///< where all runs begin; null: drawn from the seed
  std::string parameters_name;         ///< their file, for messages and the record; "" = they come from none
  Observer* observer = nullptr;        ///< is asked for an observer of each run; null: nobody looks
  std::string folder;                  ///< where the runs and comparison.json go; "" = nowhere
  bool resume = false;                 ///< go on with what the folder holds; begin if it holds nothing
  std::vector<std::string> command;    ///< a command line, for the record of the runs
  std::vector<std::size_t> counts;     ///< of each method, how many of the seeds it runs under, the first ones; empty:
                                       ///< all of them
  bool alignment = true;               ///< measure cosines, in runs of their own
  bool times = true;                   ///< where runs go side by side, take the time of a step in runs of their own
  int jobs = 0;                        ///< runs at a time; 0 = as many as cores
  std::vector<std::string> warnings;   ///< to be kept with the result
  World* world = nullptr;              ///< ranks that share the runs, one at a time each, which needs a folder; null:
                                       ///< this process alone. Other ranks than the first one only get `stopped`
};

/// Trains the configuration under each method and seed: the same data, initial weights and random streams for all.
/// Each run uses one thread; the cores are used for runs. Times are the median over the seeds if one run goes at a
/// time, else they are taken after all runs, one rule at a time with nothing beside it: the median of three short runs,
/// the rules in turns. Recorded runs that were interrupted go on with `resume` to the same bits, finished ones are only
/// read. Throws Error (usage, data) before the first run for what is wrong, and for a folder of another comparison.
CHRONOGRAD_API Comparison compare(const Config& config, const std::vector<Method>& methods,
                                  const std::vector<std::uint64_t>& seeds, const ComparisonOptions& options = {});

/// For people, and comparison.json.
CHRONOGRAD_API std::string comparison_text(const Comparison& comparison);
CHRONOGRAD_API std::string comparison_json(const Comparison& comparison);

}  // namespace chronograd
