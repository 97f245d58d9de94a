// SPDX-License-Identifier: Apache-2.0
// What e-prop holds while it learns keywords step by step: the published 680 KB, to the number.
#include <gtest/gtest.h>

#include "chronograd/learner.hpp"
#include "chronograd/train.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

constexpr int inputs = 80, units = 120, outputs = 12;
constexpr std::size_t cell = (inputs + units) * units, weights = cell + units * outputs;

/// Spiking units under a leaky readout, one stream, an update at every step; 10 steps of made-up sounds.
class Frames final : public Task {
 public:
  int inputs() const override { return chronograd::inputs; }
  int outputs() const override { return chronograd::outputs; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return 10; }
  std::int64_t rows(Split split) const override { return split == Split::train ? 1 : -1; }
  void read(Split, std::int64_t, std::int64_t, int steps, const Steps& out) const override {
    std::fill_n(out.x, steps * inputs(), 1.0);
    std::fill_n(out.y, steps * outputs(), 0.0);
    std::fill_n(out.mask, steps, 1.0);
    std::fill_n(out.reset, steps, std::uint8_t{0});
    for (int k = 0; k < steps; ++k) out.y[k * outputs()] = 1;
  }
  std::string summary() const override { return "frames"; }
};

/// With an update after so many frames.
Config config_of(int every) {
  return Config::parse(
      "[model]\ncell='alif'\nhidden=120\nbeta=0.184\nfreeze=['b_y']\n[readout]\ntau_out=10\n[loss]\n"
      "name='cross_entropy'\n[rule]\nname='eprop'\n[optimizer]\nname='adam'\n[train]\nepochs=1\nbatch=1\n[update]\n"
      "every=" +
          std::to_string(every) + "\n",
      "test");
}

// W, gradient and Adam's m and v for each weight, three traces for each weight of a unit.
constexpr std::size_t published = sizeof(float) * (4 * weights + 3 * cell);
static_assert(published == 695040);

TEST(Keywords, EpropHoldsWhatThePaperCounts) {
  static_assert(weights == 25440);
  for (const int every : {1, 10}) {
    const RunResult run = train(config_of(every), Frames());
    EXPECT_EQ(run.parameter_count, weights + outputs);  // and the outputs' biases
    const std::size_t of_weights = 4 * sizeof(float) * (run.parameter_count - outputs), counters = 16;
    EXPECT_GE(of_weights + run.rule_bytes, published);
    EXPECT_LE(of_weights + run.rule_bytes, published + counters);
  }
}

// The whole of a learner on a stream, states of units, counters and headers with it. One copy of the weights is for
// safety: the last that are known to be finite.
TEST(Keywords, AStreamingLearnerTakes28BytesAWeightBesideItsSafeCopy) {
  constexpr std::size_t copy = sizeof(float) * (weights + outputs);
  for (const int every : {1, 100}) {
    const Learner<float> learner(config_of(every), {inputs, outputs});
    EXPECT_GE(learner.state_bytes(), published + copy);
    EXPECT_LE(learner.state_bytes(), 28 * weights + copy);
  }
}

}  // namespace
}  // namespace chronograd
