// SPDX-License-Identifier: Apache-2.0
// Back-propagation through a net against plain loops in double precision, and that groups change nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "chronograd/error.hpp"
#include "chronograd/evaluate.hpp"
#include "small_net.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using Rows = std::vector<std::vector<double>>;

/// One layer of the oracle, weights (to, from).
struct DenseLayer {
  Rows W, vW;
  std::vector<double> b, vb, gamma, vgamma, mean, var;
  bool norm = false, last = false;
};

struct DenseNet {
  std::vector<DenseLayer> layers;
  bool tanh_units = false, cross_entropy = true;

  struct Pass {
    Rows x, z, h;
    std::vector<double> inv;
  };

  double slope(double h) const { return tanh_units ? 1 - h * h : (h > 0 ? 1 : 0); }

  /// One batch: forward, back, momentum 0.9. Returns the mean loss.
  double learn(const Rows& x, const Rows& y, const std::vector<double>& weight, double lr) {
    const std::size_t B = x.size();
    double total = 0, loss = 0;
    for (const double w : weight) total += w;
    std::vector<Pass> passes(layers.size());
    Rows below = x;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      DenseLayer& layer = layers[l];
      Pass& pass = passes[l];
      pass.x = below;
      const std::size_t out = layer.W.size();
      Rows a(B, std::vector<double>(out));
      for (std::size_t s = 0; s < B; ++s)
        for (std::size_t i = 0; i < out; ++i)
          for (std::size_t j = 0; j < below[s].size(); ++j) a[s][i] += layer.W[i][j] * below[s][j];
      if (layer.norm) {
        pass.inv.resize(out);
        for (std::size_t i = 0; i < out; ++i) {
          double mean = 0, var = 0;
          for (std::size_t s = 0; s < B; ++s) mean += a[s][i] / static_cast<double>(B);
          for (std::size_t s = 0; s < B; ++s) var += (a[s][i] - mean) * (a[s][i] - mean) / static_cast<double>(B);
          pass.inv[i] = 1 / std::sqrt(var + 1e-5);
          for (std::size_t s = 0; s < B; ++s) a[s][i] = (a[s][i] - mean) * pass.inv[i];
          layer.mean[i] = 0.9 * layer.mean[i] + 0.1 * mean;
          layer.var[i] = 0.9 * layer.var[i] + 0.1 * var;
        }
        pass.z = a;
      }
      for (std::size_t s = 0; s < B; ++s)
        for (std::size_t i = 0; i < out; ++i) {
          double v = layer.norm ? layer.gamma[i] * a[s][i] + layer.b[i] : a[s][i] + layer.b[i];
          if (!layer.last) v = tanh_units ? std::tanh(v) : std::max(v, 0.0);
          a[s][i] = v;
        }
      pass.h = a;
      below = a;
    }
    Rows d = below;
    for (std::size_t s = 0; s < B; ++s) {
      const std::size_t m = y[s].size();
      double sum = 0, top = *std::max_element(d[s].begin(), d[s].end());
      if (cross_entropy) {
        for (double& v : d[s]) sum += v = std::exp(v - top);
        for (double& v : d[s]) v /= sum;
      }
      for (std::size_t k = 0; k < m; ++k) {
        if (cross_entropy && y[s][k] == 1) loss -= weight[s] * std::log(d[s][k]);
        d[s][k] -= y[s][k];
        if (!cross_entropy) loss += weight[s] * 0.5 * d[s][k] * d[s][k];
        d[s][k] *= weight[s];
      }
    }
    for (std::size_t l = layers.size(); l-- > 0;) {
      DenseLayer& layer = layers[l];
      const Pass& pass = passes[l];
      const std::size_t out = layer.W.size(), in = layer.W[0].size();
      std::vector<double> gb(out), gg(out);
      for (std::size_t i = 0; i < out; ++i) {
        double sum = 0, with_z = 0;
        for (std::size_t s = 0; s < B; ++s) {
          if (!layer.last) d[s][i] *= slope(pass.h[s][i]);
          sum += d[s][i];
          if (layer.norm) with_z += d[s][i] * pass.z[s][i];
        }
        gb[i] = sum / total;
        gg[i] = with_z / total;
        if (!layer.norm) continue;
        const auto n = static_cast<double>(B);
        for (std::size_t s = 0; s < B; ++s)
          d[s][i] = layer.gamma[i] * pass.inv[i] * (d[s][i] - sum / n - pass.z[s][i] * with_z / n);
      }
      Rows dx(B, std::vector<double>(in));
      for (std::size_t s = 0; s < B; ++s)
        for (std::size_t i = 0; i < out; ++i)
          for (std::size_t j = 0; j < in; ++j) dx[s][j] += d[s][i] * layer.W[i][j];
      for (std::size_t i = 0; i < out; ++i) {
        for (std::size_t j = 0; j < in; ++j) {
          double g = 0;
          for (std::size_t s = 0; s < B; ++s) g += d[s][i] * pass.x[s][j];
          layer.vW[i][j] = 0.9 * layer.vW[i][j] + g / total;
          layer.W[i][j] -= lr * layer.vW[i][j];
        }
        layer.vb[i] = 0.9 * layer.vb[i] + gb[i];
        layer.b[i] -= lr * layer.vb[i];
        if (!layer.norm) continue;
        layer.vgamma[i] = 0.9 * layer.vgamma[i] + gg[i];
        layer.gamma[i] -= lr * layer.vgamma[i];
      }
      d = dx;
    }
    return loss / total;
  }
};

