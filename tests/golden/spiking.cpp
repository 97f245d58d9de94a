// SPDX-License-Identifier: Apache-2.0
// Spiking networks against reference gradients: e-prop by streaming traces, exact gradients and SnAp-1 by autograd.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "chronograd/gradient.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::Vector;

/// The constants of a file: those that its generator was called with.
struct SpikingFile {
  GoldenCase golden;
  double tau_m, tau_a, tau_out, v_th, beta;  ///< beta of the second half of the units; the first does not adapt
  double n_ref;
  bool leak;                   ///< zeta = 1 - alpha
  const char* reset = "next";  ///< as in OracleProblem
};

const SpikingFile files_with_spikes[] = {
    {{"alif_mse", "alif", "mse", "identity"}, 20, 200, 20, 0.6, 0.07, 2, false},
    {{"alif_ce_window", "alif", "cross_entropy", "softmax"}, 15, 100, 10, 0.6, 0.1, 3, false},
    {{"lif_scaled_mse", "alif", "mse", "identity"}, 30, 500, 30, 0.03, 0, 0, true},
    {{"alif_long", "alif", "mse", "identity"}, 20, 2000, 20, 0.6, 0.0174242, 5, false},
    {{"alif_step", "alif", "mse", "identity"}, 12, 150, 15, 0.6, 0.12, 3, false, "step"},
    {{"alif_zero", "alif", "mse", "identity"}, 12, 150, 15, 0.6, 0.12, 2, false, "zero"},
};

OracleProblem problem_of(const SpikingFile& spiking, const Arrays& file, bool feedback) {
  OracleProblem problem = problem_of(spiking.golden, file, feedback);
  const auto d = static_cast<std::size_t>(problem.d);
  checking::Spiking& unit = problem.spiking;
  unit.decay_v.assign(d, std::exp(-1 / spiking.tau_m));
  unit.decay_a.assign(d, std::exp(-1 / spiking.tau_a));
  unit.beta.assign(d, spiking.beta);
  std::fill_n(unit.beta.begin(), d / 2, 0.0);
  unit.v_th.assign(d, spiking.v_th);
  unit.zeta = spiking.leak ? 1 - unit.decay_v[0] : 1;
  unit.height.assign(d, 0.3 / spiking.v_th);
  unit.width.assign(d, spiking.v_th);
  unit.n_ref.assign(d, spiking.n_ref);
  unit.reset = spiking.reset;
  problem.kappa = std::exp(-1 / spiking.tau_out);
  problem.zeta_out = 1 - problem.kappa;
  return problem;
}

/// What a file's `grad:KEY:*` is in the program, the same for every update interval listed (0: "trial").
struct SpikingReference {
  const char* key;
  const char* rule;
  std::map<std::string, std::string> options = {};
  bool feedback = false, stopped = false;
  std::vector<int> every = {1, 7, 0};
};

const SpikingReference references[] = {
    {"eprop_symmetric", "eprop"},
    {.key = "eprop_random", .rule = "eprop", .feedback = true},
    {"eprop_symmetric", "rflo"},
    {.key = "bptt_full", .rule = "bptt", .every = {0}},
    {.key = "bptt_full", .rule = "rtrl"},
    {.key = "bptt_full", .rule = "sparse_rtrl"},
    {.key = "bptt_full", .rule = "f_bptt", .options = {{"L", "1000"}}},
    {.key = "bptt_full", .rule = "rolling_tbptt", .options = {{"L", "1000"}}, .every = {1, 0}},
    {.key = "bptt_full", .rule = "snap", .options = {{"reach", "1000"}}},
    {.key = "bptt_stop", .rule = "bptt", .stopped = true, .every = {0}},
    {.key = "bptt_stop", .rule = "rtrl", .stopped = true},
    {"snap1", "snap"},
    {.key = "eprop_symmetric", .rule = "snap", .stopped = true},
};

class GoldenSpikes : public testing::TestWithParam<SpikingFile> {};

TEST_P(GoldenSpikes, whole_gradients) {
  const Arrays file = read_golden(GetParam().golden.name);
  std::set<std::string> compared;
  for (const SpikingReference& run : references) {
    const Named expected = gradient_of(file, run.key);
    ASSERT_FALSE(expected.empty()) << run.key;
    OracleProblem problem = problem_of(GetParam(), file, run.feedback);
    problem.spiking.stopped = run.stopped;
    const bool all_steps = problem.T > 200 && std::string(run.rule) != "eprop" && std::string(run.rule) != "bptt";
    for (const int every : run.every) {
      if (all_steps && every == 1) continue;  // seconds: the shorter files have it
      SCOPED_TRACE(std::string(run.key) + " by " + run.rule + ", every " + std::to_string(every));
      const Config config =
          checking::problem_config(problem, {.rule = run.rule, .options = run.options, .every = every});
      Named found;
      for (const auto& [name, array] :
           gradient(config, checking::ProblemTask(problem), checking::problem_parameters(problem), "golden"))
        found[name] = checking::values_of(array);
      EXPECT_TRUE(close(found, expected, 1e-10));
      EXPECT_TRUE(close(found.at("y"), numbers(file.at("y")), 1e-10));
      EXPECT_TRUE(close(found.at("loss"), numbers(file.at("loss")), 1e-10));
    }
    compared.insert(run.key);
  }
  for (const auto& [name, array] : file)
    if (name.starts_with("grad:")) {
      const std::string key = name.substr(5, name.find(':', 5) - 5);
      EXPECT_EQ(compared.count(key), 1u) << key;
    }
}

TEST_P(GoldenSpikes, gradient_of_inputs) {
  const Arrays file = read_golden(GetParam().golden.name);
  const OracleProblem problem = problem_of(GetParam(), file, false);
  GradientRequest request;
  request.inputs = true;
  const Config config = checking::problem_config(problem, {.rule = "bptt"});
  const Arrays found =
      gradient(config, checking::ProblemTask(problem), checking::problem_parameters(problem), "golden", request);
  EXPECT_TRUE(close(checking::values_of(found.at("grad/x")), numbers(file.at("grad:bptt_full:x")), 1e-10));
}

TEST_P(GoldenSpikes, the_oracles_agree) {
  const Arrays file = read_golden(GetParam().golden.name);
  OracleProblem problem = problem_of(GetParam(), file, false);
  if (problem.T > 200) GTEST_SKIP() << "the oracles take minutes";
  for (const char* key : {"bptt_full", "bptt_stop"}) {
    problem.spiking.stopped = std::string(key) == "bptt_stop";
    EXPECT_TRUE(close(checking::exact_reverse_mode(problem).gradient, gradient_of(file, key), 1e-10)) << key;
  }
  problem.spiking.stopped = false;
  EXPECT_TRUE(close(checking::dense_rule(problem, {.name = "snap"}).gradient, gradient_of(file, "snap1"), 1e-10));
  EXPECT_TRUE(
      close(checking::dense_rule(problem, {.name = "eprop"}).gradient, gradient_of(file, "eprop_symmetric"), 1e-10));
}

INSTANTIATE_TEST_SUITE_P(files, GoldenSpikes, testing::ValuesIn(files_with_spikes),
                         [](const auto& test) { return test.param.golden.name; });

}  // namespace
}  // namespace chronograd::golden
