// SPDX-License-Identifier: Apache-2.0
// What rules on a pattern of the influence matrix keep and multiply, against a count entry by entry.
#include <gtest/gtest.h>

#include "checking/problem_task.hpp"
#include "chronograd/rule.hpp"
#include "learning/rule_settings.hpp"
#include "learning/stepper.hpp"

namespace chronograd::conformance {
namespace {

struct Count {
  double kept = 0;    ///< entries (state, weight) of M
  double work = 0;    ///< sum over them of the entries that J makes each of
  double spec = 0;    ///< as the literature counts, without a unit's own carry: l counts where W_kl is there
  double leaked = 0;  ///< entries of units without a weight on themselves
};

/// Follows every weight on its own through at most `hops` steps (-1: for ever), state by state.
Count count_entries(const Network<double>& network, const Structure& structure, int hops, bool strict) {
  const Cell<double>& cell = network.stack.layer(0);
  const int d = cell.units(), S = cell.states(), G = cell.gates(), states = S * d;
  const auto present = [&](std::size_t index) {
    return std::find(structure.absent.begin(), structure.absent.end(), index) == structure.absent.end();
  };
  std::vector<std::vector<bool>> weight(d, std::vector<bool>(d, false));
  for (int row = 0; row < G * d; ++row)
    for (int l = 0; l < d; ++l)
      if (cell.exists(row, l) && present(cell.index(row, l))) weight[row % d][l] = true;
  // State s of unit k is number s d + k here.
  const auto reads = [&](int to, int from) { return to % d == from % d || (from < d && weight[to % d][from]); };
  // Pre-activations that move h alone.
  const std::string name = cell.record().entry.name;
  const auto of_h = [&](int gate) {
    return (name == "lstm" && gate == 3) || (name == "elstm" && (gate == 2 || gate == 5));
  };
  const bool traces = hops == 0 && !strict;  // each place has one, present or not
  Count count;
  for (int row = 0; row < G * d; ++row) {
    int columns = 0;
    for (int z = 0; z < cell.columns(); ++z) columns += cell.exists(row, z) && (traces || present(cell.index(row, z)));
    std::vector<bool> kept(states, false);
    for (int s = 0; s < S; ++s) kept[s * d + row % d] = !strict || !of_h(row / d) || s == 0;
    for (int hop = 0; hops < 0 ? hop < 2 * states : hop < hops; ++hop) {
      const std::vector<bool> before = kept;
      for (int to = 0; to < states; ++to)
        for (int from = 0; from < states; ++from)
          if (before[from] && reads(to, from)) kept[to] = true;
      if (kept == before) break;
    }
    for (int to = 0; to < states; ++to) {
      if (!kept[to]) continue;
      // Where h is an echo of the other states and no weight reads it, a trace of it would say nothing new.
      if (to >= cell.shown_width() || cell.record().h_carries || cell.recurrent() || hops > 0) count.kept += columns;
      for (int from = 0; from < states; ++from) {
        count.work += kept[from] && reads(to, from) ? columns : 0;
        count.spec += kept[from] && from < d && weight[to % d][from] ? columns : 0;
      }
      count.leaked += weight[to % d][to % d] ? 0 : columns;
    }
  }
  return count;
}

class Patterns : public testing::TestWithParam<const CellRecord*> {
 protected:
  void expect_counts(const std::string& rule, double density, int hops, bool strict = false) {
    SCOPED_TRACE(rule + ", density " + std::to_string(density));
    const Config config =
        Config::parse("seed = 5\ndtype = \"float64\"\n[model]\ncell = \"" + std::string(GetParam()->entry.name) +
                          "\"\nhidden = 12\n" + (density < 1 ? "density = " + std::to_string(density) + "\n" : "") +
                          "[rule]\nname = \"rtrl\"\n[loss]\nname = \"mse\"\n",
                      "test")
            .with_method(rule);
    const Network<double> network(config, 3, 2);
    const Initial initial = initial_values(network, config, nullptr, "");
    EXPECT_EQ(initial.structure.absent.empty(), density == 1 && GetParam()->autapses);
    const auto made = RuleSettings(config).make(network, initial.structure, 1, 0);
    const Count count = count_entries(network, initial.structure, hops, strict);
    EXPECT_EQ(made->work(), count.work);
    ByteCount bytes;
    made->state(bytes);
    const double kept = static_cast<double>(bytes.bytes()) / sizeof(double);
    EXPECT_GE(kept, count.kept);
    EXPECT_LE(kept, count.kept + 8 * 12 * network.stack.gates() + 1);  // blocks begin on a cache line
    if (network.stack.states() == 1) {
      EXPECT_EQ(made->work(), count.spec + count.leaked);
    }
  }
};

TEST_P(Patterns, keep_and_multiply_what_is_counted) {
  for (const double density : {1.0, 0.3, 0.05}) {
    if (density < 1 && !has_option(GetParam()->entry, "density")) continue;
    expect_counts("sparse_rtrl(block=1)", density, -1);
    for (const int n : {2, 3, 4}) {
      const std::string number = std::to_string(n);
      expect_counts("snap(n=" + number + ")", density, n - 1);
      expect_counts("snap(n=" + number + ", pattern=strict)", density, n - 1, true);
    }
    if (GetParam()->entry.name == std::string("lstm") || GetParam()->entry.name == std::string("elstm"))
      expect_counts("snap(pattern=strict)", density, 0, true);
  }
}

TEST_P(Patterns, traces_multiply_what_is_counted) {
  expect_counts("snap", 1, 0);
}

/// rtrl multiplies by the whole Jacobian, in which units see the h of others alone.
TEST_P(Patterns, dense_rtrl_multiplies_by_all_of_the_jacobian) {
  if (GetParam()->states == 1) expect_counts("rtrl(block=1)", 1, -1);
}

INSTANTIATE_TEST_SUITE_P(catalogue, Patterns,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::conformance
