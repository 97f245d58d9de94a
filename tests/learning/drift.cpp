// SPDX-License-Identifier: Apache-2.0
// A target that changes in mid-stream: the preset's rate falls for ever, and follows it only where it is given a floor.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chronograd/learner.hpp"
#include "chronograd/random.hpp"

namespace chronograd::learning {
namespace {

struct Losses {
  double before, after;
};

/// A stream whose target, the input of the step before, turns its sign after 8000 steps, and ends 2000 steps later: the
/// mean loss over the last 500 steps before that turn and over the last 500 of all.
Losses losses_of(const std::vector<std::string>& words) {
  constexpr int turn = 8000, end = turn + 2000, counted = 500;
  // The preset's rate, had the stream gone on for long already.
  std::vector<std::string> all = {"optimizer.horizon=20", "optimizer.readout_decay=20"};
  all.insert(all.end(), words.begin(), words.end());
  Learner<float> learner(Config::parse("seed=1\n[model]\ncell='leaky'\nhidden=12\nalpha=1.0\n[loss]\nname='mse'\n"
                                       "[rule]\nname='auto'\n",
                                       "test", all),
                         {.inputs = 1, .outputs = 1});
  Losses losses{};
  float before = 0;
  for (int t = 0; t < end; ++t) {
    Random random(11, Draw::data, 0, static_cast<std::uint64_t>(t));
    const float x = random.uniform() < 0.5 ? -1.0F : 1.0F, y = t < turn ? before : -before;
    static_cast<void>(learner.predict(std::span(&x, 1)));
    const double loss = learner.learn(std::span(&y, 1));
    if (t >= turn - counted && t < turn) losses.before += loss / counted;
    if (t >= end - counted) losses.after += loss / counted;
    before = x;
  }
  return losses;
}

TEST(Drift, IsFollowedWithAFloorOfTheRate) {
  const Losses falling = losses_of({}), floored = losses_of({"optimizer.lr_final=0.003"});
  EXPECT_LT(falling.before, 0.02) << "what stays is learnt with a rate that falls";
  EXPECT_LT(floored.before, 0.02);
  EXPECT_GT(falling.after, 0.2) << "what changes is not";
  EXPECT_LT(floored.after, 0.03);
}

}  // namespace
}  // namespace chronograd::learning
