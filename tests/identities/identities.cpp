// SPDX-License-Identifier: Apache-2.0
// Rules that must agree with each other, whatever they compute.
#include <gtest/gtest.h>

#include <set>

#include "checking/layout.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::RandomOptions;
using Options = std::map<std::string, std::string>;

constexpr double tolerance = 1e-11;  // the same sums in another order

Named run(const OracleProblem& problem, const char* rule, int every, const Options& options = {}) {
  return conformance::to_named(
      gradient(checking::problem_config(problem, {.rule = rule, .options = options, .every = every, .seed = 3}),
               checking::ProblemTask(problem), checking::problem_parameters(problem), "test"));
}

class Identities : public testing::TestWithParam<const CellRecord*> {
 protected:
  OracleProblem problem(std::uint64_t seed, RandomOptions options = {}) const {
    options.cell = GetParam()->entry.name;
    if (options.activation.empty()) options.activation = "tanh";
    options.loss = "mse";
    options.output = "identity";
    if (options.d == 0) options.d = 6;
    options.n = 3;
    options.m = 2;
    if (options.B == 0) options.B = 3;
    if (options.T == 0) options.T = 15;
    options.gain = 0.9;
    return checking::random_problem(seed, options);
  }
  /// The weights between units, or none where units recur with themselves alone.
  static checking::Vector* recurrent(OracleProblem& problem) {
    for (const checking::CellFacts::Parameter& parameter : checking::find_cell(problem.cell)->parameters)
      if (parameter.part == checking::Part::recurrent) return &problem.parameters.at(parameter.name);
    return nullptr;
  }
};

TEST_P(Identities, rtrl_is_bptt_for_any_interval) {
  for (const bool feedback : {false, true}) {
    const OracleProblem p =
        problem(1, {.masked = true, .resets = true, .initial_state = true, .sparse = true, .feedback = feedback});
    const Named expected = run(p, "bptt", 0);
    for (const int every : {1, 2, 3, 5, p.T, 0})
      EXPECT_TRUE(close(run(p, "rtrl", every), expected, tolerance)) << every;
  }
}

/// The block algorithm splits long intervals; M then crosses the borders of its blocks.
TEST_P(Identities, rtrl_is_bptt_over_several_blocks) {
  OracleProblem p = problem(2, {.d = 4, .B = 2, .T = 900});
  const Named expected = run(p, "bptt", 0);
  EXPECT_TRUE(close(run(p, "rtrl", 0), expected, tolerance));
  EXPECT_TRUE(close(run(p, "rtrl", 450), expected, tolerance));  // the first interval ends in two blocks and a rest
  p.reset.assign(p.B * p.T, 0.0);
  for (const int t : {3, 255, 256, 257, 300, 449, 450, 511, 512, 899}) p.reset[t] = 1;
  const Named cut = run(p, "bptt", 0);
  EXPECT_FALSE(close(cut, expected, 1e-6));
  for (const int every : {300, 450, 700}) EXPECT_TRUE(close(run(p, "rtrl", every), cut, tolerance)) << every;
}

TEST_P(Identities, tbptt_over_the_row_is_bptt) {
  const OracleProblem p = problem(3, {.masked = true, .resets = true});
  const Named expected = run(p, "bptt", 0);
  EXPECT_TRUE(close(run(p, "tbptt", 0), expected, tolerance));
  EXPECT_TRUE(close(run(p, "tbptt", p.T), expected, tolerance));
  EXPECT_TRUE(close(run(p, "tbptt", 0, {{"L", std::to_string(p.T)}}), expected, tolerance));
  EXPECT_FALSE(close(run(p, "tbptt", 5), expected, 1e-6));
}

TEST_P(Identities, tbptt_of_one_step_is_immediate) {
  const OracleProblem p = problem(4, {.resets = true, .feedback = true});
  const Named expected = run(p, "immediate", 1);
  for (const int every : {1, 4, 0}) EXPECT_TRUE(close(run(p, "tbptt", every, {{"L", "1"}}), expected, tolerance));
}

TEST_P(Identities, sliding_windows_over_the_row_are_bptt) {
  const OracleProblem p = problem(10, {.masked = true, .resets = true, .initial_state = true, .noise = true});
  const Named expected = run(p, "bptt", 0);
  for (const char* rule : {"rolling_tbptt", "f_bptt"})
    for (const int every : {1, 4, 0}) {
      for (const int L : {p.T, p.T + 5})
        EXPECT_TRUE(close(run(p, rule, every, {{"L", std::to_string(L)}}), expected, tolerance)) << rule << every;
      EXPECT_FALSE(close(run(p, rule, every, {{"L", "5"}}), expected, 1e-6)) << rule << every;
    }
}

