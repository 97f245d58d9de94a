// SPDX-License-Identifier: Apache-2.0
// From numbers to places on an axis, and the round numbers that an axis names.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace chronograd {

inline namespace figures {

/// What an axis shows.
struct Axis {
  std::string label;
  std::string unit;  ///< "" = dimensionless
  bool log = false;  ///< values that are not positive are left out
  std::string text() const { return unit.empty() ? label : label + " (" + unit + ")"; }
};

/// A linear or logarithmic map of [low, high] onto [from, to].
class Scale {
 public:
  /// `low` < `high`; both positive where `log`.
  Scale(double low, double high, double from, double to, bool log);

  double position(double value) const;
  /// False for NaN, infinity, and what a logarithm does not take.
  bool shows(double value) const;
  /// At most about `wanted` round numbers in [low, high], ascending.
  std::vector<double> ticks(int wanted) const;
  /// Their texts: all with the same number of decimals, or as powers of ten.
  std::vector<std::string> labels(std::span<const double> ticks) const;
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_, high_, from_, to_;
  bool log_;
};

/// The smallest interval that holds all values that can be shown, widened a little; around one value, or for none,
/// something sensible.
class Extent {
 public:
  explicit Extent(bool log) : log_(log) {}
  void add(double value);
  void add(std::span<const double> values) {
    for (const double value : values) add(value);
  }
  /// `margin`: share of the width added on both sides.
  Scale scale(double from, double to, double margin = 0.04) const;
  bool empty() const { return empty_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  bool log_, empty_ = true;
  double low_ = 0, high_ = 0;
};

}  // namespace figures

/// A number for people: about `digits` significant digits, powers of ten for very large and very small ones; "–" for
/// NaN.
std::string readable(double value, int digits = 3);

}  // namespace chronograd
