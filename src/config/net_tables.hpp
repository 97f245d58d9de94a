// SPDX-License-Identifier: Apache-2.0
// Private: the settings of feed-forward nets that do not depend on an entry, for the list of all tables.
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {

inline constexpr Option net_table[] = {
    {.key = "widths",
     .type = OptionType::numbers,
     .low = 1,
     .high = 1000000,
     .unit = "units",
     .help = "units of each hidden layer, from the input on",
     .required = true},
    {.key = "activation",
     .type = OptionType::word,
     .fallback = "\"relu\"",
     .help = "f of the hidden layers",
     .choices = "relu|tanh|identity"},
    {.key = "norm",
     .type = OptionType::word,
     .fallback = "\"none\"",
     .help =
         "batch: before f each unit's inputs are brought to mean 0 and deviation 1 over the batch, then to a trained "
         "mean and deviation (batch normalisation); tests use running means by 0.9",
     .choices = "none|batch"},
    {.key = "groups",
     .type = OptionType::numbers,
     .low = 0,
     .unit = "layers",
     .help = "hidden layers of each group, from the input on; the readout joins the last, or is alone "
             "where that is 0. Between two groups there is an "
             "interface. Absent: each layer is a group, and the readout one of its own"},
};

inline constexpr Option interface_table[] = {
    {.key = "name",
     .type = OptionType::word,
     .help = "name of the interface: what a group learns from while the gradient from above is not there",
     .required = true},
    {.key = "lag",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 10000,
     .unit = "batches",
     .help =
         "S: the gradient from above of batch t is used after batch t + S has passed, at this place and no other, so "
         "that results do not depend on when it came"},
    {.key = "order",
     .type = OptionType::word,
     .fallback = "\"fixed\"",
     .help =
         "arrival: a gradient is used as soon as it is there and waited for after interface.lag batches; two runs are "
         "alike by chance only",
     .choices = "fixed|arrival"},
    {.key = "true_every",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "batches",
     .help = "every so many batches all groups learn from the true gradient, not from guesses; 0: never"},
    {.key = "warmup",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "batches",
     .help = "the first so many batches all groups learn from the true gradient"},
    {.key = "update_probability",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "with which a group learns from a batch's guess; drawn from the seed",
     .low_is_excluded = true},
    {.key = "fallback",
     .type = OptionType::flag,
     .fallback = "false",
     .help =
         "a group whose guesses were worse than zero at three lines of metrics in a row (squared error above the true "
         "gradient's square) learns from what comes from above until they are not"},
    {.key = "unlock",
     .type = OptionType::word,
     .fallback = "\"none\"",
     .help =
         "full: each group but the first goes forward at once on a guess of its input, made of the net's input by a "
         "synthesiser that learns from the true one when it comes; with interfaces that have a synthesiser",
     .choices = "none|full"},
};

}  // namespace chronograd
