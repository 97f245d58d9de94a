// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/method.hpp"
#include "chronograd/sweep.hpp"
#include "chronograd/version.hpp"
#include "studies/axis.hpp"

namespace chronograd {

/// One run of a sweep.
struct SweepJob {
  int number = 0;                   ///< from 0, in the order of the combinations, seeds fastest
  std::vector<std::string> values;  ///< one for each axis
  std::uint64_t seed = 0;
  std::string directory;  ///< inside the sweep's folder: runs/0012_rflo_0.001_seed2
};

/// What a sweep is to do. All of it is kept in the sweep's folder: sweep.json and config.toml.
struct SweepPlan {
  std::string version = chronograd::version();  ///< of the program that began it
  std::string config_name, config_text;
  std::vector<std::string> changes;  ///< of the configuration, for all jobs
  std::string data_file, parameters_file;
  std::vector<SweepAxis> axes;
  std::vector<std::uint64_t> seeds;
  int shards = 1;  ///< job i belongs to shard i % shards

  /// The experiment that the axes are changes of.
  Config base() const;
  /// The experiment at one combination of values. Throws Error (usage) that names the combination.
  Config at(const std::vector<std::string>& values) const;
  std::vector<SweepJob> jobs() const;
  /// `optimizer.lr=0.01`, of axes with more than one value, separated by commas; the method first and without its key.
  /// `short_keys`: `lr=0.01`, for lines with little room.
  std::string label(const std::vector<std::string>& values, bool short_keys = false) const;
  /// The method of a combination.
  Method method_of(const std::vector<std::string>& values) const;
};

/// The plan of a request. Throws Error (usage) for what it says, before anything runs.
SweepPlan plan_of(const SweepRequest& request);

/// Refuses what could not run: every combination is read against the option tables and planned on its task. Throws
/// Error (usage, data). `parameters`: those of the plan's file, null for none; `notes`: remarks about data and them.
void check_plan(const SweepPlan& plan, const Arrays* parameters, std::vector<std::string>* notes);

/// sweep.json: the plan without config.toml's text.
std::string plan_json(const SweepPlan& plan);
/// Reads sweep.json and config.toml in `folder`. Throws Error (data).
SweepPlan read_plan(const std::string& folder);
/// What two plans differ in, for a message; "" if they are the same.
std::string difference(const SweepPlan& a, const SweepPlan& b);

}  // namespace chronograd
