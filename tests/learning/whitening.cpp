// SPDX-License-Identifier: Apache-2.0
// Whitened regressors: P and what it is made of against plain loops, and gradients under a P that rests against the
// gradient times P.
#include "learning/whitening.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/train.hpp"
#include "conformance/hand_run.hpp"
#include "entry_options.hpp"
#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

using conformance::distance;
using conformance::HandCase;
using conformance::HandRun;
using Numbers = HandRun::Numbers;

HandCase with_cell(const CellRecord* record, int layers) {
  Options model = entry_options(record->entry, {});
  return {record->entry.name, record, model, layers};
}

/// Settings with which short rows show what a rule does.
std::map<std::string, Value> lively(const RuleRecord& rule) {
  std::map<std::string, Value> settings;
  for (const char* key : {"sg_lr", "A_lr", "J_lr", "gamma_lr"})
    if (has_option(rule.entry, key)) settings[key] = 0.01;
  if (has_option(rule.entry, "aux")) settings["aux"] = 0.3;
  return settings;
}

/// P of each run of each layer: I plus something symmetric, or I.
void set(Whitened<double>& rule, const Stack<double>& stack, double size) {
  HandRun::Numbers drawn;
  for (int l = 0; l < stack.layers(); ++l)
    for (Whitening<double>& run : rule.layer(l))
      for (int i = 0; i < run.cols(); ++i)
        for (int j = 0; j < run.cols(); ++j)
          run.inverse()[area(i, run.cols()) + static_cast<std::size_t>(j)] =
              (i == j ? 1 : 0) + size * std::sin(1.0 + (i + 1) * (j + 1) + l) / run.cols();
}

/// gradient times P, block by block.
Numbers times(const Numbers& gradient, Whitened<double>& rule, const Stack<double>& stack) {
  Numbers product = gradient;
  for (const StackBlock& block : stack.blocks())
    for (Whitening<double>& run : rule.layer(block.layer)) {
      const int from = run.col() - block.col;
      if (from < 0 || from >= block.cols) continue;
      for (int i = 0; i < block.rows; ++i)
        for (int j = 0; j < run.cols(); ++j) {
          double sum = 0;
          for (int k = 0; k < run.cols(); ++k)
            sum += gradient[block.begin + area(from + k, block.rows) + static_cast<std::size_t>(i)] *
                   run.inverse()[area(k, run.cols()) + static_cast<std::size_t>(j)];
          product[block.begin + area(from + j, block.rows) + static_cast<std::size_t>(i)] = sum;
        }
    }
  return product;
}

class WhitenedRules : public testing::TestWithParam<const CellRecord*> {};

TEST_P(WhitenedRules, GiveTheGradientTimesP) {
  constexpr int d = 4, B = 2, T = 9;
  int rules = 0;
  for (const RuleRecord* record : catalogue<RuleRecord>()) {
    if (!record->whitens) continue;
    for (const int layers : {1, 2})
      for (const int K : {1, 3, T})
        for (const std::string reach : {"", "step", "interval"}) {
          const std::string name = record->entry.name;
          if ((record->segments == Segments::row && K != T) || (!reach.empty() && !has_option(record->entry, "reach")))
            continue;
          SCOPED_TRACE(name + ", " + std::to_string(layers) + " layers, K = " + std::to_string(K) + " " + reach);
          HandRun hand(with_cell(GetParam(), layers), d, B, T, 7);
          hand.cut[area(4, B) + 1] = 1;
          auto settings = lively(*record);
          if (!reach.empty()) {
            settings["reach"] = std::int64_t{reach == "step" ? 2 : T};
            settings["reach_by"] = reach;
          }
          Numbers plain;
          try {
            plain = hand.gradient(name, K, settings);
          } catch (const Error&) {
            continue;  // a pair of rule and cell that is refused
          }
          Whitened<double>* whitened = nullptr;
          double size = 0.5;
          hand.around = [&](std::unique_ptr<Rule<double>> rule) {
            auto around = std::make_unique<Whitened<double>>(hand.stack(), B, 0.1, std::move(rule));
            around->freeze();
            set(*around, hand.stack(), size);
            whitened = around.get();
            return around;
          };
          // Rule and P live until gradient() ends: what is expected is made of a rule like it.
          const Numbers found = hand.gradient(name, K, settings);
          Whitened<double> like(hand.stack(), B, 0.1, nullptr);
          set(like, hand.stack(), size);
          // Random factors are balanced by norms, which P changes: below, their mean.
          if (record->promise != Promise::unbiased) {
            EXPECT_LT(distance(found, times(plain, like, hand.stack())), 1e-12);
          }
          size = 0;
          EXPECT_EQ(hand.gradient(name, K, settings), plain) << "P = I changes no bit";
          ++rules;
        }
  }
  EXPECT_GT(rules, 30);
}

