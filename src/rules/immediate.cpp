// SPDX-License-Identifier: Apache-2.0
// No credit through time: each step's weights answer for that step's loss alone.
#include "rules/segment_scan.hpp"

namespace chronograd::entries {

extern const RuleRecord rule_immediate;
const RuleRecord rule_immediate = {
    {"immediate",
     "immediate gradient, no credit through time",
     "g = sum_t c_t Mbar_t: dL_t/dtheta_t alone. The floor below which no temporal credit is assigned.",
     "marschall2020unified",
     {}},
    Promise::biased,
    "T = 1",
    "0",
    "p",
    Window::any,
    true,
    false,
    make_segment_scan<float, false>,
    make_segment_scan<double, false>};

}  // namespace chronograd::entries
