// SPDX-License-Identifier: Apache-2.0
// Every synthesiser of the catalogue: its derivative is that of its guesses, and it learns as its settings say.
#include <gtest/gtest.h>

#include <cmath>

#include "checking/compare.hpp"
#include "chronograd/random.hpp"
#include "chronograd/synthesiser.hpp"
#include "config/check_value.hpp"
#include "files/state_arrays.hpp"

namespace chronograd::identities {
namespace {

using checking::Vector;

constexpr int F = 6, w = 4, rows = 3;

struct Case {
  const SynthesiserRecord* record;
  std::vector<std::pair<const char*, Value>> settings;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const SynthesiserRecord* record : catalogue<SynthesiserRecord>()) all.push_back({record, {}});
  const auto& mlp = find_record<SynthesiserRecord>("", "mlp");
  all.push_back({&mlp, {{"sg_hidden", 5.0}}});
  all.push_back({&mlp, {{"sg_hidden", std::vector<double>{5, 3}}}});
  return all;
}

/// Made with defaults, the case's settings, and these.
std::unique_ptr<Synthesiser<double>> made(const Case& one, const std::vector<std::pair<const char*, Value>>& more) {
  Options options;
  for (const Option& option : {synthesis::rate, synthesis::optimizer, synthesis::l2, synthesis::clip, synthesis::warmup,
                               synthesis::zero, synthesis::name})
    options.set(option.key, default_value(option), false);
  for (const Option& option : one.record->entry.options) options.set(option.key, default_value(option), false);
  for (const auto* settings : {&one.settings, &more})
    for (const auto& [key, value] : *settings) options.set(key, value, true);
  return make_synthesiser<double>({*one.record, F, w, options, 5});
}

Vector drawn(std::size_t count, std::uint64_t which) {
  Random random(1, Draw::data, which);
  Vector values(count);
  for (double& value : values) value = random.normal();
  return values;
}

Vector features() {
  Vector f = drawn(rows * F, 1);
  for (int row = 0; row < rows; ++row) f[row * F + F - 1] = 1;
  return f;
}

Vector parameters(Synthesiser<double>& g) {
  return {g.parameters().begin(), g.parameters().end()};
}

Vector guess(Synthesiser<double>& g, const Vector& f) {
  Vector out(f.size() / F * w);
  g.guess(static_cast<int>(f.size() / F), f.data(), out.data());
  return out;
}

TEST(Synthesisers, first_guesses_are_zero_unless_they_are_not_to_be) {
  for (const Case& one : cases()) {
    EXPECT_EQ(guess(*made(one, {}), features()), Vector(rows * w, 0.0)) << one.record->entry.name;
    EXPECT_GT(checking::largest_magnitude(guess(*made(one, {{"sg_zero", false}}), features())), 0.01);
  }
}

/// Central differences of step 1e-5 are off by 1e-10 of a third derivative, and by 1e-16 / 1e-5 in rounding.
TEST(Synthesisers, derivatives_are_those_of_the_guesses) {
  const Vector f = features(), error = drawn(rows * w, 2);
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.record->entry.name);
    const auto g = made(one, {{"sg_zero", false}});
    const std::size_t P = g->parameters().size();
    Vector slopes(rows * w * P), descended(P, 0.0), summed(P, 0.0);
    for (std::size_t k = 0; k < P; ++k) {
      double& a = g->parameters()[k];
      const double at = a;
      a = at + 1e-5;
      const Vector above = guess(*g, f);
      a = at - 1e-5;
      const Vector below = guess(*g, f);
      a = at;
      for (std::size_t i = 0; i < above.size(); ++i) {
        slopes[i * P + k] = (above[i] - below[i]) / 2e-5;
        summed[k] += error[i] * slopes[i * P + k];
      }
    }
    for (int row = 0; row < rows; ++row) {
      Vector derivative(w * P, 0.0);
      g->derivative(f.data() + row * F, derivative.data());
      EXPECT_TRUE(
          checking::close(derivative, Vector(slopes.begin() + row * w * P, slopes.begin() + (row + 1) * w * P), 1e-9));
    }
    g->descend(rows, f.data(), error.data(), descended.data());
    EXPECT_TRUE(checking::close(descended, summed, 1e-9));
    Vector twice = descended;
    g->descend(rows, f.data(), error.data(), twice.data());
    for (double& v : twice) v /= 2;
    EXPECT_TRUE(checking::close(twice, descended, 1e-14));
  }
}

