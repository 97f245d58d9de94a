// SPDX-License-Identifier: Apache-2.0
// Every loss with every output activation that it allows.
#include "losses/pairs.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"

namespace chronograd {
namespace {

void for_each_pair(const std::function<void(const LossRecord&, Activation)>& check) {
  for (const LossRecord* loss : catalogue<LossRecord>())
    for (const Activation g : activations)
      if (makes_sense(*loss, g)) {
        SCOPED_TRACE(std::string(loss->entry.name) + " with " + name_of(g));
        check(*loss, g);
      }
}

/// Pre-outputs away from relu's kink.
std::vector<double> pre_outputs(Random& random, int m) {
  std::vector<double> a(static_cast<std::size_t>(m));
  for (double& value : a) {
    value = 2 * random.normal();
    if (std::fabs(value) < 0.01) value = 0.5;
  }
  return a;
}

/// Numbers in (0, 1) that do not sum to 1, which every loss is defined for.
std::vector<double> numbers(Random& random, int m) {
  std::vector<double> target(static_cast<std::size_t>(m));
  for (double& value : target) value = random.uniform();
  return target;
}

std::vector<double> one_hot(Random& random, int m) {
  std::vector<double> target(static_cast<std::size_t>(m), 0.0);
  target[random.below(target.size())] = 1;
  return target;
}

std::vector<double> plain_outputs(Activation g, const std::vector<double>& a) {
  std::vector<double> y;
  double sum = 0;
  for (double v : a) sum += std::exp(v);
  for (double v : a) {
    switch (g) {
      case Activation::identity:
        y.push_back(v);
        break;
      case Activation::tanh:
        y.push_back(std::tanh(v));
        break;
      case Activation::sigmoid:
        y.push_back(1 / (1 + std::exp(-v)));
        break;
      case Activation::relu:
        y.push_back(v > 0 ? v : 0);
        break;
      case Activation::softplus:
        y.push_back(std::log(1 + std::exp(v)));
        break;
      case Activation::softmax:
        y.push_back(std::exp(v) / sum);
    }
  }
  return y;
}

TEST(Pairs, ErrIsTheDerivativeOfTheLoss) {
  Random random(1, Draw::data);
  for_each_pair([&](const LossRecord& loss, Activation g) {
    for (const int m : {1, 2, 3, 10, 40})
      for (int repeat = 0; repeat < 4 && makes_sense(loss, g, m); ++repeat) {
        const std::vector<double> a = pre_outputs(random, m),
                                  target = repeat % 2 ? one_hot(random, m) : numbers(random, m);
        const Output<double> output(loss, g, m);
        const double weight = 0.3;
        const std::vector<double> err = row_of(output, a, target, weight).err;
        for (std::size_t k = 0; k < a.size(); ++k) {
          const double step = 1e-5;
          std::vector<double> up = a, down = a;
          up[k] += step;
          down[k] -= step;
          const double slope = (row_of(output, up, target).loss - row_of(output, down, target).loss) / (2 * step);
          EXPECT_NEAR(err[k], weight * slope, 1e-7 * (1 + std::fabs(slope))) << "m = " << m << ", output " << k;
        }
      }
  });
}

TEST(Pairs, OutputsAndLossAreThoseOfTheDefinition) {
  Random random(2, Draw::data);
  for_each_pair([&](const LossRecord& loss, Activation g) {
    for (const int m : {1, 2, 7, 33, 100}) {
      if (!makes_sense(loss, g, m)) continue;
      const std::vector<double> a = pre_outputs(random, m), target = numbers(random, m);
      const Row<double> row = row_of(loss, g, a, target);
      const std::vector<double> y = plain_outputs(g, a);
      for (std::size_t k = 0; k < y.size(); ++k) EXPECT_NEAR(row.y[k], y[k], 1e-14 * (1 + std::fabs(y[k])));
      const double plain = loss.value(loss, m, y.data(), target.data());
      EXPECT_NEAR(row.loss, plain, 1e-12 * (m + std::fabs(plain)));
    }
  });
}

TEST(Pairs, FloatFollowsDouble) {
  Random random(3, Draw::data);
  for_each_pair([&](const LossRecord& loss, Activation g) {
    for (const int m : {1, 2, 10, 40}) {
      if (!makes_sense(loss, g, m)) continue;
      std::vector<float> a, target;
      for (double v : pre_outputs(random, m)) a.push_back(static_cast<float>(v));
      for (double v : numbers(random, m)) target.push_back(static_cast<float>(v));
      const std::vector<double> a64(a.begin(), a.end()), target64(target.begin(), target.end());
      const Row<float> row = row_of(loss, g, a, target, 0.25F);
      const Row<double> row64 = row_of(loss, g, a64, target64, 0.25);
      // A sum of m terms, each with a few roundings of 6e-8; slopes of bce and cross-entropy here stay below 100.
      EXPECT_NEAR(row.loss, row64.loss, 1e-6 * (1 + std::fabs(row64.loss)));
      for (std::size_t k = 0; k < a.size(); ++k) {
        EXPECT_NEAR(row.y[k], row64.y[k], 4e-7 * (1 + std::fabs(row64.y[k])));
        EXPECT_NEAR(row.err[k], row64.err[k], 1e-6 * (m + std::fabs(row64.err[k])));
      }
    }
  });
}

TEST(Pairs, SlopeOfTheRecordIsTheDerivativeOfItsValue) {
  Random random(4, Draw::data);
  for (const LossRecord* loss : catalogue<LossRecord>())
    for (int repeat = 0; repeat < 20; ++repeat) {
      SCOPED_TRACE(loss->entry.name);
      const int m = 1 + repeat % 5;
      std::vector<double> y = numbers(random, m), dy(y.size());
      for (double& v : y) v = 0.05 + 0.9 * v;
      const std::vector<double> target = repeat % 2 ? one_hot(random, m) : numbers(random, m);
      loss->slope(*loss, m, y.data(), target.data(), dy.data());
      for (std::size_t k = 0; k < y.size(); ++k) {
        const double step = 1e-6, at = y[k];
        y[k] = at + step;
        const double up = loss->value(*loss, m, y.data(), target.data());
        y[k] = at - step;
        const double down = loss->value(*loss, m, y.data(), target.data());
        y[k] = at;
        EXPECT_NEAR(dy[k], (up - down) / (2 * step), 1e-7 * (1 + std::fabs(dy[k])));
      }
    }
}

TEST(Pairs, NaturalErrorIsTheDifference) {
  Random random(5, Draw::data);
  for (const LossRecord* loss : catalogue<LossRecord>()) {
    SCOPED_TRACE(loss->entry.name);
    const std::vector<double> a = pre_outputs(random, 5), target = one_hot(random, 5);
    const Row<double> row = row_of(*loss, loss->natural, a, target);
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_EQ(row.err[k], row.y[k] - target[k]);
  }
}

TEST(Pairs, ALossThatIsNotKnownToTheFastPathsTakesTheGeneralOne) {
  Random random(6, Draw::data);
  for (const LossRecord* loss : catalogue<LossRecord>()) {
    SCOPED_TRACE(loss->entry.name);
    const LossRecord copy = *loss;  // another address: it could be anybody's loss
    for (const int m : {1, 3, 50}) {
      const std::vector<double> a = pre_outputs(random, m), target = one_hot(random, m);
      const Row<double> fast = row_of(*loss, loss->natural, a, target, 0.7),
                        general = row_of(copy, loss->natural, a, target, 0.7);
      EXPECT_NEAR(fast.loss, general.loss, 1e-13 * (1 + general.loss));
      for (std::size_t k = 0; k < a.size(); ++k) {
        EXPECT_NEAR(fast.y[k], general.y[k], 1e-14);
        EXPECT_NEAR(fast.err[k], general.err[k], 1e-14);
      }
    }
  }
}

TEST(Pairs, RefusesWhatMakesNoSense) {
  int refused = 0;
  for (const LossRecord* loss : catalogue<LossRecord>())
    for (const Activation g : activations) {
      if (makes_sense(*loss, g)) continue;
      ++refused;
      try {
        const Output<float> output(*loss, g, 2);
        ADD_FAILURE() << loss->entry.name << " with " << name_of(g) << " was accepted";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
        EXPECT_THAT(error.what(), testing::StartsWith("[readout.activation] got " + std::string(name_of(g))));
        EXPECT_THAT(error.what(), testing::HasSubstr(loss->entry.name));
        EXPECT_THAT(error.what(), testing::HasSubstr("allowed are softmax"));
      }
    }
  EXPECT_EQ(refused, 3 + 4);  // cross_entropy: identity, tanh, relu; bce: softplus too
}

TEST(Pairs, RefusesASoftmaxThatIsAlwaysOneWhereTheLossHasNoOne) {
  const LossRecord& bce = find_record<LossRecord>("loss.name", "bce");
  EXPECT_NO_THROW(Output<double>(bce, Activation::softmax, 2));
  EXPECT_NO_THROW(Output<double>(find_record<LossRecord>("loss.name", "cross_entropy"), Activation::softmax, 1));
  try {
    const Output<double> output(bce, Activation::softmax, 1);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_THAT(error.what(), testing::StartsWith("[readout.activation] got softmax with one output"));
  }
}

RC_GTEST_PROP(Pairs, SoftmaxIsADistributionAndIgnoresAShift, ()) {
  const auto raw = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-3000, 3000)));
  const double shift = *rc::gen::inRange(-500, 500);
  const LossRecord& loss = find_record<LossRecord>("loss.name", "cross_entropy");
  std::vector<double> a, moved, target(raw.size(), 0.0);
  for (int v : raw) a.push_back(v / 100.0), moved.push_back(v / 100.0 + shift);
  target[raw.size() / 2] = 1;
  const Row<double> row = row_of(loss, Activation::softmax, a, target),
                    again = row_of(loss, Activation::softmax, moved, target);
  RC_ASSERT(std::fabs(std::accumulate(row.y.begin(), row.y.end(), -1.0)) < 1e-13);
  RC_ASSERT(std::fabs(std::accumulate(row.err.begin(), row.err.end(), 0.0)) < 1e-13);
  RC_ASSERT(row.loss >= 0);
  RC_ASSERT(std::fabs(row.loss - again.loss) <= 1e-11 * (1 + row.loss));
}

TEST(Activations, HaveNames) {
  for (const Activation g : activations) EXPECT_EQ(activation_of("here", name_of(g)), g);
  try {
    activation_of("readout.activation", "sigmiod");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean sigmoid?"));
  }
}

}  // namespace
}  // namespace chronograd
