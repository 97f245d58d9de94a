// SPDX-License-Identifier: Apache-2.0
// How products with an influence matrix M are cut into jobs, which threads may share: by sizes alone, so that their
// number changes no bit.
#pragma once

#include <algorithm>
#include <functional>

#include "base/crew.hpp"

namespace chronograd {

/// Columns of M that lie in the second cache before a step, where it has so many rows.
template <class T>
int columns_at_once(int rows) {
  constexpr int numbers = (256 << 10) / static_cast<int>(sizeof(T)), panel = 64;
  return std::max(1, numbers / rows / panel) * panel;
}

/// Calls job(0) ... job(jobs - 1), in no order, on all threads of a crew (null: none) where so many multiply-adds are
/// worth waking them. None may depend on another.
template <class Job>
void share(Crew* crew, int jobs, double multiply_adds, const Job& job) {
  constexpr double worth_sharing = 1e7;
  if (crew && multiply_adds >= worth_sharing)
    crew->run(jobs, std::ref(job));
  else
    for (int i = 0; i < jobs; ++i) job(i);
}

}  // namespace chronograd
