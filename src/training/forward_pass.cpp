// SPDX-License-Identifier: Apache-2.0
#include "training/forward_pass.hpp"

#include <algorithm>
#include <vector>

#include "training/data.hpp"

namespace chronograd {

template <class T>
void run_forward(const Network<T>& network, const Weights<T>& weights, const Task& task, const ForwardPlan& plan,
                 const Look<T>& look, const LookInside<T>& inside) {
  Stepper<T> stepper(network, nullptr, plan.streams, 0, plan.segment);
  Batch<T> batch;
  std::vector<std::int64_t> picked(static_cast<std::size_t>(plan.streams));
  for (std::int64_t first = plan.block * plan.streams; first < plan.rows; first += plan.streams) {
    for (std::int64_t b = 0; b < plan.streams; ++b)
      picked[static_cast<std::size_t>(b)] = first + b < plan.rows ? first + b : -1;
    for (std::int64_t t = 0; t < plan.steps; t += plan.segment) {
      const auto steps = static_cast<int>(std::min<std::int64_t>(plan.segment, plan.steps - t));
      read_batch(task, plan.split, picked, t, steps, {.one_error = network.averages()}, network.stack.width(), batch);
      if (t == 0) stepper.begin(batch, first / plan.streams);
      stepper.forward(weights, batch, 0, steps, t + steps == plan.steps);
      if (inside) inside(stepper.layers(), first, t);
      stepper.learn(weights, batch, 0, nullptr);
      look(stepper.seen(), batch, first, t);
    }
  }
}

template void run_forward(const Network<float>&, const Weights<float>&, const Task&, const ForwardPlan&,
                          const Look<float>&, const LookInside<float>&);
template void run_forward(const Network<double>&, const Weights<double>&, const Task&, const ForwardPlan&,
                          const Look<double>&, const LookInside<double>&);

}  // namespace chronograd
