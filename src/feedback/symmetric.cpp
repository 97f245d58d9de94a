// SPDX-License-Identifier: Apache-2.0
#include "chronograd/feedback.hpp"

namespace chronograd::entries {

extern const FeedbackRecord feedback_symmetric;
const FeedbackRecord feedback_symmetric = {
    {"symmetric", "the transposed readout at every step", "c_t = W_out^T err_t: the true credit dL_t/dh_t.", "", {}},
    false,
    false};

}  // namespace chronograd::entries
