// SPDX-License-Identifier: Apache-2.0
// What a readout may read in place of h, as further states of the unit, on any cell (`readout.tau_out`,
// `readout.average`), and a rate of h that may be charged (`regularise.average`). Whatever a loss looks at is then a
// state of a unit at the step where it is charged, and every rule is right about it without knowing.
#pragma once

#include <memory>

#include "chronograd/cell.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// The same cell with a low-pass filter of its h, which the readout reads: f' = kappa f + zeta_out h'. Constants: the
/// cell's own, kappa, zeta_out. Throws Error (usage) where a record has no room for as many states or constants.
CHRONOGRAD_API std::shared_ptr<const CellRecord> filtered_cell(std::shared_ptr<const CellRecord> plain);

/// The same cell with the sum over steps of what it shows, times what each step counts (Segment::weight): a mean output
/// is read from it. Throws Error (usage) as above.
CHRONOGRAD_API std::shared_ptr<const CellRecord> averaged_cell(std::shared_ptr<const CellRecord> plain);

/// The same cell with a low-pass filter of its h that the readout does not read, behind all other states: r' = decay r
/// + (1 - decay) h', for `units` units. Throws Error (usage) as above.
CHRONOGRAD_API std::shared_ptr<const CellRecord> rated_cell(std::shared_ptr<const CellRecord> plain, double decay,
                                                            int units);

/// A record that somebody else owns, for those above.
inline std::shared_ptr<const CellRecord> cell_of(const CellRecord& record) {
  return {std::shared_ptr<const CellRecord>(), &record};
}

}  // namespace chronograd
