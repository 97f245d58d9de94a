// SPDX-License-Identifier: Apache-2.0
// Everything that can be done with an experiment, in one place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/check.hpp"
#include "chronograd/compare.hpp"
#include "chronograd/config.hpp"
#include "chronograd/evaluate.hpp"
#include "chronograd/export.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/task.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// A configuration and the rows that it learns from. It never changes, so that its copies, which share the rows, can be
/// used by several threads at once. All functions throw what the functions of the same names throw.
///
///     const Experiment sine(Config::read("sine.toml"));
///     const Arrays weights = sine.train().parameters;
///     const Score score = sine.with_method("rtrl").evaluate(weights, Split::test);
class CHRONOGRAD_API Experiment {
 public:
  /// `task` null: the task or the files that the configuration names. They are read here, and again where a
  /// change of the configuration may change them.
  explicit Experiment(Config config, std::shared_ptr<const Task> task = nullptr);

  const Config& config() const { return config_; }
  const Task& task() const { return *task_; }

  /// The same experiment with some keys changed, see Config::with; on the same rows where they were given.
  Experiment with(const std::vector<std::string>& changes) const;
  /// The same experiment under another method, written as in lists: `snap(n=2)`; see Config::with_method.
  Experiment with_method(const std::string& word) const;

  RunResult train(const RunOptions& options = {}) const;
  /// Of the training rows, see chronograd/gradient.hpp.
  Arrays gradient(const Arrays& parameters, const GradientRequest& request = {}) const;
  /// What the network does with the rows of a split, forward alone: y, h, loss_t, target, mask, see `outputs` of
  /// chronograd/evaluate.hpp.
  Arrays run(const Arrays& parameters, Split split) const;
  Score evaluate(const Arrays& parameters, Split split, Measures* measures = nullptr) const;
  /// Under several methods, written so, and seeds, see chronograd/compare.hpp; `options.task` null: on the experiment's
  /// rows where they were given, else on those that the configuration names for each seed.
  Comparison compare(const std::vector<std::string>& rules, const std::vector<std::uint64_t>& seeds,
                     ComparisonOptions options = {}) const;
  /// The rule on its cell against oracles, see check_config of chronograd/check.hpp.
  std::vector<CheckRow> check(int seeds = 1, Observer* observer = nullptr) const;

 private:
  Experiment under(Config config) const;

  Config config_;
  bool given_;
  std::shared_ptr<const Task> task_;
};

}  // namespace chronograd
