// SPDX-License-Identifier: Apache-2.0
// Sparse n-step approximation of RTRL: entries of the influence that are zero after n steps are kept at zero.
#include "chronograd/error.hpp"
#include "rules/local_trace.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {"n", OptionType::integer, "1", 1, 1, "steps",
     "how many steps an influence may take to be kept; 1 keeps a unit's effect on itself"},
};

}  // namespace

extern const RuleRecord rule_snap;
const RuleRecord rule_snap = {{"snap", "SnAp-n, sparse n-step approximation of RTRL",
                               "M_t = P_n o (J_t M_{t-1} + Mbar_t): influence outside the pattern P_n is dropped.\n"
                               "n = 1: e_t[i,j] = (A_t[i] + B_t[i] W_rec[i,i]) e_{t-1}[i,j] + B_t[i] z_t[j], all "
                               "states of a unit for every weight into it.",
                               "menick2021practical", options},
                              Promise::biased,
                              "W_rec diagonal",
                              "p",
                              "p",
                              Window::any,
                              true,
                              false,
                              make_local_trace<float, Recurrent::own>,
                              make_local_trace<double, Recurrent::own>};

}  // namespace chronograd::entries
