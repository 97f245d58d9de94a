// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_run.hpp"

#include "base/dtype.hpp"
#include "decoupled/net_trainer.hpp"
#include "files/state_arrays.hpp"

namespace chronograd {
namespace {

template <class T>
Score score_of(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
               bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer) {
  const TrainSettings settings(config);
  const NetSettings net(config, task);
  const Output<T> output(net.loss.record, net.activation, task.outputs());
  std::vector<std::unique_ptr<Group<T>>> groups;
  std::vector<Group<T>*> all;
  for (int k = 0; k < net.groups(); ++k) {
    groups.push_back(std::make_unique<Group<T>>(net.shape.group(k), net.optimizer, net.seed, 1));
    all.push_back(groups.back().get());
  }
  if (checkpoint) {
    Restoring restoring(arrays, name);
    for (std::size_t k = 0; k < all.size(); ++k) {
      Within worker(restoring, "worker" + std::to_string(k) + "/");
      all[k]->weights(worker);
    }
  } else {
    take_parameters(all, arrays, name, nullptr);
  }
  NetLayers<T> layers;
  for (const Group<T>* group : all)
    for (const Layer<T>& layer : group->layers()) layers.push_back(&layer);
  const auto streams = static_cast<int>(settings.batch.value_or(1));
  return score_net(layers, output, task, split, settings.test_steps, streams, measures, outputs, observer);
}

}  // namespace

RunResult train_net(const Config& config, const Task& task, const RunOptions& options) {
  return with_dtype(config, [&]<class T>(T) { return NetTrainer<T>(config, task, options).run(); });
}

void check_net_training(const Config& config, const Task& task, const RunOptions& options) {
  with_dtype(config, [&]<class T>(T) { static_cast<void>(NetTrainer<T>(config, task, options)); });
}

Score evaluate_net(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer) {
  return with_dtype(config, [&]<class T>(T) {
    return score_of<T>(config, task, split, arrays, name, checkpoint, measures, outputs, observer);
  });
}

}  // namespace chronograd