INSTANTIATE_TEST_SUITE_P(catalogue, WhitenedRules, testing::ValuesIn(catalogue<CellRecord>()),
                         [](const auto& test) { return std::string(test.param->entry.name); });

/// Rules that draw signs, under whitened regressors: the mean over all signs there are is the exact gradient times P.
TEST(WhitenedRandomRules, AreUnbiasedForTheGradientTimesP) {
  int rules = 0;
  for (const RuleRecord* record : catalogue<RuleRecord>()) {
    if (!record->whitens || record->promise != Promise::unbiased) continue;
    for (const std::string cell : {"leaky", "gru"}) {
      SCOPED_TRACE(std::string(record->entry.name) + " on " + cell);
      const int d = cell == "leaky" ? 2 : 1, T = cell == "leaky" ? 3 : 2;  // for there to be few signs
      HandRun hand(with_cell(&find_record<CellRecord>("cell", cell), 1), d, 1, T, 9);
      const Numbers exact = hand.gradient("bptt", T);
      hand.around = [&](std::unique_ptr<Rule<double>> rule) {
        auto around = std::make_unique<Whitened<double>>(hand.stack(), 1, 0.1, std::move(rule));
        around->freeze();
        set(*around, hand.stack(), 0.5);
        return around;
      };
      Whitened<double> like(hand.stack(), 1, 0.1, nullptr);
      set(like, hand.stack(), 0.5);
      std::map<std::string, Value> settings;
      if (has_option(record->entry, "r")) settings["r"] = std::int64_t{1};
      std::map<std::pair<std::int64_t, int>, int> bits;  // of each sign that is drawn
      const auto signed_by = [&](std::uint64_t pattern) {
        return hand.gradient(record->entry.name, 1, settings, [&bits, pattern](int, std::int64_t t, int i) {
          const int bit = bits.emplace(std::pair(t, i), static_cast<int>(bits.size())).first->second;
          return (pattern >> bit & 1U) != 0 ? 1.0 : -1.0;
        });
      };
      signed_by(0);
      ASSERT_LE(bits.size(), 14U);
      const std::uint64_t patterns = std::uint64_t{1} << bits.size();
      Numbers mean(exact.size());
      for (std::uint64_t pattern = 0; pattern < patterns; ++pattern) {
        const Numbers found = signed_by(pattern);
        for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += found[k] / static_cast<double>(patterns);
      }
      ASSERT_EQ(patterns, std::uint64_t{1} << bits.size()) << "no sign was left out";
      EXPECT_LT(distance(mean, times(exact, like, hand.stack())), 1e-12);
      EXPECT_GT(distance(mean, exact), 1e-3) << "P matters";
      ++rules;
    }
  }
  EXPECT_EQ(rules, 8);
}

/// Writes down the regressors of every step, as they are and as a gradient takes them.
class Spy final : public Rule<double> {
 public:
  explicit Spy(const Stack<double>& stack, std::vector<Numbers>& z, std::vector<Numbers>& whitened)
      : stack_(stack), z_(z), whitened_(whitened) {}
  void learn(Layers<double> layers, const Credit<double>&, double*) override {
    const auto numbers = area(layers[0].streams, stack_.layer(0).ld());
    for (int k = 0; k < layers[0].steps; ++k) {
      const double *z = layers[0].z.data() + k * numbers, *taken = layers[0].regressors() + k * numbers;
      z_.emplace_back(z, z + numbers);
      whitened_.emplace_back(taken, taken + numbers);
    }
  }
  void begin() override {}
  void state(Archive&) override {}

 private:
  const Stack<double>& stack_;
  std::vector<Numbers>&z_, &whitened_;
};

/// A^-1 of a positive matrix, by elimination.
Numbers inverse_of(Numbers a, int N) {
  Numbers inverse(a.size());
  for (int i = 0; i < N; ++i) inverse[area(i, N + 1)] = 1;
  for (int k = 0; k < N; ++k) {
    const double pivot = a[area(k, N + 1)];
    for (int j = 0; j < N; ++j) {
      a[area(k, N) + j] /= pivot;
      inverse[area(k, N) + j] /= pivot;
    }
    for (int i = 0; i < N; ++i) {
      const double factor = i == k ? 0 : a[area(i, N) + k];
      for (int j = 0; j < N; ++j) {
        a[area(i, N) + j] -= factor * a[area(k, N) + j];
        inverse[area(i, N) + j] -= factor * inverse[area(k, N) + j];
      }
    }
  }
  return inverse;
}

