// SPDX-License-Identifier: Apache-2.0
// A network with random data in memory, driven as the trainer drives it: segments, rule, update.
#pragma once

#include <memory>
#include <string>

#include "chronograd/random.hpp"
#include "cost/cost_model.hpp"
#include "learning/rule_settings.hpp"
#include "learning/stepper.hpp"
#include "learning/updater.hpp"
#include "network/initial.hpp"

namespace chronograd {

/// Sizes of a piece of work.
struct Size {
  int d, n, m, streams, steps;  ///< steps: K, the update interval
};

/// Runs K steps and one update again and again, on two sets of data in turn: with one the states would come to rest,
/// and traces of what no longer changes would become subnormal numbers, which are slow.
class Workload {
 public:
  /// `rule` as in lists, with settings of the model where they are wanted (`snap(n=2,model.density=0.1)`); `row_ends`:
  /// each interval is a whole row, so that nothing need be carried on.
  Workload(const std::string& cell, const std::string& rule, const Size& size, bool row_ends)
      : config_(config_of(cell, rule, size.d, row_ends ? 0 : size.steps)),
        network_(config_, size.n, size.m, 1),
        rule_(config_),
        initial_(initial_values(network_, config_, nullptr, "")),
        weights_(weights_of<float>(initial_)),
        updater_(network_, config_, initial_.structure, 0),
        stepper_(network_, rule_.make(network_, initial_.structure, size.streams, 0), size.streams, 0, size.steps),
        size_(size),
        row_ends_(row_ends) {
    grad_.resize(network_.map.size());
    batch_.resize(2 * size.steps, size.streams, size.n, size.m);
    Random random(1, Draw::data);
    // Inputs are small: units stay away from saturation, and a state's influence does not fade to zero within K steps,
    // which rules see and save work for.
    for (std::size_t i = 0; i < batch_.x.size(); ++i) batch_.x[i] = static_cast<float>(0.1 * random.normal());
    for (std::size_t i = 0; i < batch_.y.size(); ++i) batch_.y[i] = static_cast<float>(random.normal());
    for (std::size_t i = 0; i < batch_.weight.size(); ++i) batch_.weight[i] = 1.0F / static_cast<float>(size.streams);
    batch_.third.resize(batch_.weight.size());
    for (std::size_t i = 0; i < batch_.third.size(); ++i) batch_.third[i] = batch_.weight[i];
    stepper_.begin(batch_, 0);
  }

  /// What the constructor asks for. `every`: steps of an interval; 0: whole rows.
  static Config config_of(const std::string& cell, const std::string& rule, int d, int every = 0) {
    return Config::parse("dtype='float32'\n[model]\ncell='" + cell + "'\nhidden=" + std::to_string(d) +
                             "\n[rule]\nname='bptt'\n[loss]\nname='mse'\n[optimizer]\nlr=1e-6\n[update]\nevery=" +
                             (every == 0 ? "'trial'" : std::to_string(every)) + "\n",
                         "bench")
        .with_method(rule);
  }

  /// Forward pass, losses, gradient of all parameters.
  void gradient() {
    if (row_ends_) stepper_.begin(batch_, 0);
    stepper_.run(weights_, batch_, next(), size_.steps, row_ends_, grad_.data());
  }
  /// Forward pass and losses alone.
  void forward() { stepper_.run(weights_, batch_, next(), size_.steps, row_ends_, nullptr); }
  void update() { updater_.update(weights_, grad_.span()); }
  void interval() {
    gradient();
    update();
  }

  /// Threads for the rule (chronograd/rule.hpp).
  void use(Crew& crew) { stepper_.use(&crew); }

  float first_gradient() const { return grad_[0]; }
  const Size& size() const { return size_; }
  const Stack<float>& stack() const { return network_.stack; }
  /// What costs are made of, in a net with so many weights.
  CostSizes sizes() const {
    const auto absent = static_cast<double>(initial_.structure.absent.size());  // recurrent weights alone
    return cost_sizes(rule_.record, network_.stack.record(), rule_.options, size_.d, size_.n, size_.m, size_.steps,
                      absent);
  }
  /// What the rule's record says of it.
  Cost cost() const { return cost_of(rule_.record, sizes()); }
  /// Multiply-adds of one interval of all streams: forward pass, readout, its gradient and credit, and the rule.
  double multiply_adds() {
    const double readout = 3.0 * size_.m * network_.readout.shown;
    // The record knows how many weights are there; a pattern knows which, and counts its own entries step by step.
    const bool counts = config_.table("model").given("density") && sizes().block == 0;
    const double rule = counts ? pattern_work() : cost().multiply_adds;
    return (static_cast<double>(network_.stack.parameters()) + readout + rule) * size_.steps * size_.streams;
  }
  /// Multiplications that the rule's own pattern of present weights has, a step and stream; 0: it has none.
  double pattern_work() { return stepper_.rule()->work(); }
  /// What the rule keeps from one segment to the next, all streams.
  std::size_t rule_bytes() {
    ByteCount count;
    stepper_.rule()->state(count);
    return count.bytes();
  }
  /// What the rule keeps and the states of the K steps.
  std::size_t bytes() {
    return rule_bytes() + network_.bytes_a_step() * static_cast<std::size_t>(size_.steps * size_.streams);
  }

 private:
  /// The first step of the data whose turn it is.
  int next() {
    from_ = size_.steps - from_;
    return from_;
  }

  Config config_;
  Network<float> network_;
  RuleSettings rule_;
  Initial initial_;
  Weights<float> weights_;
  Updater<float> updater_;
  Stepper<float> stepper_;
  Batch<float> batch_;
  Buffer<float> grad_;
  Size size_;
  bool row_ends_;
  int from_ = 0;
};

}  // namespace chronograd
