// SPDX-License-Identifier: Apache-2.0
// The benchmarks. --benchmark_filter=REGEX chooses, --benchmark_list_tests prints their names.
#include <benchmark/benchmark.h>

#include "bench/benchmarks.hpp"
#include "chronograd/isa.hpp"
#include "chronograd/version.hpp"
#include "math/gemm.hpp"

int main(int argc, char** argv) {
  chronograd::bench::register_machine();
  chronograd::bench::register_comparison();
  chronograd::bench::register_rules();
  chronograd::bench::register_threads();
  chronograd::bench::register_learner();
  chronograd::bench::register_worst();
  chronograd::bench::register_positions();
  chronograd::bench::register_million();
  chronograd::bench::register_spiking();
  benchmark::AddCustomContext("chronograd", chronograd::version());
  benchmark::AddCustomContext("instruction_set", chronograd::name_of(chronograd::active_isa()));
  benchmark::AddCustomContext("products", chronograd::gemm_libraries());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
