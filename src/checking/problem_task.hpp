// SPDX-License-Identifier: Apache-2.0
// An oracle's problem as the program meets it: a task in memory, a configuration and arrays of parameters.
#pragma once

#include <map>
#include <string>

#include "checking/oracle.hpp"
#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/task.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd::checking {

/// The rows of a problem: B rows of T steps, in order. The problem must outlive it.
class ProblemTask final : public Task, public ThirdFactor {
 public:
  explicit ProblemTask(const OracleProblem& problem) : problem_(problem) {}
  int inputs() const override { return problem_.n; }
  int outputs() const override { return problem_.m; }
  std::int64_t length(Split) const override { return problem_.T; }
  std::int64_t rows(Split split) const override { return split == Split::train ? problem_.B : -1; }
  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override;
  bool initial_state(Split split, std::int64_t row, std::span<double> state) const override;
  bool has_initial_state() const override { return !problem_.h0.empty() || !problem_.c0.empty(); }
  int third() const override { return problem_.third_numbers(); }
  void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const override;
  std::string summary() const override { return "a random problem of the checks"; }

 private:
  const OracleProblem& problem_;
};

/// What a configuration says beyond the problem.
struct ProblemSettings {
  std::string rule = "rtrl";
  std::map<std::string, std::string> options = {};  ///< of the rule, as TOML values
  int every = 0;                                    ///< steps of an update interval; 0: "trial"
  std::string feedback = {};      ///< "": symmetric, or random where the problem has a feedback matrix
  std::string dtype = "float64";  ///< float32 or float64
  bool mean = false;              ///< loss.normalize
  double lr = 0.01;               ///< of plain gradient descent
  std::uint64_t seed = 0;
};

/// The configuration under which the program computes what the oracles do, for tasks given in memory. The scale of the
/// noise is that of the problem; its numbers follow from the seed (draw_noise). Throws Error (usage).
Config problem_config(const OracleProblem& problem, const ProblemSettings& settings);

/// Parameters with their names and shapes, masks and feedback matrix included.
Arrays problem_parameters(const OracleProblem& problem);

/// The noise that the program draws from this seed in the first pass of a row.
Vector draw_noise(const OracleProblem& problem, std::uint64_t seed);

/// The signs that a random rule draws from this seed in the first pass of a row.
std::function<double(int, std::int64_t, int)> drawn_signs(std::uint64_t seed);
/// The same for rules that draw standard normal numbers.
std::function<double(int, std::int64_t, int)> drawn_normals(std::uint64_t seed);
/// Those of the two that the rule of this name takes.
std::function<double(int, std::int64_t, int)> drawn_numbers(const std::string& rule, std::uint64_t seed);

/// The numbers that first weights of a synthesiser are made of under this seed: number j of row i.
std::function<double(int, int)> first_weights(std::uint64_t seed);
/// Of this many states those that a synthesiser is not shown under this seed if it sees this share of them.
std::vector<int> hidden_states(std::uint64_t seed, double share, int states);

/// RuleDefinition::broadcast under this seed, with feedback_scale = 1.
std::vector<Vector> broadcast_matrices(const OracleProblem& problem, std::uint64_t seed);

/// The problem with its losses and third factor divided as loss.normalize = "mean" says; `trial`: update.every =
/// "trial".
OracleProblem normalised(const OracleProblem& problem, bool trial);

/// The elements of an array as doubles.
Vector values_of(const Array& array);

}  // namespace chronograd::checking
