// SPDX-License-Identifier: Apache-2.0
// Cells with readouts of further states that live as long as the program: the names of tests are made of them.
#pragma once

#include <utility>
#include <vector>

#include "chronograd/readout_forms.hpp"

namespace chronograd::conformance {

inline const CellRecord* kept_form(std::shared_ptr<const CellRecord> form) {
  static std::vector<std::shared_ptr<const CellRecord>> all;
  return all.emplace_back(std::move(form)).get();
}
inline const CellRecord* filtered(const CellRecord& plain) {
  return kept_form(filtered_cell(cell_of(plain)));
}
inline const CellRecord* averaged(const CellRecord& plain) {
  return kept_form(averaged_cell(cell_of(plain)));
}

/// With a filtered rate of each of `units` units that nobody reads.
inline const CellRecord* rated(const CellRecord& plain, int units) {
  return kept_form(rated_cell(cell_of(plain), 0.8, units));
}

}  // namespace chronograd::conformance