TEST(Synthesisers, learn_as_their_settings_say) {
  const Vector f = features(), error = drawn(rows * w, 3);
  constexpr int streams = 2;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.record->entry.name);
    const auto learnt = [&](const std::vector<std::pair<const char*, Value>>& settings, int times) {
      auto all = settings;
      all.insert(all.end(), {{"sg_zero", false}, {"sg_lr", 0.1}});
      const auto g = made(one, all);
      const Vector start = parameters(*g);
      Vector before = start;
      for (int i = 0; i < times; ++i) {
        before = parameters(*g);
        Vector used = error;
        g->learn(rows, f.data(), used.data(), streams);
      }
      Vector change = parameters(*g);
      for (std::size_t k = 0; k < change.size(); ++k) change[k] -= before[k];
      return std::pair(start, change);
    };
    const auto g = made(one, {{"sg_zero", false}});
    Vector gradient(g->parameters().size(), 0.0);
    g->descend(rows, f.data(), error.data(), gradient.data());
    Vector expected = gradient;
    double norm = 0;
    for (double& v : expected) {
      v *= -0.1 / streams;
      norm += v * v / 0.01;
    }
    const auto [start, plain] = learnt({}, 1);
    EXPECT_TRUE(checking::close(plain, expected, 1e-13));
    // The same along a gradient that was made elsewhere.
    const auto other = made(one, {{"sg_zero", false}, {"sg_lr", 0.1}});
    other->learn(gradient.data(), streams);
    Vector moved = parameters(*other);
    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] -= start[k];
    EXPECT_TRUE(checking::close(moved, expected, 1e-13));
    // A fifth of its norm, and a norm that is larger than it.
    Vector clipped = expected;
    for (double& v : clipped) v /= 5;
    EXPECT_TRUE(checking::close(learnt({{"sg_clip", std::sqrt(norm) / 5}}, 1).second, clipped, 1e-13));
    EXPECT_TRUE(checking::close(learnt({{"sg_clip", std::sqrt(norm) * 5}}, 1).second, expected, 1e-13));
    // Four updates to the full rate.
    for (double& v : clipped) v *= 5.0 / 4;
    EXPECT_TRUE(checking::close(learnt({{"sg_warmup", std::int64_t{4}}}, 1).second, clipped, 1e-13));
    const Vector later = learnt({}, 4).second;
    if (one.record->linear) {
      EXPECT_TRUE(checking::close(learnt({{"sg_warmup", std::int64_t{4}}}, 4).second, later, 1e-13));
    }
    // Adam's first step is the rate in the direction of each gradient, whatever its size, and later ones are no larger.
    const Vector adam = learnt({{"sg_optimizer", std::string("adam")}}, 1).second;
    for (std::size_t k = 0; k < adam.size(); ++k)
      EXPECT_NEAR(adam[k], expected[k] / (std::fabs(expected[k]) / 0.1 + 1e-8), 1e-12);
    // Decay of all that is no bias: those read the constant 1, the last input of a layer.
    Vector decayed = learnt({{"sg_l2", 0.3}}, 1).second;
    std::size_t still = 0;
    for (std::size_t k = 0; k < decayed.size(); ++k) {
      const double rest = decayed[k] - expected[k];
      if (std::fabs(rest) < 1e-13)
        ++still;
      else
        EXPECT_NEAR(rest, -0.1 * 0.3 * start[k], 1e-13);
    }
    EXPECT_GE(still, static_cast<std::size_t>(w));
    EXPECT_LT(still, decayed.size() / 3);
  }
}

TEST(Synthesisers, go_on_bit_for_bit_after_being_restored) {
  const Vector f = features(), error = drawn(rows * w, 4);
  for (const Case& one : cases()) {
    for (const char* how : {"sgd", "adam"}) {
      const std::vector<std::pair<const char*, Value>> settings = {
          {"sg_warmup", std::int64_t{5}}, {"sg_lr", 0.1}, {"sg_optimizer", std::string(how)}};
      const auto whole = made(one, settings), restored = made(one, settings);
      const auto go = [&](Synthesiser<double>& g) {
        Vector used = error;
        g.learn(rows, f.data(), used.data(), rows);
      };
      for (int i = 0; i < 3; ++i) go(*whole);
      Arrays kept;
      Saving saving(kept);
      whole->state(saving);
      Restoring restoring(kept, "test");
      restored->state(restoring);
      restoring.finish();
      for (int i = 0; i < 3; ++i) {
        go(*whole);
        go(*restored);
      }
      EXPECT_EQ(parameters(*restored), parameters(*whole)) << one.record->entry.name;
      const auto copied = made(one, settings);
      copied->copy(*whole);
      EXPECT_EQ(parameters(*copied), parameters(*whole));
    }
  }
}

}  // namespace
}  // namespace chronograd::identities
