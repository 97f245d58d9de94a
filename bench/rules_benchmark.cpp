// SPDX-License-Identifier: Apache-2.0
// Time of learning rules: `bptt/CELL/d/B/T` is forward pass, backward pass and gradients of a batch of rows (what
// PyTorch's loss.backward() of a forward pass does); `online/RULE/CELL/d/B/K` is K steps and one update.
// `density=Q/RULE/CELL/d/B/K` is the same with a share of the recurrent weights present.
// Counters: us_per_step (a time step of all B streams), and for rules that carry an influence matrix
// GMAC_per_s, the multiply-adds of it that their pattern has (Rule::work), and GB_per_s, reading and writing it once.
// `gemm/M/N/K` is the machine's own rate for a product.
#include <benchmark/benchmark.h>

#include "bench/online_step.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace {

using chronograd::bench::Size;
using chronograd::bench::Workload;

void rate_counters(benchmark::State& state, int steps) {
  state.counters["us_per_step"] = benchmark::Counter(
      static_cast<double>(steps) * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void bptt(benchmark::State& state, const char* cell, const Size& size) {
  Workload work(cell, "bptt", size, true);
  for (auto _ : state) {
    work.gradient();
    benchmark::DoNotOptimize(work.first_gradient());
  }
  rate_counters(state, size.steps);
}

void online(benchmark::State& state, const char* cell, const char* rule, const Size& size) {
  Workload work(cell, rule, size, false);
  for (auto _ : state) {
    work.gradient();
    work.update();
  }
  rate_counters(state, size.steps);
  const auto per_second = [&](double count) {
    return benchmark::Counter(count * 1e-9 * size.steps, benchmark::Counter::kIsIterationInvariantRate);
  };
  if (work.multiply_adds() > 0) {
    state.counters["GMAC_per_s"] = per_second(work.multiply_adds());
    state.counters["GB_per_s"] = per_second(2.0 * static_cast<double>(work.rule_bytes()));
  }
}

/// The machine's own rate of reading and writing `bytes` bytes again and again: y <- factor y.
void copy(benchmark::State& state, std::size_t bytes) {
  chronograd::Buffer<float> y(bytes / sizeof(float));
  for (auto _ : state) {
    chronograd::kernels<float>().scale(static_cast<int>(y.size()), 1.0F, y.data());
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["GB_per_s"] =
      benchmark::Counter(2e-9 * static_cast<double>(bytes), benchmark::Counter::kIsIterationInvariantRate);
}

void product(benchmark::State& state, int rows, int cols, int inner) {
  const auto size = [](int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); };
  chronograd::Buffer<float> a(size(rows, inner)), b(size(inner, cols)), c(size(rows, cols));
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = 0.5F;
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = 0.25F;
  for (auto _ : state) {
    chronograd::gemm(chronograd::Op::none, chronograd::Op::none, rows, cols, inner, a.data(), inner, b.data(), cols,
                     0.0F, c.data(), cols);
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["GFLOPS"] = benchmark::Counter(2e-9 * rows * cols * static_cast<double>(inner),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

std::string name(const std::string& what, const Size& s) {
  return what + "/" + std::to_string(s.d) + "/" + std::to_string(s.streams) + "/" + std::to_string(s.steps);
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* cell : {"leaky", "gru"})
    for (const Size& size : {Size{32, 32, 10, 1, 100}, Size{128, 32, 10, 32, 100}, Size{512, 32, 10, 64, 100}})
      benchmark::RegisterBenchmark(name(std::string("bptt/") + cell, size).c_str(), bptt, cell, size)
          ->Unit(benchmark::kMillisecond);
  for (const char* cell : {"leaky", "gru"})
    for (const char* rule : {"immediate", "tbptt", "rflo", "snap", "uoro", "dni"})
      for (const Size& size : {Size{32, 8, 2, 1, 1}, Size{128, 8, 2, 1, 1}})
        benchmark::RegisterBenchmark(name(std::string("online/") + rule + "/" + cell, size).c_str(), online, cell, rule,
                                     size)
            ->Unit(benchmark::kMicrosecond);
  for (const Size& size :
       {Size{128, 32, 10, 1, 1}, Size{128, 32, 10, 1, 128}, Size{256, 32, 10, 1, 1}, Size{256, 32, 10, 1, 256}})
    benchmark::RegisterBenchmark(name("online/rtrl/leaky", size).c_str(), online, "leaky", "rtrl", size)
        ->Unit(benchmark::kMillisecond);
  for (const char* density : {"0.25", "0.01"})
    for (const char* rule : {"rtrl", "sparse_rtrl", "snap(n=2)"}) {
      const Size size{256, 32, 10, 1, 1};
      const std::string text = rule;
      const std::string options = std::string("model.density=") + density;
      const std::string word =
          text.back() == ')' ? text.substr(0, text.size() - 1) + ", " + options + ")" : text + "(" + options + ")";
      benchmark::RegisterBenchmark(
          name(std::string("density=") + density + "/" + rule + "/leaky", size).c_str(),
          [word, size](benchmark::State& state) { online(state, "leaky", word.c_str(), size); })
          ->Unit(benchmark::kMicrosecond);
    }
  for (const std::size_t megabytes : {1, 8, 32})
    benchmark::RegisterBenchmark(("copy/" + std::to_string(megabytes) + "MB").c_str(), copy, megabytes << 20)
        ->Unit(benchmark::kMicrosecond);
  // Element-wise cells, for which rtrl is to cost little more than no credit through time at all.
  for (const char* cell : {"leaky_diagonal", "lru", "lru_real"})
    for (const char* rule : {"immediate", "rtrl"})
      for (const Size& size : {Size{256, 8, 2, 1, 1}, Size{256, 32, 10, 1, 1}})
        benchmark::RegisterBenchmark(name(std::string("online/") + rule + "/" + cell, size).c_str(), online, cell, rule,
                                     size)
            ->Unit(benchmark::kMicrosecond);
  for (const auto& [rows, cols, inner] :
       {std::array{1024, 1024, 1024}, std::array{128, 20608, 128}, std::array{32, 128, 161}})
    benchmark::RegisterBenchmark(
        ("gemm/" + std::to_string(rows) + "/" + std::to_string(cols) + "/" + std::to_string(inner)).c_str(), product,
        rows, cols, inner);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
