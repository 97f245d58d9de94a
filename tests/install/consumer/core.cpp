// SPDX-License-Identifier: Apache-2.0
// A project that links chronograd::core alone: settings in code, a learner that echoes its input of eight steps before.
#include <chronograd/learner.hpp>

int main() {
  const chronograd::Config config = chronograd::Config::of({{"model.cell", "gru"},
                                                            {"model.hidden", 16},
                                                            {"loss.name", "mse"},
                                                            {"rule.name", "snap"},
                                                            {"update.every", 1},
                                                            {"optimizer.name", "adam"},
                                                            {"optimizer.lr", 0.003}});
  chronograd::Learner<float> net(config, {.inputs = 1, .outputs = 1});
  float first = 0, last = 0;
  for (int t = 0; t < 4000; ++t) {
    const float x = std::sin(0.1F * static_cast<float>(t)), target = std::sin(0.1F * static_cast<float>(t - 8));
    net.predict({&x, 1});
    (t < 400 ? first : last) += static_cast<float>(net.learn({&target, 1})) * (t < 400 || t >= 3600 ? 1.0F : 0.0F);
  }
  return net.healthy() && last < 0.2F * first ? 0 : 1;
}
