// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_setup.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "files/mapping.hpp"

namespace chronograd {
namespace {

Activation output_activation(const Config& config, const LossSettings& loss, int outputs) {
  const Options& readout = config.table("readout");
  const Activation activation =
      readout.has("activation") ? activation_of("readout.activation", readout.word("activation")) : loss.record.natural;
  if (activation == Activation::softmax && outputs == 1)
    throw Error(Exit::usage, "readout.activation",
                "got softmax of one output, which is 1 whatever it learns, allowed are two outputs or more. sigmoid "
                "serves for one.");
  return activation;
}

}  // namespace

NetSettings::NetSettings(const Config& config, const Task& task)
    : shape(config, task.inputs(), task.outputs()),
      interface(config),
      loss(config),
      activation(output_activation(config, loss, task.outputs())),
      optimizer(config.table("optimizer")),
      classes(task.classes()),
      seed(static_cast<std::uint64_t>(config.table("").integer("seed"))) {}

WorkerSetup NetSettings::workers(std::int64_t updates, std::int64_t last_from) const {
  return {shape, interface, optimizer, loss.record, activation, classes, loss.mean(true), seed, updates, last_from};
}

template <class T>
void take_parameters(const std::vector<Group<T>*>& groups, const Arrays& arrays, const std::string& file,
                     Observer* observer) {
  std::vector<std::string> used;
  for (Group<T>* group : groups)
    for (Layer<T>& layer : group->layers()) {
      layer.take_from(arrays, file);
      for (std::string& name : layer.names()) used.push_back(std::move(name));
    }
  if (observer == nullptr) return;
  for (const auto& [name, array] : arrays)
    if (!is_mapping(name) && std::find(used.begin(), used.end(), name) == used.end())
      observer->remarked("[" + file + ": " + name + "] this array is not used.");
}

template void take_parameters(const std::vector<Group<float>*>&, const Arrays&, const std::string&, Observer*);
template void take_parameters(const std::vector<Group<double>*>&, const Arrays&, const std::string&, Observer*);

}  // namespace chronograd
