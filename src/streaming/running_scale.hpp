// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd {

/// Takes inputs to mean 0 and deviation 1 of all that came so far, the present one included, by Welford's recursion. An
/// input that has not changed yet is 0.
class RunningScale {
 public:
  explicit RunningScale(int inputs) : mean_(static_cast<std::size_t>(inputs)), squares_(mean_.size()) {}

  template <class T>
  void apply(std::span<T> x) {
    ++count_;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double value = static_cast<double>(x[i]), off = value - mean_[i];
      mean_[i] += off / static_cast<double>(count_);
      squares_[i] += off * (value - mean_[i]);
      const double deviation = std::sqrt(squares_[i] / static_cast<double>(count_));
      x[i] = deviation > 0 ? static_cast<T>((value - mean_[i]) / deviation) : T(0);
    }
  }

  Arrays arrays() const {
    return {{"scale_count", Array::of({}, std::vector<std::int64_t>{count_})},
            {"scale_mean", Array::of({mean_.size()}, mean_)},
            {"scale_squares", Array::of({mean_.size()}, squares_)}};
  }
  /// False, and nothing is changed, where these are not arrays of a scale of so many inputs.
  bool restore(const Arrays& arrays) {
    const auto count = arrays.find("scale_count"), mean = arrays.find("scale_mean"),
               squares = arrays.find("scale_squares");
    for (const auto& found : {count, mean, squares})
      if (found == arrays.end()) return false;
    if (count->second.i64.size() != 1 || mean->second.f64.size() != mean_.size() ||
        squares->second.f64.size() != mean_.size())
      return false;
    count_ = count->second.i64[0];
    mean_ = mean->second.f64;
    squares_ = squares->second.f64;
    return true;
  }

 private:
  std::int64_t count_ = 0;
  std::vector<double> mean_, squares_;  ///< squares: sum of squared distances from the mean
};

}  // namespace chronograd
