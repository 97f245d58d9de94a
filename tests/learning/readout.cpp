// SPDX-License-Identifier: Apache-2.0
// The readout beside plain loops, for every loss with every activation that goes with it.
#include "network/readout.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/sizes.hpp"
#include "chronograd/random.hpp"
#include "losses/pairs.hpp"
#include "network/initial.hpp"

namespace chronograd {
namespace {

constexpr int d = 5, m = 3, B = 2, K = 4, ld = 7;

template <class T>
struct Case {
  Case(const std::string& loss, const char* activation, const std::string& feedback)
      : network(Config::parse("[model]\ncell='leaky'\nhidden=5\n[loss]\nname='" + loss +
                                  "'\n[rule]\nname='rtrl'\nfeedback='" + feedback + "'\n[readout]\nactivation='" +
                                  activation + "'\n",
                              "test"),
                2, m),
        weights{Buffer<T>(network.map.size()), Buffer<T>(feedback == "symmetric" ? 0 : area(m, d))} {
    Random random(1, Draw::data);
    const auto draw = [&](auto& numbers, double low) {
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(low + random.uniform());
    };
    shown.resize(area(K * B, ld));
    target.resize(area(K * B, m));
    mask.resize(area(K * B, 1));
    weight.resize(area(K * B, 1));
    draw(weights.theta, -0.5);
    draw(weights.feedback, -0.5);
    draw(shown, -0.5);
    draw(target, 0);
    draw(mask, 0);
    for (std::size_t i = 0; i < mask.size(); ++i) weight[i] = mask[i] / T(3);
    mask[3] = weight[3] = 0;
  }
  double judge(Readout<T>& readout) { return readout.judge(target.data(), mask.data(), weight.data()); }

  Network<T> network;
  Weights<T> weights;
  Buffer<T> shown, target, mask, weight;
};

template <class T>
void expect_loops(const std::string& loss, const char* activation, const std::string& feedback) {
  SCOPED_TRACE(loss + " " + activation + " " + feedback);
  Case<T> c(loss, activation, feedback);
  // Sums of at most 8 numbers of magnitude below 8: 64 roundings.
  const double tolerance = 64 * static_cast<double>(std::numeric_limits<T>::epsilon());
  Readout<T> readout(c.network, B, K + 1), asked(c.network, B, K);
  readout.read(c.weights, K, c.shown.data(), ld);
  const double sum = c.judge(readout);
  const Seen<T> seen = readout.seen(c.shown.data(), ld);

  // Asked for its outputs first, as a learner asks, it comes to the same bits.
  asked.read(c.weights, K, c.shown.data(), ld);
  const T* early = asked.outputs();
  for (std::size_t i = 0; i < c.target.size(); ++i) EXPECT_EQ(early[i], seen.y[i]);
  EXPECT_EQ(c.judge(asked), sum);
  for (std::size_t i = 0; i < c.target.size(); ++i) {
    EXPECT_EQ(asked.outputs()[i], seen.y[i]);
    EXPECT_EQ(asked.err()[i], readout.err()[i]);
  }

  const T* w = c.weights.theta.data() + c.network.map.readout_at();
  const T* b = w + area(m, d);
  std::vector<double> grad(c.network.readout.size());
  double expected = 0;
  Buffer<T> credit(area(K * B, d)), true_credit(area(K * B, d)), gradient(c.network.map.size());
  readout.credit(c.weights, credit.data());
  readout.true_credit(c.weights, true_credit.data());
  readout.gradient(gradient.data());
  for (int row = 0; row < K * B; ++row) {
    const T* h = c.shown.data() + area(row, ld);
    std::vector<T> a(m);
    for (int k = 0; k < m; ++k) {
      double sum_k = static_cast<double>(b[k]);
      for (int i = 0; i < d; ++i) sum_k += static_cast<double>(w[k * d + i]) * static_cast<double>(h[i]);
      a[static_cast<std::size_t>(k)] = static_cast<T>(sum_k);
    }
    const std::vector<T> target(c.target.data() + area(row, m), c.target.data() + area(row + 1, m));
    const T weight = c.weight[area(row, 1)];
    const Row<T> plain = row_of(c.network.output, a, target, weight);
    expected += static_cast<double>(weight) * plain.loss;
    EXPECT_NEAR(seen.unweighted[row], plain.loss, tolerance * (1 + std::fabs(plain.loss)));
    for (int k = 0; k < m; ++k) {
      const std::size_t at = area(row, m) + static_cast<std::size_t>(k);
      EXPECT_NEAR(seen.y[at], plain.y[static_cast<std::size_t>(k)], tolerance);
      EXPECT_NEAR(readout.err()[at], plain.err[static_cast<std::size_t>(k)], tolerance);
      EXPECT_EQ(readout.lesson()[at], row == 3 ? T(0) : c.target[at]);
      const auto err = static_cast<double>(readout.err()[at]);
      for (int i = 0; i < d; ++i) grad[area(k, d) + static_cast<std::size_t>(i)] += err * static_cast<double>(h[i]);
      grad[area(m, d) + static_cast<std::size_t>(k)] += err;
    }
    const T* back = feedback == "symmetric" ? w : c.weights.feedback.data();
    for (int i = 0; i < d; ++i) {
      double along = 0, exact = 0;
      for (int k = 0; k < m; ++k) {
        const auto err = static_cast<double>(readout.err()[area(row, m) + static_cast<std::size_t>(k)]);
        along += err * static_cast<double>(back[k * d + i]);
        exact += err * static_cast<double>(w[k * d + i]);
      }
      EXPECT_NEAR(credit[area(row, d) + static_cast<std::size_t>(i)], along, tolerance);
      EXPECT_NEAR(true_credit[area(row, d) + static_cast<std::size_t>(i)], exact, tolerance);
    }
  }
  EXPECT_NEAR(sum, expected, tolerance * (1 + std::fabs(expected)));
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const std::size_t first = c.network.map.readout_at();
    EXPECT_NEAR(gradient[i], i < first ? 0 : grad[i - first], tolerance);
  }
}

TEST(Readout, ComesToWhatPlainLoopsDo) {
  for (const LossRecord* loss : catalogue<LossRecord>())
    for (const Activation g : activations) {
      if (!makes_sense(*loss, g, m)) continue;
      for (const char* feedback : {"symmetric", "random"}) {
        expect_loops<double>(loss->entry.name, name_of(g), feedback);
        expect_loops<float>(loss->entry.name, name_of(g), feedback);
      }
    }
}

}  // namespace
}  // namespace chronograd
