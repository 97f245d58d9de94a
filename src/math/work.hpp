// SPDX-License-Identifier: Apache-2.0
// Counts the multiplications of products and of passes over matrices, so that what a rule's record says of its cost can
// be held against what it does.
#pragma once

namespace chronograd {

/// While one of these lives, gemm and the kernels count. At most one at a time, while no other thread computes. Loops
/// over the units of a cell, which are of a lower order, are not counted, nor are the optimisers.
class WorkCount {
 public:
  WorkCount();
  ~WorkCount();
  WorkCount(const WorkCount&) = delete;
  WorkCount& operator=(const WorkCount&) = delete;
  double multiplications() const;
};

namespace work {
extern bool counting;              ///< whether a WorkCount lives
void add(double multiplications);  ///< adds to it
}  // namespace work

}  // namespace chronograd
