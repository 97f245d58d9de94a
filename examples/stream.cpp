// SPDX-License-Identifier: Apache-2.0
// A network that learns while it predicts: what a sine was eight steps ago.
#include <chronograd/learner.hpp>

int main() {
  chronograd::Learner<float> net(chronograd::Config::read("sine.toml"), {.inputs = 1, .outputs = 1});
  for (int t = 0; t < 40000; ++t) {
    const float x = std::sin(0.1F * t), target = std::sin(0.1F * (t - 8));
    const float y = net.predict({&x, 1})[0];  // one step forward; nothing is learnt yet
    net.learn({&target, 1});                  // loss, credit, rule, update; left out: the step has no target
  }
  net.save("net.npz");  // parameters, optimiser, rule memory: load() goes on to the same bits
}
