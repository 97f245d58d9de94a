// SPDX-License-Identifier: Apache-2.0
// Rules with a synthesiser against reference runs of learning: leaky, gru, lstm, a stack, classes with random feedback,
// first states with sparse weights; masks, resets, one to three streams, one or two epochs.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "chronograd/stack.hpp"
#include "chronograd/train.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::OracleProblem;
using checking::Vector;
using Options = std::map<std::string, std::string>;

struct File {
  const char* name;
  const char* cell;
  std::uint64_t seed;
  Vector alpha;
  int layers = 1;
  const char* loss = "mse";
  const char* output = "identity";
};

const File files[] = {{"synth_elman", "leaky", 101, {1.0}},
                      {"synth_leaky", "leaky", 102, {0.5}},
                      {"synth_gru", "gru", 103, {}},
                      {"synth_lstm", "lstm", 104, {}},
                      {"synth_stack", "leaky", 105, {0.6}, 2},
                      {"synth_classes", "leaky", 106, {0.7}, 1, "cross_entropy", "softmax"},
                      {"synth_start", "leaky", 107, {0.4, 0.9, 0.6, 1.0}}};

struct Learning {
  const char* label;
  const char* rule;
  int every;  ///< 0: "trial"
  int epochs;
  Options options;
};

const Learning runs[] = {
    {"dni:K1", "dni", 1, 1, {{"sg_lr", "0.05"}, {"refresh", "3"}}},
    {"dni:K3", "dni", 3, 1, {{"sg_lr", "0.05"}, {"refresh", "3"}}},
    {"dni_b:K1", "dni_b", 1, 1, {{"sg_lr", "0.05"}, {"refresh", "3"}, {"J_lr", "0.03"}}},
    {"dni_b:K3", "dni_b", 3, 1, {{"sg_lr", "0.05"}, {"refresh", "3"}, {"J_lr", "0.03"}}},
    {"dni_b:plain", "dni_b", 1, 1, {{"sg_lr", "0.05"}, {"J_lr", "0.03"}, {"squash", "\"identity\""}}},
    {"dni_b:twice", "dni_b", 2, 2, {{"sg_lr", "0.05"}, {"J_lr", "0.03"}}},
    {"window:L2:K4", "dni_window", 4, 1, {{"L", "2"}, {"sg_lr", "0.1"}}},
    {"window:L4:K6", "dni_window", 6, 1, {{"L", "4"}, {"sg_lr", "0.2"}, {"scale", "0.5"}}},
    {"window:K3", "dni_window", 3, 1, {{"sg_lr", "0.2"}}},
    {"window:trial", "dni_window", 0, 1, {{"L", "3"}, {"sg_lr", "0.2"}}},
    {"window:L4:lambda", "dni_window", 4, 1, {{"L", "4"}, {"sg_lr", "0.2"}, {"lambda", "0.5"}, {"gamma", "0.9"}}},
    {"window:L3:all", "dni_window", 6, 1, {{"L", "3"}, {"sg_lr", "0.05"}, {"lambda", "0.7"}, {"learn", "\"all\""}}},
    {"window:L3:aux", "dni_window", 6, 1, {{"L", "3"}, {"sg_lr", "0.2"}, {"aux", "1.0"}}},
    {"window:K4:aux", "dni_window", 4, 1, {{"sg_lr", "0.2"}, {"aux", "2.0"}}},
    {"window:twice", "dni_window", 3, 2, {{"sg_lr", "0.1"}}},
    {"window:mlp", "dni_window", 3, 2, {{"L", "3"}, {"sg_lr", "0.25"}, {"synthesiser", "\"mlp\""}, {"sg_hidden", "5"}}},
    {"bp_lambda:1:1:K1", "bp_lambda", 1, 1, {{"sg_lr", "0.04"}}},
    {"bp_lambda:0.5:0.9:K1", "bp_lambda", 1, 1, {{"sg_lr", "0.04"}, {"lambda", "0.5"}, {"gamma", "0.9"}}},
    {"bp_lambda:0:1:K1", "bp_lambda", 1, 1, {{"sg_lr", "0.04"}, {"lambda", "0"}}},
    {"bp_lambda:1:0.9:K4", "bp_lambda", 4, 1, {{"sg_lr", "0.04"}, {"gamma", "0.9"}, {"scale", "0.5"}}},
    {"bp_lambda:twice", "bp_lambda", 2, 2, {{"sg_lr", "0.04"}, {"lambda", "0.6"}}},
    {"bp_lambda:mlp",
     "bp_lambda",
     1,
     2,
     {{"sg_lr", "0.1"}, {"lambda", "0.8"}, {"synthesiser", "\"mlp\""}, {"sg_hidden", "4"}}},
};

OracleProblem problem_in(const File& file, const Arrays& arrays) {
  GoldenCase golden{file.name, file.cell, file.loss, file.output};
  OracleProblem problem = problem_of(golden, arrays, arrays.count("B_feedback") != 0);
  problem.layers = file.layers;
  if (file.alpha.size() > 1) problem.alpha = file.alpha;
  if (file.alpha.size() == 1) problem.alpha.assign(problem.d, file.alpha[0]);
  // The reference shows the targets of steps without a loss, too; here such a step has none. Losses of this weight are
  // none, but they have a target.
  for (double& weight : problem.mask)
    if (weight == 0) weight = 1e-200;
  return problem;
}

