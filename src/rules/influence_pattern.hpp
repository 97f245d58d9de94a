// SPDX-License-Identifier: Apache-2.0
// Which entries of the influence matrix M can differ from zero, and what a step makes each of. Where a weight's
// influence goes depends on the unit (and, in strict patterns, the gate) that it leads into, never on the regressor it
// reads: the weights that reach the same states make one dense block of M with a row for each of these states.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chronograd/stack.hpp"

namespace chronograd {

/// Unit i of layer l is number l d + i here, and a state (l d + i) S + s: all states of a unit side by side.
struct InfluencePattern {
  /// A weight of a connection.
  struct Weight {
    int gate;
    std::size_t theta;
  };
  /// A connection from one number of the h of one unit to another unit. It has S values of J, gain[s, gate] theta
  /// summed over its weights, from value_at on. `same_step`: from the layer below, whose h of this step is read.
  struct Connection {
    int to, from, state;  ///< units, and which of the states of `from` is read
    std::size_t value_at, first_weight, end_weight;
    bool same_step;
  };
  /// A weight whose influence is kept.
  struct Column {
    std::size_t theta;
    int row, z, unit;  ///< in its layer: pre-activation row g d + i, regressor column, i
  };
  /// What rows of a block are made of: row a is the sum of value[e] times row source[e], start[a] <= e < start[a + 1].
  struct Terms {
    std::vector<int> start = {0}, source, value;
  };
  /// A block of M: rows x columns, all weights of one layer.
  struct Group {
    int layer;
    std::vector<int> rows;  ///< states: layer by layer, those of the fewest terms in `carried` first
    std::size_t first_column, end_column;
    Terms carried, passed_up;   ///< from rows before the step, and from rows of lower layers after it
    std::vector<int> own_rows;  ///< [columns][S] row of each state of the column's unit, -1: not kept
  };

  int layers, units, states;
  std::vector<Weight> weights;
  std::vector<Connection> connections;
  std::vector<Column> columns;  ///< group by group, by row and z
  std::vector<Group> groups;
  std::size_t values;  ///< of J: [unit][s][s'] of each unit on itself, then those of the connections

  /// Multiply-adds of J M.
  double work() const;
  /// Entries of M.
  std::size_t entries() const;
};

/// The pattern of snap(n) on one layer: states that a weight's influence can reach within n steps, its own included;
/// `hops` = n - 1, and a negative number for all that can be reached ever (also on a stack). `strict`: the first step
/// moves the states that the weight's pre-activation does, otherwise all states of its unit. `absent`: rising indices
/// in theta.
template <class T>
InfluencePattern influence_pattern(const Stack<T>& stack, std::span<const std::size_t> absent, int hops, bool strict);

}  // namespace chronograd
