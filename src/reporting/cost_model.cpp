// SPDX-License-Identifier: Apache-2.0
#include "reporting/cost_model.hpp"

#include <algorithm>
#include <cmath>

namespace chronograd {

namespace {

/// How many of d units are reached from one of them, itself included, in at most `hops` steps over connections of which
/// each is there with probability `share`.
double expected_reach(int d, double share, double hops) {
  double reached = 1, newest = 1;
  for (double hop = 0; hop < hops && newest > 1e-9; ++hop) {
    newest = (d - reached) * (1 - std::pow(1 - share, newest));
    reached += newest;
  }
  return reached;
}

}  // namespace

CostSizes cost_sizes(const CellRecord& cell, const Options& rule, int units, int inputs, int outputs, int steps,
                     double share) {
  CellLayout layout;
  cell.layout(units, inputs, layout);
  CostSizes sizes;
  sizes.units = double(cell.states) * units;
  sizes.inputs = inputs;
  sizes.outputs = outputs;
  sizes.steps = steps;
  sizes.window = rule.has("L") ? double(rule.integer("L")) : double(steps);
  sizes.parameters = sizes.recurrent = 0;
  for (int b = 0; b < layout.block_count; ++b) {
    const Block& block = layout.blocks[b];
    sizes.parameters += double(block.rows) * block.cols;
    sizes.recurrent += double(block.rows) * std::max(0, std::min(units, block.col + block.cols) - block.col);
  }
  sizes.states = cell.states;
  sizes.carrying = cell.h_carries ? cell.states : cell.states - 1;
  const bool own_weight = sizes.recurrent > 0 && rule.has("n") && rule.integer("n") == 1;  // h carries through it
  if (own_weight) share = 1;  // each place has a trace, present or not
  // A unit leads to another where the weight of one gate is there.
  sizes.share = share < 1 ? 1 - std::pow(1 - share, sizes.recurrent / (double(units) * units)) : 1;
  sizes.present = sizes.parameters - (1 - share) * sizes.recurrent;
  const double hops = rule.has("n") ? double(rule.integer("n")) - 1 : units;
  sizes.reach = sizes.recurrent == 0 ? sizes.carrying : cell.states * expected_reach(units, sizes.share, hops);
  sizes.at_once = sizes.recurrent == 0 || own_weight ? steps : 1;
  sizes.tape = double(cell.tape) * units;
  return sizes;
}

Cost cost_of(const RuleRecord& rule, const CostSizes& s) {
  const std::map<char, double> symbols = {{'d', s.units},    {'n', s.inputs},    {'m', s.outputs},    {'K', s.steps},
                                          {'T', s.steps},    {'L', s.window},    {'p', s.parameters}, {'s', s.present},
                                          {'q', s.share},    {'R', s.recurrent}, {'r', s.reach},      {'S', s.states},
                                          {'v', s.carrying}, {'k', s.at_once},   {'w', s.tape}};
  return {Formula::value(rule.memory, symbols), Formula::value(rule.time, symbols)};
}

}  // namespace chronograd
