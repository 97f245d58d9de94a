// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/crew.hpp"
#include "learning/averaged_weights.hpp"
#include "learning/stepper.hpp"
#include "training/data.hpp"
#include "training/decisions.hpp"
#include "training/firing.hpp"
#include "training/plan.hpp"
#include "training/rows_in_turn.hpp"
#include "training/score.hpp"
#include "training/share.hpp"
#include "training/state_record.hpp"

namespace chronograd {

/// Some streams of a batch on the way through a run: what stays theirs whichever stepper they run on.
template <class T>
struct TrainedShard {
  /// Streams [first_stream, end_stream) of the batch, on a stepper of `width` streams: those beyond are not there.
  TrainedShard(const Network<T>& network, const Task& task, int first_stream, int end_stream, int width)
      : first(first_stream),
        end(end_stream),
        rates(network, width),
        spiking_units(spikes(network.stack.record()) ? network.stack.units() : 0),
        decisions(decisions_of(network, task, width)),
        rows(static_cast<std::size_t>(width), -1) {}
  /// The same streams under averaged weights too.
  void run_beside(const Network<T>& network, int longest) {
    beside.emplace(network, nullptr, static_cast<int>(rows.size()), first, longest);
  }
  /// Reads steps [t, t + steps) of its rows; `states`: N S d.
  void read(const Task& task, std::int64_t t, int steps, const Normalisation& normalisation, int states) {
    read_batch(task, Split::train, rows, t, steps, normalisation, states, batch, Padding::at_rest);
  }
  /// Runs steps [from, from + K) of the batch in segments of `segment` and counts them; the last ones among them begin
  /// after `others` steps.
  void run(Stepper<T>& stepper, const Weights<T>& weights, const AveragedWeights<T>& averaged, int from, int K,
           int segment, bool row_ends, std::int64_t others) {
    tally = last = {};
    learning = mean = {};
    const int B = stepper.streams();
    for (int k = 0; k < K; k += segment) {
      const int steps = std::min(segment, K - k);
      const bool ends = row_ends && k + steps == K;
      stepper.run(weights, batch, from + k, steps, ends, grad.data());
      if (beside) {
        beside->run(averaged.weights(), batch, from + k, steps, ends, nullptr);
        learning.add(stepper.seen(), B);
        mean.add(beside->seen(), B);
      }
      if (spiking_units > 0) tally.fired.add(fired_in<T>(stepper.layers(), spiking_units, batch, from + k));
      const Seen<T> seen = averaged.lead() ? beside->seen() : stepper.seen();
      const std::uint8_t* reset = batch.reset.data() + area(from + k, B);
      const auto count = [&](int begin, int stop) {
        Tally some;
        some.add(seen, begin, stop, B);
        decisions.add(seen, reset, begin, stop, ends && stop == steps,
                      [&](const Decision& decision) { some.add(decision); });
        return some;
      };
      const auto before = static_cast<int>(std::clamp<std::int64_t>(others - k, 0, steps));
      if (before > 0) tally.add(count(0, before));
      if (before < steps) last.add(count(before, steps));
    }
    tally.add(last);
    tally.rates = stepper.rates().charged();
    if (!row_ends) return;
    stepper.flush(grad.data());
    stepper.flush_watched();
  }

  /// What is counted of an interval.
  struct Counts {
    Tally tally, last;
    LossSum learning, mean;
  };
  Counts counts() const { return {tally, last, learning, mean}; }

  int first, end;
  Batch<T> batch;
  RateCost<T> rates;  ///< what is known of those of its rows
  int spiking_units;  ///< of a layer, whose spikes are counted; 0: they do not spike
  Decisions<T> decisions;
  Buffer<T> grad;
  std::vector<std::int64_t> rows;    ///< of each stream; -1: it is not there
  Tally tally, last;                 ///< of an interval, of the weights that predict; those of its steps that are among
                                     ///< the run's last
  std::optional<Stepper<T>> beside;  ///< under averaged weights
  LossSum learning, mean;            ///< of an interval, where there are averaged weights: of the two
};

/// One for each shard of this process; where shards take turns, for each thread, of their widest.
template <class T>
using Steppers = std::vector<std::unique_ptr<Stepper<T>>>;

template <class T>
Steppers<T> make_steppers(const Plan& plan, const Network<T>& network, const RuleSettings& rule,
                          const Structure& structure, int threads, const Share& share) {
  Steppers<T> all;
  const int begin = plan.in_turns ? 0 : share.first(), end = !plan.in_turns      ? share.end()
                                                             : share.count() > 1 ? plan.threads(threads)
                                                                                 : 1;
  for (int i = begin; i < end; ++i) {
    const int first = plan.in_turns ? 0 : plan.first_stream(i),
              streams = plan.in_turns ? plan.width() : plan.first_stream(i + 1) - first;
    all.push_back(std::make_unique<Stepper<T>>(network, rule.make(network, structure, streams, first), streams, first,
                                               plan.segment));
  }
  return all;
}

/// Calls work(stepper, shard) for all shards, on all threads. Where they take turns their rows, the `pass`-th, begin,
/// and are read by `rows`, unless it is null: then they are there.
template <class T, class Work>
void each_shard(const Plan& plan, Crew& crew, const Steppers<T>& steppers,
                const std::vector<std::unique_ptr<TrainedShard<T>>>& shards, std::int64_t pass,
                std::type_identity_t<RowsInTurn<T, TrainedShard<T>>>* rows, const Work& work) {
  const auto count = static_cast<int>(shards.size());
  if (!plan.in_turns)
    return crew.run(count, [&](int i) {
      const auto s = static_cast<std::size_t>(i);
      work(*steppers[s], *shards[s]);
    });
  in_turns(crew, static_cast<int>(steppers.size()), count, [&](std::size_t i, std::size_t s) {
    const auto turn = [&] {
      steppers[i]->begin(shards[s]->batch, pass, 0, shards[s]->first);
      work(*steppers[i], *shards[s]);
    };
    if (rows != nullptr)
      rows->with(i, *shards[s], turn);
    else
      turn();
  });
}

}  // namespace chronograd
