// SPDX-License-Identifier: Apache-2.0
#include "training/firing.hpp"

#include <algorithm>
#include <vector>

#include "base/sizes.hpp"
#include "training/forward_pass.hpp"
#include "training/state_record.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t most_rows = 16, most_steps = 20000, longest_segment = 32;
constexpr double nearly_always = 0.9;  ///< of how often a unit can fire

/// [d] how often each unit can fire, in spikes a step.
std::vector<double> highest_rates(const CellRecord& record, const Options& model, int d) {
  std::vector<double> constants(area(record.constant_count(), d)), rates;
  record.fill(record, model, d, constants.data());
  const int silent = constant_of(record, "n_ref");
  for (int i = 0; i < d; ++i)
    rates.push_back(silent < 0 ? 1 : 1 / std::max(1.0, constants[area(silent, d) + static_cast<std::size_t>(i)]));
  return rates;
}

}  // namespace

template <class T>
std::optional<Firing> firing_of(const Network<T>& network, const Options& model, const Weights<T>& weights,
                                const Task& task) {
  const Stack<T>& stack = network.stack;
  if (!spikes(stack.record())) return std::nullopt;
  const Split split = task.rows(Split::test) >= 0 ? Split::test : Split::train;
  const std::int64_t length = task.length(split), steps = length == 0 ? most_steps / most_rows : length,
                     available = task.rows(split) == 0 ? most_rows : task.rows(split),
                     rows = std::clamp<std::int64_t>(most_steps / steps, 1, std::min(available, most_rows));
  const int d = stack.units(), N = stack.layers(), tape = stack.record().tape * d;
  std::vector<std::int64_t> counts(area(static_cast<int>(rows) * N, d));
  std::int64_t all = 0, without_slope = 0;
  run_forward<T>(
      network, weights, task,
      {split, rows, steps, static_cast<int>(rows), static_cast<int>(std::min(steps, longest_segment))},
      [](const Seen<T>&, const Batch<T>&, std::int64_t, std::int64_t) {},
      [&](Layers<T> layers, std::int64_t first, std::int64_t) {
        for (int l = 0; l < N; ++l) {
          const Segment<T>& segment = layers[static_cast<std::size_t>(l)];
          for (int row = 0; row < segment.steps * segment.streams; ++row) {
            const auto stream = static_cast<int>(first) + row % segment.streams;
            for (int i = 0; i < d; ++i) {
              counts[area(stream * N + l, d) + static_cast<std::size_t>(i)] +=
                  segment.h[area(row, segment.h_ld) + static_cast<std::size_t>(i)] > T(0);
              without_slope += segment.tape[area(row, tape) + static_cast<std::size_t>(i)] == T(0);
            }
            all += d;
          }
        }
      });
  const std::vector<double> highest = highest_rates(stack.record(), model, d);
  Firing firing;
  double spikes = 0, silent = 0, saturated = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const auto count = static_cast<double>(counts[k]);
    spikes += count;
    silent += count == 0;
    saturated += count > nearly_always * highest[k % static_cast<std::size_t>(d)] * static_cast<double>(steps);
  }
  const auto units = static_cast<double>(counts.size());
  firing.rate = spikes / (units * static_cast<double>(steps));
  firing.silent = silent / units;
  firing.saturated = saturated / units;
  firing.without_slope = static_cast<double>(without_slope) / static_cast<double>(all);
  return firing;
}

template <class T>
Fired fired_in(Layers<T> layers, int d, const Batch<T>& batch, int from) {
  Fired fired;
  for (const Segment<T>& segment : layers)
    for (int row = 0; row < segment.steps * segment.streams; ++row) {
      if (batch.idles(area(from * segment.streams + row, 1))) continue;
      const T* h = segment.h + area(row, segment.h_ld);
      fired.spikes += static_cast<double>(std::count_if(h, h + d, [](T spike) { return spike > T(0); }));
      fired.chances += d;
    }
  return fired;
}

template Fired fired_in(Layers<float>, int, const Batch<float>&, int);
template Fired fired_in(Layers<double>, int, const Batch<double>&, int);
template std::optional<Firing> firing_of(const Network<float>&, const Options&, const Weights<float>&, const Task&);
template std::optional<Firing> firing_of(const Network<double>&, const Options&, const Weights<double>&, const Task&);

}  // namespace chronograd
