// SPDX-License-Identifier: Apache-2.0
#include "decoupled/doors.hpp"

#include "decoupled/net_run.hpp"
#include "training/recurrent_run.hpp"

namespace chronograd {
namespace {

bool is_net(const Config& config) {
  return config.has("net");
}

}  // namespace

RunResult train(const Config& config, const Task& task, const RunOptions& options) {
  return (is_net(config) ? train_net : train_recurrent)(config, task, options);
}

void check_training(const Config& config, const Task& task, const RunOptions& options) {
  (is_net(config) ? check_net_training : check_recurrent_training)(config, task, options);
}

Score evaluate_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer) {
  if (is_net(config)) return evaluate_net(config, task, split, arrays, name, checkpoint, measures, outputs, observer);
  return evaluate_recurrent(config, task, split, arrays, name, checkpoint, measures, outputs, observer);
}

Score evaluate(const Config& config, const Task& task, Split split, const Arrays& parameters,
               const std::string& parameters_name, Measures* measures, Arrays* outputs, Observer* observer) {
  return evaluate_run(config, task, split, parameters, parameters_name, false, measures, outputs, observer);
}

}  // namespace chronograd
