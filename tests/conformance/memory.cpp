// SPDX-License-Identifier: Apache-2.0
// What a rule remembers: saved and restored it goes on as if nothing had happened, and it is as much as its record
// says.
#include <gtest/gtest.h>

#include <numeric>

#include "conformance/rule_pair.hpp"
#include "cost/cost_model.hpp"
#include "covering.hpp"
#include "learning/rule_settings.hpp"
#include "training/data.hpp"

namespace chronograd::conformance {
namespace {

/// Everything by name; `restore` decides which way it goes.
class Copy final : public Archive {
 public:
  void array(const std::string& name, std::span<float> values) override { visit(floats_, name, values); }
  void array(const std::string& name, std::span<double> values) override { visit(doubles_, name, values); }
  void number(const std::string& name, std::int64_t& value) override { visit(numbers_, name, std::span(&value, 1)); }
  bool restore = false;

 private:
  template <class V>
  void visit(std::map<std::string, std::vector<V>>& kept, const std::string& name, std::span<V> values) {
    if (restore) {
      ASSERT_EQ(kept.at(name).size(), values.size()) << name;
      std::copy(kept.at(name).begin(), kept.at(name).end(), values.begin());
    } else {
      EXPECT_TRUE(kept.emplace(name, std::vector<V>(values.begin(), values.end())).second) << name << " twice";
    }
  }
  std::map<std::string, std::vector<float>> floats_;
  std::map<std::string, std::vector<double>> doubles_;
  std::map<std::string, std::vector<std::int64_t>> numbers_;
};

/// A network and its data, ready to be run through segments by hand.
template <class T>
struct Bench {
  Bench(const RulePair& pair, const OracleProblem& problem, const std::vector<std::string>& settings = {})
      : config(config_of(pair, problem, pair.rule->segments == Segments::row ? 0 : 3,
                         sizeof(T) == 4 ? "float32" : "float64")
                   .with(settings)),
        network(config, checking::ProblemTask(problem)),
        rule(config),
        initial(drawn(problem)),
        weights(weights_of<T>(initial)) {
    std::vector<std::int64_t> rows(problem.B);
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    read_batch(checking::ProblemTask(problem), Split::train, rows, 0, problem.T, {.one_error = network.averages()},
               network.stack.width(), batch);
  }
  /// Trained rates begin at those of the problem; those of the configuration, 1, have no logit.
  Initial drawn(const OracleProblem& problem) const {
    const Arrays given = checking::problem_parameters(problem);
    return initial_values(network, config, problem.trained ? &given : nullptr, "");
  }
  std::unique_ptr<Stepper<T>> stepper(int longest) const {
    return std::make_unique<Stepper<T>>(network, rule.make(network, initial.structure, batch.streams, 0), batch.streams,
                                        0, longest);
  }
  /// The gradient of steps [from, to) in segments of K.
  std::vector<T> run(Stepper<T>& stepper, int from, int to, int K) const {
    Buffer<T> grad(network.map.size());
    for (int t = from; t < to; t += K)
      stepper.run(weights, batch, t, std::min(K, to - t), std::min(t + K, to) == batch.steps, grad.data());
    if (to == batch.steps) stepper.flush(grad.data());
    return {grad.data(), grad.data() + grad.size()};
  }

  Config config;
  Network<T> network;
  RuleSettings rule;
  Initial initial;
  Weights<T> weights;
  Batch<T> batch;
};

class RuleMemory : public testing::TestWithParam<RulePair> {
 protected:
  enum class Kind { plain, mean_of_filter, trained, reaching, spreading, in_16_bits };
  OracleProblem problem(int d, int n, int m, int B, int T, int layers = 1, Kind kind = Kind::plain) const {
    return checking::random_problem(31, {.cell = GetParam().cell->entry.name,
                                         .activation = "tanh",
                                         .loss = "mse",
                                         .layers = layers,
                                         .d = d,
                                         .n = n,
                                         .m = m,
                                         .B = B,
                                         .T = T,
                                         .resets = kind != Kind::mean_of_filter,  // of a row only what follows counts
                                         .initial_state = true,
                                         .filtered = kind == Kind::mean_of_filter,
                                         .average = kind == Kind::mean_of_filter,
                                         .trained = kind == Kind::trained});
  }

