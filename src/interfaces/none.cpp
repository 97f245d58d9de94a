// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {

extern const InterfaceRecord interface_none;
const InterfaceRecord interface_none = {
    .entry = {.name = "none",
              .title = "no gradient passes: only the group of the readout learns",
              .formulae = "d_k = 0",
              .symbols = "d_k: what group k learns from",
              .text = "Lower layers keep their first weights. It is the floor that other interfaces are measured by."},
    .time = "-(p + i + a w)",
};

}  // namespace chronograd::entries
