// SPDX-License-Identifier: Apache-2.0
#include "training/score.hpp"

#include "chronograd/error.hpp"
#include "files/state_arrays.hpp"
#include "network/initial.hpp"
#include "training/data.hpp"
#include "training/measures.hpp"
#include "training/stream_record.hpp"

namespace chronograd {

template <class T>
Score evaluate(const Network<T>& network, const Config& config, const Weights<T>& weights, const Task& task,
               Split split, std::int64_t fresh_steps, int streams, Measures* measures, const Look<T>& look) {
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
      const Seen<T> seen = stepper.seen();
      tally.add(seen, 0, steps, B, network.outputs, task.classes());
      if (measures) further.add(seen, B);
      if (look) look(seen, B, first, t);
    }
  }
  if (measures) *measures = further.measures();
  return tally.score(task.classes());
}

namespace {

template <class T>
Score score_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                bool checkpoint, Measures* measures, Arrays* outputs) {
  const Network<T> network(config, task.inputs(), task.outputs());
  Weights<T> weights;
  if (checkpoint) {
    weights.theta.resize(network.map.size());
    Restoring(arrays, name).array("theta", weights.theta.span());
  } else {
    weights = weights_of<T>(initial_values(network, config, &arrays, name));
  }
  const Options& train = config.table("train");
  const auto score = [&](const Look<T>& look) {
    return evaluate(network, config, weights, task, split, train.integer("test_steps"),
                    train.has("batch") ? static_cast<int>(train.integer("batch")) : 1, measures, look);
  };
  if (!outputs) return score({});
  const std::int64_t rows = task.rows(split), length = task.length(split);
  if (rows <= 0 || length == 0)
    throw Error(Exit::usage, config.has("task") ? "task.name" : "data",
                "got " + task.summary() + ", which has no fixed number of rows, allowed are data that have one.");
  const int m = network.outputs, d = network.stack.units();
  StreamRecord<T> y(rows, length, m), h(rows, length, d), losses(rows, length, 1), target(rows, length, m),
      mask(rows, length, 1);
  const Score found = score([&](const Seen<T>& seen, int streams, std::int64_t first, std::int64_t t) {
    y.add(first, t, streams, seen.steps, seen.y);
    h.add(first, t, streams, seen.steps, seen.h, seen.h_ld);
    losses.add(first, t, streams, seen.steps, seen.loss);
    target.add(first, t, streams, seen.steps, seen.target);
    mask.add(first, t, streams, seen.steps, seen.mask);
  });
  *outputs = task.mapping();
  outputs->emplace("y", y.array());
  outputs->emplace("h", h.array());
  outputs->emplace("loss_t", losses.array(false));
  outputs->emplace("target", target.array());
  outputs->emplace("mask", mask.array(false));
  return found;
}

}  // namespace

Score evaluate_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures, Arrays* outputs) {
  if (config.table("").word("dtype") == "float64")
    return score_run<double>(config, task, split, arrays, name, checkpoint, measures, outputs);
  return score_run<float>(config, task, split, arrays, name, checkpoint, measures, outputs);
}

template Score evaluate(const Network<float>&, const Config&, const Weights<float>&, const Task&, Split, std::int64_t,
                        int, Measures*, const Look<float>&);
template Score evaluate(const Network<double>&, const Config&, const Weights<double>&, const Task&, Split, std::int64_t,
                        int, Measures*, const Look<double>&);

}  // namespace chronograd
