// SPDX-License-Identifier: Apache-2.0
// What is known of synthetic gradients without training: zeros, sums over depth, nets whose gradients a matrix says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/sizes.hpp"
#include "chronograd/interface.hpp"
#include "small_net.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

/// What every interface of a probed net was asked and told, by the seed of the interface.
struct Seen {
  std::vector<double> guess, told;
};
std::map<std::uint64_t, Seen> seen;

/// Guesses a fixed function of h and remembers what it was told.
template <class T>
class Probe final : public Interface<T> {
 public:
  explicit Probe(const InterfaceSetup& setup) : width_(setup.width), seed_(setup.seed) {}
  void guess(const Passed<T>& passed, T* g) override {
    const std::size_t count = area(passed.rows, width_);
    for (std::size_t i = 0; i < count; ++i) g[i] = T(0.1) * passed.h[i] - T(0.03) * static_cast<T>(i % 3);
    seen[seed_].guess.assign(g, g + count);
  }
  void learn(const Passed<T>& passed, const T* d) override {
    seen[seed_].told.assign(d, d + area(passed.rows, width_));
  }
  void state(Archive& /*archive*/) override {}

 private:
  int width_;
  std::uint64_t seed_;
};

template <class T>
std::unique_ptr<Interface<T>> make_probe(const InterfaceSetup& setup) {
  return std::make_unique<Probe<T>>(setup);
}

constexpr Option probe_options[] = {
    {.key = "lambda", .type = OptionType::number, .fallback = "0.5", .low = 0, .high = 1, .help = "as of dni"},
};
const InterfaceRecord probe = {
    .entry = {.name = "probe", .title = "a probe", .formulae = "g = h", .text = "For tests.", .options = probe_options},
    .guesses = true,
    .listens = true,
    .lags = true,
    .make_float = make_probe<float>,
    .make_double = make_probe<double>,
};

/// The probes of one batch of 8 samples through a linear net of widths 5 4 4 4 3 under frozen weights, bottom first:
/// those of the interfaces above layers 1, 2 and 3.
std::vector<Seen> probed(double lambda, Arrays& parameters) {
  add_entry(probe);
  seen.clear();
  const Config config = small_net({"dtype=float64", "net.widths=[4,4,4]", "net.norm=none", "net.activation=identity",
                                   "interface.name=probe", "interface.lambda=" + std::to_string(lambda),
                                   "optimizer.lr=0", "loss.name=mse", "train.updates=1"});
  SmallTask::Sizes sizes;
  sizes.classes = false;
  parameters = run_small(config, {}, sizes).result.parameters;
  remove_entry<InterfaceRecord>("probe");
  std::vector<Seen> found;
  for (std::uint64_t layer = 1; layer <= 3; ++layer)
    found.push_back(seen.at(Random(0, Draw::rule, std::uint64_t{1} << 48U, layer).bits()));
  return found;
}

/// d W: rows of gradients by the outputs of a linear layer, taken to its inputs.
std::vector<double> below(const std::vector<double>& d, const Array& W) {
  const std::size_t out = W.shape[0], in = W.shape[1], rows = d.size() / out;
  std::vector<double> result(rows * in);
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t i = 0; i < out; ++i)
      for (std::size_t j = 0; j < in; ++j) result[b * in + j] += d[b * out + i] * W.at(i * in + j);
  return result;
}

void expect_equal(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-12);
}

TEST(Theory, LambdaTargetsAreASumOverDepth) {
  for (const double lambda : {0.0, 0.3, 0.5, 1.0}) {
    Arrays parameters;
    const std::vector<Seen> at = probed(lambda, parameters);
    const Array &W2 = parameters.at("W2"), &W3 = parameters.at("W3");
    // The uppermost interface is told the truth e W_out; those below, at depth j above themselves, (1 - lambda)
    // lambda^(j-1) of the guess there, taken down, and the rest of the truth.
    const std::vector<double>& truth = at[2].told;
    std::vector<double> wanted1 = below(truth, W3), wanted0 = below(below(truth, W3), W2);
    const std::vector<double> guess2 = below(at[2].guess, W3), guess2_below = below(guess2, W2),
                              guess1 = below(at[1].guess, W2);
    for (double& value : wanted1) value *= lambda;
    for (std::size_t i = 0; i < wanted1.size(); ++i) wanted1[i] += (1 - lambda) * guess2[i];
    for (std::size_t i = 0; i < wanted0.size(); ++i)
      wanted0[i] = lambda * lambda * wanted0[i] + (1 - lambda) * guess1[i] + (1 - lambda) * lambda * guess2_below[i];
    expect_equal(at[1].told, wanted1);
    expect_equal(at[0].told, wanted0);
    EXPECT_GT(*std::max_element(truth.begin(), truth.end()), 0);
  }
}

