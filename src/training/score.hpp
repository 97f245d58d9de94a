// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "training/stepper.hpp"
#include "training/trainer.hpp"

namespace chronograd {

/// Sums of losses and hits, each step weighted as in the objective.
struct Tally {
  double loss = 0, hits = 0, weight = 0;

  template <class T>
  void add(const Seen<T>& seen, int streams, int outputs, bool classes) {
    for (int row = 0; row < seen.steps * streams; ++row) {
      const auto w = static_cast<double>(seen.weight[row]);
      if (w == 0) continue;
      loss += seen.loss[row];
      weight += w;
      if (!classes) continue;
      const T* y = seen.y + static_cast<std::size_t>(row) * static_cast<std::size_t>(outputs);
      const T* target = seen.target + static_cast<std::size_t>(row) * static_cast<std::size_t>(outputs);
      if (std::max_element(y, y + outputs) - y == std::max_element(target, target + outputs) - target) hits += w;
    }
  }
  void add(const Tally& other) {
    loss += other.loss;
    hits += other.hits;
    weight += other.weight;
  }
  void state(Archive& archive, const std::string& name) {
    archive.array(name + "/loss", {&loss, 1});
    archive.array(name + "/hits", {&hits, 1});
    archive.array(name + "/weight", {&weight, 1});
  }
  Score score(bool classes) const {
    if (weight == 0) return {};
    return {loss / weight, classes ? hits / weight : not_measured};
  }
};

/// Loss and accuracy of frozen weights: over all rows of the split, or, where a task has any number of them, over
/// `fresh_steps` steps of each of `streams` streams. `*measures` gets the rest (null: not measured).
template <class T>
Score evaluate(const Network<T>& network, const Config& config, const Weights<T>& weights, const Task& task,
               Split split, std::int64_t fresh_steps, int streams, Measures* measures = nullptr);

/// The same for the parameters of a run, as train() returns them or, with `checkpoint`, as a checkpoint holds them;
/// fresh steps and streams are the configuration's. `name` stands for their file. Throws Error (data) for arrays that
/// do not fit.
Score evaluate_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures = nullptr);

}  // namespace chronograd
