// SPDX-License-Identifier: Apache-2.0
// One step of one stream as matrices, for rules that take many state vectors through it at once: products with the
// Jacobian J = ds_t/ds_{t-1} of the whole stack, and with G = ds_t/du_t of a group of pre-activations.
//
// A bundle of `count` state vectors that begins at layer l holds the states of layers l ... N - 1, layer after layer:
// [N - l][count][S d]. (What is below layer l is zero.) For each row of a group G has such a vector, and so has what is
// made of G by Jacobians: "rows of the group". Where units do not read each other, a row's vector differs from zero in
// one unit of its own layer alone, and that layer's part is [S][rows] instead.
#pragma once

#include <vector>

#include "base/sizes.hpp"
#include "chronograd/stack.hpp"

namespace chronograd {

template <class T>
class StepMatrices {
 public:
  StepMatrices(const Stack<T>& stack, int streams);

  /// Linearises step k of all streams.
  void linearise(Layers<T> layers, int k);
  /// Makes the matrices of stream b at the step that was linearised last; all products below are with these, and all
  /// readings with the stream's credit at step k.
  void take(Layers<T> layers, const Credit<T>& credit, int k, int b);

  // --- bundles
  std::size_t numbers(int layer, int count) const { return area((stack_.layers() - layer) * count, own_); }
  /// jv = J v; zero where the stream begins anew.
  void push(int layer, int count, const T* v, T* jv) const;
  /// out [count] = the credit times each vector.
  void read(int layer, int count, const T* v, T* out) const;
  /// out = G nu, one vector from block.layer on; nu [rows].
  void gain_times(const StackBlock& block, const T* nu, T* out) const;

  // --- rows of a group; `terms` of them one after the other
  std::size_t numbers(const StackBlock& block) const {
    return compact_ ? area(states_, block.rows) + numbers(block.layer + 1, block.rows)
                    : numbers(block.layer, block.rows);
  }
  void gain(const StackBlock& block, T* g) const;
  void push(const StackBlock& block, int terms, const T* v, T* jv) const;
  /// out [terms][rows]
  void read(const StackBlock& block, int terms, const T* v, T* out) const;

 private:
  /// Factors of stream b in a layer: local [S S][d], gain [S G][d].
  const T* local(int layer) const { return local_.data() + area(layer * streams_ + stream_, states_ * own_); }
  const T* gain_of(int layer) const {
    return gain_.data() + area(layer * streams_ + stream_, states_ * stack_.gates()) * area(stack_.units(), 1);
  }
  const T* gain_rows(const StackBlock& block, int s) const;
  void within(int layer, int count, const T* v, T* jv) const;
  void lift(int layer, int count, const T* below, T beta, T* out) const;
  void lift_each(int layer, int rows, int head, const T* h, T* out) const;
  void add_reading(int layer, int count, const T* v, T* out) const;
  void matrix(const Segment<T>& segment, int layer, int column, T* out) const;

  const Stack<T>& stack_;
  int streams_, states_, own_, seen_;  ///< B, S, S d, H d
  bool compact_;                       ///< units do not read each other
  int stream_ = 0;
  bool cut_ = false;
  Buffer<T> local_, gain_;  ///< [N][B]
  Buffer<T> recurrent_;  ///< [N][H d][S d] from h before the step to the layer's states after it; own part of h within
  Buffer<T> upward_;     ///< [N][H d][S d] from the h of the layer below
  /// Credit q [width] on a layer's states from number `first` on.
  struct Charge {
    int layer, first, width;
    const T* q;
  };
  std::vector<Charge> charges_;
};

}  // namespace chronograd
