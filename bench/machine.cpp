// SPDX-License-Identifier: Apache-2.0
// What the machine can do, through the libraries and the loops that are used here: `gemm/M/N/K` is C = A B of that
// shape (GFLOPS), `copy/MiB` a memcpy of so many MiB (GB_per_s, bytes read and written), `influence/ROWS/TERMS` J M for
// two vectors of columns of M in the nearest cache, with so many values in each row of J (GFLOPS).
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <vector>

#include "base/sizes.hpp"
#include "bench/benchmarks.hpp"
#include "chronograd/buffer.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd::bench {
namespace {

void product(benchmark::State& state, int rows, int cols, int inner) {
  const auto size = [](int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); };
  Buffer<float> a(size(rows, inner)), b(size(inner, cols)), c(size(rows, cols));
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = 0.5F;
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = 0.25F;
  for (auto _ : state) {
    gemm(Op::none, Op::none, rows, cols, inner, a.data(), inner, b.data(), cols, 0.0F, c.data(), cols);
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["GFLOPS"] = benchmark::Counter(2e-9 * rows * cols * static_cast<double>(inner),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void copy(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0)) << 20;
  Buffer<char> from(bytes), to(bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
  state.counters["GB_per_s"] =
      benchmark::Counter(2e-9 * static_cast<double>(bytes), benchmark::Counter::kIsIterationInvariantRate);
}

/// Reads as many numbers as the influence matrix of d units has, n = 32, and adds up their squares.
void sum(benchmark::State& state) {
  const int d = static_cast<int>(state.range(0)), p = d * (d + 33);
  Buffer<float> m(area(d, p));
  for (float& v : m.span()) v = 0.5F;
  for (auto _ : state) {
    float total = 0;
    for (int i = 0; i < d; ++i) total += kernels<float>().squared_norm(p, m.data() + area(i, p));
    benchmark::DoNotOptimize(total);
  }
  state.counters["GB_per_s"] = benchmark::Counter(1e-9 * static_cast<double>(m.size() * sizeof(float)),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

void influence(benchmark::State& state, int rows, int terms) {
  const Kernels<float>& loops = kernels<float>();
  const int width = 2 * loops.lanes;
  Buffer<float> m(area(rows, width)), after(m.size()), values(area(rows, terms)), credit(area(rows, 1)),
      read(area(width, 1));
  for (float& v : m.span()) v = 0.5F;
  for (float& v : values.span()) v = 0.25F;
  std::mt19937 random(1);
  std::vector<int> source(values.size());
  for (int& row : source) row = static_cast<int>(random() % static_cast<unsigned>(rows)) * width;
  const int runs[] = {terms, rows};
  for (auto _ : state) {
    loops.influence_step({width, width, runs, runs + 2, source.data(), values.data(), credit.data(), m.data(),
                          after.data(), m.data(), read.data()});
    benchmark::ClobberMemory();
  }
  state.counters["GFLOPS"] = benchmark::Counter(2e-9 * static_cast<double>(source.size()) * width,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

void register_machine() {
  constexpr int shapes[][3] = {{1024, 1024, 1024}, {512, 512, 512},   {256, 256, 256}, {64, 64, 64},   {32, 32, 32},
                               {128, 20608, 128},  {256, 73984, 256}, {32, 128, 161},  {32, 384, 162}, {161, 128, 256},
                               {1, 128, 161},      {1, 20608, 128},   {1, 73984, 256}};
  for (const auto& [rows, cols, inner] : shapes)
    benchmark::RegisterBenchmark(
        ("gemm/" + std::to_string(rows) + "/" + std::to_string(cols) + "/" + std::to_string(inner)).c_str(), product,
        rows, cols, inner)
        ->Unit(benchmark::kMicrosecond);
  for (const int terms : {64, 14, 4})
    benchmark::RegisterBenchmark(("influence/256/" + std::to_string(terms)).c_str(), influence, 256, terms)
        ->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("sum", sum)->Arg(128)->Arg(256)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("copy", copy)->Arg(1)->Arg(8)->Arg(256)->Unit(benchmark::kMicrosecond);
}

}  // namespace chronograd::bench
