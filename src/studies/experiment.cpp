// SPDX-License-Identifier: Apache-2.0
#include "chronograd/experiment.hpp"

#include <utility>

#include "studies/job.hpp"

namespace chronograd {

Experiment::Experiment(Config config, std::shared_ptr<const Task> task)
    : config_(std::move(config)),
      given_(task != nullptr),
      task_(given_ ? std::move(task) : std::shared_ptr<const Task>(make_task(config_))) {}

Experiment Experiment::under(Config config) const {
  Experiment other = *this;
  if (!given_ && !same_rows(config, config_)) other.task_ = make_task(config);
  other.config_ = std::move(config);
  return other;
}

Experiment Experiment::with(const std::vector<std::string>& changes) const {
  return under(config_.with(changes));
}

Experiment Experiment::with_method(const std::string& word) const {
  return under(config_.with_method(word));
}

RunResult Experiment::train(const RunOptions& options) const {
  return chronograd::train(config_, *task_, options);
}

Arrays Experiment::gradient(const Arrays& parameters, const GradientRequest& request) const {
  return chronograd::gradient(config_, *task_, parameters, "parameters", request);
}

Arrays Experiment::run(const Arrays& parameters, Split split) const {
  Arrays outputs;
  chronograd::evaluate(config_, *task_, split, parameters, "parameters", nullptr, &outputs);
  return outputs;
}

Score Experiment::evaluate(const Arrays& parameters, Split split, Measures* measures) const {
  return chronograd::evaluate(config_, *task_, split, parameters, "parameters", measures);
}

Comparison Experiment::compare(const std::vector<std::string>& rules, const std::vector<std::uint64_t>& seeds,
                               ComparisonOptions options) const {
  if (!options.task && given_) options.task = task_.get();
  return chronograd::compare(config_, parse_methods("rules", rules, method_table(config_)), seeds, options);
}

std::vector<CheckRow> Experiment::check(int seeds, Observer* observer) const {
  return check_config(config_, seeds, 0, observer);
}

}  // namespace chronograd
