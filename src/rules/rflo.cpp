// SPDX-License-Identifier: Apache-2.0
// Random-feedback local online learning: the influence keeps only the unit's own leak.
#include "rules/local_trace.hpp"

namespace chronograd::entries {
extern const RuleRecord rule_rflo;
const RuleRecord rule_rflo = {
    {"rflo",
     "random-feedback local online learning",
     "e_t[i,j] = A_t[i] e_{t-1}[i,j] + B_t[i] z_t[j],  g = sum_t c_t[i] e_t[i,j]\n"
     "A is the cell's local part: 1 - alpha (leaky), z (gru). With rule.feedback = \"random\" it is the rule of the "
     "paper;\n"
     "with alpha = 1 the leaky cell keeps nothing and it is the immediate rule. Its input trace uses x_t.",
     "murray2019local,marschall2020unified",
     {}},
    Promise::biased,
    "W_rec = 0",
    "v p",
    "(v^2 + v) p / K + (v + 1) p",
    Window::any,
    true,
    false,
    make_local_trace<float, Recurrent::none>,
    make_local_trace<double, Recurrent::none>};

}  // namespace chronograd::entries
