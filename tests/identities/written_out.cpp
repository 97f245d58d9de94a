// SPDX-License-Identifier: Apache-2.0
// The leaky network beside what it is called elsewhere, each written out by hand: Elman's network (alpha = 1), and the
// residual network of T layers with shared weights that it becomes when it is unrolled (alpha < 1).
#include <gtest/gtest.h>

#include <cmath>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/gradient.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::Vector;

OracleProblem leaky_problem(double alpha) {
  OracleProblem p = checking::random_problem(21, {.cell = "leaky",
                                                  .activation = "tanh",
                                                  .loss = "mse",
                                                  .output = "identity",
                                                  .d = 5,
                                                  .n = 2,
                                                  .m = 3,
                                                  .B = 1,
                                                  .T = 8,
                                                  .initial_state = true,
                                                  .gain = 1.0});
  p.alpha.assign(p.d, alpha);
  return p;
}

Vector times(const Vector& W, const Vector& v, std::size_t rows) {
  Vector result(rows, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < v.size(); ++j) result[i] += W[i * v.size() + j] * v[j];
  return result;
}

/// Weights of one layer; in a residual network they belong to the layer, in a recurrent one all layers have the same.
struct Layer {
  Vector W, U, b, V, c;  ///< of the state, of the layer's own input, bias; of the layer's output and its bias
};

/// A feed-forward network of T residual layers v_{l+1} = v_l + alpha (tanh(W_l v_l + U_l x_l + b_l) - v_l), with an
/// output and a loss |V_l v_{l+1} + c_l - y_l|^2 / 2 at each. Gradients layer by layer.
struct ResidualNet {
  double alpha;
  std::vector<Layer> layers, gradient;
  std::vector<Vector> v, y;
  double loss = 0;

  void run(const Vector& v0, const std::vector<Vector>& x, const std::vector<Vector>& targets) {
    const std::size_t T = layers.size(), d = v0.size(), m = targets[0].size();
    std::vector<Vector> inner, error;
    v = {v0};
    for (std::size_t l = 0; l < T; ++l) {
      const Vector a = times(layers[l].W, v[l], d), b = times(layers[l].U, x[l], d);
      Vector next = v[l], f(d);
      for (std::size_t i = 0; i < d; ++i) {
        f[i] = std::tanh(a[i] + b[i] + layers[l].b[i]);
        next[i] += alpha * (f[i] - v[l][i]);
      }
      v.push_back(next);
      inner.push_back(f);
      Vector out = times(layers[l].V, next, m), e(m);
      for (std::size_t k = 0; k < m; ++k) {
        out[k] += layers[l].c[k];
        e[k] = out[k] - targets[l][k];
        loss += 0.5 * e[k] * e[k];
      }
      y.push_back(out);
      error.push_back(e);
    }
    gradient = layers;
    Vector credit(d, 0.0);  // on v_{l+1}
    for (std::size_t l = T; l-- > 0;) {
      Layer& g = gradient[l];
      g.c = error[l];
      for (std::size_t k = 0; k < m; ++k)
        for (std::size_t i = 0; i < d; ++i) {
          g.V[k * d + i] = error[l][k] * v[l + 1][i];
          credit[i] += error[l][k] * layers[l].V[k * d + i];
        }
      Vector before(d, 0.0);
      for (std::size_t i = 0; i < d; ++i) {
        const double e = credit[i] * alpha * (1 - inner[l][i] * inner[l][i]);
        g.b[i] = e;
        for (std::size_t j = 0; j < x[l].size(); ++j) g.U[i * x[l].size() + j] = e * x[l][j];
        for (std::size_t j = 0; j < d; ++j) {
          g.W[i * d + j] = e * v[l][j];
          before[j] += e * layers[l].W[i * d + j];
        }
        before[i] += (1 - alpha) * credit[i];
      }
      credit = before;
    }
  }
};

std::vector<Vector> rows(const Vector& array, int count, int width) {
  std::vector<Vector> list;
  for (int t = 0; t < count; ++t) list.emplace_back(array.begin() + t * width, array.begin() + (t + 1) * width);
  return list;
}