TEST_P(Identities, sliding_windows_of_one_step_are_immediate) {
  const OracleProblem p = problem(11, {.resets = true, .feedback = true, .noise = true});
  const Named expected = run(p, "immediate", 1);
  for (const char* rule : {"rolling_tbptt", "f_bptt"})
    for (const int every : {1, 4, 0})
      EXPECT_TRUE(close(run(p, rule, every, {{"L", "1"}}), expected, tolerance)) << rule << every;
}

/// Both sum the same pairs of a loss and a use of the weights less than L steps before it.
TEST_P(Identities, sliding_windows_agree_with_each_other) {
  const OracleProblem p = problem(12, {.masked = true, .resets = true, .initial_state = true, .feedback = true});
  for (const char* L : {"2", "3", "7"}) {
    const Named expected = run(p, "f_bptt", 1, {{"L", L}});
    for (const int every : {1, 2, 5, 0})
      EXPECT_TRUE(close(run(p, "rolling_tbptt", every, {{"L", L}}), expected, tolerance)) << L << every;
  }
}

/// A reset counts as recurrence: without credit through it.
TEST_P(Identities, rflo_is_exact_without_recurrent_weights) {
  OracleProblem p = problem(5, {.masked = true, .resets = true, .initial_state = true, .stopped = true});
  if (checking::Vector* w = recurrent(p); w != nullptr) {
    EXPECT_FALSE(close(run(p, "rflo", 1), run(p, "bptt", 0), 1e-6));
    w->assign(w->size(), 0.0);
  }
  const Named expected = run(p, "bptt", 0);
  for (const int every : {1, 3, 0}) {
    EXPECT_TRUE(close(run(p, "rflo", every), expected, tolerance));
    EXPECT_TRUE(close(run(p, "snap", every), expected, tolerance));
  }
}

/// In a stack the top layer moves nothing but itself; of the layer below the traces miss what the top keeps of it.
TEST_P(Identities, local_rules_on_stacks_are_exact_in_the_top_layer_alone) {
  OracleProblem p = problem(17, {.layers = 2, .resets = true, .initial_state = true, .stopped = true});
  for (const checking::CellFacts::Parameter& parameter : checking::find_cell(p.cell)->parameters)
    for (int l = 0; l < p.layers && parameter.part == checking::Part::recurrent; ++l) {
      checking::Vector& w = p.parameters.at(checking::name_in_layer(parameter.name, l));
      w.assign(w.size(), 0.0);
    }
  const Named expected = run(p, "bptt", 0);
  for (const char* rule : {"rflo", "eprop", "snap"})
    for (const int every : {1, 3, 0}) {
      const Named found = run(p, rule, every);
      for (const checking::CellFacts::Parameter& parameter : checking::find_cell(p.cell)->parameters) {
        const std::string top = checking::name_in_layer(parameter.name, 1), bottom = parameter.name;
        EXPECT_TRUE(close(found.at(top), expected.at(top), tolerance)) << rule << " " << top;
        EXPECT_FALSE(close(found.at(bottom), expected.at(bottom), 1e-6)) << rule << " " << bottom;
      }
    }
}

TEST_P(Identities, snap_is_exact_for_diagonal_recurrent_weights) {
  OracleProblem p = problem(6, {.masked = true, .resets = true, .initial_state = true});
  if (recurrent(p) == nullptr) return;  // then rflo is exact too: the test above
  EXPECT_FALSE(close(run(p, "snap", 1), run(p, "bptt", 0), 1e-6));
  checking::Vector& w = *recurrent(p);
  for (std::size_t k = 0; k < w.size(); ++k)
    if (static_cast<int>(k) / p.d % p.d != static_cast<int>(k) % p.d) w[k] = 0;
  // The weights off the diagonal are zero, but they are there and have a gradient.
  const Named expected = run(p, "rtrl", 1);
  for (const int every : {1, 3, 0}) {
    EXPECT_TRUE(close(run(p, "snap", every), expected, tolerance)) << every;
    EXPECT_TRUE(close(run(p, "sparse_rtrl", every), expected, tolerance)) << every;
  }
  EXPECT_FALSE(close(run(p, "rflo", 1), expected, 1e-6));
}

