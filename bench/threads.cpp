// SPDX-License-Identifier: Apache-2.0
// `threads/N` trains a leaky network of 128 units on 64 streams of the task sine for 40 updates, N threads: two shards,
// so that two threads are all that can help. real_time is what counts.
#include <benchmark/benchmark.h>

#include "bench/benchmarks.hpp"
#include "chronograd/train.hpp"

namespace chronograd::bench {
namespace {

void threads(benchmark::State& state) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=128\nalpha=0.5\n[loss]\nname='mse'\n[rule]\nname='bptt'\n"
      "[update]\nevery='trial'\n[optimizer]\nname='sgd'\nlr=1e-3\n[task]\nname='sine'\nrows=64\n"
      "[train]\nbatch=64\nupdates=40\nreport_every=40\ntest_steps=1\n",
      "bench");
  const auto task = make_task(config);
  RunOptions options;
  options.threads = static_cast<int>(state.range(0));
  double seconds = 0;
  for (auto _ : state) seconds += train(config, *task, options).seconds;
  state.counters["training_s"] = benchmark::Counter(seconds, benchmark::Counter::kAvgIterations);
}

}  // namespace

void register_threads() {
  benchmark::RegisterBenchmark("threads", threads)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace chronograd::bench
