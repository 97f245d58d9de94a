// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {

extern const InterfaceRecord interface_delayed;
const InterfaceRecord interface_delayed = {
    .entry = {.name = "delayed",
              .title = "the true gradient of a batch, interface.lag batches later",
              .formulae = "d_k = d_{k+1} F_{k+1}",
              .symbols = "d_k: gradient of a sample's loss by h_k, the output of group k\n"
                         "F_k: slope of group k, dh_k/dh_{k-1}, of the weights at hand",
              .text =
                  "Batch t is learnt from after batch t + lag has passed. Weights have moved by then: what was kept "
                  "of the forward pass is of the weights of then, the weights it is taken through are those of now. "
                  "No copies of weights are kept.",
              .cite = "huo2018decoupled"},
    .listens = true,
    .lags = true,
    .time = "0",
};

}  // namespace chronograd::entries