TEST(Theory, GradientsOfSamplesDoNotDependOnTheBatch) {
  // The same samples twice as many at a time: what is told of the first eight is the same.
  Arrays parameters;
  const std::vector<double> eight = probed(1, parameters)[0].told;
  add_entry(probe);
  seen.clear();
  SmallTask::Sizes sizes;
  sizes.classes = false;
  run_small(small_net({"dtype=float64", "net.widths=[4,4,4]", "net.norm=none", "net.activation=identity",
                       "interface.name=probe", "interface.lambda=1", "optimizer.lr=0", "loss.name=mse",
                       "train.updates=1", "train.batch=16"}),
            {}, sizes);
  remove_entry<InterfaceRecord>("probe");
  const std::vector<double>& sixteen = seen.at(Random(0, Draw::rule, std::uint64_t{1} << 48U, 1).bits()).told;
  ASSERT_EQ(sixteen.size(), 2 * eight.size());
  for (std::size_t i = 0; i < eight.size(); ++i) EXPECT_NEAR(sixteen[i], eight[i], 1e-14);
}

TEST(Theory, GuessesOfZeroLeaveLowerGroupsAlone) {
  const std::vector<std::string> changes = {"interface.name=dni", "interface.sg_lr=0", "net.groups=[2,1,1]"};
  const Arrays first = run_small(small_net({"optimizer.lr=0"})).result.parameters;
  const Arrays after = run_small(small_net(changes)).result.parameters;
  for (const char* name : {"W1", "gamma1", "beta1", "W2", "W3", "beta3"})
    EXPECT_EQ(numbers_of({{name, first.at(name)}}), numbers_of({{name, after.at(name)}})) << name;
  for (const char* name : {"W4", "W_out"})
    EXPECT_NE(numbers_of({{name, first.at(name)}}), numbers_of({{name, after.at(name)}})) << name;
}

// Guesses start at zero, so that they are trusted once their synthesiser has learnt something.
TEST(Theory, GuessesBelowTheGateTeachNothing) {
  const auto trained = [](const std::string& gate) {
    return run_small(small_net({"interface.name=dni", "net.groups=[2,1,1]", "train.updates=60", gate}))
        .result.parameters;
  };
  const Arrays first = run_small(small_net({"optimizer.lr=0"})).result.parameters;
  const Arrays never = trained("interface.sg_gate=1"), later = trained("interface.sg_gate=0.05"),
               always = trained("interface.sg_gate=-1"), plain = trained("interface.sg_gate=-1.0");
  const auto layer = [](const Arrays& arrays, const char* name) { return numbers_of({{name, arrays.at(name)}}); };
  for (const char* name : {"W1", "gamma1", "W3"}) EXPECT_EQ(layer(never, name), layer(first, name)) << name;
  EXPECT_NE(layer(later, "W3"), layer(first, "W3"));
  EXPECT_NE(layer(later, "W3"), layer(always, "W3"));
  EXPECT_EQ(layer(plain, "W3"), layer(always, "W3"));
  EXPECT_NE(layer(never, "W_out"), layer(first, "W_out"));
}

TEST(Theory, NoneTeachesTheUppermostGroupAlone) {
  const Arrays first = run_small(small_net({"optimizer.lr=0"})).result.parameters;
  const Arrays after = run_small(small_net({"interface.name=none", "net.groups=[2,2]"})).result.parameters;
  for (const char* name : {"W1", "W2"}) EXPECT_EQ(first.at(name).f32, after.at(name).f32);
  for (const char* name : {"W3", "W4", "W_out"}) EXPECT_NE(first.at(name).f32, after.at(name).f32);
}

TEST(Theory, DelayedIsBackpropWithoutDelay) {
  const NetOutcome backprop = run_small(small_net({"net.groups=[1,2,1]"}));
  const NetOutcome delayed = run_small(small_net({"net.groups=[1,2,1]", "interface.name=delayed"}));
  const NetOutcome later = run_small(small_net({"net.groups=[1,2,1]", "interface.name=delayed", "interface.lag=1"}));
  const NetOutcome fdg = run_small(small_net({"net.groups=[1,2,1]", "interface.name=fdg", "interface.beta=1"}));
  EXPECT_EQ(delayed.bits, backprop.bits);
  EXPECT_EQ(fdg.bits, backprop.bits);
  EXPECT_NE(later.bits, backprop.bits);
}

