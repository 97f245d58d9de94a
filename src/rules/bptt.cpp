// SPDX-License-Identifier: Apache-2.0
// Backpropagation through time: delta_t = c_t + delta_{t+1} J_{t+1}, dL/dtheta = sum_t delta_t Mbar_t, over a whole
// row.
#include "rules/segment_scan.hpp"

namespace chronograd::entries {

extern const RuleRecord rule_bptt;
const RuleRecord rule_bptt = {
    .entry = {.name = "bptt",
              .title = "backpropagation through time",
              .formulae = "delta_t = c_t + delta_{t+1} J_{t+1},  dL/dtheta = sum_t delta_t Mbar_t",
              .text = "The exact gradient, summed towards the future. Needs the whole row: update.every = \"trial\".",
              .cite = "rumelhart1986learning,werbos1990backpropagation,lecun1988theoretical"},
    .promise = Promise::exact,
    .memory = "T (d + n)",
    .time = "p + R",
    .segments = Segments::row,
    .at_once = true,
    .whitens = true,
    .look = "blue",
    .make_float = make_segment_scan<float, true>,
    .make_double = make_segment_scan<double, true>,
};

}  // namespace chronograd::entries