TEST_P(Identities, sparse_rtrl_is_rtrl) {
  for (const bool sparse : {false, true}) {
    const OracleProblem p =
        problem(13, {.masked = true, .resets = true, .initial_state = true, .sparse = sparse, .feedback = sparse});
    const Named expected = run(p, "rtrl", 1);
    for (const int every : {1, 2, 5, 0})
      for (const char* block : {"0", "1", "3", "64"})
        EXPECT_TRUE(close(run(p, "sparse_rtrl", every, {{"block", block}}), expected, tolerance)) << every << block;
  }
}

TEST_P(Identities, snap_is_rtrl_when_its_pattern_is_full) {
  OracleProblem dense = problem(14, {.resets = true});
  const Named exact = run(dense, "rtrl", 1);
  for (const char* n : {"2", "3", "9"})
    for (const int every : {1, 4, 0}) {
      EXPECT_TRUE(close(run(dense, "snap", every, {{"n", n}}), exact, tolerance)) << n << every;
      EXPECT_TRUE(close(run(dense, "snap", every, {{"n", n}, {"pattern", "\"strict\""}}), exact, tolerance)) << n;
    }
  if (recurrent(dense) == nullptr) return;
  // A ring: an influence needs d - 1 hops to be everywhere.
  OracleProblem ring = problem(15, {.d = 5, .initial_state = true});
  checking::Vector& w = *recurrent(ring);
  ring.W_rec_mask.assign(w.size(), 0.0);
  for (std::size_t k = 0; k < w.size(); ++k) {
    const int to = static_cast<int>(k) / ring.d % ring.d, from = static_cast<int>(k) % ring.d;
    if ((from + 1) % ring.d == to)
      ring.W_rec_mask[k] = 1;
    else
      w[k] = 0;
  }
  const Named around = run(ring, "rtrl", 1);
  EXPECT_TRUE(close(run(ring, "snap", 1, {{"n", "5"}}), around, tolerance));
  EXPECT_FALSE(close(run(ring, "snap", 1, {{"n", "4"}}), around, 1e-9));
  EXPECT_TRUE(close(run(ring, "sparse_rtrl", 1), around, tolerance));
}

TEST_P(Identities, without_recurrent_weights_every_pattern_is_the_unit) {
  OracleProblem p = problem(16, {.masked = true, .resets = true, .initial_state = true, .stopped = true});
  if (checking::Vector* w = recurrent(p); w != nullptr) {
    w->assign(w->size(), 0.0);
    p.W_rec_mask = *w;
  }
  const Named expected = run(p, "rtrl", 1);
  for (const int every : {1, 3, 0}) {
    EXPECT_TRUE(close(run(p, "sparse_rtrl", every), expected, tolerance)) << every;
    EXPECT_TRUE(close(run(p, "snap", every), expected, tolerance)) << every;
    EXPECT_TRUE(close(run(p, "snap", every, {{"n", "3"}}), expected, tolerance)) << every;
    EXPECT_TRUE(close(run(p, "rflo", every), expected, tolerance)) << every;
  }
}

TEST_P(Identities, one_step_leaves_nothing_to_assign) {
  const OracleProblem p = problem(7, {.T = 1, .initial_state = true});
  const Named expected = run(p, "bptt", 0);
  for (const RuleRecord* rule : catalogue<RuleRecord>()) {
    // Right in each draw's direction alone, or without credit; pp_prop's first filter is shorter by decay.
    const std::set<std::string> others = {"readout_only", "uoro", "reverse_kf_rtrl", "perturb", "pp_prop"};
    const char* const name = rule->entry.name;
    const bool guesses =
        others.contains(name) || conformance::guesses_all_credit(*rule) || conformance::has_third_factor(*rule);
    for (const int every : conformance::intervals(*rule))
      EXPECT_EQ(static_cast<bool>(close(run(p, name, every), expected, tolerance)), !guesses) << name;
  }
}

/// A synthesiser that stays at zero gives no credit.
TEST_P(Identities, dni_that_does_not_learn_is_readout_only) {
  const OracleProblem p = problem(8, {.resets = true});
  const Named expected = run(p, "readout_only", 1), bptt = run(p, "bptt", 0);
  EXPECT_FALSE(close(expected, bptt, 1e-6));
  for (const int every : {1, 4, 0}) {
    EXPECT_TRUE(close(run(p, "dni", every, {{"sg_lr", "0"}}), expected, tolerance));
    EXPECT_FALSE(close(run(p, "dni", every, {{"sg_lr", "0.05"}}), expected, 1e-6));
  }
  for (const auto& [name, values] : expected)
    if (p.parameters.count(name) != 0) {
      EXPECT_EQ(checking::largest_magnitude(values) == 0, name != "W_out" && name != "b_y") << name;
    }
}

