// SPDX-License-Identifier: Apache-2.0
// `positions/CELL/RULE/d`: where a rule does much of its work every so many steps, how long the step at each place of
// that cycle takes, with an update at every step of one stream. A place's time is the median of 200 cycles, in CPU time
// of the thread: what the machine does beside is left out. worst_us is that of the longest place, mean_us that of all,
// worst_by_mean their ratio.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/crew.hpp"
#include "bench/benchmarks.hpp"
#include "cost/workload.hpp"

namespace chronograd::bench {
namespace {

void positions(benchmark::State& state, const std::string& cell, const std::string& rule, int d) {
  constexpr int cycles = 200, inputs = 8, outputs = 2;
  Workload work(cell, rule, {d, inputs, outputs, 1, 1}, false);
  const auto length = static_cast<std::size_t>(work.sizes().at_once);
  std::vector<std::vector<double>> times(length, std::vector<double>(cycles));
  for (auto _ : state) {
    for (std::size_t i = 0; i < 3 * length; ++i) work.interval();
    for (std::size_t cycle = 0; cycle < cycles; ++cycle)
      for (std::vector<double>& place : times) {
        const double begin = thread_cpu_seconds();
        work.interval();
        place[cycle] = 1e6 * (thread_cpu_seconds() - begin);
      }
  }
  double sum = 0, worst = 0;
  for (std::vector<double>& place : times) {
    const auto middle = place.begin() + cycles / 2;
    std::nth_element(place.begin(), middle, place.end());
    sum += *middle;
    worst = std::max(worst, *middle);
  }
  const double mean = sum / static_cast<double>(length);
  state.counters["steps"] = static_cast<double>(length);
  state.counters["mean_us"] = mean;
  state.counters["worst_us"] = worst;
  state.counters["worst_by_mean"] = worst / mean;
}

}  // namespace

void register_positions() {
  for (const int d : {32, 64, 128, 256})
    for (const char* rule : {"rtrl", "rtrl(spread=true)"})
      benchmark::RegisterBenchmark(("positions/leaky/" + std::string(rule) + "/" + std::to_string(d)).c_str(),
                                   [=](benchmark::State& state) { positions(state, "leaky", rule, d); })
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
}

}  // namespace chronograd::bench
