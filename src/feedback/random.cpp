// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_random;
const FeedbackRecord feedback_random = {
    .entry = {.name = "random",
              .title = "a fixed random matrix",
              .formulae = "c_t = B_feedback err_t",
              .text =
                  "B_feedback (d, m) is given, or drawn once: normal with deviation feedback_scale / sqrt(m). W_out "
                  "aligns with it during learning.",
              .cite = "lillicrap2016random,murray2019local"},
    .own_matrix = true,
};

}  // namespace chronograd::entries