struct Case {
  const char* name;
  bool norm, tanh_units, classes;
  double weight;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Oracle : public testing::TestWithParam<Case> {};

std::vector<std::string> changes_of(const Case& c) {
  return {"dtype=float64",
          std::string("net.norm=") + (c.norm ? "batch" : "none"),
          std::string("net.activation=") + (c.tanh_units ? "tanh" : "relu"),
          std::string("loss.name=") + (c.classes ? "cross_entropy" : "mse"),
          "train.shuffle=false",
          "train.updates=14"};
}

SmallTask::Sizes sizes_of(const Case& c) {
  SmallTask::Sizes sizes;
  sizes.classes = c.classes;
  sizes.weight = c.weight;
  return sizes;
}

/// First weights of widths 5, 7, 6, 8, 5, 3.
DenseNet first_net(const Case& c, Arrays& arrays) {
  const std::vector<std::size_t> widths = {5, 7, 6, 8, 5, 3};
  DenseNet net;
  net.tanh_units = c.tanh_units;
  net.cross_entropy = c.classes;
  for (std::size_t l = 1; l < widths.size(); ++l) {
    const std::size_t out = widths[l], in = widths[l - 1];
    const std::string number = std::to_string(l);
    DenseLayer layer;
    layer.last = l + 1 == widths.size();
    layer.norm = c.norm && !layer.last;
    Random random(11, Draw::parameters, l);
    std::vector<double> flat;
    for (std::size_t i = 0; i < out; ++i) {
      layer.W.emplace_back();
      for (std::size_t j = 0; j < in; ++j) {
        layer.W.back().push_back(0.6 * random.normal());
        flat.push_back(layer.W.back().back());
      }
      layer.b.push_back(0.1 * random.normal());
      layer.gamma.push_back(1 + 0.1 * random.normal());
    }
    layer.vW.assign(out, std::vector<double>(in));
    layer.vb.resize(out);
    layer.vgamma.resize(out);
    layer.mean.resize(out);
    layer.var.assign(out, 1);
    arrays.emplace(layer.last ? "W_out" : "W" + number, Array::of({out, in}, flat));
    arrays.emplace(layer.last ? "b_y" : layer.norm ? "beta" + number : "b" + number, Array::of({out}, layer.b));
    if (layer.norm) {
      arrays.emplace("gamma" + number, Array::of({out}, layer.gamma));
      arrays.emplace("mean" + number, Array::of({out}, layer.mean));
      arrays.emplace("var" + number, Array::of({out}, layer.var));
    }
    net.layers.push_back(layer);
  }
  return net;
}

void expect_close(const Array& got, const std::vector<double>& wanted, const std::string& name) {
  ASSERT_EQ(got.size(), wanted.size()) << name;
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    largest = std::max(largest, std::fabs(wanted[i]));
    error = std::max(error, std::fabs(got.at(i) - wanted[i]));
  }
  // Some ten updates of sums of some ten terms, each off by 1e-16 at most, through a norm that may double them.
  EXPECT_LE(error, 1e-12 * largest) << name;
}

