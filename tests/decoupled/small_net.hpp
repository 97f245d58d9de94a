// SPDX-License-Identifier: Apache-2.0
// Small nets and data for the tests of this folder.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/random.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// Rows of random inputs whose targets are the class of a random direction, or those directions' numbers.
class SmallTask final : public Task {
 public:
  struct Sizes {
    std::int64_t rows = 44, length = 1;
    int inputs = 5, outputs = 3;
    bool classes = true;
    double weight = 1;  ///< of every fifth step
  };
  explicit SmallTask(const Sizes& sizes) : sizes_(sizes) {}
  int inputs() const override { return sizes_.inputs; }
  int outputs() const override { return sizes_.outputs; }
  bool classes() const override { return sizes_.classes; }
  std::int64_t length(Split) const override { return sizes_.length; }
  std::int64_t rows(Split split) const override { return split == Split::train ? sizes_.rows : 20; }
  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      const std::int64_t number = row * std::max<std::int64_t>(1, sizes_.length) + t + k;
      Random random(split == Split::train ? 5 : 6, Draw::data, static_cast<std::uint64_t>(number));
      double* const x = out.x + static_cast<std::ptrdiff_t>(k) * sizes_.inputs;
      double* const y = out.y + static_cast<std::ptrdiff_t>(k) * sizes_.outputs;
      for (int j = 0; j < sizes_.inputs; ++j) x[j] = random.normal();
      int best = 0;
      std::vector<double> sums;
      for (int i = 0; i < sizes_.outputs; ++i) {
        double sum = 0;
        Random direction(7, Draw::data, static_cast<std::uint64_t>(i));
        for (int j = 0; j < sizes_.inputs; ++j) sum += direction.normal() * x[j];
        sums.push_back(sum);
        if (sum > sums[static_cast<std::size_t>(best)]) best = i;
      }
      for (int i = 0; i < sizes_.outputs; ++i)
        y[i] = sizes_.classes ? (i == best ? 1 : 0) : 0.3 * sums[static_cast<std::size_t>(i)];
      out.mask[k] = number % 5 == 4 ? sizes_.weight : 1;
      out.reset[k] = 0;
    }
  }
  std::string summary() const override { return "small"; }

 private:
  Sizes sizes_;
};

/// A net of four hidden layers whose readout is a group of its own, changed by `changes`.
inline Config small_net(const std::vector<std::string>& changes) {
  return Config::parse(
      "[net]\nwidths=[7,6,8,5]\nnorm='batch'\n[interface]\nname='backprop'\n[loss]\nname='cross_entropy'\n"
      "[optimizer]\nname='momentum'\nlr=0.05\n[task]\nname='add'\n"
      "[train]\nupdates=30\nbatch=8\nreport_every=10\n",
      "small", changes);
}

/// All numbers of the parameters, in the order of their names, as doubles.
inline std::vector<double> numbers_of(const Arrays& arrays) {
  std::vector<double> numbers;
  for (const auto& [name, array] : arrays)
    for (std::size_t i = 0; i < array.size(); ++i) numbers.push_back(array.at(i));
  return numbers;
}

/// What a run came to, and all that two runs of the same bits have in common.
struct NetOutcome {
  RunResult result;
  std::vector<double> bits;
};

inline NetOutcome outcome_of(RunResult result) {
  std::vector<double> bits = numbers_of(result.parameters);
  for (const double number : {result.train.loss, result.train.accuracy, result.test.loss, result.test.accuracy,
                              static_cast<double>(result.updates), static_cast<double>(result.stream_steps)})
    bits.push_back(std::isnan(number) ? -2 : number);
  for (const InterfaceReport& each : result.interfaces)
    for (const double number : {each.lag, each.cosine, each.norm_ratio, each.error, each.weight_cosine})
      bits.push_back(std::isnan(number) ? -2 : number);
  return {std::move(result), std::move(bits)};
}

inline NetOutcome run_small(const Config& config, const RunOptions& options = {}, const SmallTask::Sizes& sizes = {}) {
  return outcome_of(train(config, SmallTask(sizes), options));
}

inline RunOptions on_threads(double latency = 0) {
  RunOptions options;
  options.workers = RunOptions::Workers::threads;
  options.latency = latency;
  return options;
}

}  // namespace chronograd
