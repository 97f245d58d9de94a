// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chronograd/archive.hpp"
#include "chronograd/buffer.hpp"

namespace chronograd {

/// Gradients of the same steps come at different updates where rules lag: those that lag less wait here for the last.
/// Comparison n is due at update n * every; it takes of each rule what that gave as many updates before as it lags less
/// than the one that lags most. Nothing else is kept.
template <class T>
class KeptGradients {
 public:
  /// `lags`, one for each of the gradients compared, all of `size` numbers, in steps; in intervals of `interval` steps.
  /// A lag that is no whole number of intervals has no gradient of the same steps: that one waits for none.
  KeptGradients(const std::vector<std::int64_t>& lags, std::int64_t interval, std::int64_t every, std::size_t size)
      : every_(every) {
    for (const std::int64_t lag : lags)
      if (lag % interval == 0) longest_ = std::max(longest_, lag / interval);
    for (const std::int64_t lag : lags) delays_.push_back(lag % interval == 0 ? longest_ - lag / interval : 0);
    for (const std::int64_t delay : delays_) {
      kept_.emplace_back(static_cast<std::size_t>((delay + every - 1) / every));  // as many comparisons are ahead
      for (Buffer<T>& one : kept_.back()) one.resize(size);
    }
  }

  bool due(std::int64_t update) const { return update % every_ == 0; }
  /// Whether what gradient `a` is at this update enters a comparison, now or later.
  bool wants(std::size_t a, std::int64_t update) const { return due(update + delays_[a]); }
  bool wants_any(std::int64_t update) const {
    return std::ranges::any_of(delays_, [&](std::int64_t delay) { return due(update + delay); });
  }
  /// Whether there are gradients of the same steps where a comparison is due. What waits in a rule at a row's end is
  /// charged there, all at once.
  bool ready(bool row_ends) const { return !any() || (passed_ >= longest_ && !row_ends); }

  /// The gradient of `a` for the comparison that is due; `now`: what it is at this update.
  std::span<const T> of(std::size_t a, std::int64_t update, std::span<const T> now) const {
    return delays_[a] == 0 ? now : kept_[a][slot(a, update)].span();
  }
  /// After a comparison that is due: keeps what `a` is now, where it is wanted later.
  void keep(std::size_t a, std::int64_t update, std::span<const T> now) {
    if (delays_[a] > 0 && wants(a, update)) std::ranges::copy(now, kept_[a][slot(a, update + delays_[a])].data());
  }
  /// After each interval.
  void pass(bool row_ends) { passed_ = row_ends ? 0 : passed_ + 1; }

  void state(Archive& archive) {
    if (!any()) return;
    archive.number("passed", passed_);
    for (std::size_t a = 0; a < kept_.size(); ++a)
      for (std::size_t i = 0; i < kept_[a].size(); ++i)
        archive.array(std::to_string(a) + "/" + std::to_string(i), kept_[a][i].span());
  }

 private:
  bool any() const {
    return std::ranges::any_of(delays_, [](std::int64_t delay) { return delay > 0; });
  }
  std::size_t slot(std::size_t a, std::int64_t due) const {
    return static_cast<std::size_t>(due / every_) % kept_[a].size();
  }

  std::int64_t every_, longest_ = 0;
  std::vector<std::int64_t> delays_;          ///< updates from a gradient to the comparison that it enters
  std::vector<std::vector<Buffer<T>>> kept_;  ///< of each gradient, those of the next comparisons in turns
  std::int64_t passed_ = 0;                   ///< intervals of the row so far
};

}  // namespace chronograd
