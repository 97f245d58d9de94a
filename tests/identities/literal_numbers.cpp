// SPDX-License-Identifier: Apache-2.0
// Windowed rules, and those that keep products, in two units whose states stay at 1, so that all can be added up by
// hand: the regressor is z = (1, 1, 2, 2, 1), J is a multiple of the identity, and each use of the weights is charged
// its credit times z. The numbers are those that the tests of the reference program of Marschall, Cho & Savin compute.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "learning/rule_settings.hpp"
#include "training/data.hpp"

namespace chronograd::identities {
namespace {

using checking::OracleProblem;
using checking::Vector;

constexpr int d = 2, steps = 2;

/// Identity units with W_rec = j I, a readout y = h, states 1 and inputs 2 at every step; errors q_1, q_2.
OracleProblem problem(double j, double q_1, double q_2) {
  OracleProblem p;
  p.cell = "leaky";
  p.activation = "identity";
  p.loss = "mse";
  p.output = "identity";
  p.d = p.n = p.m = d;
  p.B = 1;
  p.T = steps;
  p.alpha.assign(d, 1.0);
  p.x.assign(steps * d, 2.0);
  p.h0.assign(d, 1.0);
  p.y = {1 - q_1, 1 - q_1, 1 - q_2, 1 - q_2};
  p.parameters = {{"W_rec", {j, 0, 0, j}},
                  {"W_in", {1, 0, 0, 1}},
                  {"b_h", Vector(d, -1 - j)},  // h = j + 2 + b_h = 1
                  {"W_out", {1, 0, 0, 1}},
                  {"b_y", Vector(d, 0.0)}};
  return p;
}

/// How much of z each step adds to the gradient of either unit, and last what the end of the row adds.
std::vector<double> charges(const OracleProblem& p, const std::string& rule, int K) {
  const Config config = checking::problem_config(p, {.rule = rule, .options = {{"L", "2"}}, .every = K});
  const Network<double> network(config, d, d);
  const Initial initial = initial_values(network, config, nullptr, "");
  Weights<double> weights = weights_of<double>(initial);
  const std::vector<double> theta =
      network.map.read(checking::problem_parameters(p), "test", std::numeric_limits<double>::max());
  std::copy(theta.begin(), theta.end(), weights.theta.data());
  Batch<double> batch;
  const std::vector<std::int64_t> rows{0};
  read_batch(checking::ProblemTask(p), Split::train, rows, 0, steps, {}, network.stack.width(), batch);
  Stepper<double> stepper(network, RuleSettings(config).make(network, initial.structure, 1, 0), 1, 0, K);
  stepper.begin(batch, 0);
  std::vector<double> sums;
  Buffer<double> grad(network.map.size());
  const auto take = [&] {
    const Arrays arrays = network.map.write(grad.data());
    const double charge = arrays.at("b_h").at(0);
    for (int i = 0; i < d; ++i) {
      EXPECT_EQ(arrays.at("b_h").at(static_cast<std::size_t>(i)), charge);
      for (int k = 0; k < d; ++k) {
        const auto at = static_cast<std::size_t>(i * d + k);
        EXPECT_EQ(arrays.at("W_rec").at(at), charge);
        EXPECT_EQ(arrays.at("W_in").at(at), 2 * charge);
      }
    }
    sums.push_back(charge);
    grad.zero();
  };
  for (int t = 0; t < steps; t += K) {
    stepper.run(weights, batch, t, K, t + K == steps, grad.data());
    take();
  }
  stepper.flush(grad.data());
  take();
  return sums;
}

using Charges = std::vector<double>;

/// The reference's test 24: q = 0.5 at both steps and J = -4 I leave c = 0.5 on the newest and -1.5 on the older use.
TEST(LiteralNumbers, f_bptt_collects_credit_through_j) {
  EXPECT_EQ(charges(problem(-4, 0.5, 0.5), "f_bptt", 1), (Charges{0, -1.5, 0.5}));
}

/// Test 25: one use that waits is not charged; of c = 1 and -0.5 the oldest is charged, -0.5 z.
TEST(LiteralNumbers, f_bptt_charges_the_oldest) {
  EXPECT_EQ(charges(problem(1, -1.5, 1), "f_bptt", 1), (Charges{0, -0.5, 1}));
}

/// Test 23: a window of two with q = -0.5 and then 1 adds up to 1.5 z; here the window is the interval.
TEST(LiteralNumbers, tbptt_adds_up_its_window) {
  EXPECT_EQ(charges(problem(1, -0.5, 1), "tbptt", 2), (Charges{1.5, 0}));
}

/// The same sums, at once: each step replays the window.
TEST(LiteralNumbers, rolling_tbptt_charges_when_a_loss_is_known) {
  EXPECT_EQ(charges(problem(1, -0.5, 1), "rolling_tbptt", 1), (Charges{-0.5, 2, 0}));
  EXPECT_EQ(charges(problem(-4, 0.5, 0.5), "rolling_tbptt", 1), (Charges{0.5, -1.5, 0}));
}

/// Gives a rule the numbers that it remembers, or takes them.
class Memory final : public Archive {
 public:
  explicit Memory(std::map<std::string, std::vector<double>> numbers) : numbers_(std::move(numbers)) {}
  void array(const std::string&, std::span<float>) override {}
  void array(const std::string& name, std::span<double> values) override {
    if (const auto found = numbers_.find(name); give_ && found != numbers_.end())
      std::copy(found->second.begin(), found->second.end(), values.begin());
    else if (!give_)
      numbers_[name].assign(values.begin(), values.end());
  }
  void number(const std::string&, std::int64_t&) override {}
  void take() { give_ = false; }
  const std::vector<double>& at(const std::string& name) const { return numbers_.at(name); }

