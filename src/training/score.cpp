// SPDX-License-Identifier: Apache-2.0
#include "training/score.hpp"

#include "training/data.hpp"
#include "training/initial.hpp"
#include "training/state_arrays.hpp"

namespace chronograd {

template <class T>
Score evaluate(const Network<T>& network, const Config& config, const Weights<T>& weights, const Task& task,
               Split split, std::int64_t fresh_steps, int streams, Measures* measures) {
  constexpr std::int64_t widest = 256, longest = 256;
  std::int64_t rows = task.rows(split), length = task.length(split);
  if (rows < 0) return {};
  if (length == 0) {
    length = fresh_steps;
    rows = streams;
  } else if (rows == 0) {
    rows = std::max<std::int64_t>(streams, fresh_steps / length);
  }
  const auto B = static_cast<int>(std::min(rows, widest));
  const auto chunk = static_cast<int>(std::min(length, longest));
  Stepper<T> stepper(network, config, {}, nullptr, B, 0, chunk);
  Batch<T> batch;
  Tally tally;
  MeasureTally further(network.outputs, task.classes());
  std::vector<std::int64_t> picked(static_cast<std::size_t>(B));
  for (std::int64_t first = 0; first < rows; first += B) {
    for (std::int64_t b = 0; b < B; ++b) picked[static_cast<std::size_t>(b)] = first + b < rows ? first + b : -1;
    for (std::int64_t t = 0; t < length; t += chunk) {
      const auto steps = static_cast<int>(std::min<std::int64_t>(chunk, length - t));
      read_batch(task, split, picked, t, steps, Normalisation{}, network.stack.width(), batch);
      if (t == 0) stepper.begin(batch, first / B);
      stepper.run(weights, batch, 0, steps, t + steps == length, nullptr);
      tally.add(stepper.seen(), 0, steps, B, network.outputs, task.classes());
      if (measures) further.add(stepper.seen(), B);
    }
  }
  if (measures) *measures = further.measures();
  return tally.score(task.classes());
}

namespace {

template <class T>
Score score_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                bool checkpoint, Measures* measures) {
  const Network<T> network(config, task.inputs(), task.outputs());
  Weights<T> weights;
  if (checkpoint) {
    weights.theta.resize(network.map.size());
    Restoring(arrays, name).array("theta", weights.theta.span());
  } else {
    weights = weights_of<T>(initial_values(network, config, &arrays, name));
  }
  const Options& train = config.table("train");
  return evaluate(network, config, weights, task, split, train.integer("test_steps"),
                  train.has("batch") ? static_cast<int>(train.integer("batch")) : 1, measures);
}

}  // namespace

Score evaluate_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures) {
  if (config.table("").word("dtype") == "float64")
    return score_run<double>(config, task, split, arrays, name, checkpoint, measures);
  return score_run<float>(config, task, split, arrays, name, checkpoint, measures);
}

template Score evaluate(const Network<float>&, const Config&, const Weights<float>&, const Task&, Split, std::int64_t,
                        int, Measures*);
template Score evaluate(const Network<double>&, const Config&, const Weights<double>&, const Task&, Split, std::int64_t,
                        int, Measures*);

}  // namespace chronograd
