// SPDX-License-Identifier: Apache-2.0
// Settings between gradient and parameters: absent and frozen weights, L2, clipping, Dale's law, feedback that learns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "learning/updater.hpp"
#include "network/chosen_cell.hpp"

namespace chronograd {
namespace {

constexpr int n = 2, m = 3;

Config config_of(const std::vector<std::string>& changes) {
  return Config::parse(
      "seed=5\n[model]\ncell='leaky'\nhidden=6\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[optimizer]\nlr=0.5\n", "test",
      changes);
}

/// A network with its weights before and after one update by a gradient of ones.
struct Updated {
  explicit Updated(const std::vector<std::string>& changes, const Arrays* given = nullptr)
      : config(config_of(changes)),
        network(config, n, m),
        initial(initial_values(network, config, given, "given")),
        weights(weights_of<double>(initial)) {
    Updater<double> updater(network, config, initial.structure, 0);
    Buffer<double> grad(network.map.size());
    std::fill_n(grad.data(), grad.size(), 1.0);
    updater.update(weights, grad.span());
    for (std::size_t i = 0; i < grad.size(); ++i) EXPECT_EQ(grad[i], 0);
  }
  double change(const std::string& name, std::size_t element) const {
    const std::size_t index = network.map.find(name)->index.at(element);
    return weights.theta[index] - initial.theta[index];
  }
  double start(const std::string& name, std::size_t element) const {
    return initial.theta[network.map.find(name)->index.at(element)];
  }

