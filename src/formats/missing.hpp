// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "chronograd/format.hpp"

namespace chronograd {

/// data.nan, for the option tables of formats that hold numbers.
constexpr Option missing_option = {.key = "nan",
                                   .type = OptionType::word,
                                   .fallback = "\"refuse\"",
                                   .help =
                                       "NaN and empty cells. refuse: an error that names the place; hold: the last "
                                       "number of that stream's channel is held (before the first: 0; a target before "
                                       "the first: no loss); skip: the step has no loss and its input is held",
                                   .choices = "refuse|hold|skip"};
Missing missing_of(const Options& data);

/// Channels of one stream: [T][width] numbers; data may be null where width counts classes.
struct Channels {
  double* data;
  std::size_t width;
};

/// Replaces each NaN of one stream's T steps as `missing` (not refuse) says, and sets the mask of steps that lose their
/// loss to 0. A reset (may be null) starts anew: nothing from before it is held.
void fill_missing(Missing missing, std::size_t steps, Channels x, Channels y, double* mask, const std::uint8_t* reset);

}  // namespace chronograd
