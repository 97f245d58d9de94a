// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/error.hpp"
#include "chronograd/evaluate.hpp"
#include "training/decisions.hpp"
#include "training/forward_pass.hpp"

namespace chronograd {

class World;

/// Spikes, and of how many units and steps.
struct Fired {
  double spikes = 0, chances = 0;
  void add(const Fired& other) {
    spikes += other.spikes;
    chances += other.chances;
  }
};

/// What a tally counts beside losses.
struct Counted {
  bool by_row = false;     ///< answers by themselves; else every step that counts is one
  bool has_rates = false;  ///< rates of units that have a cost
  bool has_spikes = false;
};

/// Sums of losses and hits. A step counts by its weight in the data, so that a mean does not depend on how a rule cuts
/// rows into updates; beside it the sums as the objective weighs the same steps.
struct Tally {
  double loss = 0, weight = 0, objective = 0, objective_weight = 0;
  double hits = 0, decided = 0;  ///< weight of the right answers, and of all
  std::int64_t steps = 0;        ///< whose weight is not 0
  RatesCharged rates;            ///< beside losses
  Fired fired;                   ///< by units that learn

  /// Adds steps [from, to) of a segment.
  template <class T>
  void add(const Seen<T>& seen, int from, int to, int streams) {
    for (int row = from * streams; row < to * streams; ++row) {
      const auto w = static_cast<double>(seen.mask[row]);
      if (w == 0) continue;
      loss += w * seen.unweighted[row];
      weight += w;
      objective += seen.loss[row];
      objective_weight += static_cast<double>(seen.weight[row]);
      ++steps;
    }
  }
  void add(const Decision& decision) {
    decided += decision.weight;
    if (decision.answer == decision.target) hits += decision.weight;
  }
  void add(const Tally& other) {
    loss += other.loss;
    hits += other.hits;
    decided += other.decided;
    weight += other.weight;
    objective += other.objective;
    objective_weight += other.objective_weight;
    steps += other.steps;
    rates.cost += other.rates.cost;
    rates.count += other.rates.count;
    fired.add(other.fired);
  }
  /// A mean; NaN where no rate was charged.
  double rate_cost() const { return rates.count > 0 ? rates.cost / rates.count : not_measured; }
  /// Spikes a unit and step; NaN where none could be.
  double firing_rate() const { return fired.chances > 0 ? fired.spikes / fired.chances : not_measured; }
  void state(Archive& archive, const std::string& name, const Counted& counted) {
    archive.array(name + "/loss", {&loss, 1});
    archive.array(name + "/hits", {&hits, 1});
    archive.array(name + "/weight", {&weight, 1});
    archive.array(name + "/objective", {&objective, 1});
    archive.array(name + "/objective_weight", {&objective_weight, 1});
    archive.number(name + "/steps", steps);
    if (counted.has_rates) {
      archive.array(name + "/rate_cost", {&rates.cost, 1});
      archive.array(name + "/rates_charged", {&rates.count, 1});
    }
    if (counted.has_spikes) {
      archive.array(name + "/spikes", {&fired.spikes, 1});
      archive.array(name + "/spike_chances", {&fired.chances, 1});
    }
    if (counted.by_row)
      archive.array(name + "/decided", {&decided, 1});
    else
      decided = weight;
  }
  /// `apart`: the objective may weigh steps in another way, and is a number of its own.
  Score score(bool classes, bool apart = false) const {
    if (steps == 0) return {not_measured, not_measured, not_measured, 0};
    return {loss / weight, classes && decided > 0 ? hits / decided : not_measured,
            apart ? objective / objective_weight : not_measured, steps};
  }
};

/// Loss and accuracy of frozen weights, a mean over the steps that count: over all rows of the split, or, where a task
/// has any number of them, over as many as have `fresh_steps` steps, one for each of `streams` streams at least; of an
/// endless task over `fresh_steps` steps of each of `streams` streams. `*measures` gets the rest (null: not
/// measured). `observer` may stop it, which is an Error (null: nobody).
///
/// Rows are summed up in blocks, and these in order. Where `world` is given (null: one process alone) each process has
/// some of the blocks, and all come to the same bits; `look` sees those of its own.
template <class T>
Score evaluate(const Network<T>& network, const Weights<T>& weights, const Task& task, Split split,
               std::int64_t fresh_steps, int streams, Measures* measures = nullptr, const Look<T>& look = {},
               Observer* observer = nullptr, World* world = nullptr);

/// What an evaluation that was stopped throws.
Error stopped_evaluation(std::int64_t done, std::int64_t steps);

}  // namespace chronograd
