// SPDX-License-Identifier: Apache-2.0
// Credit on any state of any layer, numbers that are carried without credit, and a unit's effect on itself: every rule.
#include "chronograd/catalogue.hpp"
#include "chronograd/check.hpp"
#include "chronograd/config.hpp"
#include "conformance/hand_run.hpp"
#include "conformance/jumps.hpp"
#include "conformance/kept_forms.hpp"
#include "conformance/resetting_cell.hpp"

namespace chronograd::conformance {
namespace {

constexpr double rounding = 1e-11;  // the same terms in another order, a few hundred of them
constexpr int d = 3, B = 2, T = 7;

Options settings(const std::string& cell) {
  const std::string text = "[model]\ncell = \"" + cell +
                           "\"\nhidden = 3\n[rule]\nname = \"rtrl\"\n[loss]\nname = \"mse\"\n" +
                           "[optimizer]\nname = \"sgd\"\n";
  Options model = Config::parse(text, "test",
                                cell.starts_with("leaky") ? std::vector<std::string>{"model.alpha=0.4"}
                                                          : std::vector<std::string>{})
                      .table("model");
  model.set(key_kappa, 0.7, false);
  model.set(key_zeta_out, 0.4, false);
  return model;
}

std::vector<HandCase> cases() {
  std::vector<HandCase> all;
  const auto add = [&](const std::string& name, const CellRecord* record, int layers) {
    const std::string cell = record == nullptr ? "" : record->entry.name;
    all.push_back({name, record, settings(cell == "resetting" ? "gru" : cell), layers});
  };
  for (const CellRecord* record : catalogue<CellRecord>()) {
    const std::string name = record->entry.name;
    add(name, record, 1);
    add(name + "_filtered", filtered(*record), 1);
    add(name + "_rated", rated(*record, d), 1);
    add(name + "_averaged_filter_stack", averaged(*filtered(*record)), 2);
  }
  add("lstm_rated_filter_stack", rated(*filtered(find_record<CellRecord>("cell", "lstm")), d), 2);
  add("leaky_trained_averaged", averaged(*find_record<CellRecord>("cell", "leaky").trained), 1);
  add("resetting", &resetting, 1);
  add("resetting_filtered_stack", filtered(resetting), 2);
  return all;
}

class NamedState : public testing::TestWithParam<HandCase> {
 protected:
  HandRun run(std::uint64_t seed) const {
    HandRun hand(GetParam(), d, B, T, seed);
    hand.cut[area(4, B) + 1] = 1;
    for (int l = 0; l < GetParam().layers; ++l)
      for (int s = 0; s < GetParam().record->states; ++s) hand.add_further(l, s, (l + s) % 2 == 1);
    return hand;
  }
};

TEST_P(NamedState, BpttIsTheDerivative) {
  if (jumps(*GetParam().record)) return;
  HandRun hand = run(1);
  // Differences of sums of some hundred terms of order 1 err by 1e-8 at most; any mistake by far more.
  EXPECT_LT(distance(hand.gradient("bptt", T), hand.differences()), 1e-7);
}

TEST_P(NamedState, ExactRulesAgree) {
  HandRun hand = run(2);
  const std::vector<double> expected = hand.gradient("bptt", T);
  for (const int K : {1, 3, T}) {
    for (const char* rule : {"rtrl", "sparse_rtrl"})
      EXPECT_LT(distance(hand.gradient(rule, K), expected), rounding) << rule << ", K = " << K;
    for (const char* rule : {"f_bptt", "rolling_tbptt"})
      EXPECT_LT(distance(hand.gradient(rule, K, {{"L", std::int64_t{T}}}), expected), rounding)
          << rule << ", K = " << K;
    if (GetParam().layers > 1) continue;
    EXPECT_LT(distance(hand.gradient("snap", K, {{"n", std::int64_t{T}}}), expected), rounding) << "K = " << K;
  }
  EXPECT_LT(distance(hand.gradient("tbptt", T), expected), rounding);
}

TEST_P(NamedState, LocalRulesDoNotDependOnTheSegments) {
  HandRun hand = run(3);
  for (const char* rule : {"rflo", "eprop", "snap", "immediate"}) {
    const std::vector<double> expected = hand.gradient(rule, T);
    for (const int K : {1, 3}) EXPECT_LT(distance(hand.gradient(rule, K), expected), rounding) << rule << ", K = " << K;
  }
}

/// A rule cannot tell credit on what is shown from further credit on the same state.
TEST_P(NamedState, FurtherCreditOnWhatIsShownIsCredit) {
  HandRun hand(GetParam(), d, B, T, 4);
  const int heads = GetParam().record->heads, top = GetParam().layers - 1, width = heads * d;
  const int shown = hand.stack().layer(top).shown();
  HandRun apart(GetParam(), d, B, T, 4);
  for (int v = 0; v < heads; ++v) {
    apart.add_further(top, shown + v, v == 1);
    const HandRun::Further& one = apart.further.back();
    for (int row = 0; row < T * B; ++row)
      for (int i = 0; i < d; ++i)
        hand.c[area(row, width) + v * d + i] += one.q[area(one.constant ? row % B : row, d) + i];
  }
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    for (const int K : {1, 3, T}) {
      if ((rule->segments == Segments::row && K != T) ||
          rule->entry.name == std::string("three_factor"))  // it hears of no credit
        continue;
      const std::vector<double> expected = hand.gradient(rule->entry.name, K);
      EXPECT_LT(distance(apart.gradient(rule->entry.name, K), expected), rounding) << rule->entry.name << ", K = " << K;
    }
}

/// Rules that are local to a layer: credit on a lower layer alone is the credit of a stack that ends there.
TEST_P(NamedState, LowerLayersHaveTheRuleToThemselves) {
  if (GetParam().layers == 1) return;
  HandRun hand(GetParam(), d, B, T, 5);
  std::fill(hand.c.begin(), hand.c.end(), 0.0);
  for (int v = 0; v < GetParam().record->heads; ++v) hand.add_further(0, v, false);
  HandCase lower = GetParam();
  lower.layers = 1;
  while (lower.record->shown != 0)  // the lower layer shows h
    lower.record = std::string(lower.record->entry.name) == "resetting"
                       ? &resetting
                       : &find_record<CellRecord>("cell", lower.record->entry.name);
  HandRun alone(lower, d, B, T, 5);
  alone.x = hand.x;
  alone.theta.assign(hand.theta.begin(), hand.theta.begin() + static_cast<std::ptrdiff_t>(alone.theta.size()));
  const int heads = GetParam().record->heads;
  for (int row = 0; row < T * B; ++row)
    for (int v = 0; v < heads; ++v)
      for (int i = 0; i < d; ++i)
        alone.c[area(row * heads + v, d) + i] = hand.further[static_cast<std::size_t>(v)].q[area(row, d) + i];
  for (const char* rule : {"rflo", "eprop", "snap", "immediate"})
    for (const int K : {1, T}) {
      std::vector<double> found = hand.gradient(rule, K);
      const std::vector<double> above(found.begin() + static_cast<std::ptrdiff_t>(alone.theta.size()), found.end());
      found.resize(alone.theta.size());
      EXPECT_LT(distance(found, alone.gradient(rule, K)), rounding) << rule << ", K = " << K;
      for (const double g : above) EXPECT_EQ(g, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(cells, NamedState, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST(NamedStateOfUoro, IsUnbiased) {
  for (const CellRecord* record : {filtered(find_record<CellRecord>("cell", "lstm")), &resetting}) {
    const HandCase one = {"", record, settings("gru"), 1};
    constexpr int steps = 3;
    HandRun hand(one, 1, 1, steps, 6);
    for (int s = 0; s < record->states; ++s) hand.add_further(0, s, s == 1);
    const std::vector<double> expected = hand.gradient("bptt", steps);
    std::vector<double> mean(expected.size());
    const int bits = record->states * steps;
    for (std::uint64_t pattern = 0; pattern < std::uint64_t{1} << bits; ++pattern) {
      const std::vector<double> found = hand.gradient("uoro", 1, {}, [&](int, std::int64_t t, int i) {
        return (pattern >> (t * record->states + i) & 1U) != 0 ? 1.0 : -1.0;
      });
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += found[k] / static_cast<double>(std::uint64_t{1} << bits);
    }
    EXPECT_LT(distance(mean, expected), 1e-12);
  }
}

/// What e-prop leaves out is a unit's effect on itself through its h, written out: e' = alpha e + z, g = sum c psi e'.
TEST(SelfEffect, IsRecurrence) {
  HandRun hand({"", &resetting, settings("gru"), 1}, d, 1, T, 7);
  std::vector<Segment<double>> layers;
  hand.stack().prepare(layers, T, 1);
  const Cell<double>& cell = hand.stack().layer(0);
  for (int t = 0; t < T; ++t)
    std::copy_n(hand.x.data() + area(t, 2), 2, layers[0].z.data() + area(t, cell.ld()) + cell.layout().input_at);
  hand.stack().forward(layers, hand.theta.data());
  const int columns = cell.columns();
  for (const bool self : {false, true}) {
    std::vector<double> trace(area(d, columns)), echo(trace.size()), expected(hand.theta.size());
    for (int t = 0; t < T; ++t)
      for (int i = 0; i < d; ++i)
        for (int j = 0; j < columns; ++j) {
          double &v = trace[area(i, columns) + j], &h = echo[area(i, columns) + j];
          double constants[2 * d];
          resetting_constants(resetting, {}, d, constants);
          const double own = self ? hand.theta[cell.index(i, i)] - constants[d + i] : 0;  // W_rec[i,i] - theta
          v = constants[i] * v + own * h + layers[0].z[area(t, cell.ld()) + j];
          h = layers[0].tape[area(t, d) + i] * v;
          expected[cell.index(i, j)] += hand.c[area(t, d) + i] * h;
        }
    for (const int K : {1, 3, T})
      EXPECT_LT(distance(hand.gradient(self ? "snap" : "eprop", K), expected), rounding) << self << ", K = " << K;
  }
}

/// The laws that hold whatever a rule computes, on a cell that carries a number without credit: among them a state that
/// is saved and restored.
TEST(CarriedNumbers, AreKeptByEveryRule) {
  add_entry(resetting);
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    for (const Law& law : check_laws(*rule, {.cell = "resetting"}))
      EXPECT_NE(law.verdict, Law::Verdict::broken) << rule->entry.name << ", " << law.name << ": " << law.measured;
  remove_entry<CellRecord>("resetting");
}

}  // namespace
}  // namespace chronograd::conformance
