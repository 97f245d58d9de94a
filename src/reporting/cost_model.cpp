// SPDX-License-Identifier: Apache-2.0
#include "reporting/cost_model.hpp"

#include <algorithm>

namespace chronograd {

CostSizes cost_sizes(const CellRecord& cell, const Options& rule, int units, int inputs, int outputs, int steps) {
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
  sizes.present = sizes.parameters;
  sizes.states = cell.states;
  sizes.carrying = cell.h_carries ? cell.states : cell.states - 1;
  const bool own_weight = sizes.recurrent > 0 && rule.has("n") && rule.integer("n") == 1;  // h carries through it
  sizes.reach = sizes.recurrent == 0 ? sizes.carrying : own_weight ? cell.states : sizes.units;
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
