// SPDX-License-Identifier: Apache-2.0
// How two vectors of numbers point: a gradient beside another, W_out beside the feedback matrix.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/archive.hpp"
#include "chronograd/run_result.hpp"
#include "files/state_arrays.hpp"
#include "math/products.hpp"
#include "network/parameters.hpp"

namespace chronograd {

/// Means of cosine and of the ratio of norms.
struct Alignment {
  double cosine = 0, ratio = 0;
  std::int64_t count = 0;

  template <class T>
  void add(std::span<const T> rule, std::span<const T> exact) {
    const Products products(rule, exact);
    if (products.b_is_zero()) return;  // nothing to be aligned with
    if (!products.finite()) return;    // counted by the table; one such comparison must not take the others' mean
    cosine += products.cosine();
    ratio += products.ratio();
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

/// The alignment of each of several gradients with each later one, over all parameters of the cell and over each.
class AlignmentTable {
 public:
  /// Gradients called `names`, of the parameters of the map that lie before W_out.
  AlignmentTable(std::vector<std::string> names, const ParameterMap& map) : names_(std::move(names)) {
    for (const ParameterMap::Parameter& parameter : map.parameters())
      if (parameter.role != ParameterMap::Role::readout && parameter.role != ParameterMap::Role::readout_bias)
        groups_.push_back({parameter.name, parameter.index});
    clear();
  }

  void clear() {
    cells_.assign(names_.size() * names_.size() * (groups_.size() + 1), {});
    overflowed_.assign(names_.size(), 0);
  }

  /// One gradient for each name, all of the cell's size.
  template <class T>
  void add(const std::vector<std::span<const T>>& gradients) {
    for (std::size_t a = 0; a < names_.size(); ++a) overflowed_[a] += !all_finite(gradients[a]);
    for (std::size_t a = 0; a < names_.size(); ++a)
      for (std::size_t b = a + 1; b < names_.size(); ++b) cell(a, b, 0).add(gradients[a], gradients[b]);
    std::vector<std::vector<T>> part(names_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::size_t a = 0; a < names_.size(); ++a) {
        part[a].clear();
        for (const std::size_t index : groups_[g].index) part[a].push_back(gradients[a][index]);
      }
      for (std::size_t a = 0; a < names_.size(); ++a)
        for (std::size_t b = a + 1; b < names_.size(); ++b)
          cell(a, b, g + 1).add(std::span<const T>(part[a]), std::span<const T>(part[b]));
    }
  }

  /// All that was measured: the whole cell before its parameters, for each pair.
  std::vector<AlignedPair> pairs() {
    std::vector<AlignedPair> all;
    for (std::size_t g = 0; g <= groups_.size(); ++g)
      for (std::size_t a = 0; a < names_.size(); ++a)
        for (std::size_t b = a + 1; b < names_.size(); ++b)
          all.push_back({g == 0 ? "cell" : groups_[g - 1].name, names_[a], names_[b], cell(a, b, g).mean_cosine(),
                         cell(a, b, g).mean_ratio()});
    return all;
  }

  /// How often each gradient held NaN or infinity, which leaves it out of the means; those that never did are not
  /// named.
  Overflows overflowed() const {
    Overflows found;
    for (std::size_t a = 0; a < names_.size(); ++a)
      if (overflowed_[a] > 0) found.emplace_back(names_[a], overflowed_[a]);
    return found;
  }

  void state(Archive& archive) {
    for (std::size_t a = 0; a < names_.size(); ++a) archive.number("overflowed" + std::to_string(a), overflowed_[a]);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (i / names_.size() % names_.size() >= i % names_.size()) continue;  // only a < b is used
      Within one(archive, std::to_string(i) + "/");
      cells_[i].state(one);
    }
  }

 private:
  struct Group {
    std::string name;
    std::vector<std::size_t> index;
  };
  Alignment& cell(std::size_t a, std::size_t b, std::size_t group) {
    return cells_[(group * names_.size() + a) * names_.size() + b];
  }

  std::vector<std::string> names_;
  std::vector<Group> groups_;
  std::vector<Alignment> cells_;          ///< [1 + groups][names][names]
  std::vector<std::int64_t> overflowed_;  ///< [names] comparisons
};

/// The angle between two vectors in degrees; NaN where one is empty or zero.
template <class T>
double angle(std::span<const T> a, std::span<const T> b) {
  const Products products(a, b);
  if (products.a_is_zero() || products.b_is_zero()) return not_measured;
  return std::acos(std::clamp(products.cosine(), -1.0, 1.0)) * 180 / std::numbers::pi;
}

}  // namespace chronograd
