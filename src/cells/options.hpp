// SPDX-License-Identifier: Apache-2.0
// Settings that several cells have. A cell lists those that mean something for it; any other is then refused by name.
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {
namespace {

constexpr Option option_density = {
    "density",
    OptionType::number_or_word,
    "1.0",
    0,
    1,
    "",
    "fraction of recurrent weights that are present, drawn from the seed; \"from_zeros\": exact zeros of the given "
    "W_rec are absent. A given W_rec_mask overrides it",
    "from_zeros",
    true};
constexpr Option option_gain = {
    "gain", OptionType::number, "1.0", 0, unbounded, "", "factor of the drawn recurrent weights"};
constexpr Option option_alpha = {
    "alpha",
    OptionType::numbers,
    "",
    0,
    1,
    "",
    "update rate dt/tau, one number or one for each unit; 1 if neither it nor tau is given",
    "",
    true};
constexpr Option option_dt = {"dt", OptionType::number,         "1.0", 0,   unbounded,
                              "ms", "time step, used with tau", "",    true};
constexpr Option option_tau = {"tau",
                               OptionType::numbers,
                               "",
                               0,
                               unbounded,
                               "ms",
                               "time constant, instead of alpha: alpha = dt/tau; one number or one for each unit",
                               "",
                               true};
constexpr Option option_activation = {
    "activation", OptionType::word, "\"tanh\"", -unbounded, unbounded, "", "f", "identity|tanh|sigmoid|relu|softplus"};
constexpr Option option_noise = {"noise",
                                 OptionType::number,
                                 "0.0",
                                 0,
                                 unbounded,
                                 "",
                                 "standard deviation sigma of the noise that is drawn at every step"};
constexpr Option option_noise_where = {"noise_where",
                                       OptionType::word,
                                       "\"state\"",
                                       -unbounded,
                                       unbounded,
                                       "",
                                       "state: h += sqrt(2 alpha) sigma xi; input: u += sqrt(2/alpha) sigma xi",
                                       "state|input"};

constexpr Option option_r_min = {
    "r_min", OptionType::number, "0.0", 0, 1, "", "|lambda| is drawn between r_min and r_max, |lambda|^2 uniformly"};
constexpr Option option_r_max = {"r_max", OptionType::number, "1.0", 0, 1, "", "see r_min", "", true};

}  // namespace
}  // namespace chronograd