TEST(Whitening, IsItsDefinition) {
  constexpr int d = 4, B = 3, T = 1500;
  constexpr double delta = 0.05;
  for (const std::string cell : {"leaky", "gru", "lstm", "lru"})
    for (const int K : {1, 7, 400}) {
      SCOPED_TRACE(cell + ", K = " + std::to_string(K));
      HandRun hand(with_cell(&find_record<CellRecord>("cell", cell), 1), d, B, T, 3);
      for (double& weight : hand.theta) weight *= 0.5;
      std::vector<Numbers> z, taken;
      hand.around = [&](std::unique_ptr<Rule<double>>) {
        return std::make_unique<Whitened<double>>(hand.stack(), B, delta,
                                                  std::make_unique<Spy>(hand.stack(), z, taken));
      };
      hand.gradient("rflo", K);
      ASSERT_EQ(z.size(), static_cast<std::size_t>(T));
      const auto runs = whitened_runs(hand.stack().layer(0).layout());
      EXPECT_EQ(runs.size(), cell == "gru" ? 2U : 1U);
      const int ld = hand.stack().layer(0).ld();
      for (const auto& [col, N] : runs) {
        Numbers mean(area(N, N)), P(area(N, N));
        std::int64_t next = 32;
        for (std::int64_t t = 0; t < T; ++t) {
          const double part = std::max(1.0 / static_cast<double>(t + 1), 1e-3);
          const Numbers& row = z[static_cast<std::size_t>(t)];
          for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j) {
              double sum = 0;
              for (int b = 0; b < B; ++b) sum += row[area(b, ld) + col + i] * row[area(b, ld) + col + j] / B;
              mean[area(i, N) + j] += part * (sum - mean[area(i, N) + j]);
            }
          if (t == next) {
            Numbers damped = mean;
            double trace = 0;
            for (int i = 0; i < N; ++i) trace += mean[area(i, N + 1)];
            for (int i = 0; i < N; ++i) damped[area(i, N + 1)] += delta * trace / N;
            P = inverse_of(damped, N);
            next = t + std::clamp<std::int64_t>(t / 10, 16, 128);
          }
          double worst = 0;
          for (int b = 0; b < B; ++b)
            for (int i = 0; i < N; ++i) {
              double wanted = 0;
              for (int j = 0; j < N; ++j) wanted += P[area(i, N) + j] * row[area(b, ld) + col + j];
              worst = std::max(worst, std::abs(wanted - taken[static_cast<std::size_t>(t)][area(b, ld) + col + i]));
            }
          ASSERT_LT(worst, 1e-10) << "step " << t;
          if (t < 32) {
            ASSERT_EQ(worst, 0) << "nothing is taken before there is a P";
          }
        }
      }
    }
}

template <class T>
void expect_inverse(double delta, double worst_allowed) {
  constexpr int N = 40, rows = 60;
  Whitening<T> whitening(0, N, delta);
  std::vector<T> z(area(rows, N)), factor(rows, T(1) / rows);
  for (std::size_t i = 0; i < z.size(); ++i) {
    Random random(3, Draw::data, 0, i);
    z[i] = static_cast<T>(random.normal() + 3);  // a strong common direction
  }
  whitening.take(rows, z.data(), N, T(0), factor.data());
  whitening.invert();
  double trace = 0, worst = 0;
  for (int i = 0; i < N; ++i) trace += static_cast<double>(whitening.second()[area(i, N + 1)]);
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      double sum = delta * trace / N * static_cast<double>(whitening.inverse()[area(i, N) + j]) - (i == j ? 1 : 0);
      for (int k = 0; k < N; ++k)
        sum += static_cast<double>(whitening.second()[area(i, N) + k]) *
               static_cast<double>(whitening.inverse()[area(k, N) + j]);
      worst = std::max(worst, std::abs(sum));
    }
  EXPECT_LT(worst, worst_allowed);
}

TEST(Whitening, InvertsTheDampedMean) {
  for (const double delta : {1e-4, 0.1}) {
    expect_inverse<double>(delta, 1e-10);
    // P is rounded to float32: each product of N of its numbers with those of the mean errs by 6e-8 of their sizes.
    expect_inverse<float>(delta, 6e-8 * 40 / delta * 0.1);
  }
}

TEST(Whitening, OfRegressorsThatAreZeroIsFinite) {
  Whitening<float> whitening(0, 5, 0.1);
  whitening.invert();
  for (const float p : whitening.inverse()) EXPECT_TRUE(std::isfinite(p));
}

TEST(Whitening, IsRefusedWhereTheGradientIsNoSuchSum) {
  for (const RuleRecord* record : catalogue<RuleRecord>()) {
    if (record->segments == Segments::row) continue;
    const std::vector<std::string> words = {std::string("rule.name=") + record->entry.name, "rule.whiten=0.1"};
    SCOPED_TRACE(record->entry.name);
    if (record->whitens) {
      EXPECT_NO_THROW(Learner<float>(config_of(words), {.inputs = n, .outputs = m, .third = 1}));
      continue;
    }
    try {
      Learner<float>(config_of(words), {.inputs = n, .outputs = m, .third = 1});
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(std::string("[rule.whiten] got ") + record->entry.name));
    }
  }
}

}  // namespace
}  // namespace chronograd::learning
