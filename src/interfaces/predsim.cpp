// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "similarity",
     .type = OptionType::number,
     .fallback = "0.99",
     .low = 0,
     .high = 1,
     .help = "share b of the similarity loss, the rest being that of the prediction. 0: pred alone, 1: sim alone"},
};

}  // namespace

extern const InterfaceRecord interface_predsim;
const InterfaceRecord interface_predsim = {
    .entry = {.name = "predsim",
              .title = "two local losses of each group: of its prediction, and of which samples look alike",
              .formulae = "d_k = (1 - b) dL(R_k h_k, y*)/dh_k + b d|S(P_k h_k) - S(y*)|^2/dh_k",
              .symbols = "d_k: what group k learns from\n"
                         "b: share of the similarity loss\n"
                         "R_k: a linear readout of its own\n"
                         "P_k: a linear map of its own\n"
                         "S: cosines of all pairs of a batch's centred rows\n"
                         "h_k: output of group k",
              .text = "The similarity loss is a mean over pairs. As with local, nothing comes down.",
              .cite = "nokland2019training",
              .options = options},
    .guesses = true,
};

}  // namespace chronograd::entries
