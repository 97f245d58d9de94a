// SPDX-License-Identifier: Apache-2.0
// A covering set: few configurations in which every two settings meet (docs/decisions/37-covering-sets.md).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace chronograd {

/// Which pairs of levels of two factors no row has yet.
class OpenPairs {
 public:
  explicit OpenPairs(const std::vector<std::size_t>& levels) : levels_(levels), first_(levels.size()) {
    for (std::size_t f = 0; f + 1 < levels.size(); ++f) first_[f + 1] = first_[f] + levels[f];
    open_.assign(all() * all(), true);
  }
  bool open(std::size_t f, std::size_t a, std::size_t g, std::size_t b) const { return open_[place(f, a, g, b)]; }
  void close(const std::vector<std::size_t>& row) {
    for (std::size_t f = 0; f < row.size(); ++f)
      for (std::size_t g = 0; g < row.size(); ++g) open_[place(f, row[f], g, row[g])] = false;
  }

 private:
  std::size_t all() const { return first_.back() + levels_.back(); }
  std::size_t place(std::size_t f, std::size_t a, std::size_t g, std::size_t b) const {
    return (first_[f] + a) * all() + first_[g] + b;
  }

  const std::vector<std::size_t>& levels_;
  std::vector<std::size_t> first_;
  std::vector<bool> open_;
};

/// Rows of one level for each factor, so that any two levels of any two factors stand together in some row.
/// `levels[f]`: how many factor f has, at least 1. Greedy: each row begins with a pair that is open, and each further
/// factor takes the level that closes most open pairs with those before it; ties go round, so that settings are spread.
/// The same rows at every call. There are at least as many as the two largest factors have pairs, and seldom many more.
inline std::vector<std::vector<std::size_t>> covering_rows(const std::vector<std::size_t>& levels) {
  const std::size_t factors = levels.size(), none = static_cast<std::size_t>(-1);
  if (factors == 1) {
    std::vector<std::vector<std::size_t>> rows;
    for (std::size_t a = 0; a < levels[0]; ++a) rows.push_back({a});
    return rows;
  }
  OpenPairs pairs(levels);
  std::vector<std::vector<std::size_t>> rows;
  std::vector<std::size_t> row(factors);
  const auto fill = [&] {
    for (std::size_t f = 0; f < factors; ++f) {
      if (row[f] != none) continue;
      std::size_t best = 0, most = 0;
      for (std::size_t k = 0; k < levels[f]; ++k) {
        const std::size_t level = (k + rows.size()) % levels[f];
        std::size_t closes = 1;
        for (std::size_t g = 0; g < factors; ++g)
          if (row[g] != none && pairs.open(f, level, g, row[g])) ++closes;
        if (closes <= most) continue;
        most = closes;
        best = level;
      }
      row[f] = best;
    }
    pairs.close(row);
    rows.push_back(row);
  };
  for (std::size_t f = 0; f < factors; ++f)
    for (std::size_t g = f + 1; g < factors; ++g)
      for (std::size_t a = 0; a < levels[f]; ++a)
        for (std::size_t b = 0; b < levels[g]; ++b) {
          if (!pairs.open(f, a, g, b)) continue;
          row.assign(factors, none);
          row[f] = a;
          row[g] = b;
          fill();
        }
  return rows;
}

}  // namespace chronograd
