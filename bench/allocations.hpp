// SPDX-License-Identifier: Apache-2.0
// Counts every call of malloc and its relatives in the program that this is linked into. operator new ends there too.
#pragma once

#include <cstdint>

namespace chronograd::bench {

/// Blocks taken from the heap since the program began, by all threads.
struct Allocations {
  std::int64_t ours;       ///< by anyone else
  std::int64_t libraries;  ///< inside calls of dnnl_sgemm, which takes a block or more a call
};

Allocations allocations();

inline Allocations operator-(const Allocations& a, const Allocations& b) {
  return {a.ours - b.ours, a.libraries - b.libraries};
}

}  // namespace chronograd::bench
