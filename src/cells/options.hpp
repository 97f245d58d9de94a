// SPDX-License-Identifier: Apache-2.0
// Settings that several cells have. A cell lists those that mean something for it; any other is then refused by name.
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {
namespace {

constexpr Option option_density = {
    .key = "density",
    .type = OptionType::number_or_word,
    .fallback = "1.0",
    .low = 0,
    .high = 1,
    .help =
        "fraction of recurrent weights that are present, drawn from the seed; \"from_zeros\": exact zeros of the given "
        "W_rec are absent. A given W_rec_mask overrides it",
    .choices = "from_zeros",
    .low_is_excluded = true};
constexpr Option option_gain = {.key = "gain",
                                .type = OptionType::number,
                                .fallback = "1.0",
                                .low = 0,
                                .help = "factor of the drawn recurrent weights"};
constexpr Option option_dale = {
    .key = "dale",
    .type = OptionType::number,
    .low = 0,
    .high = 1,
    .help =
        "fraction of excitatory units under Dale's law: a unit's recurrent weights keep one sign, updates clip at "
        "zero; absent: no such law"};
constexpr Option option_alpha = {
    .key = "alpha",
    .type = OptionType::numbers,
    .low = 0,
    .high = 1,
    .help = "update rate dt/tau, one number or one for each unit; 1 if neither it nor tau is given",
    .low_is_excluded = true};
constexpr Option option_dt = {.key = "dt",
                              .type = OptionType::number,
                              .fallback = "1.0",
                              .low = 0,
                              .unit = "ms",
                              .help = "time step, used with tau",
                              .low_is_excluded = true};
constexpr Option option_tau = {
    .key = "tau",
    .type = OptionType::numbers,
    .low = 0,
    .unit = "ms",
    .help = "time constant, instead of alpha: alpha = dt/tau; one number or one for each unit",
    .low_is_excluded = true};
constexpr Option option_activation = {.key = "activation",
                                      .type = OptionType::word,
                                      .fallback = "\"tanh\"",
                                      .help = "activation f of the units",
                                      .choices = "identity|tanh|sigmoid|relu|softplus"};
constexpr Option option_noise = {.key = "noise",
                                 .type = OptionType::number,
                                 .fallback = "0.0",
                                 .low = 0,
                                 .help = "standard deviation sigma of the noise that is drawn at every step"};
constexpr Option option_noise_where = {.key = "noise_where",
                                       .type = OptionType::word,
                                       .fallback = "\"state\"",
                                       .help = "state: h += sqrt(2 alpha) sigma xi; input: u += sqrt(2/alpha) sigma xi",
                                       .choices = "state|input"};

constexpr Option option_r_min = {.key = "r_min",
                                 .type = OptionType::number,
                                 .fallback = "0.0",
                                 .low = 0,
                                 .high = 1,
                                 .help = "|lambda| is drawn between r_min and r_max, |lambda|^2 uniformly"};
constexpr Option option_r_max = {.key = "r_max",
                                 .type = OptionType::number,
                                 .fallback = "1.0",
                                 .low = 0,
                                 .high = 1,
                                 .help = "largest magnitude of lambda that is drawn; r_min has the smallest",
                                 .low_is_excluded = true};

constexpr Option option_max_phase = {.key = "max_phase",
                                     .type = OptionType::number,
                                     .fallback = "6.283185307179586",
                                     .low = 0,
                                     .unit = "rad",
                                     .help = "the phases of lambda are drawn from (0, max_phase)",
                                     .low_is_excluded = true};

}  // namespace
}  // namespace chronograd
