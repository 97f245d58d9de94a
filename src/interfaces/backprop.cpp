// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {

extern const InterfaceRecord interface_backprop;
const InterfaceRecord interface_backprop = {
    .entry = {.name = "backprop",
              .title = "the true gradient, waited for",
              .formulae = "d_k = d_{k+1} F_{k+1}",
              .symbols = "d_k: gradient of a sample's loss by h_k, the output of group k\n"
                         "F_k: slope of group k, dh_k/dh_{k-1}",
              .text = "Groups of layers wait for each other: whatever the groups are, the run has the same bits as one "
                      "net under back-propagation. \"true\" is another name of it."},
    .listens = true,
    .time = "0",
};

}  // namespace chronograd::entries
