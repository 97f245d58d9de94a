// SPDX-License-Identifier: Apache-2.0
// Credit on further states of units, beside that on what the readout reads.
#pragma once

#include <algorithm>
#include <vector>

#include "base/sizes.hpp"
#include "chronograd/stack.hpp"
#include "math/kernels.hpp"

namespace chronograd {

/// The row of step k and stream b.
template <class T>
const T* row_of(const FurtherCredit<T>& further, int k, int b, int units) {
  return further.q + static_cast<std::size_t>(k) * further.stride + area(b, units);
}

/// lambda [B][N S d] += the further credits of step k.
template <class T>
void add_further(const Stack<T>& stack, const Credit<T>& credit, int k, int streams, T* lambda) {
  const int d = stack.units();
  for (const FurtherCredit<T>& further : credit.further)
    for (int b = 0; b < streams; ++b)
      kernels<T>().add(d, row_of(further, k, b, d),
                       lambda + area(b, stack.width()) + area(further.layer * stack.states() + further.state, d));
}

/// Those on layer l, as credits of a stack of this layer alone, in place of what `own` holds.
template <class T>
void further_of_layer(const Credit<T>& credit, int l, std::vector<FurtherCredit<T>>& own) {
  own.clear();
  for (FurtherCredit<T> further : credit.further)
    if (further.layer == l) {
      further.layer = 0;
      own.push_back(further);
    }
}

}  // namespace chronograd
