// SPDX-License-Identifier: Apache-2.0
// What a rule's record says that it costs, for given sizes.
#pragma once

#include "chronograd/rule.hpp"

namespace chronograd {

/// The letters of costs (docs/notation.md) as numbers.
struct CostSizes {
  double units = 1;       ///< d: states of a stream (N S d for layers and more states a unit)
  double inputs = 1;      ///< n
  double outputs = 1;     ///< m
  double steps = 1;       ///< K and T: the length of what is learnt from at once
  double window = 1;      ///< L of the rule, else K
  double parameters = 1;  ///< p
  double present = 1;     ///< s: those of them that are not absent
  double share = 1;       ///< q: of the connections from unit to unit, those that are there
  double recurrent = 1;   ///< R: weights from h to pre-activations, d^2 for a cell of one gate
  double states = 1;      ///< S, states a unit
  double carrying = 1;    ///< v: states of a unit that carry something on by themselves
  double kept_on = 1;     ///< r: how many states an influence is kept on
  double at_once = 1;     ///< k: steps over which it is taken at once
  double block = 0;       ///< b: steps that wait for that with copies of the weights, which all streams share
  double streams = 1;     ///< B
  double tape = 1;        ///< w: what the cell keeps of a step
  double carried = 0;     ///< c: numbers that are carried and take no credit
  // Of rules that keep products for each group of pre-activations (rows) that read the same regressors (columns):
  double products = 1;        ///< C: the rule's r, else 1
  double factor_rows = 1;     ///< F: rows times products kept, all groups
  double factor_columns = 1;  ///< Z: columns times products kept, all groups; none of a group that is kept whole
  double moved = 1;           ///< a: states that a pre-activation moves in time: d, or S where each unit is by itself
  double jacobian = 1;        ///< J: entries of a step's Jacobian: d^2 / S, or S d where each unit is by itself
  double spread = 0;          ///< e: 1 where a block's work is spread over the next one
  double entry = 1;           ///< i: numbers that an entry of an influence matrix takes; 1/2 in 16 bits
  double passes = 1;          ///< D: passes forwards through p weights, of all directions of a perturbation
  // Of credit that goes back before a rule's memory is asked:
  double reach = 0;     ///< steps
  double pulls = 0;     ///< steps that it goes back in the mean
  double together = 1;  ///< credits that go back together
  // Of whitened regressors, all runs of N of them: numbers, their squares and cubes.
  double whitened = 0, squares = 0, cubes = 0;
};

/// Of a cell of d units under a rule with these settings. So many of the recurrent weights are `absent`; which these
/// are is left to chance: what an influence reaches is a mean.
CostSizes cost_sizes(const RuleRecord& rule, const CellRecord& cell, const Options& settings, int units, int inputs,
                     int outputs, int interval, double absent = 0);

struct Cost {
  double kept;           ///< numbers a stream, from segment to segment (bptt and tbptt: the segment's own)
  double multiply_adds;  ///< a step and stream, of the rule alone: forward pass and readout are not the rule's
};

Cost cost_of(const RuleRecord& rule, const CostSizes& sizes);

}  // namespace chronograd
