// SPDX-License-Identifier: Apache-2.0
// Rules that are local to a layer, on a stack: inside a step credit passes down the layers, through the inputs' weights
// and what the units do with them at once; then each layer has the rule to itself. What a lower layer's past does to an
// upper layer's state is dropped.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>

#include "chronograd/export.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {

/// Makes the rule of a stack of one layer.
template <class T>
using MakeOneLayer = std::function<std::unique_ptr<Rule<T>>(const RuleSetup<T>&)>;

/// The rule that `make_one` makes for a stack of one layer, for any stack. Each sees one layer: its own stack, its own
/// absent weights, the credit of the same step on what its layer shows. What they remember is `layerL.NAME` in the
/// state.
template <class T>
CHRONOGRAD_API std::unique_ptr<Rule<T>> on_each_layer(const RuleSetup<T>& setup,
                                                      const std::type_identity_t<MakeOneLayer<T>>& make_one);

}  // namespace chronograd
