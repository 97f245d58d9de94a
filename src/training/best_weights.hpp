// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "network/initial.hpp"
#include "training/score.hpp"
#include "training/train_settings.hpp"

namespace chronograd {

/// Judges weights by their loss on the rows of Task::validation() and keeps the best ones. Does nothing for a task
/// without such rows.
template <class T>
class BestWeights {
 public:
  /// `network`, `settings` and `task` must outlive it. Throws Error (usage) for settings that want rows where there are
  /// none.
  BestWeights(const Network<T>& network, const TrainSettings& settings, const Task& task, const Weights<T>& first,
              int streams, World* world);

  bool on() const { return rows_ != nullptr; }
  /// True where a validation is due after this many updates; `reports`: a line of metrics is written at this update.
  bool due(std::int64_t updates, bool reports) const {
    return open(updates) && (settings_.validate_every > 0 ? updates % settings_.validate_every == 0 : reports);
  }
  /// True if the weights after this many updates have not been validated.
  bool open(std::int64_t updates) const { return on() && updates != judged_; }
  /// Takes the validation loss of the weights after this many updates. They are kept if no loss before was as small.
  Score judge(const Weights<T>& weights, std::int64_t updates);
  /// train.patience validations in a row brought nothing better.
  bool patience_ends() const { return on() && settings_.patience > 0 && in_vain_ >= settings_.patience; }

  /// The best ones; null as long as no loss was a number.
  const Weights<T>* weights() const { return best_update_ >= 0 ? &best_ : nullptr; }
  /// Nothing without rows.
  std::optional<Validation> result() const;
  /// Visits all that later choices depend on.
  void state(Archive& archive);

 private:
  const Network<T>& network_;
  const TrainSettings& settings_;
  const Task* rows_;
  int streams_;
  World* world_;  ///< those who judge together; null: nobody else
  std::int64_t judged_ = -1, in_vain_ = 0, best_update_ = -1;
  Score score_;  ///< of the best weights
  Weights<T> best_;
};

}  // namespace chronograd
