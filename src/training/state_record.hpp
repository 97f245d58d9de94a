// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/stack.hpp"
#include "training/stream_record.hpp"

namespace chronograd {

/// The number of a unit's constant of this name, or -1.
int constant_of(const CellRecord& record, const std::string& name);
/// Whether a cell spikes: it has a threshold v_th + beta a, and its tape begins with psi, the slope of its spike.
bool spikes(const CellRecord& record);

/// Whether some unit has a slope at some step of the segment: psi is not 0. Of cells that spike.
template <class T>
bool any_slope(const Stack<T>& stack, Layers<T> layers);

/// All states of a network over the steps of rows, by names, (rows, steps, d): each state behind h by its name in data
/// without the 0 (c of lstm; v, a of alif; f where the readout is filtered), and of cells that spike `threshold`, what
/// v was held against at the step, and `psi`. In a stack they end in _l0, _l1, ..., and so do the h of the layers.
template <class T>
class StateRecord {
 public:
  /// `model`: the checked [model] table.
  StateRecord(const Stack<T>& stack, const Options& model, std::int64_t rows, std::int64_t steps);

  /// After its forward pass, while it has the state before its first step: a segment whose streams are rows first,
  /// first + 1, ..., and whose steps are t, t + 1, ...
  void add(std::int64_t first, std::int64_t t, Layers<T> layers);
  /// Gives the numbers away.
  void move_to(Arrays& arrays);

 private:
  enum class Kind { h, hidden, threshold, psi };
  struct Kept {
    std::string name;
    Kind kind;
    int layer, row;  ///< row: of d numbers among those of `hidden`
    StreamRecord<T> record;
  };
  void add_threshold(Kept& kept, std::int64_t first, std::int64_t t, const Segment<T>& segment);

  const Stack<T>& stack_;
  std::vector<Kept> kept_;
  std::vector<T> v_th_, beta_;  ///< [d] of cells that spike
  int adaptation_ = -1;         ///< the row of a among those of `hidden`
  std::vector<T> threshold_;    ///< [B][d] of a step
};

}  // namespace chronograd