  template <class T>
  void expect_to_go_on(int layers, Kind kind = Kind::plain) const {
    const OracleProblem p = problem(9, 3, 2, 3, 20, layers, kind);
    std::vector<std::string> settings;
    if (kind == Kind::reaching) settings = {"rule.reach=5"};
    if (kind == Kind::spreading) settings = {"rule.spread=true", "rule.block=3"};
    if (kind == Kind::in_16_bits) settings = {"rule.influence=bf16", "rule.block=3"};
    for (const auto& [asked, option] :
         {std::pair(Kind::reaching, "reach"), {Kind::spreading, "spread"}, {Kind::in_16_bits, "influence"}})
      if (kind == asked && !has_option(GetParam().rule->entry, option)) return;
    const Bench<T> bench(GetParam(), p, settings);
    for (const int K : {1, 3, 4}) {
      const int half = 4 * K;
      if (half >= p.T) continue;
      const auto whole = bench.stepper(K);
      whole->begin(bench.batch, 2);
      bench.run(*whole, 0, half, K);
      Copy copy;
      whole->state(copy);
      const std::vector<T> expected = bench.run(*whole, half, p.T, K);

      const auto restored = bench.stepper(K), forgetful = bench.stepper(K);
      restored->begin(bench.batch, 0);
      forgetful->begin(bench.batch, 0);
      copy.restore = true;
      restored->state(copy);
      EXPECT_EQ(bench.run(*restored, half, p.T, K), expected) << "K = " << K;
      EXPECT_NE(bench.run(*forgetful, half, p.T, K), expected) << "K = " << K;
    }
  }
};

TEST_P(RuleMemory, goes_on_bit_for_bit_after_being_restored) {
  for (const int layers : {1, 2}) {
    SCOPED_TRACE("layers = " + std::to_string(layers));
    expect_to_go_on<float>(layers);
    expect_to_go_on<double>(layers);
    expect_to_go_on<float>(layers, Kind::mean_of_filter);
    expect_to_go_on<double>(layers, Kind::trained);
    expect_to_go_on<float>(layers, Kind::reaching);
    expect_to_go_on<float>(layers, Kind::spreading);
    expect_to_go_on<float>(layers, Kind::in_16_bits);
  }
}

TEST_P(RuleMemory, begins_each_row_anew) {
  // Models inside a rule stay, signs are drawn anew.
  if (GetParam().rule->one_shard || GetParam().rule->promise == Promise::unbiased) return;
  const OracleProblem p = problem(5, 3, 2, 2, 12);
  const Bench<double> bench(GetParam(), p);
  const auto stepper = bench.stepper(3);
  stepper->begin(bench.batch, 0);
  const auto first = bench.run(*stepper, 0, p.T, 3);
  stepper->begin(bench.batch, 0);
  bench.run(*stepper, 0, 6, 3);  // a row that is broken off
  stepper->begin(bench.batch, 0);
  EXPECT_EQ(bench.run(*stepper, 0, p.T, 3), first);
}

TEST_P(RuleMemory, is_what_the_record_says) {
  const RuleRecord& rule = *GetParam().rule;
  const int d = 40, n = 7, m = 3, K = 3, T = 6;
  std::vector<std::vector<std::string>> all = {{}};
  if (has_option(rule.entry, "spread")) all.push_back({"rule.spread=true", "rule.block=5"});
  if (has_option(rule.entry, "decay")) all.push_back({"rule.decay=0.5"});
  for (const auto& row : covering_rows({2, all.size()})) {
    const int B = row[0] == 0 ? 1 : 4;
    const Bench<double> bench(GetParam(), problem(d, n, m, B, T), all[row[1]]);
    const auto stepper = bench.stepper(K);
    ByteCount count;
    stepper->rule()->state(count);
    const double kept = static_cast<double>(count.bytes()) / sizeof(double);
    CostSizes sizes = cost_sizes(rule, *GetParam().cell, bench.config.table("rule"), d, n, m, K);
    sizes.streams = B;
    const double said = cost_of(rule, sizes).kept;
    SCOPED_TRACE(std::string(rule.memory) + " = " + std::to_string(said) + ", kept " + std::to_string(kept));
    if (rule.segments != Segments::any) {
      // What the formula counts is the segment, which is not carried on, and a model.
      const double segment = (sizes.units + n) * sizes.window;
      EXPECT_NEAR(kept, rule.one_shard ? B * (said - segment) : 0, 0.02 * kept);
    } else if (rule.one_shard) {
      // A model is shared by the streams, and there may be a frozen copy of it; the rest is each stream's own.
      EXPECT_GE(kept, said);
      EXPECT_LE(kept, (B + 1.4) * said);
    } else if (said == 0) {
      EXPECT_EQ(kept, 0);
    } else {
      EXPECT_GE(kept, B * said);
      EXPECT_LE(kept, 1.02 * B * said);
    }
  }
}

TEST(RtrlMemory, in_16_bits_is_what_the_record_says) {
  const RulePair pair = {&find_record<RuleRecord>("rule.name", "rtrl"),
                         &find_record<CellRecord>("model.cell", "leaky")};
  const int d = 40, n = 7, m = 3, T = 6;
  const OracleProblem p = checking::random_problem(
      31, {.cell = "leaky", .activation = "tanh", .loss = "mse", .d = d, .n = n, .m = m, .T = T});
  double full = 0;
  for (const char* numbers : {"full", "bf16"}) {
    const Bench<float> bench(pair, p, {"rule.block=2", std::string("rule.influence=") + numbers});
    ByteCount count;
    bench.stepper(3)->rule()->state(count);
    const double kept = static_cast<double>(count.bytes()) / sizeof(float);
    const double said =
        cost_of(*pair.rule, cost_sizes(*pair.rule, *pair.cell, bench.config.table("rule"), d, n, m, 3)).kept;
    EXPECT_GE(kept, said) << numbers;
    EXPECT_LE(kept, 1.02 * said) << numbers;
    if (full == 0)
      full = kept;
    else
      EXPECT_LT(kept, 0.6 * full);
  }
}

TEST(RuleCosts, have_a_value) {
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    EXPECT_NO_THROW(cost_of(*rule, CostSizes{})) << rule->entry.name;
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleMemory, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