  Config config;
  Network<double> network;
  Initial initial;
  Weights<double> weights;
};

TEST(Settings, PlainStepMovesEverything) {
  const Updated plain({});
  for (const char* name : {"W_rec", "W_in", "b_h", "W_out", "b_y"})
    EXPECT_DOUBLE_EQ(plain.change(name, 0), -0.5) << name;
}

TEST(Settings, L2ActsOnMatricesAlone) {
  const Updated decayed({"optimizer.l2=0.1"});
  for (const char* name : {"W_rec", "W_in", "W_out"})
    EXPECT_NEAR(decayed.change(name, 1), -0.5 * (1 + 0.1 * decayed.start(name, 1)), 1e-15) << name;
  for (const char* name : {"b_h", "b_y"}) EXPECT_DOUBLE_EQ(decayed.change(name, 1), -0.5) << name;
}

TEST(Settings, ClippingScalesTheWholeGradient) {
  const Updated clipped({"optimizer.clip=2"});
  EXPECT_NEAR(clipped.change("b_y", 0), -0.5 * 2 / std::sqrt(static_cast<double>(clipped.network.map.size())), 1e-15);
  EXPECT_DOUBLE_EQ(Updated({"optimizer.clip=1000"}).change("b_y", 0), -0.5);
}

TEST(Settings, WeightsStayInTheirRange) {
  const Updated drawn({}), clamped({"optimizer.clamp=[-0.3, 0.1]"});
  for (const char* name : {"W_rec", "W_in", "W_out"})
    for (std::size_t i = 0; i < 12; ++i)
      EXPECT_NEAR(clamped.start(name, i) + clamped.change(name, i), std::clamp(drawn.start(name, i) - 0.5, -0.3, 0.1),
                  1e-15);  // a difference and its sum, of order 1
  for (const char* name : {"b_h", "b_y"}) EXPECT_DOUBLE_EQ(clamped.change(name, 0), -0.5) << name;
  EXPECT_EQ(Updated({"optimizer.clamp=[-0.001, 0.001]", "model.freeze=W_in"}).change("W_in", 3), 0);
  Arrays given = drawn.network.map.write(drawn.initial.theta.data());
  given.at("W_in").f64[1] = 0.25;
  given.at("W_in").f64[3] = -0.25;
  std::vector<std::int64_t> tie(12, 0);
  tie[1] = 7;
  tie[3] = -7;
  given.emplace("W_in_tie", Array::of({6, 2}, tie));
  const Updated tied({"optimizer.clamp=[-0.3, 0.1]"}, &given);  // and its mirror image: [-0.1, 0.1]
  EXPECT_NEAR(tied.start("W_in", 1) + tied.change("W_in", 1), 0.1, 1e-15);
  EXPECT_NEAR(tied.start("W_in", 3) + tied.change("W_in", 3), -0.1, 1e-15);
  for (const char* wrong : {"[0.1, 0.2]", "[-1.0]", "1.0", "[0.5, -0.5]", "[-1.0, 0.0, 1.0]"})
    EXPECT_THROW(Updated({std::string("optimizer.clamp=") + wrong}), Error) << wrong;
}

TEST(Settings, UpdateRatesLearnAsLogits) {
  const Updated each({"model.train=alpha", "model.alpha=[0.1,0.2,0.3,0.4,0.5,0.9]"});
  for (std::size_t i = 0; i < 6; ++i) {
    const double alpha = std::vector{0.1, 0.2, 0.3, 0.4, 0.5, 0.9}[i];
    EXPECT_DOUBLE_EQ(each.start("alpha_logit", i), std::log(alpha / (1 - alpha)));
    EXPECT_DOUBLE_EQ(each.change("alpha_logit", i), -0.5);
  }
  const Updated shared({"model.train=alpha", "model.share=alpha", "model.tau=4", "model.layers=2"});
  for (const char* name : {"alpha_logit", "alpha_logit_l1"})
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_DOUBLE_EQ(shared.start(name, i), std::log(0.25 / 0.75));
      EXPECT_DOUBLE_EQ(shared.change(name, i), -0.5 * 6) << "the sum over the units of a layer";
    }
  using Words = std::vector<std::string>;
  for (const Words& wrong : {Words{"model.train=alpha"},
                             {"model.train=alpha", "model.alpha=1"},
                             {"model.train=tau", "model.alpha=0.5"},
                             {"model.share=alpha", "model.alpha=0.5"},
                             {"model.train=alpha", "model.alpha=0.5", "model.noise=0.1"},
                             {"model.train=alpha,alpha", "model.alpha=0.5"},
                             {"model.train=alpha", "model.share=alpha", "model.alpha=[0.1,0.2,0.3,0.4,0.5,0.9]"},
                             {"model.cell=gru", "model.train=alpha"}})
    EXPECT_THROW((Updated(wrong)), Error) << testing::PrintToString(wrong);
}

TEST(Settings, TheReadoutChoosesItsCell) {
  const auto& leaky = find_record<CellRecord>("cell", "leaky");
  const auto record = [](const std::vector<std::string>& words) { return chosen_cell(config_of(words)).record; };
  EXPECT_EQ(record({}).get(), &leaky);
  EXPECT_EQ(record({"readout.tau_out=0"}).get(), &leaky) << "no filter: the same bits";
  const auto is = [&](const std::vector<std::string>& words, int states, int gates, int filter, bool weighted) {
    const std::shared_ptr<const CellRecord> cell = record(words);
    EXPECT_EQ(Updated(words).network.stack.states(), states) << testing::PrintToString(words);
    EXPECT_EQ(cell->gates, gates);
    EXPECT_EQ(cell->filter, filter);
    EXPECT_EQ(cell->weighted, weighted);
    EXPECT_EQ(cell->shown, states - 1);
  };
  is({"readout.tau_out=2"}, 2, leaky.gates, 1, false);
  is({"readout.average=true"}, 2, leaky.gates, 0, true);
  is({"readout.average=true", "readout.tau_out=2"}, 3, leaky.gates, 1, true);
  is({"model.train=alpha", "model.alpha=0.5", "readout.average=true"}, 2, leaky.trained->gates, 0, true);
  const auto options = [](const std::vector<std::string>& words) { return chosen_cell(config_of(words)).model; };
  const Options filtered = options({"readout.tau_out=2", "model.tau=4", "model.dt=0.5"});
  EXPECT_DOUBLE_EQ(filtered.number(key_kappa), std::exp(-0.25));
  EXPECT_DOUBLE_EQ(filtered.number(key_zeta_out), 1 - std::exp(-0.25));
  EXPECT_DOUBLE_EQ(options({"readout.tau_out=2", "model.dt=0.5"}).number(key_kappa), std::exp(-0.25));
  EXPECT_DOUBLE_EQ(options({"readout.tau_out=2", "readout.zeta_out=3"}).number(key_zeta_out), 3);
  EXPECT_THROW(options({"readout.zeta_out=3"}), Error);
}

TEST(Settings, FrozenParametersStay) {
  for (const char* optimizer : {"sgd", "adam", "adamw"}) {
    const Updated frozen({"model.freeze=W_rec,b_y", std::string("optimizer.name=") + optimizer});
    for (std::size_t i = 0; i < 36; ++i) EXPECT_EQ(frozen.change("W_rec", i), 0) << optimizer;
    EXPECT_EQ(frozen.change("b_y", 2), 0);
    EXPECT_NE(frozen.change("W_in", 0), 0);
  }
  EXPECT_THROW(Updated({"model.freeze=W_rek"}), Error);
}

TEST(Settings, AbsentWeightsAreZeroAndStay) {
  const Updated sparse({"model.density=0.4"});
  const auto& absent = sparse.initial.structure.absent;
  EXPECT_GT(absent.size(), 10U);
  EXPECT_LT(absent.size(), 30U);
  for (std::size_t index : absent) EXPECT_EQ(sparse.weights.theta[index], 0);
}

TEST(Settings, MasksAndZerosOfGivenParameters) {
  const Updated drawn({});
  Arrays given = drawn.network.map.write(drawn.initial.theta.data());
  given.at("W_rec").f64[7] = 0;
  const Updated zeros({"model.density=from_zeros"}, &given);
  EXPECT_EQ(zeros.initial.structure.absent, std::vector<std::size_t>{zeros.network.map.find("W_rec")->index[7]});
  std::vector<double> mask(36, 1.0);
  mask[8] = 0;
  given.emplace("W_rec_mask", Array::of({6, 6}, mask));
  const Updated masked({"model.density=from_zeros"}, &given);  // the mask overrides
  EXPECT_EQ(masked.initial.structure.absent, std::vector<std::size_t>{masked.network.map.find("W_rec")->index[8]});
  EXPECT_EQ(masked.start("W_rec", 8), 0);
  given.at("W_rec_mask").f64[8] = 0.5;
  EXPECT_THROW(Updated({}, &given), Error);
}

TEST(Settings, DalesLawClipsAtZero) {
  const Updated dale({"model.dale=0.5"});
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 6; ++j) {
      const double before = dale.start("W_rec", 6 * i + j), after = before + dale.change("W_rec", 6 * i + j);
      EXPECT_GE(before * (j < 3 ? 1 : -1), 0);
      EXPECT_DOUBLE_EQ(after, j < 3 ? std::max(0.0, before - 0.5) : before - 0.5);
    }
}