TEST_P(Identities, a_step_of_rtrl_without_its_jacobian_is_that_with_it) {
  RandomOptions options = {.d = 9, .T = 24, .masked = true, .resets = true, .initial_state = true, .sparse = true};
  for (const bool readouts : {false, true}) {
    options.filtered = options.average = readouts;
    const OracleProblem p = problem(29, options);
    const Named expected = run(p, "rtrl", 1, {{"block", "2"}});
    EXPECT_TRUE(close(run(p, "rtrl", 1, {{"block", "1"}}), expected, 1e-12)) << readouts;
  }
}

/// Filters that keep nothing; and of a single step what the filter of units lets through.
TEST_P(Identities, pp_prop_without_memory_is_immediate) {
  for (const int layers : {1, 2}) {
    const OracleProblem p = problem(27, {.layers = layers, .masked = true, .resets = true, .feedback = true}),
                        one = problem(28, {.layers = layers, .T = 1, .initial_state = true});
    const Named expected = run(p, "immediate", 1);
    Named first = run(one, "bptt", 0);
    for (const auto& [name, values] : one.parameters)
      for (double& value : first.at(name)) value *= name == "W_out" || name == "b_y" ? 1 : 0.25;
    for (const int every : {1, 4, 0}) {
      EXPECT_TRUE(close(run(p, "pp_prop", every, {{"decay", "0.0"}}), expected, tolerance)) << every;
      EXPECT_FALSE(close(run(p, "pp_prop", every, {{"decay", "0.3"}}), expected, 1e-6)) << every;
      EXPECT_TRUE(close(run(one, "pp_prop", every, {{"decay", "0.75"}}), first, tolerance)) << every;
    }
  }
}

/// Up to r steps there are r products, and a group of r regressors is kept whole.
TEST_P(Identities, ok_is_rtrl_while_its_products_suffice) {
  for (const int layers : {1, 2}) {
    const OracleProblem p = problem(17, {.layers = layers, .d = 4, .T = 6, .masked = true, .initial_state = true});
    const Named expected = run(p, "rtrl", 1);
    for (const int every : {1, 4, 0})
      for (const char* r : {"6", "7", "12", "1000000"})
        EXPECT_TRUE(close(run(p, "ok", every, {{"r", r}}), expected, tolerance)) << r;
    EXPECT_FALSE(close(run(p, "ok", 1, {{"r", "1"}}), expected, 1e-6));
  }
  const OracleProblem p = problem(18, {.d = 4, .T = 40, .masked = true, .resets = true});
  const Named expected = run(p, "rtrl", 1);
  for (const char* r : {"9", "10"})  // 4 + 3 + 2 regressors at most
    EXPECT_TRUE(close(run(p, "ok", 3, {{"r", r}}), expected, tolerance)) << r;
}

/// A sensitivity that stays at I and a kernel that decays by what leaks: Murray's rule.
TEST_P(Identities, kernl_that_does_not_learn_is_rflo) {
  OracleProblem p = problem(19, {.masked = true, .resets = true, .initial_state = true});
  if (p.alpha.empty() || recurrent(p) == nullptr) return;  // one decay, the leak: leaky
  p.alpha.assign(p.alpha.size(), 0.3);
  const Named expected = run(p, "rflo", 1);
  Options still = {{"A_lr", "0"}, {"gamma_lr", "0"}, {"kernel", "\"linear\""}, {"gamma", "0.3"}};
  for (const int every : {1, 4, 0}) EXPECT_TRUE(close(run(p, "kernl", every, still), expected, tolerance));
  still["gamma"] = "0.4";
  EXPECT_FALSE(close(run(p, "kernl", 1, still), expected, 1e-6));
  still["gamma"] = "0.3";
  still["A_lr"] = "0.01";
  EXPECT_FALSE(close(run(p, "kernl", 1, still), expected, 1e-6));
}

/// A trace that fades by a number of its own is that of kernl at rest, on every cell and what a readout reads of it.
TEST_P(Identities, rflo_with_a_decay_is_kernl_that_does_not_learn) {
  for (const int layers : {1, 2})
    for (const bool readouts : {false, true}) {
      const OracleProblem p = problem(20, {.layers = layers,
                                           .masked = true,
                                           .resets = true,
                                           .initial_state = true,
                                           .filtered = readouts,
                                           .average = readouts});
      const Options still = {{"A_lr", "0"}, {"gamma_lr", "0"}, {"kernel", "\"linear\""}, {"gamma", "0.35"}};
      for (const char* reach : {"0", "3"}) {
        Options behind = still;
        behind["reach"] = reach;
        const Named expected = run(p, "kernl", 1, behind);
        for (const int every : {1, 4, 0})
          EXPECT_TRUE(close(run(p, "rflo", every, {{"decay", "0.65"}, {"reach", reach}}), expected, tolerance))
              << every << ", reach " << reach;
        if (readouts) continue;  // their one loss may come before there is a trace
        EXPECT_FALSE(close(run(p, "rflo", 1, {{"decay", "0.6"}, {"reach", reach}}), expected, 1e-6));
      }
    }
}

