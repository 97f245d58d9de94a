// SPDX-License-Identifier: Apache-2.0
#include "training/best_weights.hpp"

#include <algorithm>
#include <utility>

#include "chronograd/error.hpp"

namespace chronograd {

template <class T>
BestWeights<T>::BestWeights(const Network<T>& network, const TrainSettings& settings, const Task& task,
                            const Weights<T>& first, int streams, World* world)
    : network_(network), settings_(settings), rows_(task.validation()), streams_(streams), world_(world) {
  for (const auto& [key, value] :
       {std::pair("validate_every", settings.validate_every), {"patience", settings.patience}})
    if (!on() && value > 0)
      throw Error(Exit::usage, std::string("train.") + key,
                  "got " + std::to_string(value) +
                      " without rows to validate on. Give data.validation = \"FILE\" or a share of the training data, "
                      "as data.validation = 0.2; with a task, task.validation = 0.2.");
  if (!on()) return;
  best_.theta.resize(first.theta.size());
  best_.feedback.resize(first.feedback.size());
}

template <class T>
Score BestWeights<T>::judge(const Weights<T>& weights, std::int64_t updates) {
  const Score score =
      evaluate(network_, weights, *rows_, Split::train, settings_.test_steps, streams_, nullptr, {}, nullptr, world_);
  judged_ = updates;
  if (std::isfinite(score.loss) && (best_update_ < 0 || score.loss < score_.loss)) {
    std::copy_n(weights.theta.data(), weights.theta.size(), best_.theta.data());
    std::copy_n(weights.feedback.data(), weights.feedback.size(), best_.feedback.data());
    best_update_ = updates;
    score_ = score;
    in_vain_ = 0;
  } else {
    ++in_vain_;
  }
  return score;
}

template <class T>
std::optional<Validation> BestWeights<T>::result() const {
  if (!on()) return std::nullopt;
  return Validation{score_, best_update_, patience_ends()};
}

template <class T>
void BestWeights<T>::state(Archive& archive) {
  if (!on()) return;
  archive.number("judged", judged_);
  archive.number("in_vain", in_vain_);
  archive.number("best_update", best_update_);
  archive.array("loss", {&score_.loss, 1});
  archive.array("accuracy", {&score_.accuracy, 1});
  archive.number("steps", score_.steps);
  archive.array("theta", best_.theta.span());
  archive.array("feedback", best_.feedback.span());
}

template class BestWeights<float>;
template class BestWeights<double>;

}  // namespace chronograd