TEST(Settings, TiedWeightsAreOneNumberTimesTheirSigns) {
  const Updated drawn({});
  Arrays given = drawn.network.map.write(drawn.initial.theta.data());
  given.at("W_in").f64 = std::vector<double>(12, 0.25);
  given.at("W_in").f64[3] = -0.25;
  given.at("b_h").f64[5] = 0.25;
  std::vector<std::int64_t> in(12, 0), bias(6, 0);
  in[1] = in[2] = bias[5] = 7;
  in[3] = -7;
  given.emplace("W_in_tie", Array::of({6, 2}, in));
  given.emplace("b_h_tie", Array::of({6}, bias));
  for (const char* optimizer : {"sgd", "momentum", "adam", "rmsprop"}) {
    const Updated tied({std::string("optimizer.name=") + optimizer}, &given);
    const double change = tied.change("W_in", 1);
    EXPECT_EQ(tied.change("W_in", 2), change) << optimizer;
    EXPECT_EQ(tied.change("W_in", 3), -change) << optimizer;
    EXPECT_EQ(tied.change("b_h", 5), change) << optimizer;
    EXPECT_NE(tied.change("W_in", 0), 0);
    if (optimizer == std::string("sgd")) {
      EXPECT_DOUBLE_EQ(change, -0.5 * (1 + 1 - 1 + 1)) << "the signed sum of ones";
    }
  }
  // L2 and the norm count the number once.
  EXPECT_DOUBLE_EQ(Updated({"optimizer.l2=0.1"}, &given).change("W_in", 2), -0.5 * (2 + 0.1 * 0.25));
  const double norm = std::sqrt(static_cast<double>(drawn.network.map.size() - 4) + 2 * 2);
  EXPECT_NEAR(Updated({"optimizer.clip=1"}, &given).change("W_in", 3), 0.5 * 2 / norm, 1e-15);
  EXPECT_EQ(Updated({"model.freeze=W_in,b_h"}, &given).change("W_in", 3), 0);
}

TEST(Settings, TiesMustFitTheirWeights) {
  const Updated drawn({});
  Arrays given = drawn.network.map.write(drawn.initial.theta.data());
  given.emplace("b_y_tie", Array::of({3}, std::vector<std::int64_t>{1, 1, 0}));
  EXPECT_NO_THROW(Updated({}, &given)) << "biases are all zero at the start";
  given.at("b_y").f64[1] = 0.5;
  EXPECT_THROW(Updated({}, &given), Error) << "different values";
  given.at("b_y_tie") = Array::of({3}, std::vector<double>{1.5, 0, 0});
  EXPECT_THROW(Updated({}, &given), Error);
  given.at("b_y_tie") = Array::of({4}, std::vector<std::int64_t>{0, 0, 0, 0});
  EXPECT_THROW(Updated({}, &given), Error);
}

TEST(Settings, AdaptiveFeedbackGetsTheReadoutsIncrements) {
  const Updated adaptive({"rule.feedback=adaptive", "rule.feedback_decay=0.25"});
  for (std::size_t i = 0; i < 18; ++i) {
    EXPECT_DOUBLE_EQ(adaptive.weights.feedback[i], 0.75 * (adaptive.initial.feedback[i] - 0.5));
    EXPECT_DOUBLE_EQ(adaptive.start("W_out", i) + adaptive.change("W_out", i),
                     0.75 * (adaptive.start("W_out", i) - 0.5));
  }
}

TEST(Settings, OrthogonalStartIsOrthogonal) {
  const Updated drawn({"model.init=orthogonal", "model.gain=2"});
  for (std::size_t a = 0; a < 6; ++a)
    for (std::size_t b = 0; b < 6; ++b) {
      double product = 0;
      for (std::size_t j = 0; j < 6; ++j) product += drawn.start("W_rec", 6 * a + j) * drawn.start("W_rec", 6 * b + j);
      EXPECT_NEAR(product, a == b ? 4 : 0, 1e-14);
    }
}

TEST(Settings, IdentityStartIsTheIdentityTimesTheGain) {
  const Updated drawn({"model.init=identity", "model.gain=0.5"});
  for (std::size_t a = 0; a < 6; ++a)
    for (std::size_t b = 0; b < 6; ++b) EXPECT_EQ(drawn.start("W_rec", 6 * a + b), a == b ? 0.5 : 0);
}

}  // namespace
}  // namespace chronograd
