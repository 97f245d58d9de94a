// SPDX-License-Identifier: Apache-2.0
// Rules that are local to a layer, on a stack: inside a step credit passes down the layers, through the inputs' weights
// and what the units do with them at once, or layers have credit of their own from elsewhere; then each layer has the
// rule to itself. What a lower layer's past does to an upper layer's state is dropped.
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

/// Where layers get credit from, other than from the layer above.
template <class T>
class CHRONOGRAD_API LayerCredit {
 public:
  virtual ~LayerCredit() = default;
  /// Whether the top layer does so, too.
  virtual bool of_top() const = 0;
  /// c [rows][H d]: the credit of layer l on its h (the top one: on what is read out) at each of the K B rows.
  virtual void write(const Credit<T>& credit, int l, int rows, T* c) = 0;
};

/// The same with credit from there.
template <class T>
CHRONOGRAD_API std::unique_ptr<Rule<T>> on_each_layer(const RuleSetup<T>& setup,
                                                      const std::type_identity_t<MakeOneLayer<T>>& make_one,
                                                      std::unique_ptr<LayerCredit<T>> from);

}  // namespace chronograd
