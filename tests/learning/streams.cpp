// SPDX-License-Identifier: Apache-2.0
// What a learner does on a stream: delays, missing targets, streams that begin anew, learning off, NaN, refusals.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

using testing::HasSubstr;

std::vector<float> theta_of(Learner<float>& learner) {
  return {learner.theta().begin(), learner.theta().end()};
}

/// A learner whose targets come D steps late learns what one learns that gets its data D steps later.
TEST(Delay, is_data_that_come_later) {
  for (const RuleRecord* rule : stream_rules())
    for (const char* every : {"1", "4"})
      for (const int delay : {1, 5}) {
        const std::vector<std::string> words = {std::string("rule.name=") + rule->entry.name,
                                                std::string("update.every=") + every};
        SCOPED_TRACE(text_of(words) + ", delay " + std::to_string(delay));
        Learner<float> late(config_of(words), {n, m, 2, delay}), plain(config_of(words), {n, m, 2});
        const Course<float> delayed = go(late, 2, 0, 40 + delay, delay), shifted = go(plain, 2, 0, 40);
        EXPECT_TRUE(Course<float>::same(delayed.theta, shifted.theta));
        EXPECT_EQ(late.updates(), plain.updates());
        ASSERT_EQ(delayed.loss.size(), shifted.loss.size() + static_cast<std::size_t>(delay));
        for (std::size_t t = 0; t < delayed.loss.size(); ++t)
          ASSERT_EQ(delayed.loss[t],
                    t < static_cast<std::size_t>(delay) ? 0 : shifted.loss[t - static_cast<std::size_t>(delay)])
              << t;
      }
}

/// It predicts from the newest input, not from that of D steps ago.
TEST(Delay, predicts_from_the_newest_input) {
  Learner<float> delayed(config_of({}), {n, m, 2, 6}), plain(config_of({}), {n, m, 2});
  delayed.learning(false);
  plain.learning(false);
  EXPECT_TRUE(Course<float>::same(go(delayed, 2, 0, 30, 6).y, go(plain, 2, 0, 30).y));
}

/// The weights that it predicts under are the newest.
TEST(Delay, predicts_under_the_newest_weights) {
  Learner<float> net(config_of({}), {.inputs = 1, .outputs = 1, .delay = 2});
  const auto step = [&](float x) { return net.predict({&x, 1})[0]; };
  step(0.5F);
  for (float& weight : net.theta()) weight = 0;
  net.theta().back() = 0.75F;  // b_y
  EXPECT_EQ(step(0.5F), 0.75F);
}

TEST(Learner, refuses_a_mean_output) {
  try {
    Learner<float>(config_of({"readout.average=true"}), {n, m});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("[readout.average] got true on a stream"));
  }
}

TEST(Learner, refuses_an_answer_for_a_row) {
  Learner<float>(config_of({"readout.decide=step"}), {n, m});
  try {
    Learner<float>(config_of({"readout.decide=mean_output"}), {n, m});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("[readout.decide] got mean_output on a stream"));
  }
}

TEST(Learner, without_a_target_takes_a_step_of_weight_zero) {
  for (const RuleRecord* rule : stream_rules()) {
    SCOPED_TRACE(rule->entry.name);
    const Config config = config_of({std::string("rule.name=") + rule->entry.name});
    Learner<float> without(config, {.inputs = n, .outputs = m}), zero(config, {.inputs = n, .outputs = m}),
        ignored(config, {.inputs = n, .outputs = m});
    const std::vector<float> y = {0.5F, -1}, nothing = {std::nanf(""), std::numeric_limits<float>::infinity()};
    const float none = 0;
    for (int t = 0; t < 30; ++t) {
      const std::vector<float> x = {0.1F * static_cast<float>(t % 7), 0.5F, -0.3F};
      without.predict(x);
      zero.predict(x);
      ignored.predict(x);
      if (t % 3 == 0) {
        const double loss = without.learn(y);
        EXPECT_GT(loss, 0);
        EXPECT_EQ(zero.learn(y), loss);
        EXPECT_EQ(ignored.learn(y), loss);
        EXPECT_EQ(without.learn(y), 0) << "twice";
      } else {
        EXPECT_EQ(zero.learn(std::vector<float>{0, 0}, {&none, 1}), 0);
        EXPECT_EQ(ignored.learn(nothing, {&none, 1}), 0);
      }
    }
    without.predict(std::vector<float>{0, 0, 0});  // closes the last step
    EXPECT_EQ(theta_of(without), theta_of(zero));
    EXPECT_EQ(theta_of(ignored), theta_of(zero));
    EXPECT_EQ(without.updates(), 30);
    EXPECT_TRUE(ignored.healthy());
  }
}

