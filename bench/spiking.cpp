// SPDX-License-Identifier: Apache-2.0
// `evidence/RULE` trains a spiking network on rows like those of the accumulation of evidence, in memory: 40 inputs, 50
// + 50 units without and with adaptation, a filtered readout, 2250 steps, 64 rows an update, Adam, one thread.
// Counters: iteration_s of training, the rows' copy included; peak_mib of the process: run one alone for it.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/benchmarks.hpp"
#include "bench/peak.hpp"
#include "chronograd/random.hpp"
#include "chronograd/train.hpp"

namespace chronograd::bench {
namespace {

constexpr int n = 40, row_steps = 2250, row_count = 64, window = 150, updates = 5;

/// Rows of spikes at 15 Hz, drawn beforehand; one of two classes is asked for in the last steps.
class Spikes final : public Task {
 public:
  Spikes() : spikes_(std::size_t{row_count} * row_steps * n) {
    Random random(1, Draw::data);
    for (std::uint8_t& spike : spikes_) spike = random.uniform() < 0.015;
  }
  int inputs() const override { return n; }
  int outputs() const override { return 2; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return row_steps; }
  std::int64_t rows(Split split) const override { return split == Split::train ? row_count : -1; }
  void read(Split, std::int64_t row, std::int64_t t, int count, const Steps& out) const override {
    const std::uint8_t* from = spikes_.data() + static_cast<std::size_t>((row * row_steps + t) * n);
    for (int i = 0; i < count * n; ++i) out.x[i] = from[i];
    for (int k = 0; k < count; ++k) {
      out.y[2 * k] = row % 2 == 0 ? 1 : 0;
      out.y[2 * k + 1] = 1 - out.y[2 * k];
      out.mask[k] = t + k >= row_steps - window ? 1 : 0;
      out.reset[k] = 0;
    }
  }
  std::string summary() const override { return "spikes"; }

 private:
  std::vector<std::uint8_t> spikes_;
};

void evidence(benchmark::State& state, const std::string& rule) {
  std::string beta = "0";
  for (int unit = 1; unit < 100; ++unit) beta += unit < 50 ? ", 0" : ", 0.0174";
  const Config config =
      Config::parse(
          "[model]\ncell='alif'\nhidden=100\ntau_m=20\ntau_a=2000\nv_th=0.6\nn_ref=5\nbeta=[" + beta +
              "]\n[readout]\ntau_out=20\n[loss]\nname='cross_entropy'\n[rule]\nname='bptt'\nfeedback='random'\n"
              "[optimizer]\nname='adam'\nlr=1e-3\n[task]\nname='sine'\n[train]\nbatch=" +
              std::to_string(row_count) + "\nupdates=" + std::to_string(updates) +
              "\nreport_every=" + std::to_string(updates) + "\n",
          "bench")
          .with_method(rule);
  const Spikes task;
  RunOptions options;
  options.threads = 1;
  double seconds = 0;
  for (auto _ : state) seconds += train(config, task, options).seconds / updates;
  state.counters["iteration_s"] = benchmark::Counter(seconds, benchmark::Counter::kAvgIterations);
  state.counters["peak_mib"] = peak();
}

}  // namespace

void register_spiking() {
  for (const char* rule : {"eprop", "bptt"})
    benchmark::RegisterBenchmark((std::string("evidence/") + rule).c_str(), [=](benchmark::State& state) {
      evidence(state, rule);
    })->Unit(benchmark::kMillisecond);
}

}  // namespace chronograd::bench
