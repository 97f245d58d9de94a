// SPDX-License-Identifier: Apache-2.0
// A step of a fixed size for the weights into each unit, whatever the scale of their gradient; Adam for the readout.
#include <algorithm>
#include <cmath>

#include "math/kernels.hpp"
#include "optimizers/make.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Row final : public Optimizer<T> {
 public:
  Row(const Options& options, std::size_t n)
      : window_(static_cast<double>(options.integer("window"))),
        guard_(static_cast<T>(options.number("guard"))),
        readout_window_(static_cast<double>(options.integer("readout_decay"))),
        n_(n),
        mean_(n),
        square_(n) {}

  void know(std::span<const RowBlock> units) override {
    units_.assign(units.begin(), units.end());
    int rows = 0;
    readout_at_ = 0;
    for (const RowBlock& block : units_) {
      rows = std::max(rows, block.row + block.rows);
      readout_at_ += static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(block.cols);
    }
    norm_.resize(static_cast<std::size_t>(rows));
    factor_.resize(static_cast<std::size_t>(rows));
    mean_.resize(n_ - readout_at_);
    square_.resize(n_ - readout_at_);
  }

  void step(double lr, std::span<T> theta, std::span<T> grad) override {
    ++updates_;
    rows(lr, theta.data(), grad.data());
    readout(lr, theta.subspan(readout_at_), grad.subspan(readout_at_));
  }
  void state(Archive& archive) override {
    archive.number("updates", updates_);
    archive.number("readout_updates", readout_updates_);
    archive.array("norm", norm_.span());
    archive.array("mean", mean_.span());
    archive.array("square", square_.span());
  }

 private:
  /// Calls f(first unit, units, index of the first weight) for every column of every block.
  template <class F>
  void columns(const F& f) const {
    for (const RowBlock& block : units_)
      for (int j = 0; j < block.cols; ++j)
        f(block.row, block.rows, block.begin + static_cast<std::size_t>(j) * static_cast<std::size_t>(block.rows));
  }

  void rows(double lr, T* theta, T* grad) {
    const Kernels<T>& loops = kernels<T>();
    const T rate = static_cast<T>(lr), kept = static_cast<T>(std::max(1 / static_cast<double>(updates_), 1 / window_));
    factor_.zero();
    columns([&](int row, int count, std::size_t at) {
      loops.multiply_add(count, grad + at, grad + at, factor_.data() + row);
    });
    for (std::size_t i = 0; i < norm_.size(); ++i) {
      const T squared = factor_[i];
      norm_[i] += kept * (squared - norm_[i]);
      const T least = std::max(norm_[i], guard_ * squared);
      factor_[i] = least > T(0) ? rate / std::sqrt(least) : T(0);
    }
    columns([&](int row, int count, std::size_t at) {
      loops.multiply(count, factor_.data() + row, grad + at);
      loops.sgd(count, T(1), theta + at, grad + at);
    });
  }

  /// Where no step since the last update had a loss the readout stays as it is: Adam's means are of losses.
  void readout(double lr, std::span<T> theta, std::span<T> grad) {
    if (std::all_of(grad.begin(), grad.end(), [](T g) { return g == T(0); })) return;
    ++readout_updates_;
    const double k = static_cast<double>(readout_updates_), c1 = 1 - std::pow(static_cast<double>(beta1), k),
                 c2 = std::sqrt(1 - std::pow(static_cast<double>(beta2), k)), past = static_cast<double>(updates_ - 1),
                 slower = readout_window_ > 0 ? std::sqrt(readout_window_ / (readout_window_ + past)) : 1;
    kernels<T>().adam(static_cast<int>(theta.size()), static_cast<T>(lr * slower / c1), beta1, beta2,
                      static_cast<T>(1 / c2), T(1e-8), T(0), mean_.data(), square_.data(), theta.data(), grad.data());
  }

  static constexpr T beta1 = T(0.9), beta2 = T(0.999);
  double window_;
  T guard_;
  double readout_window_;
  std::size_t n_, readout_at_ = 0;
  std::vector<RowBlock> units_;
  std::int64_t updates_ = 0, readout_updates_ = 0;
  Buffer<T> norm_;           ///< of each unit: mean square of the norm of its gradient
  Buffer<T> factor_;         ///< of each unit, at the step at hand
  Buffer<T> mean_, square_;  ///< of the readout's parameters
};

constexpr Option options[] = {
    {.key = "window",
     .type = OptionType::integer,
     .fallback = "1000",
     .low = 1,
     .unit = "updates",
     .help = "what the mean square of a unit's gradient is a mean of: all updates so far, then about so many"},
    {.key = "guard",
     .type = OptionType::number,
     .fallback = "0.02",
     .low = 0,
     .high = 1,
     .help = "least part of the gradient's own square that it is divided by: no step is longer than lr / sqrt(guard)",
     .low_is_excluded = true},
    {.key = "readout_decay",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help = "the readout's rate is lr sqrt(R / (R + k)) after k updates, with this R; 0: lr"},
};

}  // namespace

extern const OptimizerRecord optimizer_row;
const OptimizerRecord optimizer_row = {
    .entry = {.name = "row",
              .title = "a step of fixed size for each unit, Adam for the readout",
              .formulae = "s_i <- s_i + r (|g_i|^2 - s_i),  theta_i <- theta_i - lr g_i / sqrt(v_i)",
              .symbols = "s: mean of the squared norm of g_i, the gradient of all weights into unit i, from 0 on\n"
                         "r: the larger of 1/k and 1/window at update k\n"
                         "v: the larger of s_i and guard |g_i|^2",
              .text =
                  "The rate is the length of the step that the weights into a unit take, in the mean. Factors of the "
                  "loss do not change it. The readout has adam's step (0.9, 0.999, 1e-8) with the same rate, and "
                  "none where no step since the last update had a loss.",
              .cite = "kingma2015adam",
              .options = options},
    .make_float = make_optimizer<Row, float>,
    .make_double = make_optimizer<Row, double>,
};

}  // namespace chronograd::entries
