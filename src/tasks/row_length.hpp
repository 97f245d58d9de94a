// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {

/// Of tasks that have streams without end as well as rows.
constexpr Option row_length_option = {.key = "length",
                                      .type = OptionType::integer,
                                      .fallback = "0",
                                      .low = 0,
                                      .high = 1e9,
                                      .unit = "steps",
                                      .help = "steps of a row; 0: endless"};

}  // namespace chronograd
