// SPDX-License-Identifier: Apache-2.0
#include "training/credit_lag.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "training/data.hpp"
#include "training/plan.hpp"
#include "training/stepper.hpp"

namespace chronograd {
namespace {

constexpr int streams = 16;

/// One stream: its steps, the states before each, and the step whose loss is looked at.
template <class T>
class Line {
 public:
  Line(const Network<T>& network, const Config& config, const Structure& structure, const RuleRecord& rule,
       const Weights<T>& weights, const Task& task, std::int64_t row, int steps, int back)
      : network_(network),
        config_(config),
        structure_(structure),
        rule_(rule),
        weights_(weights),
        window_(window(config, rule, steps)) {
    const std::array rows = {row};
    read_batch(task, Split::train, rows, 0, steps, Normalisation{}, network.stack.width(), batch_);
    last_ = steps - 1 - back;
    while (last_ > 0 && batch_.weight[static_cast<std::size_t>(last_)] == T(0)) --last_;
    for (int t = 0; t < steps; ++t)
      if (t != last_) batch_.weight[static_cast<std::size_t>(t)] = 0;
    Stepper<T> forward(network, config, structure, nullptr, 1, 0, 1);
    forward.begin(batch_, 0);
    for (int t = 0; t <= last_; ++t) {
      before_.push_back(forward.state_of(0));
      forward.run(weights, batch_, t, 1, false, nullptr);
    }
  }

  int last() const { return last_; }

  /// The gradient of the last step's loss by the cell's weights, with a memory that begins at step s.
  std::vector<T> from(int s) {
    const auto width = static_cast<std::size_t>(network_.stack.width());
    batch_.state.resize(width);
    std::copy(before_[static_cast<std::size_t>(s)].begin(), before_[static_cast<std::size_t>(s)].end(),
              batch_.state.data());
    Stepper<T> stepper(network_, config_, structure_, nullptr, 1, 0, window_);
    std::vector<T> gradient(network_.stack.parameters());
    stepper.watch(make_rule(network_, config_, structure_, rule_, 1, 0), gradient.data());
    stepper.begin(batch_, 0, s);
    for (int t = s; t <= last_;) {
      const int end = std::min(last_ + 1, (t / window_ + 1) * window_);  // windows count from the row's first step
      stepper.run(weights_, batch_, t, end - t, end == last_ + 1, nullptr);
      t = end;
    }
    stepper.flush_watched();
    return gradient;
  }

 private:
  /// Steps of a segment: the row, tbptt's window, or one.
  static int window(const Config& config, const RuleRecord& rule, int steps) {
    if (rule.window == Window::any) return 1;
    const Options& options = config.table("rule");
    const std::int64_t every = config.table("update").integer("every");
    std::int64_t length = rule.window == Window::row || every == 0 ? steps : every;
    if (rule.window == Window::interval && options.has("L")) length = options.integer("L");
    return static_cast<int>(std::min<std::int64_t>(length, steps));
  }

  const Network<T>& network_;
  const Config& config_;
  const Structure& structure_;
  const RuleRecord& rule_;
  const Weights<T>& weights_;
  int window_, last_ = 0;
  Batch<T> batch_;
  std::vector<std::vector<T>> before_;  ///< [L S d] the state before each step
};

}  // namespace

template <class T>
std::vector<double> credit_by_lag(const Network<T>& network, const Config& config, const Structure& structure,
                                  const RuleRecord& rule, const Weights<T>& weights, const Task& task, int lags) {
  if (rule.one_shard) return {};
  const std::int64_t rows = task.rows(Split::train);
  const bool endless = task.length() == 0;
  // Endless: the state has as many steps to become typical as credit is followed back through.
  const int steps = endless ? 2 * lags + streams : static_cast<int>(task.length());
  const int reach = std::min(lags, steps - 1);
  std::vector<double> norm(static_cast<std::size_t>(reach) + 1);
  const int count = rows > 0 ? static_cast<int>(std::min<std::int64_t>(rows, streams)) : streams;
  for (int i = 0; i < count; ++i) {
    Line<T> line(network, config, structure, rule, weights, task, i, steps, endless ? i : 0);
    std::vector<T> later(network.stack.parameters());
    for (int k = 0; k <= std::min(reach, line.last()); ++k) {
      std::vector<T> now = line.from(line.last() - k);
      double squared = 0;
      for (std::size_t j = 0; j < now.size(); ++j) {
        const double charged = double(now[j]) - double(later[j]);
        squared += charged * charged;
      }
      norm[static_cast<std::size_t>(k)] += std::sqrt(squared) / count;
      later = std::move(now);
    }
  }
  return norm;
}

template std::vector<double> credit_by_lag(const Network<float>&, const Config&, const Structure&, const RuleRecord&,
                                           const Weights<float>&, const Task&, int);
template std::vector<double> credit_by_lag(const Network<double>&, const Config&, const Structure&, const RuleRecord&,
                                           const Weights<double>&, const Task&, int);

}  // namespace chronograd