TEST(Learner, that_was_never_asked_to_learn_has_learnt_nothing_before_its_first_step) {
  Learner<float> net(config_of({}), {.inputs = n, .outputs = m});
  const std::vector<float> begun = theta_of(net), y = {1, 1};
  EXPECT_EQ(net.learn(y), 0);
  EXPECT_EQ(net.steps(), 0);
  EXPECT_EQ(net.updates(), 0);
  EXPECT_EQ(theta_of(net), begun);
}

TEST(Learner, weighs_the_loss_of_a_stream) {
  Learner<float> all(config_of({"optimizer.name=sgd"}), {n, m, 2}), half(config_of({"optimizer.name=sgd"}), {n, m, 2});
  const std::vector<float> x(2 * n, 0.5F), y = {1, 1, 1, 1}, weight = {1, 0};
  all.predict(x);
  half.predict(x);
  const double loss = all.learn(y);
  EXPECT_NEAR(half.learn(y, weight), loss / 2, 1e-6);  // both streams are alike
}

/// One stream that begins anew does not touch the other; its own is as after the start.
TEST(Learner, begins_a_stream_anew) {
  for (const RuleRecord* rule : stream_rules()) {
    SCOPED_TRACE(rule->entry.name);
    const std::vector<std::string> words = {std::string("rule.name=") + rule->entry.name};
    Learner<float> fresh(config_of(words), {n, m, 2}), reset(config_of(words), {n, m, 2}),
        untouched(config_of(words), {n, m, 2});
    for (Learner<float>* net : {&fresh, &reset, &untouched}) net->learning(false);
    const auto step = [&](Learner<float>& net, int t) {
      std::vector<float> x(2 * n);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(t) + static_cast<float>(i));
      const auto y = net.predict(x);
      return std::vector<float>(y.begin(), y.end());
    };
    for (int t = 0; t < 10; ++t) {
      step(reset, t);
      step(untouched, t);
    }
    reset.reset(1);
    for (int t = 10; t < 20; ++t) {
      const auto a = step(fresh, t), b = step(reset, t), c = step(untouched, t);
      for (int k = 0; k < m; ++k) {
        EXPECT_EQ(b[static_cast<std::size_t>(m + k)], a[static_cast<std::size_t>(m + k)]);
        EXPECT_EQ(b[static_cast<std::size_t>(k)], c[static_cast<std::size_t>(k)]);
        if (t == 10) {
          EXPECT_NE(b[static_cast<std::size_t>(m + k)], c[static_cast<std::size_t>(m + k)]);
        }
      }
    }
  }
}

TEST(Learner, that_rests_keeps_its_weights_and_goes_on) {
  for (const char* rule : {"rflo", "tbptt"}) {
    SCOPED_TRACE(rule);
    Learner<float> net(config_of({std::string("rule.name=") + rule, "update.every=4"}), {n, m, 2});
    go(net, 2, 0, 10);
    const std::vector<float> before = theta_of(net);
    const std::int64_t updates = net.updates();
    net.learning(false);
    const Course<float> resting = go(net, 2, 10, 30);
    EXPECT_EQ(theta_of(net), before);
    EXPECT_EQ(net.updates(), updates);
    EXPECT_GT(resting.loss[3], 0) << "losses are told";
    net.learning(true);
    go(net, 2, 30, 40);
    EXPECT_NE(theta_of(net), before);
  }
}

