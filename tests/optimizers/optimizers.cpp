// SPDX-License-Identifier: Apache-2.0
// Five steps of each optimiser against torch.optim 1.13 in float64. The numbers are printed by
//   import torch
//   def run(optimizer):
//       theta = torch.tensor([0.5, -1.25, 2.0, 0.0], dtype=torch.float64, requires_grad=True)
//       opt = optimizer([theta])
//       for k in range(5):
//           theta.grad = torch.tensor([0.3*(k+1), -0.2+0.1*k, 1e-3, 0.0], dtype=torch.float64)
//           opt.step()
//       print(', '.join('%.17g' % v for v in theta.tolist()))
// with the optimizer that stands beside them.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <vector>

#include "chronograd/error.hpp"
#include "chronograd/optimizer.hpp"
#include "entry_options.hpp"

namespace chronograd {
namespace {

using Given = std::initializer_list<std::pair<std::string, Value>>;

const OptimizerRecord& record(const std::string& name) {
  return find_record<OptimizerRecord>("optimizer.name", name);
}

template <class T>
std::unique_ptr<Optimizer<T>> make(const std::string& name, std::size_t n, Given given = {}) {
  const Options options = entry_options(record(name).entry, given);
  if constexpr (sizeof(T) == sizeof(float))
    return record(name).make_float(record(name), options, n);
  else
    return record(name).make_double(record(name), options, n);
}

template <class T>
std::vector<T> gradient(int k) {
  return {static_cast<T>(0.3 * (k + 1)), static_cast<T>(-0.2 + 0.1 * k), static_cast<T>(1e-3), T(0)};
}

template <class T>
std::vector<T> five_steps(const std::string& name, double lr, Given given = {}) {
  std::vector<T> theta{T(0.5), T(-1.25), T(2), T(0)};
  const auto optimizer = make<T>(name, theta.size(), given);
  for (int k = 0; k < 5; ++k) {
    std::vector<T> grad = gradient<T>(k);
    optimizer->step(lr, theta, grad);
    for (T g : grad) EXPECT_EQ(g, T(0)) << "the gradient is handed back as zero";
  }
  return theta;
}

void expect_torch(const std::vector<double>& torch, const std::string& name, double lr, Given given = {}) {
  SCOPED_TRACE(name);
  const std::vector<double> theta = five_steps<double>(name, lr, given);
  const std::vector<float> single = five_steps<float>(name, lr, given);
  for (std::size_t i = 0; i < torch.size(); ++i) {
    EXPECT_NEAR(theta[i], torch[i], 1e-12) << "parameter " << i;
    EXPECT_NEAR(single[i], torch[i], 4e-6) << "parameter " << i << " in float32";
  }
}

TEST(Optimizers, SgdIsTorchs) {  // SGD(p, lr=0.1)
  expect_torch({0.050000000000000003, -1.25, 1.9995000000000001, 0}, "sgd", 0.1);
}

TEST(Optimizers, MomentumIsTorchs) {  // SGD(p, lr=0.1, momentum=0.9)
  expect_torch({-0.45109300000000002, -1.1727079999999999, 1.9986855900000002, 0}, "momentum", 0.1);
}

TEST(Optimizers, RmspropIsTorchs) {  // RMSprop(p, lr=0.01)
  expect_torch({0.089116971111897605, -1.2102826718880253, 1.6755624089212957, 0}, "rmsprop", 0.01);
}

TEST(Optimizers, AdamIsTorchs) {  // Adam(p, lr=0.05), Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3)
  expect_torch({0.25745845688232277, -1.1097177834817122, 1.7500024999750008, 0}, "adam", 0.05);
  expect_torch({0.25261331755274807, -1.1270828197799974, 1.8750000000000004, 0}, "adam", 0.05,
               {{"beta1", 0.8}, {"beta2", 0.95}, {"eps", 1e-3}});
}

TEST(Optimizers, AdamwIsTorchs) {  // AdamW(p, lr=0.05), AdamW(..., betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2)
  expect_torch({0.2564538820831529, -1.1068092597617303, 1.7452573700081477, 0}, "adamw", 0.05);
  expect_torch({0.23298787668512211, -1.0698979648335398, 1.7794552245500004, 0}, "adamw", 0.05,
               {{"beta1", 0.8}, {"beta2", 0.95}, {"eps", 1e-3}, {"weight_decay", 0.2}});
}

TEST(Optimizers, AdamsPlainEpsilonStandsBesideTheUncorrectedRoot) {
  const double b1 = 0.9, b2 = 0.999, eps = 1e-3, lr = 0.05;
  std::vector<double> wanted{0.5, -1.25, 2, 0}, m(4), v(4);
  for (int k = 0; k < 5; ++k) {
    const std::vector<double> g = gradient<double>(k);
    for (std::size_t i = 0; i < 4; ++i) {
      m[i] = b1 * m[i] + (1 - b1) * g[i];
      v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
      const double lr_k = lr * std::sqrt(1 - std::pow(b2, k + 1)) / (1 - std::pow(b1, k + 1));
      wanted[i] -= lr_k * m[i] / (std::sqrt(v[i]) + eps);
    }
  }
  const std::vector<double> theta = five_steps<double>("adam", lr, {{"epsilon", std::string("plain")}, {"eps", eps}});
  const std::vector<double> hat = five_steps<double>("adam", lr, {{"eps", eps}});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(theta[i], wanted[i], 1e-12);
  EXPECT_GT(std::fabs(theta[2] - hat[2]), 1e-2) << "the two forms differ where the gradient is small";
}

/// Copies what is visited into or out of a map.
class Copy final : public Archive {
 public:
  void array(const std::string& name, std::span<float> values) override { copy(name, values); }
  void array(const std::string& name, std::span<double> values) override { copy(name, values); }
  void number(const std::string& name, std::int64_t& value) override {
    if (restoring)
      value = numbers.at(name);
    else
      EXPECT_TRUE(numbers.emplace(name, value).second) << "names are unique";
  }
  bool restoring = false;

