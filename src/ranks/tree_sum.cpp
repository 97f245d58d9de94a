// SPDX-License-Identifier: Apache-2.0
#include "ranks/tree_sum.hpp"

namespace chronograd {

std::vector<int> Division::subtrees(int rank) const {
  std::vector<int> found;
  for (int s = begin(rank); s < end(rank);) {
    int width = 1;
    while (width < parts && s % (2 * width) == 0 && std::min(s + 2 * width, parts) <= end(rank)) width *= 2;
    found.push_back(s);
    s += width;
  }
  return found;
}

}  // namespace chronograd
