// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/sizes.hpp"
#include "chronograd/buffer.hpp"
#include "chronograd/stack.hpp"
#include "rules/influence_pattern.hpp"

namespace chronograd {

/// The numbers of a step's Jacobian that a pattern names.
template <class T>
class PatternJacobian {
 public:
  /// `pattern` is needed only while this is made.
  PatternJacobian(const Stack<T>& stack, const InfluencePattern& pattern, int streams);

  /// Linearises step k of all streams; what follows is of that step.
  void linearise(Layers<T> layers, int k);
  /// [S G d] ds/du of the units of layer l, stream b.
  const T* gain(int l, int b) const { return gain_.data() + gain_at(l, b); }
  /// Writes the values of stream b, InfluencePattern::values numbers, made with theta of the whole stack. The units'
  /// own (which have their own weights in them) are zero where the stream begins anew, those of connections are not.
  void values(const T* theta, int b, T* value) const;

 private:
  /// A product of a gain and a weight, in a value of J.
  struct Factors {
    int gain, theta;  ///< gain: without the stream
  };
  /// Where the factors of stream b in layer l begin.
  std::size_t local_at(int l, int b) const {
    return area(l * streams_ + b, stack_.states() * stack_.states() * stack_.units());
  }
  std::size_t gain_at(int l, int b) const {
    return area(l * streams_ + b, stack_.states() * stack_.gates() * stack_.units());
  }

  const Stack<T>& stack_;
  int streams_;
  std::vector<std::size_t> products_;  ///< [connections' values + 1] where the products of each begin in factors_
  std::vector<Factors> factors_;
  Buffer<T> local_, gain_;  ///< [layers][B][S S d], [layers][B][S G d]
};

}  // namespace chronograd
