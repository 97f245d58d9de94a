// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "chronograd/buffer.hpp"

namespace chronograd {

template <class T>
class Cell;
template <class T>
class Stack;

/// Work space of a cell in a segment, which it alone reads and writes: states where there are cuts, products, factors
/// of a step, and what it derives from theta once a segment.
template <class T>
class CellScratch {
  friend class Cell<T>;
  friend class Stack<T>;
  Buffer<T> h_apart_, hidden_apart_;
  mutable Buffer<T> u_, local_, gain_, kept_, theta_panels_, theta_t_, own_, down_, back_, loops_;
  mutable bool has_theta_t_ = false, has_own_ = false;
};

/// K consecutive steps of B streams of one layer under fixed weights: what the cell writes and the rule reads. Plain
/// data; steps first, so that [K][B][d] is one matrix of K B rows.
template <class T>
struct Segment {
  int steps = 0;  ///< K, at most `capacity`
  int capacity = 0;
  int streams = 0;        ///< B
  std::int64_t t0 = 0;    ///< step of the row that the first one is
  std::int64_t pass = 0;  ///< how many rows these streams ran through before: random rules and noise draw anew in each
  bool last = false;      ///< the row ends here: what a rule would carry on is not needed
  const T* theta = nullptr;  ///< the layer's weights, in the layout of Cell::blocks()
  Buffer<T> z;               ///< [K + 1][B][ld] regressors (h_prev, x, 1); h_prev is zero after a cut
  /// [K][B][ld] what gradients take of each step in place of z (rule.whiten), while a rule learns; null: z itself.
  mutable const T* whitened = nullptr;
  Buffer<T> kept_whitened;  ///< the same of steps that a rule keeps; empty: they are charged with z
  const T* h =
      nullptr;   ///< [K][B] rows of H d numbers at distance h_ld: h after each step, what report and layer above
  int h_ld = 0;  ///< see. They are the regressors' own, unless a cut makes the two differ
  const T* shown = nullptr;  ///< [K][B] rows of H d numbers at distance shown_ld: what the readout reads, h or what the
  int shown_ld = 0;          ///< cell shows in its place
  Buffer<T> hidden;  ///< [K + 1][B][(S - H + C) d] the states after h, then what is carried without credit, before
                     ///< each step, zero after a cut
  /// [K][B][(S - H + C) d] the same after each step. They are those before the next one, unless a cut makes the two
  /// differ.
  const T* hidden_after = nullptr;
  Buffer<T> weight;          ///< [K][B] what each step counts in a mean output; cells that sum outputs up
  Buffer<T> tape;            ///< [K][B][...] private to the cell
  Buffer<std::uint8_t> cut;  ///< [K][B] 1: the stream begins anew at this step
  bool any_cut = false;      ///< some cut in this segment
  const T* xi = nullptr;     ///< [K][B][d] the noise of the forward pass, for rules that run it again; null: none

  CellScratch<T> scratch;  ///< the cell's own

  /// [K][B][ld] the regressors that a gradient takes: credit on pre-activations times these.
  const T* regressors() const { return whitened ? whitened : z.data(); }
};

/// Credit on one more state of the units of a layer than the one that the readout reads.
template <class T>
struct FurtherCredit {
  int layer, state;
  const T* q;          ///< [K][B][d], or one row [B][d] for all steps
  std::size_t stride;  ///< between the steps of q: B d, or 0
};

/// What a segment's losses say about its states, in the same order.
template <class T>
struct Credit {
  T* c = nullptr;          ///< [K][B][H d] immediate credit on what the readout reads of the top layer, dL_t/dh_t where
                           ///< that is h; rules may use it up
  const T* err = nullptr;  ///< [K][B][m] dL_t/da_t, weighted by mask and normalisation
  const T* target = nullptr;                       ///< [K][B][m], zero where the step has no loss
  std::span<const FurtherCredit<T>> further = {};  ///< on other states, added to that of c
};

}  // namespace chronograd
