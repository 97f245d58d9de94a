// SPDX-License-Identifier: Apache-2.0
// How two vectors of numbers point: a gradient beside another, W_out beside the feedback matrix.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "chronograd/archive.hpp"
#include "training/trainer.hpp"

namespace chronograd {

/// The three products of two vectors of the same length, in double precision.
struct Products {
  double ab = 0, aa = 0, bb = 0;

  template <class T>
  Products(std::span<const T> a, std::span<const T> b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
  }
};

/// Means of cosine and of the ratio of norms.
struct Alignment {
  double cosine = 0, ratio = 0;
  std::int64_t count = 0;

  template <class T>
  void add(std::span<const T> rule, std::span<const T> exact) {
    const Products products(rule, exact);
    if (products.bb == 0) return;  // nothing to be aligned with
    cosine += products.aa == 0 ? 0 : products.ab / std::sqrt(products.aa * products.bb);
    ratio += std::sqrt(products.aa / products.bb);
    ++count;
  }
  void state(Archive& archive) {
    archive.array("cosine", {&cosine, 1});
    archive.array("ratio", {&ratio, 1});
    archive.number("count", count);
  }
  double mean_cosine() const { return count ? cosine / static_cast<double>(count) : not_measured; }
  double mean_ratio() const { return count ? ratio / static_cast<double>(count) : not_measured; }
};

/// The angle between two vectors in degrees; NaN where one is empty or zero.
template <class T>
double angle(std::span<const T> a, std::span<const T> b) {
  const Products products(a, b);
  if (products.aa == 0 || products.bb == 0) return not_measured;
  return std::acos(std::clamp(products.ab / std::sqrt(products.aa * products.bb), -1.0, 1.0)) * 180 / std::numbers::pi;
}

}  // namespace chronograd
