// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "chronograd/buffer.hpp"

namespace chronograd {

template <class T>
class Cell;
template <class T>
class Stack;

/// Work space of a cell in a segment, which it alone reads and writes: h where there are cuts, products, factors of a
/// step, and what it derives from theta once a segment.
template <class T>
class CellScratch {
  friend class Cell<T>;
  friend class Stack<T>;
  Buffer<T> h_apart;
  mutable Buffer<T> u, local, gain, kept, theta_panels, theta_t, own, down, back;
  mutable bool has_theta_t = false, has_own = false;
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
  const T* h = nullptr;  ///< [K][B] rows of d numbers at distance h_ld: h after each step, what readout, report and the
  int h_ld = 0;          ///< layer above see. They are the regressors' own, unless a cut makes the two differ
  Buffer<T> hidden;      ///< [K + 1][B][(S-1) d] further states before each step, zero after a cut
  Buffer<T> hidden_after;    ///< [K][B][(S-1) d] further states after each step
  Buffer<T> tape;            ///< [K][B][...] private to the cell
  Buffer<std::uint8_t> cut;  ///< [K][B] 1: the stream begins anew at this step
  bool any_cut = false;      ///< some cut in this segment
  const T* xi = nullptr;     ///< [K][B][d] the noise of the forward pass, for rules that run it again; null: none

  CellScratch<T> scratch;  ///< the cell's own
};

/// What a segment's losses say about its states, in the same order.
template <class T>
struct Credit {
  T* c = nullptr;             ///< [K][B][d] immediate credit dL_t/dh_t on the top layer; rules may use it up
  const T* err = nullptr;     ///< [K][B][m] dL_t/da_t, weighted by mask and normalisation
  const T* target = nullptr;  ///< [K][B][m], zero where the step has no loss
};

}  // namespace chronograd
