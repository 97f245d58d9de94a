// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_symmetric;
const FeedbackRecord feedback_symmetric = {
    .entry = {.name = "symmetric",
              .title = "the transposed readout at every step",
              .formulae = "c_t = W_out^T err_t",
              .text = "The true credit dL_t/dh_t."},
};

}  // namespace chronograd::entries
