// SPDX-License-Identifier: Apache-2.0
// The recurrent part of a network as rules see it: N layers of one cell, bottom first. A layer reads, in the same step,
// the h of the layer below; the readout reads the states that the top shows. With N = 1 it is the cell.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chronograd/cell.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// The segments of a stack, one a layer, bottom first, over the same steps and streams. What a rule may need of the
/// whole (steps, streams, t0, pass, last, cuts) is alike in each.
template <class T>
using Layers = std::span<const Segment<T>>;

/// A block of weights of the whole stack: pre-activation rows [row, row + rows) of all rows are the product of columns
/// [col, col + cols) of the layer's regressors with one matrix, theta[begin + i + rows * j] for row i and column j.
struct StackBlock {
  int layer, row, rows, col, cols;
  std::size_t begin;
};

/// The layers with the products of one step of all of them. States of a stream are [N][S][d], pre-activations
/// [N][G][d], theta the layers' one after the other. The Jacobian is that of the whole step: a change of a lower
/// layer's state passes up within it.
template <class T>
class CHRONOGRAD_API Stack {
 public:
  /// `model` is the checked [model] table; n inputs to the bottom layer. Throws Error (usage).
  Stack(const CellRecord& record, const Options& model, int units, int inputs);
  /// A stack of one layer: layer l of another.
  Stack(const Stack& whole, int l);

  int layers() const { return static_cast<int>(alone_.size()); }
  /// One layer by itself, on arrays that hold it alone.
  const Cell<T>& layer(int l) const { return alone_[static_cast<std::size_t>(l)]; }
  const CellRecord& record() const { return alone_[0].record(); }
  int states() const { return alone_[0].states(); }            ///< S
  int gates() const { return alone_[0].gates(); }              ///< G
  int units() const { return alone_[0].units(); }              ///< d of each layer
  int inputs() const { return alone_[0].inputs(); }            ///< n
  int width() const { return layers() * states() * units(); }  ///< N S d
  int rows() const { return layers() * gates() * units(); }    ///< N G d
  int top() const { return width() - states() * units(); }     ///< where the top layer's h begins among the states
  int shown_width() const { return alone_[0].shown_width(); }  ///< H d: numbers that the readout reads, and of h
  /// Where the states begin, among all, that the readout reads and credit c acts on.
  int shown() const { return top() + alone_.back().shown() * units(); }
  int more() const { return alone_[0].more(); }                       ///< numbers of a layer in a row of `hidden`
  int memory() const { return layers() * (shown_width() + more()); }  ///< N (S + C) d: all that is carried
  std::size_t parameters() const { return theta_at_.back(); }         ///< length of theta
  std::size_t theta_at(int l) const { return theta_at_[static_cast<std::size_t>(l)]; }
  std::span<const StackBlock> blocks() const { return blocks_; }
  /// The regressors of a block that gradients take at step k of stream b.
  const T* regressors(Layers<T> layers, const StackBlock& block, int k, int b) const {
    return layers[static_cast<std::size_t>(block.layer)].regressors() +
           static_cast<std::size_t>(k * layers[0].streams + b) *
               static_cast<std::size_t>(alone_[static_cast<std::size_t>(block.layer)].ld()) +
           block.col;
  }

  /// As in Cell, for each layer.
  void prepare(std::vector<Segment<T>>& layers, int steps, int streams) const;
  /// Runs the K steps under `theta`; x is in the bottom segment's z already. `xi` [N][K][B][d] is standard normal noise
  /// or null.
  void forward(std::span<Segment<T>> layers, const T* theta, const T* xi = nullptr) const;
  bool noisy() const { return alone_[0].noisy(); }
  void carry(std::span<Segment<T>> layers) const;
  /// As in Cell, for each layer; `use_weights` takes those of `layers`.
  void keep(Layers<T> layers, int k, std::span<Segment<T>> kept, int slot) const;
  void use_weights(std::span<Segment<T>> kept, Layers<T> layers) const;
  /// Kept steps, of segments that were prepared, have whitened regressors of their own from now on.
  void keep_whitened(std::span<Segment<T>> kept) const;
  /// Copies the state [N][S][d] of stream b after step k, without what takes no credit.
  void state_after(Layers<T> layers, int k, int b, T* state) const;

  /// As in Cell, for all layers: lambda [B][N S d] is the credit on all states, q and q_prev [B][H d] that on what the
  /// top layer shows, du [B][N G d]. With N > 1, or where not h is shown, lambda may be null only where q_prev is.
  void pull(Layers<T> layers, int k, Recurrent recurrent, T* lambda, const T* q, T* du, T* q_prev) const;
  /// lambda [count][N S d], q [count][H d] of what the top layer shows, du [count][N G d].
  void pull_stream(Layers<T> layers, int k, int b, int count, T* lambda, T* q, T* du) const;
  /// jv [B][N S d] = J_k v.
  void push(Layers<T> layers, int k, const T* v, T* jv) const;
  /// grad += sum over steps [k0, k1) and streams of du (x) z; du [k1 - k0][B][N G d].
  void accumulate(Layers<T> layers, int k0, int k1, const T* du, T* grad) const;

 private:
  void add(const CellRecord& record, const Options& model, int units, int inputs, int layers, bool read_out);
  T* scratch(Layers<T> layers, int which, int count) const;

  Options model_;
  std::vector<Cell<T>> alone_, joint_;  ///< the same cells: on arrays of their own, and on the stack's
  std::vector<std::size_t> theta_at_;   ///< [N + 1]
  std::vector<StackBlock> blocks_;
};

/// The name of a parameter or state in layer l: W_rec, W_rec_l1; weight_ih_l0, weight_ih_l1.
CHRONOGRAD_API std::string layer_name(const std::string& bottom, int l);

}  // namespace chronograd
