// SPDX-License-Identifier: Apache-2.0
// The instruction sets that this processor can run, for tests that go through all of them.
#pragma once

#include <vector>

#include "math/kernel_tables.hpp"

namespace chronograd {

inline std::vector<Isa> runnable_isas() {
  std::vector<Isa> sets;
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
    if (has_isa(isa)) sets.push_back(isa);
  return sets;
}

}  // namespace chronograd
