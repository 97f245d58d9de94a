// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "reporting/progress.hpp"
#include "reporting/statistics.hpp"
#include "training/trainer.hpp"

namespace chronograd {

/// What one rule came to over all seeds.
struct ComparisonRow {
  std::string rule;             ///< as written, options included
  std::vector<RunResult> runs;  ///< one a seed, in the order of the seeds
  Interval loss;                ///< final loss: on test data where there are any, else over the last report; diverged
                                ///< runs are left out
  Interval accuracy;            ///< likewise
  int diverged = 0;             ///< runs that reached NaN or infinity
  double us_per_step = 0;       ///< median over the seeds of training time a step and stream
  std::size_t rule_bytes = 0;
  double cosine = not_measured;  ///< mean cosine with the exact gradient along the first seed's trajectory
};

struct Comparison {
  std::vector<std::uint64_t> seeds;
  std::vector<ComparisonRow> rows;
  std::vector<Reference> references;
  bool on_test = false;  ///< the losses are test losses
  bool classes = false;
  bool stopped = false;  ///< the user stopped it: rows hold what was finished
  int jobs = 1;          ///< runs at a time while the times were taken
};

struct ComparisonOptions {
  std::string data_file, parameters_file;                  ///< as for train; "" = none
  bool alignment = true;                                   ///< measure cosines, in runs apart from the timed ones
  int jobs = 0;                                            ///< runs at a time; 0 = as many as cores
  Progress* progress = nullptr;                            ///< is told of every run and of what was ignored
  std::function<bool()> keep_going = [] { return true; };  ///< asked now and then; false stops all runs
};

/// Trains the configuration under each rule and seed: the same data, initial weights and random streams for every rule.
/// Each run uses one thread; the cores are used for runs. Throws Error before the first run.
Comparison compare(const Config& config, const std::vector<std::string>& rules, const std::vector<std::uint64_t>& seeds,
                   const ComparisonOptions& options);

}  // namespace chronograd
