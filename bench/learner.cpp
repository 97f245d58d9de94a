// SPDX-License-Identifier: Apache-2.0
// `learner/CELL/RULE/d/B`: a step of a Learner (predict, learn, update) beside one of the trainer, in turns, in CPU
// time of the thread. n = 8, m = 2. Counters: trainer_us and learner_us a step, medians; ratio, the median of the
// turns' ratios; more_ns, what the learner takes more. It may take 10 % or 60 ns more, whichever is more.
#include "chronograd/learner.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "base/crew.hpp"
#include "bench/benchmarks.hpp"
#include "chronograd/random.hpp"
#include "cost/workload.hpp"

namespace chronograd::bench {
namespace {

constexpr int turns = 11;
constexpr double seconds = 0.02;  ///< of each part of a turn

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Microseconds that a call takes, in CPU time.
template <class F>
double cost(int calls, const F& call) {
  const double start = thread_cpu_seconds();
  for (int i = 0; i < calls; ++i) call();
  return 1e6 * (thread_cpu_seconds() - start) / calls;
}

void beside(benchmark::State& state, const std::string& cell, const std::string& rule, int d, int B) {
  const Size size{d, 8, 2, B, 1};
  Workload work(cell, rule, size, false);
  Learner<float> learner(Workload::config_of(cell, rule, d).with({"update.every=1"}),
                         {.inputs = size.n, .outputs = size.m, .streams = B});
  std::vector<float> x(static_cast<std::size_t>(B * size.n)), y(static_cast<std::size_t>(B * size.m));
  Random random(1, Draw::data);
  for (float& value : x) value = static_cast<float>(0.1 * random.normal());
  for (float& value : y) value = static_cast<float>(random.normal());
  const auto trained = [&] { work.interval(); };
  const auto learnt = [&] {
    benchmark::DoNotOptimize(learner.predict(x).data());
    benchmark::DoNotOptimize(learner.learn(y));
  };
  const int calls = std::max(3, static_cast<int>(1e6 * seconds / cost(100, trained)));
  std::vector<double> trainer, other, ratio, more;
  for (auto _ : state)
    for (int turn = 0; turn < turns; ++turn) {
      trainer.push_back(cost(calls, trained));
      other.push_back(cost(calls, learnt));
      ratio.push_back(other.back() / trainer.back());
      more.push_back(1e3 * (other.back() - trainer.back()));
    }
  state.counters["trainer_us"] = median(trainer);
  state.counters["learner_us"] = median(other);
  state.counters["ratio"] = median(ratio);
  state.counters["more_ns"] = median(more);
}

}  // namespace

void register_learner() {
  for (const char* cell : {"leaky", "gru", "lstm"})
    for (const char* rule : {"immediate", "rflo", "rtrl"})
      for (const int d : {8, 32, 128})
        for (const int B : {1, 8}) {
          if (rule == std::string("rtrl") && d > 32) continue;
          benchmark::RegisterBenchmark(
              ("learner/" + std::string(cell) + "/" + rule + "/" + std::to_string(d) + "/" + std::to_string(B)).c_str(),
              [=](benchmark::State& state) { beside(state, cell, rule, d, B); })
              ->Iterations(1)
              ->Unit(benchmark::kMillisecond);
        }
}

}  // namespace chronograd::bench
