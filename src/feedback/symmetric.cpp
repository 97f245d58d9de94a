// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_symmetric;
const FeedbackRecord feedback_symmetric = {
    .entry = {.name = "symmetric",
              .title = "the transposed readout at every step",
              .text = "c_t = W_out^T err_t: the true credit dL_t/dh_t."},
};

}  // namespace chronograd::entries
