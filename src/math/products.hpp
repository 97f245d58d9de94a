// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace chronograd {

/// The three products of two vectors of the same length, in double precision, as far as powers of two: squares of very
/// large or very small numbers stay in the range of doubles.
class Products {
 public:
  template <class T>
  Products(std::span<const T> a, std::span<const T> b) {
    add(a, b);
    const auto in_range = [](double square) { return square > 1e-150 && square < 1e150; };
    if (in_range(aa_) && in_range(bb_)) return;
    a_exponent_ = exponent_of(a);
    b_exponent_ = exponent_of(b);
    add(a, b);
  }

  double norm_of_a() const { return std::ldexp(std::sqrt(aa_), a_exponent_); }
  bool a_is_zero() const { return aa_ == 0; }
  bool b_is_zero() const { return bb_ == 0; }
  /// False where an element is NaN or infinite.
  bool finite() const { return std::isfinite(aa_) && std::isfinite(bb_); }
  /// 0 where `a` is zero; `b` must not be.
  double cosine() const { return aa_ == 0 ? 0 : ab_ / std::sqrt(aa_ * bb_); }
  /// Norm of a over norm of b.
  double ratio() const { return std::ldexp(std::sqrt(aa_ / bb_), a_exponent_ - b_exponent_); }

 private:
  template <class T>
  static int exponent_of(std::span<const T> values) {
    double largest = 0;
    for (const T value : values) largest = std::fmax(largest, std::fabs(static_cast<double>(value)));
    return largest > 0 && std::isfinite(largest) ? std::ilogb(largest) : 0;
  }
  template <class T>
  void add(std::span<const T> a, std::span<const T> b) {
    ab_ = aa_ = bb_ = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
      if (a_exponent_ != 0) x = std::ldexp(x, -a_exponent_);
      if (b_exponent_ != 0) y = std::ldexp(y, -b_exponent_);
      ab_ += x * y;
      aa_ += x * x;
      bb_ += y * y;
    }
  }

  double ab_ = 0, aa_ = 0, bb_ = 0;
  int a_exponent_ = 0, b_exponent_ = 0;  ///< the sums are of elements over 2^exponent
};

}  // namespace chronograd
