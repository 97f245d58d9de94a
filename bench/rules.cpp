// SPDX-License-Identifier: Apache-2.0
// `step/CELL/RULE/d/B/K` is K steps of B streams, forward pass to update, for every rule and cell that there is (rules
// that want whole rows get rows of K steps); `gradient/CELL/RULE/d/B/K` leaves the update out and ends a row each time,
// as loss.backward() of a forward pass does. n = 32, m = 10, or n = 8, m = 2 where B = 1,
// but for the exact rules beside each other and PyTorch's.
//
// Counters: step_us of a time step of all streams; GFLOPS by the cost that the rule's record states, so that it is
// comparable with gemm/; kept_bytes of rule memory; allocations a step, ours and libraries'.
#include <benchmark/benchmark.h>

#include <set>

#include "bench/allocations.hpp"
#include "bench/benchmarks.hpp"
#include "cost/workload.hpp"

namespace chronograd::bench {
namespace {

constexpr double too_large = 512e6;  ///< bytes of rule memory
constexpr double too_long = 2e10;    ///< multiply-adds of one iteration

template <class Run>
void measure(benchmark::State& state, Workload& work, const Run& run) {
  // The first segment sizes what is sized by need, the second what only a memory of steps before it needs.
  run();
  run();
  const Allocations before = allocations();
  for (auto _ : state) {
    run();
    benchmark::DoNotOptimize(work.first_gradient());
  }
  const Allocations made = allocations() - before;
  const double steps = work.size().steps;
  state.counters["step_us"] =
      benchmark::Counter(steps * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["GFLOPS"] =
      benchmark::Counter(2e-9 * work.multiply_adds(), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["kept_bytes"] = static_cast<double>(work.rule_bytes());
  const double all = steps * static_cast<double>(state.iterations());
  state.counters["allocations"] = static_cast<double>(made.ours) / all;
  state.counters["library_allocations"] = static_cast<double>(made.libraries) / all;
}

void step(benchmark::State& state, const std::string& cell, const std::string& rule, const Size& size) {
  Workload work(cell, rule, size, false);
  measure(state, work, [&] { work.interval(); });
}

void gradient(benchmark::State& state, const std::string& cell, const std::string& rule, const Size& size) {
  Workload work(cell, rule, size, true);
  measure(state, work, [&] { work.gradient(); });
}

using Benchmark = void (*)(benchmark::State&, const std::string&, const std::string&, const Size&);

void add(const char* what, Benchmark run, const std::string& cell, const std::string& rule, const Size& s) {
  static std::set<std::string> known;
  const std::string name = std::string(what) + "/" + cell + "/" + rule + "/" + std::to_string(s.d) + "/" +
                           std::to_string(s.streams) + "/" + std::to_string(s.steps);
  if (!known.insert(name).second) return;
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    run(state, cell, rule, s);
  })->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_comparison() {
  for (const char* cell : {"leaky", "gru", "lstm"})
    for (const Size& size :
         {Size{32, 32, 10, 1, 100}, Size{128, 32, 10, 32, 100}, Size{256, 32, 10, 32, 100}, Size{512, 32, 10, 64, 100}})
      add("gradient", gradient, cell, "bptt", size);
  for (const char* rule : {"rflo", "snap"}) {
    add("gradient", gradient, "leaky", rule, {128, 32, 10, 32, 100});
    add("step", step, "leaky", rule, {128, 32, 10, 32, 100});
  }
  for (const int d : {128, 256}) add("step", step, "leaky", "rtrl", {d, 32, 10, 1, d});
  for (const char* density : {"1.0", "0.25", "0.05", "0.01"})
    for (const char* rule : {"readout_only(", "rtrl(", "rtrl(block=1,", "sparse_rtrl(", "snap(n=2,"})
      add("step", step, "leaky", rule + std::string("model.density=") + density + ")", {256, 32, 10, 1, 1});
  for (const int d : {64, 128, 256})
    for (const char* density : {"0.25", "0.05", "0.01"})
      for (const int K : {1, 16})
        for (const char* rule : {"sparse_rtrl(", "sparse_rtrl(block=1,"})
          add("step", step, "leaky", rule + std::string("model.density=") + density + ")", {d, 32, 10, 1, K});
  for (const int d : {32, 64, 128, 256})
    for (const char* rule : {"rtrl", "rtrl(block=1)"}) add("step", step, "leaky", rule, {d, 32, 10, 1, 1});
  for (const char* cell : {"gru", "lstm"})
    for (const char* rule : {"rtrl", "rtrl(block=1)"}) add("step", step, cell, rule, {64, 32, 10, 1, 1});
  add("step", step, "leaky", "bp_lambda(lambda=0.9)", {32, 32, 10, 1, 1});
  for (const char* rule : {"snap", "snap(reach=8)"}) add("step", step, "leaky", rule, {128, 8, 2, 1, 1});
  for (const char* rule :
       {"snap", "snap(reach=8,reach_by=interval,update.every=8)", "snap(reach=16,reach_by=interval,update.every=8)"})
    add("step", step, "leaky", rule, {128, 8, 2, 1, 8});
  for (const char* rule : {"eprop(", "snap(", "rtrl(", "rtrl(block=1,"})
    add("step", step, "alif", rule + std::string("readout.tau_out=20)"), {100, 40, 2, 1, 1});
  for (const char* cell : {"leaky_diagonal", "lru", "lru_real", "rtu", "elstm"})
    for (const char* rule : {"immediate", "rtrl"}) add("step", step, cell, rule, {256, 8, 2, 1, 1});
}

void register_rules() {
  for (const CellRecord* cell : catalogue<CellRecord>())
    for (const RuleRecord* rule : catalogue<RuleRecord>())
      for (const Size& size :
           {Size{32, 8, 2, 1, 1}, Size{128, 8, 2, 1, 1}, Size{32, 8, 2, 1, 32}, Size{128, 32, 10, 32, 32}}) {
        const Cost cost =
            cost_of(*rule, cost_sizes(*rule, *cell,
                                      Workload::config_of(cell->entry.name, rule->entry.name, size.d).table("rule"),
                                      size.d, size.n, size.m, size.steps));
        if (4 * cost.kept * size.streams > too_large || cost.multiply_adds * size.steps * size.streams > too_long)
          continue;
        if (rule->segments == Segments::row)
          add("gradient", gradient, cell->entry.name, rule->entry.name, size);
        else
          add("step", step, cell->entry.name, rule->entry.name, size);
      }
}

}  // namespace chronograd::bench
