// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chronograd::learning {

/// Calls of any operator new in this program.
extern long blocks_taken;

}  // namespace chronograd::learning
