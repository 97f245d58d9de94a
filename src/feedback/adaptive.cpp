// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_adaptive;
const FeedbackRecord feedback_adaptive = {
    .entry = {.name = "adaptive",
              .title = "a matrix that learns with the readout (Kolen and Pollack)",
              .formulae = "c_t = B_feedback err_t",
              .text = "B_feedback starts as with random feedback and gets the increments of W_out^T at every update, "
                      "after which both decay by the factor 1 - feedback_decay: their difference dies out.",
              .cite = "kolen1994backpropagation,akrout2019deep"},
    .own_matrix = true,
    .learns = true,
};

}  // namespace chronograd::entries
