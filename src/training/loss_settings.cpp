// SPDX-License-Identifier: Apache-2.0
#include "training/loss_settings.hpp"

namespace chronograd {

LossSettings::LossSettings(const Config& config)
    : record(find_record<LossRecord>("loss.name", config.table("loss").word("name"))) {
  const Options& loss = config.table("loss");
  if (loss.has("normalize")) normalise = loss.word("normalize") == "mean" ? Normalise::mean : Normalise::sum;
  if (!loss.has("class_weights")) return;
  weights = loss.is_word("class_weights") ? Weights::balanced : Weights::listed;
  if (weights == Weights::listed) listed = loss.numbers("class_weights");
}

}  // namespace chronograd
