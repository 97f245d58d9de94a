// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_random;
const FeedbackRecord feedback_random = {
    .entry = {.name = "random",
              .title = "a fixed random matrix",
              .text = "c_t = B err_t with B (d, m) given as B_feedback, or drawn once: normal with deviation "
                      "feedback_scale / sqrt(m).\n"
                      "W_out aligns with B during learning.",
              .cite = "lillicrap2016random,murray2019local"},
    .own_matrix = true,
};

}  // namespace chronograd::entries
