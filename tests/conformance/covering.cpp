// SPDX-License-Identifier: Apache-2.0
// Every rule on every cell against the oracles in a covering set: each pair of rule and cell meets each other setting,
// and any two of those meet, in some configuration.
#include "covering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "checking/check.hpp"
#include "chronograd/loss.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::conformance {
namespace {

constexpr const char* activations[] = {"tanh", "sigmoid", "relu", "softplus", "identity"};
constexpr const char* feedbacks[] = {"symmetric", "random", "adaptive"};
constexpr const char* reaches[] = {"0", "2", "4", "100"};  // 4: by interval where that can be
constexpr int steps[] = {1, 7, 10}, streams[] = {1, 2, 5}, units[] = {1, 3, 5}, inputs[] = {1, 3};

enum Factor : std::size_t {
  pair,  // of rule and cell
  activation,
  loss,
  layers,
  feedback,
  every,
  T,
  B,
  d,
  n,
  resets,
  masked,
  first_states,
  sparse,
  noise,
  mean,
  readout,  // of h, its filter, its mean, the mean of its filter
  trained,
  inside,  // where the activation is
  reach,
  decay,  // of its own, where the rule has one
  factors
};

std::vector<std::size_t> all_levels() {
  std::vector<std::size_t> levels(factors, 2);  // flags
  levels[pair] = rule_pairs().size();
  levels[activation] = std::size(activations);
  levels[loss] = catalogue<LossRecord>().size();
  levels[layers] = 3;
  levels[feedback] = std::size(feedbacks);
  levels[every] = 3;
  levels[reach] = std::size(reaches);
  levels[T] = std::size(steps);
  levels[B] = std::size(streams);
  levels[d] = std::size(units);
  levels[n] = std::size(inputs);
  levels[readout] = 4;
  return levels;
}

/// One row of the covering set.
struct Configuration {
  std::size_t number;
  std::vector<std::size_t> row;
  RulePair rule_pair() const { return rule_pairs()[row[pair]]; }
};
void PrintTo(const Configuration& one, std::ostream* out) {
  *out << one.rule_pair().name() << ", configuration " << one.number;
}

std::vector<Configuration> configurations() {
  std::vector<Configuration> all;
  for (const std::vector<std::size_t>& row : covering_rows(all_levels())) all.push_back({all.size(), row});
  return all;
}

/// Outputs that saturate have lost the digits of 1 - y, or have an infinite loss, whatever the rule.
bool saturates(const OracleProblem& problem) {
  const checking::OracleGradient exact = exact_reverse_mode(problem);
  if (!(exact.loss < 5.0 * problem.B * problem.T)) return true;
  if (problem.loss != "bce") return false;  // others do not ask for 1 - y
  return std::any_of(exact.y.begin(), exact.y.end(), [](double y) { return y < 1e-4 || 1 - y < 1e-4; });
}

/// Draws the problem of a row from the seed of `test`. False where all of some array of the gradient is tiny beside the
/// rest.
bool draw(const std::vector<std::size_t>& row, const CellRecord& cell, checking::CheckCase& test) {
  test.feedback = feedbacks[row[feedback]];
  test.mean = row[mean] == 1;
  test.first_seed = test.seed;
  test.problem =
      checking::random_problem(test.seed, {.cell = cell.entry.name,
                                           .activation = activations[row[activation]],
                                           .loss = catalogue<LossRecord>()[row[loss]]->entry.name,
                                           .layers = static_cast<int>(row[layers]) + 1,
                                           .d = units[row[d]],
                                           .n = inputs[row[n]],
                                           .m = 2,
                                           .B = streams[row[B]],
                                           .T = steps[row[T]],
                                           .masked = row[masked] == 1,
                                           .resets = row[resets] == 1,
                                           .initial_state = row[first_states] == 1,
                                           .sparse = row[sparse] == 1,
                                           .feedback = row[feedback] != 0,
                                           .noise = row[noise] == 1 && has_option(cell.entry, "noise"),
                                           .filtered = row[readout] % 2 == 1,
                                           .average = row[readout] / 2 == 1,
                                           .trained = row[trained] == 1 && cell.trained != nullptr,
                                           .inside = row[inside] == 1 && has_option(cell.entry, "activation_at"),
                                           .gain = 0.9});
  if (test.problem.sigma > 0) test.problem.xi = checking::draw_noise(test.problem, test.seed);
  // Where no step counts there is nothing to learn, and runs are refused.
  checking::Vector& mask = test.problem.mask;
  if (!mask.empty() && checking::largest_magnitude(mask) == 0) mask.back() = 1;
  for (int halvings = 0; halvings < 8 && saturates(test.problem); ++halvings)
    for (auto& [name, values] : test.problem.parameters)
      for (double& value : values) value *= 0.5;
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const auto& [name, values] : exact_reverse_mode(test.problem).gradient) {
    const double largest = checking::largest_magnitude(values);
    if (largest > 0) least = std::min(least, largest);
    most = std::max(most, largest);
  }
  return least > 1e-5 * most;
}