 private:
  template <class T>
  void copy(const std::string& name, std::span<T> values) {
    if (!restoring) {
      EXPECT_TRUE(arrays.emplace(name, std::vector<double>(values.begin(), values.end())).second);
      return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(arrays.at(name).at(i));
  }
  std::map<std::string, std::vector<double>> arrays;
  std::map<std::string, std::int64_t> numbers;
};

template <class T>
void expect_state_is_complete(const std::string& name) {
  SCOPED_TRACE(name);
  std::vector<T> theta{T(0.5), T(-1.25), T(2), T(0)};
  const auto straight = make<T>(name, 4), resumed = make<T>(name, 4);
  for (int k = 0; k < 3; ++k) {
    std::vector<T> grad = gradient<T>(k);
    straight->step(0.05, theta, grad);
  }
  Copy copy;
  straight->state(copy);
  copy.restoring = true;
  resumed->state(copy);
  std::vector<T> other = theta;
  for (int k = 3; k < 6; ++k) {
    std::vector<T> grad = gradient<T>(k), same = grad;
    straight->step(0.05, theta, grad);
    resumed->step(0.05, other, same);
  }
  EXPECT_EQ(theta, other) << "bit for bit";
}

TEST(Optimizers, GoOnFromTheirState) {
  for (const OptimizerRecord* entry : catalogue<OptimizerRecord>()) {
    expect_state_is_complete<float>(entry->entry.name);
    expect_state_is_complete<double>(entry->entry.name);
  }
}

TEST(Optimizers, LeaveParametersWithoutAGradientWhereTheyAre) {
  for (const OptimizerRecord* entry : catalogue<OptimizerRecord>()) {
    SCOPED_TRACE(entry->entry.name);
    const double decay = std::string(entry->entry.name) == "adamw" ? 0.01 : 0;
    std::vector<double> theta{3.0, -2.0}, grad{0.0, 0.0};
    make<double>(entry->entry.name, 2)->step(0.1, theta, grad);
    EXPECT_NEAR(theta[0], 3.0 * (1 - 0.1 * decay), 1e-15);
    EXPECT_NEAR(theta[1], -2.0 * (1 - 0.1 * decay), 1e-15);
  }
}

TEST(Optimizers, GoDownhillWhateverTheNumberOfParameters) {
  for (const OptimizerRecord* entry : catalogue<OptimizerRecord>())
    for (std::size_t n : {1U, 7U, 16U, 33U, 1400U}) {
      SCOPED_TRACE(entry->entry.name + std::string(", n = ") + std::to_string(n));
      std::vector<float> theta(n), grad(n);
      for (std::size_t i = 0; i < n; ++i) theta[i] = 1 + static_cast<float>(i % 5);
      const auto optimizer = make<float>(entry->entry.name, n);
      for (int k = 0; k < 3000; ++k) {
        grad = theta;  // L = theta^2 / 2
        optimizer->step(0.01, theta, grad);
      }
      for (std::size_t i = 0; i < n; ++i) EXPECT_LT(std::fabs(theta[i]), 0.02F) << i;
    }
}

void expect_refused(const std::string& name, const std::string& key, double value, bool in_double) {
  SCOPED_TRACE(name + "." + key);
  try {
    make<float>(name, 3, {{key, value}});
    ADD_FAILURE() << "accepted in float32";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_THAT(error.what(), testing::StartsWith("[optimizer." + key + "] got a number that is"));
  }
  if (in_double)
    EXPECT_THROW(make<double>(name, 3, {{key, value}}), Error);
  else
    EXPECT_NO_THROW(make<double>(name, 3, {{key, value}}));
}

TEST(Optimizers, RefuseWhatWouldDivideByZero) {
  for (const char* name : {"adam", "adamw"})
    for (const char* key : {"beta1", "beta2"}) {
      expect_refused(name, key, 1.0, true);
      expect_refused(name, key, 1 - 1e-12, false);
    }
  expect_refused("rmsprop", "rho", 1.0, true);
  for (const char* name : {"adam", "adamw", "rmsprop"}) {
    expect_refused(name, "eps", 0.0, true);
    expect_refused(name, "eps", 1e-60, false);
  }
}

}  // namespace
}  // namespace chronograd
