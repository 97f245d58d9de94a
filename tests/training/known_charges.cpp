// SPDX-License-Identifier: Apache-2.0
// What rules charge that is known by their definition: windows, reach, a trace, one random product, a guess.
#include "asked_rules.hpp"

namespace chronograd {
namespace {

OracleProblem leaky(double alpha, int T = 9) {
  checking::RandomOptions options;
  options.cell = "leaky";
  options.activation = "tanh";
  options.B = 1;
  options.d = 4;
  options.T = T;
  OracleProblem problem = checking::random_problem(7, options);
  problem.alpha.assign(4, alpha);
  return problem;
}

TEST(Charges, OfWindowsEndAtTheirBorders) {
  // Windows of 3 inside intervals of 4: steps 0-2, 3, 4-6, 7, 8.
  Asked cut(leaky(0.5), "tbptt", "L=3", "4"), whole(leaky(0.5));
  cut.steps.look_at(0);
  whole.steps.look_at(0);
  const Charges charges = cut.charges(), exact = whole.charges();
  const auto window = [](int t) { return t / 4 * 2 + (t % 4 == 3); };
  for (int s = 0; s < 9; ++s)
    for (int t = s; t < 9; ++t)
      for (std::size_t i = 0; i < 4; ++i) {
        const bool together = window(s) == window(t);
        EXPECT_NEAR(charges.at(s, t)[i], together ? exact.at(s, t)[i] : 0, together ? charge_rounding : 0)
            << s << " " << t;
      }
}

TEST(Charges, WithReachAreExactWithinIt) {
  Asked with(leaky(0.5), "rflo", "reach=3"), whole(leaky(0.5));
  with.steps.look_at(0);
  whole.steps.look_at(0);
  const Charges charges = with.charges(), exact = whole.charges();
  double beyond = 0;
  for (int s = 0; s < 9; ++s)
    for (int t = s; t < 9; ++t)
      for (std::size_t i = 0; i < 4; ++i) {
        const double error = std::fabs(charges.at(s, t)[i] - exact.at(s, t)[i]);
        EXPECT_TRUE(t - s >= 3 || error <= charge_rounding) << s << " " << t;
        if (t - s >= 3) beyond = std::fmax(beyond, error);
      }
  EXPECT_GT(beyond, 1e-3);
}

TEST(Charges, OfALocalTraceFadeWithTheLeak) {
  Asked asked(leaky(0.3), "rflo");
  asked.steps.look_at(0);
  const Charges charges = asked.charges();
  const Dense dense(asked.problem, 0);
  for (int s = 0; s < 9; ++s)
    for (int t = s; t < 9; ++t) {
      Vector c = dense.credit[static_cast<std::size_t>(t)];
      for (double& number : c) number *= std::pow(1 - 0.3, t - s);
      expect_near(asked.gradient(charges.at(s, t), s), dense.charged(c, s), 1, "pair");
    }
}

/// theta~ is a sum of the P of each step times what the rho have made of it since: that factor is the charge.
TEST(Charges, OfUoroAreThoseOfItsOwnDrawsAndFactors) {
  Asked asked(leaky(0.5), "uoro");
  asked.steps.look_at(0);
  const Charges charges = asked.charges();
  const Dense dense(asked.problem, 0);
  const int d = 4, p = static_cast<int>(dense.layout.p);
  const auto sign = checking::drawn_signs(RuleSettings(asked.config).seed);
  const auto norm = [](const Vector& v) {
    double squared = 0;
    for (const double x : v) squared += x * x;
    return std::sqrt(squared);
  };
  Vector state(d), weights(static_cast<std::size_t>(p));
  std::vector<Vector> P;
  Vector factor;
  for (int t = 0; t < 9; ++t) {
    const LinearStep& step = dense.steps[static_cast<std::size_t>(t)];
    Vector nu;
    for (int i = 0; i < d; ++i) nu.push_back(sign(0, t, i));
    Vector carried = checking::product(d, d, 1, step.jacobian(), state);
    P.push_back(checking::product(1, d, p, nu, step.influence));
    const double rho0 = t == 0 ? 1 : std::sqrt(norm(weights) / norm(carried)),
                 rho1 = std::sqrt(norm(P.back()) / norm(nu));
    for (double& each : factor) each /= rho0;
    factor.push_back(1 / rho1);
    for (int i = 0; i < d; ++i)
      state[static_cast<std::size_t>(i)] =
          rho0 * carried[static_cast<std::size_t>(i)] + rho1 * nu[static_cast<std::size_t>(i)];
    weights.assign(static_cast<std::size_t>(p), 0.0);
    double projected = 0;
    for (int i = 0; i < d; ++i)
      projected +=
          dense.credit[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)] * state[static_cast<std::size_t>(i)];
    for (std::size_t s = 0; s <= static_cast<std::size_t>(t); ++s) {
      Vector wanted = P[s];
      for (double& each : wanted) each *= factor[s];
      add_to(weights, wanted);
      for (double& each : wanted) each *= projected;
      expect_near(asked.gradient(charges.at(static_cast<int>(s), t), static_cast<int>(s)), wanted,
                  1 + largest_of(wanted), "use " + std::to_string(s) + ", loss " + std::to_string(t));
    }
  }
}

/// A synthesiser at rest charges the same guess whatever the losses are, and nothing pair by pair.
TEST(Charges, OfASynthesiserAreItsGuess) {
  const Asked before(leaky(0.5), "dni", "sg_lr=0.05");
  const Arrays models = learnt_models(before);
  Asked asked(leaky(0.5), "dni", "sg_lr=0.05");
  asked.steps.look_at(0);
  const Charges charges = asked.charges(models);
  EXPECT_LE(largest_of(charges.du), charge_rounding);
  EXPECT_GT(largest_of(charges.guess), 1e-3);
}

}  // namespace
}  // namespace chronograd