class CoveringSet : public testing::TestWithParam<Configuration> {};

TEST_P(CoveringSet, agrees_with_the_oracles) {
  const std::vector<std::size_t>& row = GetParam().row;
  const RuleRecord& rule = *GetParam().rule_pair().rule;
  const CellRecord& cell = *GetParam().rule_pair().cell;
  checking::CheckCase test;
  test.name = "configuration " + std::to_string(GetParam().number);
  // A gradient of terms that cancel has lost its digits, whatever the rule: then another problem is drawn.
  test.seed = 5000 + GetParam().number;
  for (int tries = 0; !draw(row, cell, test) && tries < 100; ++tries) test.seed += 100000;
  // A rule of whole rows has one interval: then the factor says nothing.
  const std::vector<int> allowed = intervals(rule);
  std::map<std::string, std::string> options = lively_options(rule);
  const int interval = allowed[row[every] % allowed.size()];
  if (has_option(rule.entry, "reach") && row[reach] > 0) options["reach"] = reaches[row[reach]];
  if (has_option(rule.entry, "decay") && row[decay] == 1) options["decay"] = "0.6";
  if (options.contains("reach") && row[reach] == 2 && interval > 0) options["reach_by"] = "\"interval\"";
  std::vector<CheckRow> rows;
  checking::check_case(rule, options, interval, test, rows);
  EXPECT_GE(rows.size(), row[feedback] == 2 ? 2U : 3U);
  for (const CheckRow& found : rows)
    EXPECT_TRUE(found.passed) << found.rule << ", " << found.problem << ": " << found.quantity << ", error "
                              << found.error << ", " << found.detail;
}

INSTANTIATE_TEST_SUITE_P(catalogue, CoveringSet, testing::ValuesIn(configurations()), [](const auto& test) {
  return test.param.rule_pair().name() + "_" + std::to_string(test.param.number);
});

/// Every two levels of every two factors, counted without the generator's own table.
void expect_covered(const std::vector<std::size_t>& levels) {
  const auto rows = covering_rows(levels);
  std::set<std::vector<std::size_t>> seen;
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), levels.size());
    for (std::size_t f = 0; f < levels.size(); ++f) {
      ASSERT_LT(row[f], levels[f]);
      for (std::size_t g = 0; g < f; ++g) seen.insert({f, row[f], g, row[g]});
    }
  }
  std::size_t wanted = 0;
  for (std::size_t f = 0; f < levels.size(); ++f)
    for (std::size_t g = 0; g < f; ++g) wanted += levels[f] * levels[g];
  EXPECT_EQ(seen.size(), wanted);
}

TEST(CoveringRows, hold_every_pair) {
  for (const std::vector<std::size_t>& levels :
       {std::vector<std::size_t>{2, 2}, {3, 1, 2}, {2, 2, 2, 2, 2, 2, 2}, {5, 3, 3, 3}, all_levels()})
    expect_covered(levels);
  EXPECT_EQ(covering_rows({4}).size(), 4U);
  EXPECT_EQ(covering_rows({3, 2}).size(), 6U);
  EXPECT_LE(covering_rows({2, 2, 2, 2, 2, 2, 2}).size(), 10U);  // of 128
}

/// What a new part costs: as many configurations for each pair that it makes as the largest other setting has levels.
TEST(CoveringRows, are_few) {
  const std::size_t least = rule_pairs().size() * std::size(activations);
  EXPECT_LE(covering_rows(all_levels()).size(), least + least / 20);
}

}  // namespace
}  // namespace chronograd::conformance