/// The parameters one after the other, in the order of the reference.
Vector flat(const checking::Named& parameters, const char* cell, int layers) {
  Vector all;
  for (int l = 0; l < layers; ++l)
    for (const char* name : {"W_rec", "W_in", "b_h", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
      if (const auto found = parameters.find(layer_name(name, l));
          found != parameters.end() && (name[0] == 'w' || name[1] == 'i') == (std::string(cell) != "leaky"))
        all.insert(all.end(), found->second.begin(), found->second.end());
  for (const char* name : {"W_out", "b_y"})
    all.insert(all.end(), parameters.at(name).begin(), parameters.at(name).end());
  return all;
}

/// Largest difference, beside the largest change that the run made.
double error_of(const Vector& found, const Vector& expected, const Vector& start) {
  if (found.size() != expected.size() || start.size() != expected.size()) return std::nan("");
  double difference = 0, change = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    difference = std::max(difference, std::fabs(found[k] - expected[k]));
    change = std::max(change, std::fabs(expected[k] - start[k]));
  }
  return difference / change;
}

/// Calls test(file, run, problem, arrays) for each reference run.
template <class F>
int each_run(const F& test) {
  int count = 0;
  for (const File& file : files) {
    const Arrays arrays = read_golden(file.name);
    const OracleProblem problem = problem_in(file, arrays);
    for (const Learning& run : runs) {
      const auto expected = arrays.find("final:" + std::string(run.label));
      if (expected == arrays.end()) continue;
      SCOPED_TRACE(std::string(file.name) + " " + run.label);
      test(file, run, problem, numbers(expected->second));
      ++count;
    }
  }
  return count;
}

RunResult learnt(const File& file, const Learning& run, const OracleProblem& problem, const Options& more = {}) {
  Options options = run.options;
  options.insert(more.begin(), more.end());
  const Config config =
      checking::problem_config(
          problem, {.rule = run.rule, .options = options, .every = run.every, .lr = 0.03, .seed = file.seed})
          .with({"train.epochs=" + std::to_string(run.epochs)});
  const Arrays parameters = checking::problem_parameters(problem);
  RunOptions run_options;
  run_options.parameters = &parameters;
  return train(config, checking::ProblemTask(problem), run_options);
}

checking::Named named(const Arrays& arrays) {
  checking::Named all;
  for (const auto& [name, array] : arrays) all[name] = checking::values_of(array);
  return all;
}

// Rounding of 1e-16 in a weight changes no run by more than 6e-12 of what it changed, by the reference's own trials.
constexpr double tolerance = 1e-9;

TEST(GoldenSynthetic, final_parameters) {
  const int count =
      each_run([](const File& file, const Learning& run, const OracleProblem& problem, const Vector& expected) {
        const Vector start = flat(problem.parameters, file.cell, file.layers);
        const bool blocks = run.rule == std::string("bp_lambda");
        for (const Options& more :
             blocks ? std::vector<Options>{{}, {{"block", "1"}}, {{"block", "4"}}} : std::vector<Options>{{}}) {
          const RunResult found = learnt(file, run, problem, more);
          EXPECT_EQ(found.status, RunResult::Status::done);
          EXPECT_LT(error_of(flat(named(found.parameters), file.cell, file.layers), expected, start), tolerance)
              << (more.empty() ? "" : more.begin()->second);
        }
      });
  EXPECT_EQ(count, 139);
}

TEST(GoldenSynthetic, oracles) {
  each_run([](const File& file, const Learning& run, const OracleProblem& problem, const Vector& expected) {
    if (run.epochs > 1) return;  // oracles run one row
    checking::RuleDefinition rule{.name = run.rule};
    const auto number = [&](const char* key, auto& value) {
      if (run.options.count(key) != 0)
        value = static_cast<std::decay_t<decltype(value)>>(std::stod(run.options.at(key)));
    };
    number("sg_lr", rule.sg_lr);
    number("refresh", rule.refresh);
    number("J_lr", rule.J_lr);
    number("L", rule.L);
    number("scale", rule.scale);
    number("gamma", rule.discount);
    number("lambda", rule.lambda);
    number("aux", rule.aux);
    rule.squash = run.options.count("squash") == 0;
    rule.all = run.options.count("learn") != 0;
    const auto found = online(problem, rule, run.every, 0.03);
    EXPECT_LT(error_of(flat(found.parameters, file.cell, file.layers), expected,
                       flat(problem.parameters, file.cell, file.layers)),
              tolerance);
  });
}

/// What stands under a mask is no target: where the reference shows it to dni, results differ.
TEST(GoldenSynthetic, a_step_without_a_loss_has_no_target) {
  const Arrays arrays = read_golden(files[1].name);
  OracleProblem problem = problem_in(files[1], arrays);
  for (double& weight : problem.mask)
    if (weight == 1e-200) weight = 0;
  const Vector start = flat(problem.parameters, files[1].cell, 1), expected = numbers(arrays.at("final:dni:K1"));
  const RunResult found = learnt(files[1], runs[0], problem);
  EXPECT_GT(error_of(flat(named(found.parameters), files[1].cell, 1), expected, start), 1e-4);
}

}  // namespace
}  // namespace chronograd::golden
