// SPDX-License-Identifier: Apache-2.0
#include "training/class_weights.hpp"

#include <algorithm>
#include <numeric>

#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

constexpr const char* where = "loss.class_weights";
constexpr std::int64_t chunk = 256;  // steps read at a time

/// The weight of the training steps of each class.
std::vector<double> counted(const Task& task) {
  const auto n = static_cast<std::size_t>(task.inputs()), m = static_cast<std::size_t>(task.outputs());
  const std::int64_t rows = task.rows(Split::train), length = task.length(Split::train);
  if (rows <= 0 || length == 0)
    throw Error(Exit::usage, where,
                "got balanced on a task that draws its rows without end, allowed is a list of factors.");
  std::vector<double> x(chunk * n), y(chunk * m), mask(chunk), weights(m);
  std::vector<std::uint8_t> reset(chunk);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t t = 0; t < length; t += chunk) {
      const auto steps = static_cast<std::size_t>(std::min(chunk, length - t));
      task.read(Split::train, row, t, static_cast<int>(steps), {x.data(), y.data(), mask.data(), reset.data()});
      for (std::size_t k = 0; k < steps; ++k) {
        const double* const target = y.data() + k * m;
        if (mask[k] > 0) weights[static_cast<std::size_t>(std::max_element(target, target + m) - target)] += mask[k];
      }
    }
  return weights;
}

std::vector<double> balanced(const Task& task) {
  std::vector<double> weights = counted(task);
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto classes =
      static_cast<double>(std::count_if(weights.begin(), weights.end(), [](double weight) { return weight > 0; }));
  if (classes == 0)
    throw Error(Exit::data, where, "got training data in which no step counts, allowed with balanced is one at least.");
  for (double& weight : weights) weight = weight > 0 ? all / (classes * weight) : 0;
  return weights;
}

std::vector<double> listed(const LossSettings& loss, int outputs) {
  const std::vector<double>& weights = loss.listed;
  if (weights.size() != static_cast<std::size_t>(outputs))
    throw Error(Exit::usage, where,
                "got " + std::to_string(weights.size()) + (weights.size() == 1 ? " factor" : " factors") +
                    ", allowed is one for each of the " + std::to_string(outputs) + " classes.");
  if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; }))
    throw Error(Exit::usage, where, "got zeros alone, allowed is one factor at least that is larger.");
  return weights;
}

}  // namespace

std::vector<double> class_weights(const LossSettings& loss, const Task& task) {
  if (loss.weights == LossSettings::Weights::none) return {};
  if (!task.classes() || !loss.record.takes_classes)
    throw Error(Exit::usage, where,
                std::string("got weights with the loss ") + loss.record.entry.name + " and targets that are " +
                    (task.classes() ? "classes" : "numbers") +
                    ", allowed are classes with cross_entropy. Weights of steps can stand in the data, as a mask.");
  if (loss.weights == LossSettings::Weights::balanced) return balanced(task);
  return listed(loss, task.outputs());
}

std::vector<double> class_weights(const LossSettings& loss, int outputs) {
  if (loss.weights == LossSettings::Weights::none) return {};
  if (!loss.record.takes_classes)
    throw Error(Exit::usage, where,
                std::string("got weights with the loss ") + loss.record.entry.name +
                    ", allowed are classes with cross_entropy. Steps can have weights of their own.");
  if (loss.weights == LossSettings::Weights::balanced)
    throw Error(Exit::usage, where,
                "got balanced on a stream, whose classes cannot be counted before it comes, allowed is a list of "
                "factors.");
  return listed(loss, outputs);
}

}  // namespace chronograd
