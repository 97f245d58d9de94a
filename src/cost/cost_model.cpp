// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_model.hpp"

#include <algorithm>
#include <cmath>

#include "base/blocks.hpp"
#include "base/formula.hpp"
#include "learning/whitening.hpp"

namespace chronograd {

namespace {

/// A rule that leaves absent weights out counts those that are present.
bool leaves_out(const RuleRecord& rule) {
  return *rule.memory != '\0' && Formula(rule.memory).symbols().contains("s");
}

/// How many of d units are reached from one of them, itself included, in at most `hops` steps over connections of which
/// each is there with probability `share`.
double expected_reached(int d, double share, double hops) {
  double reached = 1, newest = 1;
  for (double hop = 0; hop < hops && newest > 1e-9; ++hop) {
    newest = (d - reached) * (1 - std::pow(1 - share, newest));
    reached += newest;
  }
  return reached;
}

}  // namespace

CostSizes cost_sizes(const RuleRecord& rule, const CellRecord& cell, const Options& settings, int units, int inputs,
                     int outputs, int interval, double absent) {
  const double reach = settings.has("reach") ? double(settings.integer("reach")) : 0;
  const bool hops = settings.has("reach_by") && settings.word("reach_by") == "interval";
  // A rule whose memory is asked behind a reach sees steps one by one, or those of an interval that goes back at once.
  const int steps = reach > 0 && !hops ? 1 : interval;
  CellLayout layout;
  cell.layout(cell, units, inputs, layout);
  CostSizes sizes;
  sizes.units = double(cell.states) * units;
  sizes.inputs = inputs;
  sizes.outputs = outputs;
  sizes.steps = steps;
  sizes.window = settings.has("L") ? double(settings.integer("L")) : double(steps);
  sizes.parameters = sizes.recurrent = 0;
  for (int b = 0; b < layout.block_count; ++b) {
    const Block& block = layout.blocks[b];
    sizes.parameters += double(block.rows) * block.cols;
    sizes.recurrent +=
        double(block.rows) * std::max(0, std::min(cell.heads * units, block.col + block.cols) - block.col);
  }
  sizes.states = cell.states;
  sizes.carrying = cell.h_carries ? cell.states : cell.states - cell.heads;
  if (settings.has("decay") &&
      settings.has("reach"))  // one trace for each state that credit falls on, with reach for all
    sizes.carrying = reach > 0 ? cell.states : cell.heads;
  const bool own_weight =
      sizes.recurrent > 0 && settings.has("n") && settings.integer("n") == 1;  // h carries through it
  sizes.present = sizes.parameters;
  if (!cell.autapses) absent = std::max(absent, double(units));
  if (absent > 0 && leaves_out(rule) && !own_weight) {  // with n = 1 each place has a trace, present or not
    sizes.present -= absent;
    // A unit leads to another where the weight of one gate is there.
    sizes.share = 1 - std::pow(absent / sizes.recurrent, sizes.recurrent / (double(units) * units));
  }
  const double reached_by = settings.has("n") ? double(settings.integer("n")) - 1 : units;
  sizes.kept_on =
      sizes.recurrent == 0 ? sizes.carrying : cell.states * expected_reached(units, sizes.share, reached_by);
  sizes.at_once = sizes.recurrent == 0 || own_weight ? steps : 1;
  // What is kept of the parameters of a model of credit reaches all states, whatever the cell.
  const bool model = settings.has("synthesiser");
  if ((sizes.recurrent > 0 || model) && settings.has("block")) {
    const auto asked = static_cast<int>(settings.integer("block"));
    if (leaves_out(rule)) {
      const int block =
          sparse_block(asked, interval, sizes.units, double(cell.gates) * units, sizes.share * (units - 1));
      sizes.at_once = block;
      sizes.block = block > 1 ? block : 0;
    } else {
      const bool spread = settings.has("spread") && settings.flag("spread");
      const int block =
          asked > 0 ? asked : best_block(sizes.units * sizes.units * sizes.parameters, sizes.parameters, spread);
      sizes.at_once = model ? block : std::max(steps, block);
      sizes.spread = spread && block > 1 ? 1 : 0;
      sizes.block = block > 1 || model ? (1 + sizes.spread) * block : 0;
    }
  }
  if (settings.has("influence") && settings.word("influence") == "bf16") sizes.entry = 0.5;
  sizes.tape = double(cell.tape) * units;
  sizes.carried = double(cell.carried) * units;
  sizes.products = settings.has("r") ? double(settings.integer("r")) : 1;
  sizes.factor_rows = sizes.factor_columns = 0;
  for (int b = 0; b < layout.block_count; ++b) {
    const double columns = layout.blocks[b].cols, kept = std::min(sizes.products, columns);
    const bool whole = settings.has("r") && kept == columns;
    sizes.factor_rows += kept * layout.blocks[b].rows;
    sizes.factor_columns += whole ? 0 : kept * columns;
  }
  sizes.moved = sizes.recurrent == 0 ? cell.states : sizes.units;
  sizes.jacobian = sizes.recurrent == 0 ? cell.states * sizes.units : sizes.units * units;
  if (settings.has("directions"))  // a difference is two runs; a derivative one, and one of what goes through W_rec
    sizes.passes = double(settings.integer("directions")) *
                   (settings.word("form") == "forward" ? 1 + sizes.recurrent / sizes.parameters : 2);
  sizes.reach = sizes.pulls = reach;
  if (settings.has("reach_by") && settings.word("reach_by") == "roulette") {
    const double keep = settings.number("keep"), sure = std::min(sizes.reach, double(settings.integer("sure")) + 1);
    // The sum over steps beyond the sure ones of the probability that credit comes so far.
    const double left = sizes.reach - sure;
    sizes.pulls = sure + (keep < 1 ? keep * (1 - std::pow(keep, left)) / (1 - keep) : left);
  }
  if (hops) sizes.together = interval;
  if (settings.has("whiten") && settings.number("whiten") > 0)
    for (const auto& [col, cols] : whitened_runs(layout)) {
      sizes.whitened += cols;
      sizes.squares += double(cols) * cols;
      sizes.cubes += double(cols) * cols * cols;
    }
  return sizes;
}

namespace {

/// What reach costs beside the rule that is behind it: in each scan a pull and the weights' share of a step, `reach`
/// times; of each step kept regressors, the cell's own, and the state after it; and the weights of then, which all
/// streams share.
Cost cost_of_reach(const CostSizes& s) {
  if (s.reach == 0) return {0, 0};
  const double steps = s.reach + s.together, sets = s.together > 1 ? std::ceil(steps / s.together) + 1 : steps;
  return {steps * (2 * s.units + s.carried + s.inputs + s.tape + s.whitened) + sets * s.parameters / s.streams,
          s.pulls / s.together * (s.recurrent + s.parameters)};
}

/// What whitening costs: E[z z^T] and P z at each step; and, for all streams together, both matrices, and P anew.
Cost cost_of_whitening(const CostSizes& s) {
  return {2 * s.squares / s.streams, 2 * s.squares + s.cubes / 2 / longest_rest / s.streams};
}

}  // namespace

Cost cost_of(const RuleRecord& rule, const CostSizes& s) {
  const std::map<std::string, double> letters = {
      {"d", s.units},   {"n", s.inputs},     {"m", s.outputs},  {"K", s.steps},       {"T", s.steps},
      {"L", s.window},  {"p", s.parameters}, {"s", s.present},  {"q", s.share},       {"R", s.recurrent},
      {"r", s.kept_on}, {"S", s.states},     {"v", s.carrying}, {"k", s.at_once},     {"w", s.tape},
      {"b", s.block},   {"B", s.streams},    {"C", s.products}, {"F", s.factor_rows}, {"Z", s.factor_columns},
      {"a", s.moved},   {"J", s.jacobian},   {"c", s.carried},  {"D", s.passes},      {"e", s.spread},
      {"i", s.entry},
  };
  const auto value = [&](const char* stated) {
    return *stated != '\0' ? Formula(stated).value(letters) : std::nan("");
  };
  const Cost reach = cost_of_reach(s);
  const Cost whitening = cost_of_whitening(s);
  return {value(rule.memory) + reach.kept + whitening.kept,
          value(rule.time) + reach.multiply_adds + whitening.multiply_adds};
}

}  // namespace chronograd
