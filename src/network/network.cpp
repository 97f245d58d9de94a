// SPDX-License-Identifier: Apache-2.0
#include "network/network.hpp"

#include "chronograd/error.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd {
namespace {

const LossRecord& loss_of(const Config& config) {
  return find_record<LossRecord>("loss.name", config.table("loss").word("name"));
}

Activation output_activation(const Config& config, int m) {
  const Options& readout = config.table("readout");
  const Activation activation = readout.has("activation")
                                    ? activation_of("readout.activation", readout.word("activation"))
                                    : loss_of(config).natural;
  if (activation == Activation::softmax && m == 1)
    throw Error(Exit::usage, "readout.activation",
                "got softmax with one output, which is always 1, allowed are two outputs or more. For one probability "
                "use the loss bce.");
  return activation;
}

/// `output`: the activation of the outputs.
Decide decide_of(const Config& config, Activation output) {
  const Options& readout = config.table("readout");
  const std::string word = readout.has("decide") ? readout.word("decide") : "step";
  if (word == "step") return Decide::step;
  if (word == "mean_output") return Decide::mean_output;
  if (output != Activation::softmax)
    throw Error(Exit::usage, "readout.decide",
                std::string("got sum_softmax with outputs that are ") + name_of(output) +
                    ", allowed are outputs that are softmax. mean_output takes outputs of any kind.");
  return Decide::sum_softmax;
}

}  // namespace

template <class T>
Network<T>::Network(const Config& config, int inputs, int m, int q)
    : Network(chosen_cell(config), config, inputs, m, q) {}

template <class T>
Network<T>::Network(const Config& config, const Task& task)
    : Network(config, task.inputs(), task.outputs(), third_numbers(task)) {}

template <class T>
Network<T>::Network(const ChosenCell& chosen, const Config& config, int inputs, int m, int q)
    : cell(chosen.record),
      stack(*chosen.record, chosen.model, static_cast<int>(chosen.model.integer("hidden")), inputs),
      outputs(m),
      third(q),
      loss(loss_of(config)),
      output(loss, output_activation(config, m), m),
      decide(decide_of(config, output.activation())),
      feedback(find_record<FeedbackRecord>("rule.feedback", config.table("rule").word("feedback"))),
      rates(config),
      readout{stack.shown_width(), m},
      map(stack, readout),
      seed(static_cast<std::uint64_t>(config.table("").integer("seed"))) {}

template <class T>
std::size_t Network<T>::bytes_a_step() const {
  int numbers = 5 * outputs;
  for (int l = 0; l < stack.layers(); ++l)
    numbers += stack.layer(l).ld() +
               stack.units() * (2 * (stack.states() + stack.record().carried) + stack.record().tape + stack.gates());
  return sizeof(T) * static_cast<std::size_t>(numbers);
}

template struct Network<float>;
template struct Network<double>;

}  // namespace chronograd
