// SPDX-License-Identifier: Apache-2.0
#include "figures/clusters.hpp"

#include <cmath>
#include <limits>

namespace chronograd {
namespace {

using Members = std::vector<std::size_t>;

double mean_similarity(const std::vector<double>& similarity, std::size_t n, const Members& a, const Members& b) {
  double sum = 0;
  for (const std::size_t i : a)
    for (const std::size_t j : b) {
      const double value = similarity[i * n + j];
      if (std::isfinite(value)) sum += value;
    }
  return sum / static_cast<double>(a.size() * b.size());
}

}  // namespace

std::vector<std::size_t> clustered(const std::vector<double>& similarity, std::size_t n) {
  std::vector<Members> groups;
  for (std::size_t i = 0; i < n; ++i) groups.push_back({i});
  while (groups.size() > 1) {
    std::size_t first = 0, second = 1;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < groups.size(); ++a)
      for (std::size_t b = a + 1; b < groups.size(); ++b)
        if (const double mean = mean_similarity(similarity, n, groups[a], groups[b]); mean > largest) {
          largest = mean;
          first = a;
          second = b;
        }
    groups[first].insert(groups[first].end(), groups[second].begin(), groups[second].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return groups.empty() ? Members() : groups[0];
}

}  // namespace chronograd