 private:
  std::map<std::string, std::vector<double>> numbers_;
  bool give_ = true;
};

/// One step with J = I, G = I and c = (q, q) from factors that are all 1, with these signs; `factors` are A (units or
/// regressors) and B as they are then, and the gradient must be as they say.
std::pair<Vector, Vector> factors(const char* rule, double q, const std::vector<double>& nu, int left, int right) {
  const OracleProblem p = problem(1, q, q);
  const Config config = checking::problem_config(p, {.rule = rule, .every = 1});
  const Network<double> network(config, d, d);
  const Initial initial = initial_values(network, config, nullptr, "");
  Weights<double> weights = weights_of<double>(initial);
  const std::vector<double> theta =
      network.map.read(checking::problem_parameters(p), "test", std::numeric_limits<double>::max());
  std::copy(theta.begin(), theta.end(), weights.theta.data());
  Batch<double> batch;
  const std::vector<std::int64_t> rows{0};
  read_batch(checking::ProblemTask(p), Split::train, rows, 0, steps, {}, network.stack.width(), batch);
  const auto sign = [&](int, std::int64_t, int i) { return nu[static_cast<std::size_t>(i)]; };
  Stepper<double> stepper(network, RuleSettings(config).make(network, initial.structure, 1, 0, sign), 1, 0, 1);
  stepper.begin(batch, 0);
  const auto ones = [](int count) { return Vector(static_cast<std::size_t>(count), 1.0); };
  Memory memory({{"rule/A", ones(left)}, {"rule/B", ones(right * d)}});
  stepper.state(memory);
  Buffer<double> grad(network.map.size());
  stepper.run(weights, batch, 0, 1, false, grad.data());
  memory.take();
  stepper.state(memory);
  const Vector &A = memory.at("rule/A"), &B = memory.at("rule/B");  // B [right][states]
  const Arrays found = network.map.write(grad.data());
  const auto credit = [&](int i) {
    return q * (B[static_cast<std::size_t>(i * d)] + B[static_cast<std::size_t>(i * d + 1)]);
  };
  for (int i = 0; i < d; ++i)
    for (int j = 0; j < d; ++j) {
      const double expected =
          left == d ? A[static_cast<std::size_t>(i)] * credit(j) : credit(i) * A[static_cast<std::size_t>(j)];
      EXPECT_NEAR(found.at("W_rec").at(static_cast<std::size_t>(i * d + j)), expected, 1e-15);
    }
  return {A, B};
}

void expect_near(const Vector& found, const Vector& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-15) << i;
}

/// Test 11: signs 1 and -1, whose product counts: rho0 = sqrt(2/sqrt 5), rho1 = (2/11)^(1/4).
TEST(LiteralNumbers, kf_rtrl_joins_its_factors) {
  const double r0 = std::sqrt(2 / std::sqrt(5.0)), r1 = std::pow(2.0 / 11, 0.25);
  const auto [A, B] = factors("kf_rtrl", 0.5, {-1}, 5, d);
  expect_near(A, {r0 - r1, r0 - r1, r0 - 2 * r1, r0 - 2 * r1, r0 - r1});
  expect_near(B, {1 / r0 - 1 / r1, 1 / r0, 1 / r0, 1 / r0 - 1 / r1});
}

/// Tests 8 and 14: signs 1 and -1, rho0 = 5^(1/4), rho1 = 11^(1/4).
TEST(LiteralNumbers, reverse_kf_rtrl_joins_its_factors) {
  const double r0 = std::pow(5.0, 0.25), r1 = std::pow(11.0, 0.25);
  const auto [A, B] = factors("reverse_kf_rtrl", 0.5, {1, -1}, d, 5);
  expect_near(A, {r0 + r1, r0 - r1});
  const double one = 1 / r1, two = 2 / r1, carried = 1 / r0;
  expect_near(B, {carried + one, carried - one, carried + one, carried - one, carried + two, carried - two,
                  carried + two, carried - two, carried + one, carried - one});
}

}  // namespace
}  // namespace chronograd::identities