/// A window that begins after a rest begins at the state that the rest came to.
TEST(Learner, that_rested_begins_its_window_where_it_is) {
  const Config config = config_of({"rule.name=tbptt", "update.every=4", "optimizer.name=sgd", "optimizer.lr=0.1"});
  Learner<float> rested(config, {.inputs = n, .outputs = m}), without(config, {.inputs = n, .outputs = m});
  rested.learning(false);
  const std::vector<float> y = {0.5F, -1};
  for (int t = 0; t < 12; ++t) {
    if (t == 8) rested.learning(true);
    for (Learner<float>* net : {&rested, &without}) {
      net->predict(std::vector<float>{std::sin(static_cast<float>(t)), 0.5F, -0.3F});
      if (t >= 8 || net == &rested) net->learn(y);
    }
  }
  EXPECT_EQ(rested.updates(), 1);
  EXPECT_EQ(without.updates(), 3);
  EXPECT_EQ(theta_of(rested), theta_of(without)) << "two windows without a target moved nothing";
}

TEST(Learner, runs_many_steps_at_once) {
  std::vector<float> x, y;
  for (std::int64_t t = 0; t < 20; ++t) {
    const Step step = step_of(0, t);
    for (const double value : step.x) x.push_back(static_cast<float>(value));
    for (const double value : step.y) y.push_back(static_cast<float>(value));
  }
  Learner<float> many(config_of({}), {.inputs = n, .outputs = m}), one(config_of({}), {.inputs = n, .outputs = m});
  std::vector<float> out(20 * m), written(m);
  std::vector<double> loss(20);
  many.run(20, x.data(), y.data(), out.data(), loss.data());
  for (std::size_t t = 0; t < 20; ++t) {
    one.predict(std::span<const float>(x).subspan(t * n, n), written);
    EXPECT_TRUE(std::equal(written.begin(), written.end(), out.begin() + static_cast<std::ptrdiff_t>(t * m)));
    EXPECT_EQ(one.learn(std::span<const float>(y).subspan(t * m, m)), loss[t]);
  }
  EXPECT_EQ(theta_of(one), theta_of(many));
  many.run(20, x.data(), nullptr, nullptr, nullptr);
  EXPECT_EQ(many.steps(), 40);
}

TEST(Learner, puts_good_weights_back_when_a_number_is_not_finite) {
  for (const char* rule : {"rflo", "rtrl", "tbptt"})
    for (const int delay : {0, 2}) {
      SCOPED_TRACE(std::string(rule) + ", delay " + std::to_string(delay));
      const Config config = config_of({std::string("rule.name=") + rule, "update.every=2"});
      Learner<float> net(config, {n, m, 2, delay});
      go(net, 2, 0, 300, delay);
      ASSERT_TRUE(net.healthy());
      std::vector<std::byte> state(net.state_bytes());
      net.save(state);
      const Course<float> expected = go(net, 2, 300, 320, delay);
      std::vector<float> x(2 * n, 0.1F);
      x[1] = std::nanf("");
      net.predict(x);
      EXPECT_FALSE(net.healthy());
      for (const float weight : net.theta()) ASSERT_TRUE(std::isfinite(weight));
      const std::vector<float> back = theta_of(net);
      net.learning(true);
      for (const float y : go(net, 2, 0, 10, delay).y) ASSERT_TRUE(std::isfinite(y));
      EXPECT_EQ(theta_of(net), back) << "it learns no more";
      EXPECT_FALSE(net.healthy());
      ASSERT_EQ(net.restore(state), Restored::same_bits);
      EXPECT_TRUE(net.healthy());
      EXPECT_TRUE(go(net, 2, 300, 320, delay) == expected);
    }
}

