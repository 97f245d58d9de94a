// SPDX-License-Identifier: Apache-2.0
// `worst/CELL/RULE/d/K`: each of a million steps of one stream is timed by itself, an update every K steps; one
// iteration. worst_us is the longest interval of K steps, late_us the time that one in a thousand exceeds, mean_us a
// step. Where K > 1 an interval's work comes at its end: worst_us is the pause that a live stream would see.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "bench/benchmarks.hpp"
#include "cost/workload.hpp"

namespace chronograd::bench {
namespace {

void worst(benchmark::State& state, const std::string& cell, const std::string& rule, int d, int K, int steps) {
  using Clock = std::chrono::steady_clock;
  Workload work(cell, rule, {d, 8, 2, 1, K}, false);
  for (int i = 0; i < 100; ++i) work.interval();
  std::vector<float> times(static_cast<std::size_t>(steps / K));
  for (auto _ : state) {
    Clock::time_point last = Clock::now();
    for (float& time : times) {
      work.interval();
      const Clock::time_point now = Clock::now();
      time = std::chrono::duration<float, std::micro>(now - last).count();
      last = now;
    }
  }
  double sum = 0;
  for (const float time : times) sum += time;
  state.counters["mean_us"] = sum / steps;
  state.counters["worst_us"] = *std::max_element(times.begin(), times.end());
  const auto late = times.end() - static_cast<std::ptrdiff_t>(times.size() / 1000 + 1);
  std::nth_element(times.begin(), late, times.end());
  state.counters["late_us"] = *late;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  state.counters["median_us"] = *middle;
}

void add(const std::string& cell, const std::string& rule, int d, int K, int steps) {
  benchmark::RegisterBenchmark(
      ("worst/" + cell + "/" + rule + "/" + std::to_string(d) + "/" + std::to_string(K)).c_str(),
      [=](benchmark::State& state) { worst(state, cell, rule, d, K, steps); })
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_worst() {
  constexpr int million = 1'000'000;
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    if (rule->segments != Segments::row) add("leaky", rule->entry.name, 32, 1, million);
  // What a longer update interval does to the exact rule: less work, in bursts.
  for (const int K : {8, 32, 128}) add("leaky", "rtrl", 32, K, million);
}

}  // namespace chronograd::bench
