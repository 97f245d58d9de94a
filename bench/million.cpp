// SPDX-License-Identifier: Apache-2.0
// `million/RULE/THREADS`: exact online learning of 1024 units, n = 2, a million weights, with an update at every step
// of one stream. A step's time is the mean over a whole block, after a block that fills M; for `block=1` that of two
// steps. step_s in real time, kept_GiB of the rule's memory, peak_GiB of the process so far.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/crew.hpp"
#include "bench/benchmarks.hpp"
#include "bench/peak.hpp"
#include "cost/workload.hpp"

namespace chronograd::bench {
namespace {

void million(benchmark::State& state, const std::string& rule, int threads) {
  Workload work("leaky", rule, {1024, 2, 1, 1, 1}, false);
  Crew crew(threads);
  work.use(crew);
  const int block = std::max(2, static_cast<int>(work.sizes().at_once));
  double seconds = 0;
  for (auto _ : state) {
    for (int i = 0; i < block; ++i) work.interval();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < block; ++i) work.interval();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  state.counters["steps"] = block;
  state.counters["step_s"] = seconds / block;
  state.counters["kept_GiB"] = static_cast<double>(work.rule_bytes()) / (1 << 30);
  state.counters["peak_GiB"] = peak() / 1024;
}

}  // namespace

void register_million() {
  for (const char* rule : {"rtrl(influence=bf16)", "rtrl", "rtrl(block=1)"})
    benchmark::RegisterBenchmark(("million/" + std::string(rule) + "/2").c_str(),
                                 [=](benchmark::State& state) { million(state, rule, 2); })
        ->Iterations(1)
        ->UseRealTime()
        ->Unit(benchmark::kSecond);
}

}  // namespace chronograd::bench
