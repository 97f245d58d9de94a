// SPDX-License-Identifier: Apache-2.0
// Truncated BPTT: BPTT inside windows of L steps. The state is carried from window to window, credit is not.
#include "rules/segment_scan.hpp"
#include "rules/window_options.hpp"

namespace chronograd::entries {
namespace {
constexpr Option options[] = {
    window_option,
};
}  // namespace

extern const RuleRecord rule_tbptt;
const RuleRecord rule_tbptt = {
    .entry = {.name = "tbptt",
              .title = "truncated backpropagation through time, chunked windows",
              .formulae = "delta_t = c_t + delta_{t+1} J_{t+1},  g = sum_t delta_t Mbar_t",
              .text = "BPTT inside windows of L <= K steps, counted from the start of each update interval. State "
                      "crosses a border,\n"
                      "credit does not. L = K = T is bptt; L = 1 is the immediate rule.",
              .cite = "werbos1990backpropagation",
              .options = options},
    .promise = Promise::biased,
    .limit = "L >= T",
    .memory = "L (d + n)",
    .time = "p + R",
    .segments = Segments::interval,
    .whitens = true,
    .look = "sky",
    .make_float = make_segment_scan<float, true>,
    .make_double = make_segment_scan<double, true>,
};

}  // namespace chronograd::entries
