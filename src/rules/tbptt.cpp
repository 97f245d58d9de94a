// SPDX-License-Identifier: Apache-2.0
// Truncated BPTT: BPTT inside windows of L steps. The state is carried from window to window, credit is not.
#include "rules/segment_scan.hpp"

namespace chronograd::entries {
namespace {
constexpr Option options[] = {
    {"L", OptionType::integer, "", 1, 1e9, "steps", "window; default: the update interval, which it may not exceed"},
};
}  // namespace

extern const RuleRecord rule_tbptt;
const RuleRecord rule_tbptt = {
    {"tbptt", "truncated backpropagation through time, chunked windows",
     "BPTT inside windows of L <= K steps, counted from the start of each update interval. State crosses a border,\n"
     "credit does not. L = K = T is bptt; L = 1 is the immediate rule.",
     "werbos1990backpropagation", options},
    Promise::biased,
    "L >= T",
    "L (d + n)",
    "p + R",
    Window::interval,
    false,
    false,
    make_segment_scan<float, true>,
    make_segment_scan<double, true>};

}  // namespace chronograd::entries
