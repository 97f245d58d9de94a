// SPDX-License-Identifier: Apache-2.0
// Gradients of an interface's own losses against central differences of those losses, written down again.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "chronograd/interface.hpp"
#include "files/state_arrays.hpp"
#include "small_net.hpp"

namespace chronograd {
namespace {

constexpr std::size_t B = 6, w = 4, m = 3;

struct Batch {
  std::vector<double> h, y, weight;
};

Batch some_batch() {
  Batch batch;
  Random random(3, Draw::data);
  for (std::size_t i = 0; i < B * w; ++i) batch.h.push_back(random.normal());
  batch.y.resize(B * m);
  for (std::size_t b = 0; b < B; ++b) {
    batch.y[b * m + random.below(m)] = 1;
    batch.weight.push_back(b == 2 ? 0.5 : 1);
  }
  return batch;
}

/// x A + b of numbers [inputs + 1][outputs].
std::vector<double> dense(const std::vector<double>& x, std::size_t inputs, const std::vector<double>& A,
                          std::size_t outputs) {
  std::vector<double> out(x.size() / inputs * outputs);
  for (std::size_t b = 0; b < x.size() / inputs; ++b)
    for (std::size_t i = 0; i < outputs; ++i) {
      double sum = A[inputs * outputs + i];
      for (std::size_t j = 0; j < inputs; ++j) sum += x[b * inputs + j] * A[j * outputs + i];
      out[b * outputs + i] = sum;
    }
  return out;
}

double cross_entropy(const std::vector<double>& a, const Batch& batch) {
  double loss = 0;
  for (std::size_t b = 0; b < B; ++b) {
    double sum = 0;
    for (std::size_t k = 0; k < m; ++k) sum += std::exp(a[b * m + k]);
    for (std::size_t k = 0; k < m; ++k) loss -= batch.weight[b] * batch.y[b * m + k] * (a[b * m + k] - std::log(sum));
  }
  return loss;
}

std::vector<double> cosines(const std::vector<double>& x, std::size_t width) {
  std::vector<double> centred = x, S(B * B);
  for (std::size_t b = 0; b < B; ++b) {
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < width; ++i) mean += x[b * width + i] / static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i) squares += (x[b * width + i] - mean) * (x[b * width + i] - mean);
    for (std::size_t i = 0; i < width; ++i) centred[b * width + i] = (x[b * width + i] - mean) / std::sqrt(squares);
  }
  for (std::size_t a = 0; a < B; ++a)
    for (std::size_t b = 0; b < B; ++b)
      for (std::size_t i = 0; i < width; ++i) S[a * B + b] += centred[a * width + i] * centred[b * width + i];
  return S;
}

struct Asked {
  std::vector<double> guess;
  Arrays state;
};

/// What the interface answers, its own parts at rest, and what they are.
Asked ask(const std::vector<std::string>& settings, const Batch& batch) {
  std::vector<std::string> changes = {"interface.head_lr=0"};
  changes.insert(changes.end(), settings.begin(), settings.end());
  const Config config = small_net(changes);
  const Options& options = config.table("interface");
  const auto& record = find_record<InterfaceRecord>("interface.name", options.word("name"));
  const auto& loss = find_record<LossRecord>("loss.name", "cross_entropy");
  const auto interface =
      make_interface<double>({record, static_cast<int>(w), static_cast<int>(m), loss, Activation::softmax, options, 9});
  Asked asked;
  asked.guess.resize(B * w);
  interface->guess({static_cast<int>(B), batch.h.data(), batch.y.data(), batch.weight.data()}, asked.guess.data());
  Saving saving(asked.state);
  interface->state(saving);
  return asked;
}

void expect_slopes(const std::vector<double>& slopes, Batch batch, const std::function<double(const Batch&)>& loss) {
  constexpr double step = 1e-5;
  for (std::size_t i = 0; i < batch.h.size(); ++i) {
    const double before = batch.h[i];
    batch.h[i] = before + step;
    const double more = loss(batch);
    batch.h[i] = before - step;
    const double less = loss(batch);
    batch.h[i] = before;
    EXPECT_NEAR(slopes[i], (more - less) / (2 * step), 1e-8) << i;  // step^2 and 1e-16/step
  }
}

TEST(LocalLosses, ALinearHeadsLoss) {
  const Batch batch = some_batch();
  const Asked asked = ask({"interface.name=local"}, batch);
  expect_slopes(asked.guess, batch, [&](const Batch& moved) {
    return cross_entropy(dense(moved.h, w, asked.state.at("layer2/theta").f64, m), moved);
  });
}

TEST(LocalLosses, AHeadWithAHiddenLayer) {
  const Batch batch = some_batch();
  const Asked asked = ask({"interface.name=local", "interface.head_hidden=5"}, batch);
  expect_slopes(asked.guess, batch, [&](const Batch& moved) {
    std::vector<double> hidden = dense(moved.h, w, asked.state.at("layer1/theta").f64, 5);
    for (double& unit : hidden) unit = std::max(unit, 0.0);
    return cross_entropy(dense(hidden, 5, asked.state.at("layer2/theta").f64, m), moved);
  });
}

TEST(LocalLosses, PredictionAndSimilarity) {
  const Batch batch = some_batch();
  double weight = 0;
  for (const double each : batch.weight) weight += each;
  for (const double share : {0.0, 0.6, 0.99, 1.0}) {
    const Asked asked = ask({"interface.name=predsim", "interface.similarity=" + std::to_string(share)}, batch);
    expect_slopes(asked.guess, batch, [&](const Batch& moved) {
      const double prediction = cross_entropy(dense(moved.h, w, asked.state.at("head/layer2/theta").f64, m), moved);
      const std::vector<double> shown = cosines(dense(moved.h, w, asked.state.at("map/theta").f64, w), w),
                                wanted = cosines(moved.y, m);
      double similarity = 0;
      for (std::size_t i = 0; i < shown.size(); ++i)
        similarity += (shown[i] - wanted[i]) * (shown[i] - wanted[i]) / static_cast<double>(B * B);
      return (1 - share) * prediction + share * weight * similarity;
    });
  }
}

TEST(LocalLosses, HeadsLearn) {
  const Config config = small_net({"interface.name=local", "train.updates=600", "train.report_every=200"});
  const RunResult result = run_small(config).result;
  const RunResult none = run_small(config.with({"interface.name=none"})).result;
  const RunResult still = run_small(config.with({"interface.head_lr=0"})).result;
  EXPECT_LT(result.train.loss, none.train.loss);
  EXPECT_NE(result.train.loss, still.train.loss);
}

}  // namespace
}  // namespace chronograd
