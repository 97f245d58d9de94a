// SPDX-License-Identifier: Apache-2.0
#include "training/credit_lag.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "learning/stepper.hpp"
#include "training/alignment.hpp"
#include "training/data.hpp"
#include "training/plan.hpp"

namespace chronograd {
namespace {

constexpr int streams = 16;

/// One stream: its steps, the states before each, and the step whose loss is looked at.
template <class T>
class Line {
 public:
  Line(const Network<T>& network, const RuleSettings& rule, std::int64_t every, const Structure& structure,
       const Weights<T>& weights, const Task& task, std::int64_t row, int steps, int back)
      : weights_(weights),
        width_(static_cast<std::size_t>(network.stack.memory() + (network.averages() ? 1 : 0))),
        window_(window(network, rule, every, steps)),
        gradient_(network.stack.parameters()),
        stepper_(network, nullptr, 1, 0, window_) {
    const std::array rows = {row};
    read_batch(task, Split::train, rows, 0, steps, {.one_error = network.averages()}, network.stack.width(), batch_,
               Padding::at_rest);
    last_ = steps - 1 - back;
    while (last_ > 0 && batch_.weight[static_cast<std::size_t>(last_)] == T(0)) --last_;
    for (int t = 0; t < steps; ++t)
      if (t != last_) batch_.weight[static_cast<std::size_t>(t)] = 0;
    Stepper<T> forward(network, nullptr, 1, 0, 1);
    forward.begin(batch_, 0);
    for (int t = 0; t <= last_; ++t) {
      before_.push_back(forward.state_of(0));
      forward.run(weights, batch_, t, 1, false, nullptr);
    }
    batch_.state.resize(width_);
    stepper_.watch(rule.make(network, structure, 1, 0), gradient_.data());
  }

  int last() const { return last_; }

  /// The gradient of the last step's loss by the cell's weights, with a memory that begins at step s.
  std::vector<T> from(int s) {
    std::fill(gradient_.begin(), gradient_.end(), T(0));
    if (s > last_) return gradient_;
    std::copy_n(before_[static_cast<std::size_t>(s)].begin(), width_, batch_.state.data());
    stepper_.begin(batch_, 0, s);
    for (int t = s; t <= last_;) {
      const int end = std::min(last_ + 1, (t / window_ + 1) * window_);  // windows count from the row's first step
      stepper_.run(weights_, batch_, t, end - t, end == last_ + 1, nullptr);
      t = end;
    }
    stepper_.flush_watched();
    return gradient_;
  }

 private:
  /// Steps of a segment: the row, tbptt's window, or any number that fits in memory where the rule takes any.
  static int window(const Network<T>& network, const RuleSettings& rule, std::int64_t every, int steps) {
    std::int64_t length = every == 0 ? steps : every;
    if (rule.segments() == Segments::row) length = steps;
    if (rule.segments() == Segments::any) length = longest_segment(network.bytes_a_step());
    if (rule.segments() == Segments::interval && rule.options.has("L")) length = rule.options.integer("L");
    return static_cast<int>(std::min<std::int64_t>(length, steps));
  }

  const Weights<T>& weights_;
  std::size_t width_;  ///< N (S + C) d
  int window_, last_ = 0;
  Batch<T> batch_;
  std::vector<std::vector<T>> before_;  ///< the state before each step
  std::vector<T> gradient_;
  Stepper<T> stepper_;
};

}  // namespace

bool lag_is_measured(int lag) {
  const auto place = [](int k) { return std::floor(8 * std::log2(k)); };
  return lag <= 32 || place(lag) != place(lag - 1);
}

template <class T>
std::vector<double> credit_by_lag(const Network<T>& network, const RuleSettings& rule, std::int64_t every,
                                  const Structure& structure, const Weights<T>& weights, const Task& task, int lags,
                                  const std::function<bool()>& going) {
  if (rule.record.one_shard) return {};
  const std::int64_t rows = task.rows(Split::train);
  const bool endless = task.length(Split::train) == 0;
  // Endless: the state has as many steps to become typical as credit is followed back through.
  const int steps = endless ? 2 * lags + streams : static_cast<int>(task.length(Split::train));
  const int reach = std::min(lags, steps - 1);
  std::vector<double> norm(static_cast<std::size_t>(reach) + 1);
  for (int k = 0; k <= reach; ++k)
    if (!lag_is_measured(k)) norm[static_cast<std::size_t>(k)] = not_measured;
  const int count = rows > 0 ? static_cast<int>(std::min<std::int64_t>(rows, streams)) : streams;
  for (int i = 0; i < count; ++i) {
    Line<T> line(network, rule, every, structure, weights, task, i, steps, endless ? i : 0);
    std::vector<T> later;
    for (int k = 0; k <= std::min(reach, line.last()); ++k) {
      if (!lag_is_measured(k)) continue;
      if (!going()) return {};
      if (k == 0 || !lag_is_measured(k - 1)) later = line.from(line.last() - k + 1);
      std::vector<T> now = line.from(line.last() - k);
      std::vector<double> charged(now.size());
      for (std::size_t j = 0; j < now.size(); ++j) charged[j] = double(now[j]) - double(later[j]);
      const std::span<const double> part = charged;
      norm[static_cast<std::size_t>(k)] += Products(part, part).norm_of_a() / count;
      later = std::move(now);
    }
  }
  return norm;
}

template std::vector<double> credit_by_lag(const Network<float>&, const RuleSettings&, std::int64_t, const Structure&,
                                           const Weights<float>&, const Task&, int, const std::function<bool()>&);
template std::vector<double> credit_by_lag(const Network<double>&, const RuleSettings&, std::int64_t, const Structure&,
                                           const Weights<double>&, const Task&, int, const std::function<bool()>&);

}  // namespace chronograd