void add(Vector& sum, const Vector& term) {
  sum.resize(term.size());
  for (std::size_t k = 0; k < term.size(); ++k) sum[k] += term[k];
}

TEST(WrittenOut, leaky_network_is_its_unrolled_residual_network) {
  for (const double alpha : {0.1, 0.45, 1.0}) {
    const OracleProblem p = leaky_problem(alpha);
    const auto& P = p.parameters;
    ResidualNet net{alpha,
                    std::vector<Layer>(p.T, {P.at("W_rec"), P.at("W_in"), P.at("b_h"), P.at("W_out"), P.at("b_y")}),
                    {},
                    {},
                    {}};
    net.run(p.h0, rows(p.x, p.T, p.n), rows(p.y, p.T, p.m));
    Named expected;  // shared weights have the sum of the layers' gradients
    for (const Layer& g : net.gradient) {
      add(expected["W_rec"], g.W);
      add(expected["W_in"], g.U);
      add(expected["b_h"], g.b);
      add(expected["W_out"], g.V);
      add(expected["b_y"], g.c);
    }
    for (int t = 0; t < p.T; ++t) {
      expected["h"].insert(expected["h"].end(), net.v[t + 1].begin(), net.v[t + 1].end());
      expected["y"].insert(expected["y"].end(), net.y[t].begin(), net.y[t].end());
    }
    expected["loss"] = {net.loss};
    for (const auto& [rule, every] : {std::pair{"bptt", 0}, {"rtrl", 1}, {"rtrl", 3}}) {
      const Arrays found = gradient(checking::problem_config(p, {.rule = rule, .every = every}),
                                    checking::ProblemTask(p), checking::problem_parameters(p), "test");
      for (const auto& [name, values] : expected)
        EXPECT_TRUE(close(checking::values_of(found.at(name)), values, 1e-12)) << name << ", alpha " << alpha;
    }
  }
}

TEST(WrittenOut, leaky_with_alpha_one_is_elman) {
  const OracleProblem p = leaky_problem(1);
  Vector h = p.h0, all;
  for (const Vector& x : rows(p.x, p.T, p.n)) {
    const Vector a = times(p.parameters.at("W_rec"), h, p.d), b = times(p.parameters.at("W_in"), x, p.d);
    for (int i = 0; i < p.d; ++i) h[i] = std::tanh(a[i] + b[i] + p.parameters.at("b_h")[i]);
    all.insert(all.end(), h.begin(), h.end());
  }
  const auto run = [&](const char* rule, int every) {
    const Arrays found = gradient(checking::problem_config(p, {.rule = rule, .every = every}), checking::ProblemTask(p),
                                  checking::problem_parameters(p), "test");
    Named named;
    for (const auto& [name, array] : found) named[name] = checking::values_of(array);
    return named;
  };
  EXPECT_TRUE(close(run("bptt", 0).at("h"), all, 1e-13));
  // Nothing local is left: rflo sees the present step alone.
  for (const int every : {1, 3, 0}) EXPECT_TRUE(close(run("rflo", every), run("immediate", every), 1e-12));
}

/// dt and tau are another way to say alpha.
TEST(WrittenOut, alpha_is_dt_over_tau) {
  const OracleProblem p = leaky_problem(0.25);
  const Config one = checking::problem_config(p, {.rule = "rtrl", .every = 2});
  std::string text = one.text();
  const auto from = text.find("alpha = ["), to = text.find('\n', from);
  text.replace(from, to - from, "dt = 2.5\ntau = [10.0, 10.0, 10.0, 10.0, 10.0]");
  const Config other = Config::parse(text, "test");
  const checking::ProblemTask task(p);
  const Arrays parameters = checking::problem_parameters(p);
  const Arrays a = gradient(one, task, parameters, "test"), b = gradient(other, task, parameters, "test");
  for (const auto& [name, array] : a) EXPECT_EQ(array.f64, b.at(name).f64) << name;
}

}  // namespace
}  // namespace chronograd::identities
