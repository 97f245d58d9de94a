// SPDX-License-Identifier: Apache-2.0
#include "training/score.hpp"

#include <algorithm>
#include <optional>

#include "base/dtype.hpp"
#include "base/interrupt.hpp"
#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "files/state_arrays.hpp"
#include "learning/averaged_weights.hpp"
#include "network/initial.hpp"
#include "training/block_sums.hpp"
#include "training/plan.hpp"
#include "training/recurrent_run.hpp"
#include "training/stream_record.hpp"
#include "training/train_settings.hpp"

namespace chronograd {

Error stopped_evaluation(std::int64_t done, std::int64_t steps) {
  return {Exit::interrupted, "evaluate",
          "interrupted after step " + std::to_string(done) + " of " + std::to_string(steps) + "."};
}

template <class T>
Score evaluate(const Network<T>& network, const Weights<T>& weights, const Task& task, Split split,
               std::int64_t fresh_steps, int streams, Measures* measures, const Look<T>& look, Observer* observer,
               World* world) {
  constexpr std::int64_t widest = 256, longest = 256, most_bytes = segment_bytes / 4;  // a test runs beside training
  std::int64_t rows = task.rows(split), length = task.length(split);
  if (rows < 0) return {};
  if (length == 0) {
    length = fresh_steps;
    rows = streams;
  } else if (rows == 0) {
    rows = std::max<std::int64_t>(streams, fresh_steps / length);
  }
  const auto at_once = static_cast<int>(std::min(rows, widest));
  const std::int64_t fitting = most_bytes / static_cast<std::int64_t>(network.bytes_a_step() * area(at_once, 1));
  ForwardPlan plan = {split, rows, length, at_once,
                      static_cast<int>(std::min(length, std::clamp<std::int64_t>(fitting, 1, longest)))};
  BlockSums sums(network.outputs, task.classes(), world, (rows + at_once - 1) / at_once);
  plan.block = sums.begin();
  plan.rows = std::min(rows, sums.end() * at_once);
  Tally& tally = sums.tally;
  MeasureTally& further = sums.further;
  Decisions<T> decisions = decisions_of(network, task, plan.streams);
  std::int64_t done = 0;
  const auto ask = [&] {
    if (!Observer::or_none(observer).moved({done, rows * length, done})) throw stopped_evaluation(done, rows * length);
    return true;
  };
  std::optional<Interrupt> interrupt;
  if (observer) interrupt.emplace(ask);
  run_forward<T>(network, weights, task, plan,
                 [&](const Seen<T>& seen, const Batch<T>& batch, std::int64_t first, std::int64_t t) {
                   tally.add(seen, 0, seen.steps, batch.streams);
                   if (measures) further.add(seen, batch.streams);
                   if (t == 0) decisions.begin();
                   decisions.add(seen, batch.reset.data(), 0, seen.steps, t + seen.steps == length,
                                 [&](const Decision& decision) {
                                   tally.add(decision);
                                   if (measures) further.add(decision);
                                 });
                   if (t + seen.steps == length) sums.end_block(first / at_once);
                   if (look) look(seen, batch, first, t);
                   done += std::int64_t{seen.steps} * std::min<std::int64_t>(plan.streams, rows - first);
                   ask();
                 });
  sums.collect();
  if (measures) *measures = sums.measures().measures();
  return sums.total().score(task.classes());
}

namespace {

template <class T>
Score score_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer) {
  const Network<T> network(config, task.inputs(), task.outputs());
  const TrainSettings settings(config);
  Weights<T> weights;
  if (checkpoint) {
    weights.theta.resize(network.map.size());
    weights.feedback.resize(network.feedback.own_matrix ? network.readout.bias_at() : 0);
  } else {
    weights = weights_of<T>(initial_values(network, config, &arrays, name));
  }
  AveragedWeights<T> averaged(checkpoint ? settings.average : 0, weights);
  if (checkpoint) {
    Restoring restoring(arrays, name);
    restoring.array("theta", weights.theta.span());
    Within beside(restoring, "averaged/");
    averaged.state(beside);
  }
  const auto score = [&](const Look<T>& look) {
    return evaluate(network, averaged.better(weights), task, split, settings.test_steps,
                    static_cast<int>(settings.batch.value_or(1)), measures, look, observer);
  };
  if (!outputs) return score({});
  const std::int64_t rows = task.rows(split), length = task.length(split);
  if (rows <= 0 || length == 0)
    throw Error(Exit::usage, config.has("task") ? "task.name" : "data",
                "got " + task.summary() + ", which has no fixed number of rows, allowed are data that have one.");
  const int m = network.outputs, d = network.stack.shown_width();
  StreamRecord<T> y(rows, length, m), h(rows, length, d), losses(rows, length, 1), target(rows, length, m),
      mask(rows, length, 1);
  const Score found = score([&](const Seen<T>& seen, const Batch<T>& batch, std::int64_t first, std::int64_t t) {
    const int streams = batch.streams;
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

Score evaluate_recurrent(const Config& config, const Task& task, Split split, const Arrays& arrays,
                         const std::string& name, bool checkpoint, Measures* measures, Arrays* outputs,
                         Observer* observer) {
  return with_dtype(config, [&]<class T>(T) {
    return score_run<T>(config, task, split, arrays, name, checkpoint, measures, outputs, observer);
  });
}

template Score evaluate(const Network<float>&, const Weights<float>&, const Task&, Split, std::int64_t, int, Measures*,
                        const Look<float>&, Observer*, World*);
template Score evaluate(const Network<double>&, const Weights<double>&, const Task&, Split, std::int64_t, int,
                        Measures*, const Look<double>&, Observer*, World*);

}  // namespace chronograd