TEST_P(Identities, rflo_with_the_decay_of_the_leak_is_rflo_and_with_none_immediate) {
  OracleProblem p = problem(21, {.layers = 2, .masked = true, .resets = true, .initial_state = true});
  for (const int every : {1, 4, 0})
    EXPECT_TRUE(close(run(p, "rflo", every, {{"decay", "0.0"}}), run(p, "immediate", every), tolerance)) << every;
  if (p.alpha.empty() || recurrent(p) == nullptr) return;  // one decay, the leak: leaky
  p.alpha.assign(p.alpha.size(), 0.3);
  for (const int every : {1, 4, 0})
    EXPECT_TRUE(close(run(p, "rflo", every, {{"decay", "0.7"}}), run(p, "rflo", every), tolerance)) << every;
}

/// Synthesisers that stay at zero guess that nothing follows.
TEST_P(Identities, windows_with_a_synthesiser_that_does_not_learn_are_tbptt) {
  const OracleProblem p = problem(17, {.layers = 2, .masked = true, .resets = true, .initial_state = true});
  for (const int every : {1, 4, 0})
    for (const std::string window : {"1", "3", "4"}) {
      if (every != 0 && std::stoi(window) > every) continue;
      const Named expected = run(p, "tbptt", every, {{"L", window}});
      EXPECT_TRUE(close(run(p, "dni_window", every, {{"L", window}, {"sg_lr", "0"}}), expected, tolerance)) << every;
      EXPECT_FALSE(close(run(p, "dni_window", every, {{"L", window}, {"sg_lr", "0.05"}}), expected, 1e-6)) << every;
    }
}

TEST_P(Identities, bp_lambda_that_does_not_learn_is_immediate) {
  const OracleProblem p = problem(18, {.layers = 2, .masked = true, .resets = true, .initial_state = true});
  const Named expected = run(p, "immediate", 1);
  for (const int every : {1, 4, 0}) {
    EXPECT_TRUE(close(run(p, "bp_lambda", every, {{"sg_lr", "0"}}), expected, tolerance)) << every;
    EXPECT_FALSE(close(run(p, "bp_lambda", every, {{"sg_lr", "0.05"}}), expected, 1e-6)) << every;
  }
}

/// Its trace over blocks of steps is the one that is advanced step by step.
TEST_P(Identities, bp_lambda_does_not_depend_on_the_block) {
  const OracleProblem p = problem(19, {.T = 40, .masked = true, .resets = true});
  for (const Options& more :
       {Options{{"sg_lr", "0.02"}},
        {{"sg_lr", "0.02"}, {"lambda", "0.7"}, {"synthesiser", "\"mlp\""}, {"sg_hidden", "[4, 3]"}},
        {{"sg_lr", "0.02"}, {"synthesiser", "\"low_rank\""}, {"sg_rank", "2"}}}) {
    const auto with = [&](const char* block, int every) {
      Options options = more;
      options["block"] = block;
      return run(p, "bp_lambda", every, options);
    };
    const Named expected = with("1", 1);
    for (const char* block : {"2", "3", "7", "64"})
      for (const int every : {1, 5, 0}) EXPECT_TRUE(close(with(block, every), expected, tolerance)) << block;
  }
}

/// With the readout's transpose as feedback matrix, random feedback is symmetric.
TEST_P(Identities, feedback_through_the_transposed_readout_is_symmetric) {
  const OracleProblem p = problem(9, {.resets = true});
  OracleProblem other = p;
  const checking::Vector& W_out = p.parameters.at("W_out");
  const int read = static_cast<int>(W_out.size()) / p.m;
  other.feedback.resize(W_out.size());
  for (int i = 0; i < read; ++i)
    for (int k = 0; k < p.m; ++k) other.feedback[i * p.m + k] = W_out[k * read + i];
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    for (const int every : conformance::intervals(*rule))
      EXPECT_TRUE(close(run(other, rule->entry.name, every), run(p, rule->entry.name, every), tolerance))
          << rule->entry.name;
}

INSTANTIATE_TEST_SUITE_P(catalogue, Identities,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