/// Weights that stop being finite in the very update after which they are looked at are not taken for good ones.
TEST(Learner, looks_at_its_weights) {
  Learner<float> net(config_of({}), {.inputs = n, .outputs = m});
  go(net, 1, 0, 255);
  net.predict(std::vector<float>{0.1F, 0.2F, 0.3F});
  net.theta()[0] = std::nanf("");
  net.learn(std::vector<float>{0, 0});
  EXPECT_EQ(net.updates(), 256);
  EXPECT_FALSE(net.healthy());
  for (const float weight : net.theta()) ASSERT_TRUE(std::isfinite(weight));
}

TEST(Learner, that_diverges_says_so) {
  Learner<float> net(config_of({"model.cell=leaky", "optimizer.name=sgd", "optimizer.lr=1e6"}),
                     {.inputs = n, .outputs = m});
  for (int t = 0; t < 200 && net.healthy(); ++t) go(net, 1, t, t + 1);
  EXPECT_FALSE(net.healthy());
  for (const float weight : net.theta()) ASSERT_TRUE(std::isfinite(weight));
  EXPECT_EQ(theta_of(net), theta_of(*std::make_unique<Learner<float>>(
                               config_of({"model.cell=leaky", "optimizer.name=sgd", "optimizer.lr=1e6"}),
                               Learner<float>::Sizes{.inputs = n, .outputs = m})))
      << "the weights that it began with were the last that were looked at";
}

/// Run after the program ten_lines, in its folder: the net that it saved knows what came 8 steps ago.
TEST(TenLines, DISABLED_have_learnt) {
  Learner<float> net(Config::read("sine.toml"), {.inputs = 1, .outputs = 1});
  net.load("net.npz");
  EXPECT_EQ(net.steps(), 40000);
  double sum = 0;
  for (int t = 40000; t < 41000; ++t) {
    const float x = std::sin(0.1F * static_cast<float>(t)), target = std::sin(0.1F * static_cast<float>(t - 8));
    net.predict({&x, 1});
    sum += net.learn({&target, 1});
  }
  EXPECT_LT(sum / 1000, 0.01) << "the sine's own power is 0.25";
}

/// The words of the error with which a learner is not made, or "".
template <class T = float>
std::string refusal(const std::vector<std::string>& words, const typename Learner<T>::Sizes& sizes = {n, m}) {
  try {
    const Learner<T> learner(config_of(words), sizes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "";
}

TEST(Learner, refuses_what_cannot_run_on_a_stream) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_THAT(refusal({"update.every=trial"}), HasSubstr("[update.every] got \"trial\""));
  EXPECT_THAT(refusal({"rule.name=bptt", "update.every=trial"}), HasSubstr("[rule.name] got bptt"));
  EXPECT_THAT(refusal({"rule.name=tbptt", "update.every=4", "rule.L=5"}), HasSubstr("[rule.L] got 5"));
  EXPECT_THAT(refusal({"optimizer.schedule=cosine"}), HasSubstr("horizon"));
  EXPECT_THAT(refusal({"loss.name=cross_entropy", "loss.class_weights=balanced"}), HasSubstr("balanced"));
  EXPECT_THAT(refusal({"loss.class_weights=[1, 2]"}), HasSubstr("loss.class_weights"));
  EXPECT_THAT(refusal({"loss.name=cross_entropy", "loss.class_weights=[1, 2, 3]"}), HasSubstr("got 3 factors"));
  EXPECT_EQ(refusal({"loss.name=cross_entropy", "loss.class_weights=[1, 2]"}), "");
  EXPECT_THAT(refusal({"dtype=float64"}), HasSubstr("[dtype]"));
  EXPECT_THAT(refusal<double>({"dtype=float32"}), HasSubstr("[dtype]"));
  EXPECT_EQ(refusal<double>({}), "");
  EXPECT_THAT(refusal({}, {0, m}), HasSubstr("[inputs] got 0"));
  EXPECT_THAT(refusal({}, {n, -1}), HasSubstr("[outputs] got -1"));
  EXPECT_THAT(refusal({}, {n, m, 0}), HasSubstr("[streams] got 0"));
  EXPECT_THAT(refusal({}, {n, m, 1, -1}), HasSubstr("[delay] got -1"));
}

}  // namespace
}  // namespace chronograd::learning