TEST_P(Oracle, BackpropIsTheDenseNet) {
  const Case& c = GetParam();
  const SmallTask task(sizes_of(c));
  Arrays arrays;
  DenseNet net = first_net(c, arrays);
  RunOptions options;
  options.parameters = &arrays;
  options.parameters_name = "first";
  const RunResult result = train(small_net(changes_of(c)), task, options);
  double loss = 0, weights = 0;
  for (int t = 0; t < 14; ++t) {
    Rows x, y;
    std::vector<double> weight;
    for (std::int64_t row = t % 6 * 8; row < std::min(t % 6 * 8 + 8, 44); ++row) {  // the last batch has 4 rows
      std::vector<double> one(5), target(3);
      double mask = 0;
      std::uint8_t reset = 0;
      task.read(Split::train, row, 0, 1, {one.data(), target.data(), &mask, &reset});
      if (mask == 0) continue;
      x.push_back(one);
      y.push_back(target);
      weight.push_back(mask);
    }
    const double mean = net.learn(x, y, weight, 0.05);
    double sum = 0;
    for (const double w : weight) sum += w;
    if (t < 14 - 6) continue;  // the final loss is that of the last epoch
    loss += mean * sum;
    weights += sum;
  }
  EXPECT_NEAR(result.train.loss, loss / weights, 1e-12);
  for (std::size_t l = 1; l <= net.layers.size(); ++l) {
    const DenseLayer& layer = net.layers[l - 1];
    const std::string number = std::to_string(l);
    std::vector<double> flat;
    for (const auto& row : layer.W) flat.insert(flat.end(), row.begin(), row.end());
    expect_close(result.parameters.at(layer.last ? "W_out" : "W" + number), flat, "W" + number);
    expect_close(result.parameters.at(layer.last   ? "b_y"
                                      : layer.norm ? "beta" + number
                                                   : "b" + number),
                 layer.b, "b" + number);
    if (!layer.norm) continue;
    expect_close(result.parameters.at("gamma" + number), layer.gamma, "gamma" + number);
    expect_close(result.parameters.at("mean" + number), layer.mean, "mean" + number);
    expect_close(result.parameters.at("var" + number), layer.var, "var" + number);
  }
}

TEST_P(Oracle, GroupsChangeNoBit) {
  const Case& c = GetParam();
  std::vector<std::string> changes = changes_of(c);
  const NetOutcome one_each = run_small(small_net(changes), {}, sizes_of(c));
  for (const char* groups : {"[4]", "[4,0]", "[2,2]", "[1,3]", "[1,2,1]", "[3,1,0]"}) {
    changes.back() = std::string("net.groups=") + groups;
    changes.push_back("train.updates=14");
    const NetOutcome grouped = run_small(small_net(changes), {}, sizes_of(c));
    EXPECT_EQ(numbers_of(grouped.result.parameters), numbers_of(one_each.result.parameters)) << groups;
    const NetOutcome threads = run_small(small_net(changes), on_threads(), sizes_of(c));
    EXPECT_EQ(threads.bits, grouped.bits) << groups;
    changes.pop_back();
  }
}

TEST_P(Oracle, EvaluatesWhatTrainingTested) {
  const Case& c = GetParam();
  const SmallTask task(sizes_of(c));
  const Config config = small_net(changes_of(c));
  const RunResult result = train(config, task);
  const Score score = evaluate(config, task, Split::test, result.parameters, "params");
  EXPECT_EQ(score.loss, result.test.loss);
  EXPECT_EQ(score.steps, c.weight == 0 ? 16 : 20);
  Arrays outputs;
  EXPECT_EQ(evaluate(config, task, Split::test, result.parameters, "params", nullptr, &outputs).loss, score.loss);
  EXPECT_EQ(outputs.at("y").shape, (std::vector<std::size_t>{20, 1, 3}));
  EXPECT_EQ(outputs.at("h").shape, (std::vector<std::size_t>{20, 1, 5}));
  Watcher watcher;
  watcher.goes_on = [](const Position&) { return false; };
  EXPECT_THROW(evaluate(config, task, Split::test, result.parameters, "params", nullptr, nullptr, &watcher), Error);
}

INSTANTIATE_TEST_SUITE_P(Nets, Oracle,
                         testing::Values(Case{"relu", false, false, true, 1}, Case{"tanh", false, true, true, 0.5},
                                         Case{"numbers", false, true, false, 1}, Case{"batch", true, false, true, 1},
                                         Case{"batch_tanh", true, true, true, 2}, Case{"gaps", true, false, true, 0}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace chronograd
