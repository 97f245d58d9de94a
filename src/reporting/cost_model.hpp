// SPDX-License-Identifier: Apache-2.0
// What a rule's record says that it costs, for given sizes.
#pragma once

#include "chronograd/rule.hpp"
#include "reporting/formula.hpp"

namespace chronograd {

/// The symbols of cost formulas. `steps` stands for K, L and T alike: the length of what is learnt from at once.
struct CostSizes {
  double states;      ///< d: S numbers a unit
  double inputs;      ///< n
  double outputs;     ///< m
  double steps;       ///< K
  double parameters;  ///< p
};

template <class T>
CostSizes sizes_of(const Cell<T>& cell, int outputs, int steps) {
  return {double(cell.states()) * cell.units(), double(cell.inputs()), double(outputs), double(steps),
          static_cast<double>(cell.parameters())};
}

struct Cost {
  double kept;           ///< numbers a stream, from segment to segment (bptt and tbptt: the segment's own)
  double multiply_adds;  ///< a step and stream, of the rule alone: forward pass and readout are not the rule's
};

inline Cost cost_of(const RuleRecord& rule, const CostSizes& s) {
  const std::map<char, double> symbols = {{'d', s.states}, {'n', s.inputs}, {'m', s.outputs},   {'K', s.steps},
                                          {'L', s.steps},  {'T', s.steps},  {'p', s.parameters}};
  return {Formula::value(rule.memory, symbols), Formula::value(rule.time, symbols)};
}

}  // namespace chronograd
