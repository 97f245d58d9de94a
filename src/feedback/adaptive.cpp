// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_adaptive;
const FeedbackRecord feedback_adaptive = {
    {"adaptive",
     "a matrix that learns with the readout (Kolen and Pollack)",
     "c_t = B err_t; B starts as with random feedback and gets the increments of W_out^T at every update, after which\n"
     "both decay by the factor 1 - feedback_decay: their difference dies out.",
     "kolen1994backpropagation,akrout2019deep",
     {}},
    true,
    true};

}  // namespace chronograd::entries
