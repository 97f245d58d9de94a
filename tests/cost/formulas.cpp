// SPDX-License-Identifier: Apache-2.0
// The multiplications that a rule's record states are those that it does.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "conformance/rule_pair.hpp"
#include "cost/workload.hpp"
#include "math/kernels.hpp"
#include "math/work.hpp"

namespace chronograd::conformance {
namespace {

/// Multiplications of a gradient, after some: what starts from nothing costs less, windows must be full. The mean of
/// `gradients`.
double counted(Workload& work, int before, int gradients = 1) {
  for (int i = 0; i < before; ++i) work.gradient();
  const WorkCount count;
  for (int i = 0; i < gradients; ++i) work.gradient();
  return count.multiplications() / gradients;
}

/// How many gradients of K steps make a whole number of the rule's blocks, of half as many steps as there are states.
int whole_blocks(const RuleRecord& rule, const CellRecord& cell, int d, int K) {
  return has_option(rule.entry, "block") ? std::lcm(std::min(128, cell.states * d / 2), K) / K : 1;
}

/// Settings of a rule that change what it costs, the defaults first.
std::vector<std::string> priced_settings(const RuleRecord& rule) {
  std::vector<std::string> all = {""};
  if (has_option(rule.entry, "decay")) all.emplace_back("(decay=0.5)");
  if (has_option(rule.entry, "directions"))
    for (const char* settings : {"(form=forward)", "(directions=3)"}) all.emplace_back(settings);
  return all;
}

class RuleCost : public testing::TestWithParam<RulePair> {};

TEST_P(RuleCost, is_what_the_record_says) {
  const RuleRecord& rule = *GetParam().rule;
  const bool row = rule.segments == Segments::row;
  for (const std::string& settings : priced_settings(rule))
    for (const int K : {1, 12})
      for (const int d : {32, 56}) {
        const Size size = {d, 8, 2, 2, K};
        const int blocks = whole_blocks(rule, *GetParam().cell, d, K);
        // readout_only has the same forward pass, readout and credit and no more.
        const std::string cell = GetParam().cell->entry.name;
        Workload work(cell, rule.entry.name + settings, size, row), plain(cell, "readout_only", size, row);
        const double own = (counted(work, std::max(14, 2 * blocks), blocks) - counted(plain, 14)) / (size.streams * K),
                     said = work.cost().multiply_adds;
        SCOPED_TRACE(rule.time + settings + ", K = " + std::to_string(K) + ", d = " + std::to_string(d));
        // To leading order: a few multiplications for each gate and state of a unit are left out of the formulas, and
        // some of what a formula counts is not needed with K = 1 (bptt has no step to go back to).
        const double few = 4.0 * d * GetParam().cell->states * GetParam().cell->gates;
        if (said == 0) {
          EXPECT_EQ(own, 0);
        } else {
          EXPECT_GE(own, (K == 1 ? 0.5 : 0.8) * said);
          EXPECT_LE(own, 1.25 * said + few);
        }
      }
}

// Pulls through `reach` steps and what the weights of these get, beside the rule behind it: by step, together with
// those of an interval, and as far as is drawn.
TEST_P(RuleCost, of_reach_is_what_is_stated) {
  const RuleRecord& rule = *GetParam().rule;
  const std::string cell = GetParam().cell->entry.name;
  if (!has_option(rule.entry, "reach")) return;
  const int d = 48, B = rule.one_shard ? 1 : 2;  // streams share a model
  for (const auto& [settings, K] : {std::pair<std::string, int>{"reach=5", 1},
                                    {"reach=5", 8},
                                    {"reach=16", 1},
                                    {"reach=8,reach_by=interval", 8},
                                    {"reach=24,reach_by=interval", 8},
                                    {"reach=24,reach_by=roulette,sure=4,keep=0.8", 1}}) {
    const bool drawn = settings.find("roulette") != std::string::npos;
    if (drawn && !has_option(rule.entry, "sure")) continue;
    const Size size = {d, 8, 2, B, K};
    Workload work(cell, std::string(rule.entry.name) + '(' + settings + ')', size, false),
        plain(cell, "readout_only", size, false);
    const int gradients = drawn ? 600 : whole_blocks(rule, *GetParam().cell, d, K);
    const double own = (counted(work, std::max(40, 2 * gradients), gradients) - counted(plain, 14)) / (B * K);
    CostSizes sizes = work.sizes();
    sizes.streams = B;
    const Cost said = cost_of(rule, sizes);
    SCOPED_TRACE(settings + ", K = " + std::to_string(K) + ", " + std::to_string(own / said.multiply_adds) + ", " +
                 std::to_string(static_cast<double>(work.rule_bytes()) / sizeof(float) / B / said.kept));
    // As above, and as many for each step that a credit goes back.
    const double few = 4.0 * d * GetParam().cell->states * GetParam().cell->gates * (1 + sizes.pulls / sizes.together);
    EXPECT_GE(own, 0.8 * said.multiply_adds);
    // A rule with a model runs a net beside it, whose element-wise part the formula leaves out.
    EXPECT_LE(own, (rule.one_shard ? 1.4 : 1.25) * said.multiply_adds + few);
    EXPECT_NEAR(static_cast<double>(work.rule_bytes()) / sizeof(float) / B / said.kept, 1, 0.1);
  }
}

// Which weights are there is left to chance, so the formulas state a mean.
TEST(SparseRuleCost, is_what_the_record_says) {
  const Size size = {80, 8, 2, 1, 1};
  for (const auto& [cell, gates] : {std::pair("leaky", 1), {"gru", 3}, {"lstm", 4}})
    for (const char* rule : {"rtrl(", "sparse_rtrl(", "snap(n=2,", "snap(n=3,"})
      for (const double density : {0.5, 0.2, 0.1, 0.05}) {
        Workload work(cell, rule + ("model.density=" + std::to_string(density)) + ")", size, false),
            plain(cell, "readout_only", size, false);
        const int blocks = std::string_view(rule).find("rtrl") != std::string_view::npos ? 80 : 1;  // whole ones
        const double own = counted(work, 2 * blocks, blocks) - counted(plain, 2);
        const Cost said = work.cost();
        SCOPED_TRACE(std::string(cell) + ", " + rule + "density = " + std::to_string(density) + ")");
        // Blocks of M are filled up to whole vectors, half of one on average.
        const double filled = 1 + 0.5 * (kernels<float>().lanes - 1) / (gates * (density * size.d + size.n + 1));
        EXPECT_GE(own, 0.9 * said.multiply_adds);
        EXPECT_LE(own, 1.17 * filled * said.multiply_adds);
        EXPECT_NEAR(static_cast<double>(work.rule_bytes()) / sizeof(float) / said.kept, 1, 0.1);
      }
}

TEST(SparseRuleCost, is_that_of_a_dense_net_where_each_place_has_a_trace) {
  for (const char* cell : {"leaky", "gru", "lstm"}) {
    const Size size = {80, 8, 2, 1, 1};
    Workload sparse(cell, "snap(model.density=0.1)", size, false), dense(cell, "snap", size, false);
    EXPECT_EQ(sparse.cost().multiply_adds, dense.cost().multiply_adds);
    EXPECT_EQ(sparse.cost().kept, dense.cost().kept);
    EXPECT_EQ(sparse.rule_bytes(), dense.rule_bytes());
  }
}

// P is made anew every 128 steps once there were ten times as many.
TEST(WhitenedRuleCost, is_what_is_stated) {
  for (const char* cell : {"leaky", "gru", "lstm"})
    for (const int B : {1, 3})
      for (const std::string rule : {"snap(whiten=0.1)", "snap(whiten=0.1,reach=16,reach_by=interval)"}) {
        const Size size = {48, 8, 2, B, 8};
        Workload work(cell, rule, size, false), plain(cell, "readout_only", size, false);
        const double own = (counted(work, 170, 48) - counted(plain, 14)) / (B * size.steps);
        CostSizes sizes = work.sizes();
        sizes.streams = B;
        const Cost stated = cost_of(find_record<RuleRecord>("rule", "snap"), sizes);
        SCOPED_TRACE(cell + (", " + rule) + ", B = " + std::to_string(B));
        EXPECT_NEAR(own / stated.multiply_adds, 1, 0.2);
        EXPECT_NEAR(static_cast<double>(work.rule_bytes()) / sizeof(float) / B / stated.kept, 1, 0.15);
      }
}

/// The cost that was set beforehand for a step at d = 128 with hops of 8 over 16, in d^2: two scans' pulls and outer
/// products, a trace that advances and is asked once a hop, E[z z^T] and P z, P anew.
TEST(WhitenedRuleCost, at_128_units_is_within_what_was_set) {
  const Size size = {128, 3, 2, 1, 8};
  Workload work("leaky", "snap(n=1,whiten=0.1,reach=16,reach_by=interval)", size, false),
      plain("leaky", "readout_only", size, false);
  const double own = (counted(work, 170, 48) - counted(plain, 14)) / size.steps / (128.0 * 128);
  EXPECT_LE(own, 1.3 * (2 * 16 / 8.0 + 1 + 1 / 8.0 + 2 + 1.3));
}

// A Jacobian of many steps that faded to zero would be left out, and the rule would seem faster than it is.
TEST(Workload, keeps_the_influence_of_long_intervals) {
  for (const char* cell : {"leaky", "gru", "lstm"}) {
    Workload work(cell, "rtrl", {32, 8, 2, 1, 256}, false);
    EXPECT_NEAR(counted(work, 3) / work.multiply_adds(), 1, 0.05) << cell;
  }
}

TEST(WorkCount, counts_products_and_passes_only_while_it_lives) {
  Workload work("leaky", "readout_only", {16, 4, 2, 1, 1}, false);
  work.gradient();
  double first = 0;
  {
    const WorkCount count;
    work.gradient();
    first = count.multiplications();
    // u = W z, then readout, credit through W_out, and the readout's gradient
    EXPECT_EQ(first, 16 * (16 + 4 + 1) + 3 * 2 * 16);
  }
  work.gradient();
  const WorkCount count;
  work.gradient();
  EXPECT_EQ(count.multiplications(), first);
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleCost, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
