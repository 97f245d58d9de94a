// SPDX-License-Identifier: Apache-2.0
// A step takes nothing from the heap, from the first one on, nor do save and restore. Every operator new of this
// program is counted.
#include <cmath>

#include "learning/counted_heap.hpp"
#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

/// Blocks that 40 steps take, with resets, steps without target, and a state that is saved and restored.
template <class T>
long taken_by(Learner<T>& net, int B) {
  std::vector<T> x(static_cast<std::size_t>(B) * n), y(static_cast<std::size_t>(B) * m, T(0.5));
  std::vector<std::byte> state(net.state_bytes());
  const long before = blocks_taken;
  for (int t = 0; t < 40; ++t) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(std::sin(t + static_cast<double>(i)));
    if (t % 9 == 4) net.reset(t % B);
    net.predict(x);
    if (t % 3 != 1) net.learn(y);
    if (t == 20) net.save(state);
    if (t == 30 && net.restore(state) != Restored::same_bits) return -1;
    if (t == 33) net.learning(false);
    if (t == 36) net.learning(true);
  }
  return blocks_taken - before;
}

template <class T>
void expect_none(const std::vector<std::string>& words, int B, int delay) {
  SCOPED_TRACE(text_of(words) + ", B = " + std::to_string(B) + ", delay " + std::to_string(delay));
  try {
    Learner<T> net(config_of(words), {n, m, B, delay});
    EXPECT_EQ(taken_by(net, B), 0);
    EXPECT_TRUE(net.healthy());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage) << error.what();  // a rule that this cell cannot have
  }
}

TEST(Allocations, are_counted) {
  const long before = blocks_taken;
  const std::vector<int> one(3);
  const Buffer<float> another(3);
  EXPECT_EQ(blocks_taken - before, 2);
  EXPECT_EQ(one[0] + static_cast<int>(another[0]), 0);
}

TEST(Allocations, of_every_rule_and_cell_are_none) {
  for (const RuleRecord* rule : stream_rules())
    for (const CellRecord* cell : catalogue<CellRecord>())
      for (const int B : {1, 8})
        for (const char* every : {"1", "6"})
          expect_none<float>({std::string("rule.name=") + rule->entry.name,
                              std::string("model.cell=") + cell->entry.name, std::string("update.every=") + every},
                             B, 0);
}

TEST(Allocations, of_other_settings_are_none) {
  const std::vector<std::vector<std::string>> cases = {
      {"optimizer.name=sgd"},
      {"optimizer.name=adamw"},
      {"optimizer.name=rmsprop"},
      {"optimizer.name=momentum"},
      {"optimizer.clip=1", "optimizer.l2=1e-3"},
      {"optimizer.schedule=exponential", "optimizer.decay=0.999"},
      {"optimizer.schedule=cosine", "optimizer.horizon=30", "optimizer.warmup=5"},
      {"rule.feedback=adaptive"},
      {"rule.feedback=random"},
      {"model.freeze=[\"W_out\"]"},
      {"model.layers=2"},
      {"model.layers=3", "rule.name=rtrl"},
      {"model.layers=2", "rule.name=snap", "rule.n=2"},
      {"model.layers=2", "rule.name=tbptt", "update.every=6", "rule.L=4"},
      {"rule.name=snap", "rule.reach=5"},
      {"model.layers=2", "rule.name=kernl", "rule.reach=3"},
      {"model.layers=2", "rule.name=snap", "rule.reach=7", "rule.reach_by=\"interval\"", "update.every=3"},
      {"model.layers=2", "rule.name=rolling_tbptt", "rule.L=20"},
      {"rule.name=f_bptt", "rule.L=20"},
      {"model.density=0.2", "rule.name=sparse_rtrl"},
      {"model.density=0.2", "rule.name=snap", "rule.n=2"},
      {"model.cell=leaky", "model.activation=relu", "rule.name=rtrl"},
      {"model.cell=leaky", "model.noise=0.1"},
      {"model.hidden=40", "rule.name=rtrl"},
      {"loss.name=cross_entropy"},
      {"readout.activation=tanh"},
      {"readout.tau_out=3"},
      {"optimizer.clamp=[-0.2, 0.2]"},
  };
  for (const auto& words : cases)
    for (const int B : {1, 8})
      for (const int delay : {0, 3}) {
        expect_none<float>(words, B, delay);
        expect_none<double>(words, B, delay);
      }
}

}  // namespace
}  // namespace chronograd::learning