TEST(Theory, TrueEveryBatchIsBackprop) {
  const Arrays backprop = run_small(small_net({"net.groups=[1,2,1]"})).result.parameters;
  const Arrays every =
      run_small(small_net({"net.groups=[1,2,1]", "interface.name=dni", "interface.true_every=1"})).result.parameters;
  const Arrays warm =
      run_small(small_net({"net.groups=[1,2,1]", "interface.name=dni", "interface.warmup=30"})).result.parameters;
  EXPECT_EQ(numbers_of(every), numbers_of(backprop));
  EXPECT_EQ(numbers_of(warm), numbers_of(backprop));
}

TEST(Theory, ALinearNetsGradientsAreLearntExactly) {
  // Truth is linear in h and y: a conditioned linear synthesiser of a net whose weights stay finds it.
  const Config config = small_net(
      {"dtype=float64", "net.widths=[4,3,4]", "net.norm=none", "net.activation=identity", "net.groups=[1,1,1]",
       "interface.name=dni", "interface.lambda=1", "interface.synthesiser=linear", "interface.sg_lr=0.05",
       "interface.sg_optimizer=sgd", "interface.sg_normalise=false", "interface.sg_label_scale=1", "optimizer.lr=0",
       "optimizer.name=sgd", "loss.name=mse", "train.updates=30000", "train.batch=44", "train.report_every=3000"});
  SmallTask::Sizes sizes;
  sizes.classes = false;
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  run_small(config, options, sizes);
  for (const InterfaceReport& each : watcher.lines.back().interfaces) {
    EXPECT_LT(std::sqrt(each.error), 1e-6) << each.layer;
    EXPECT_NEAR(each.cosine, 1, 1e-9);
    EXPECT_NEAR(each.weight_cosine, 1, 1e-9);
    EXPECT_NEAR(each.norm_ratio, 1, 1e-6);
  }
  EXPECT_GT(watcher.lines.front().interfaces.front().error, 1e-6);
}

/// Guesses 30 times as large as they should be, and reports on 20 batches each, so that one is compared in each.
const std::vector<std::string> bad_guesses = {
    "interface.name=dni", "interface.lambda=1",    "interface.sg_scale=30", "net.groups=[2,2,0]",
    "train.updates=200",  "train.report_every=20", "optimizer.lr=1e-4",     "interface.synthesiser=linear"};

TEST(Theory, GuessesWorseThanZeroAreSaidAndIfAskedForgone) {
  Watcher bad, forgone;
  RunOptions options;
  options.observer = &bad;
  run_small(small_net(bad_guesses), options);
  ASSERT_EQ(bad.lines.size(), 10U);
  EXPECT_GT(bad.lines.back().interfaces[0].error, 1);
  EXPECT_TRUE(std::any_of(bad.remarks.begin(), bad.remarks.end(), [](const std::string& remark) {
    return remark.find("guesses above layer 2 were worse than zero") != std::string::npos;
  }));
  std::vector<std::string> changes = bad_guesses;
  changes.emplace_back("interface.fallback=true");
  options.observer = &forgone;
  const Arrays after = run_small(small_net(changes), options).result.parameters;
  // Three reports alike, then others.
  EXPECT_EQ(forgone.lines[2].loss, bad.lines[2].loss);
  EXPECT_NE(forgone.lines[4].loss, bad.lines[4].loss);
}

TEST(Theory, GuessedInputsAreLearnt) {
  std::vector<std::string> changes = {"interface.name=dni", "net.groups=[2,2]",    "interface.unlock=full",
                                      "net.norm=none",      "interface.sg_rank=8", "train.updates=600",
                                      "train.batch=44",     "optimizer.lr=0.02",   "interface.sg_lr=1e-2"};
  EXPECT_LT(run_small(small_net(changes)).result.train.loss, 0.1);
  changes.back() = "interface.sg_lr=0";  // inputs are guessed to be 0: no more than the commonest class
  EXPECT_GT(run_small(small_net(changes)).result.train.loss, 0.8);
}

TEST(Theory, FewerUpdatesWhereTheirProbabilityIsLess) {
  const auto moved = [](const char* probability) {
    return run_small(small_net({"interface.name=local", "net.groups=[2,2]", "train.updates=1",
                                std::string("interface.update_probability=") + probability}))
        .result.parameters.at("W1")
        .f32;
  };
  EXPECT_NE(moved("1"), moved("1e-12"));
}

}  // namespace
}  // namespace chronograd
