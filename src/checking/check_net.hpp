// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/check.hpp"

namespace chronograd::checking {

/// check_config() of a feed-forward net: layers of at most 6 units, its interface and, beside it, backprop, at lag 0.
/// The gradient of one batch, which is what plain gradient descent at rate 1 takes off the weights, is held against
/// gradient_of(): all of it where the interface has all of it at the first batch, else that of the uppermost group.
std::vector<CheckRow> check_net(const Config& config, int seeds, std::uint64_t first_seed, Observer* observer);

}  // namespace chronograd::checking
