// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "chronograd/task.hpp"
#include "learning/rule_settings.hpp"

namespace chronograd {

/// Every lag up to 32, then eight to a factor of two: what a lag costs grows with it.
bool lag_is_measured(int lag);

/// How far back a rule assigns credit: the norm of what it charges, for the loss of one step t, to the use of the
/// cell's weights k steps earlier, k = 0 ... lags; the mean over 16 streams of the training split under frozen weights,
/// each with true credit (symmetric feedback) from its last weighted step; on endless tasks t differs from stream to
/// stream, so that windows end at all distances. A rule is linear in what its memory holds, so what it charges to step
/// s is the difference between a memory that begins at s and one that begins at s + 1. Lags that are not
/// lag_is_measured() are NaN; those at which a gradient overflowed are NaN or infinite. Empty for rules that learn a
/// model of their own: a new model gives no credit. `every` is update.every. Rows shorter than that give fewer lags.
/// `going` is asked for each lag; false ends it, empty.
template <class T>
std::vector<double> credit_by_lag(
    const Network<T>& network, const RuleSettings& rule, std::int64_t every, const Structure& structure,
    const Weights<T>& weights, const Task& task, int lags, const std::function<bool()>& going = [] { return true; });

}  // namespace chronograd
