// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "formats/series_task.hpp"

namespace chronograd {

/// What simple forecasts of a series of numbers look back at.
struct Past {
  std::vector<double> now;          ///< [steps][m] the target columns, gaps held, before they were moved to their steps
  std::vector<std::size_t> starts;  ///< first step of each stream, and the end
  std::size_t predict = 0, season = 0;
};

/// Half the squared error, a weighted step, of: the mean target of the training rows; and if targets lie ahead, the
/// last value and the value a season ago, where there was one. Measured on `measured`; none where no step of it counts.
std::vector<Reference> number_references(const SeriesSplit& train, const SeriesSplit& measured, const Past& past);

/// The cross-entropy in nats of: a guess among all classes; the frequencies of the training rows, each class counted
/// once more than it occurs; a step counts by its weight in units of the mean one.
std::vector<Reference> class_references(const SeriesSplit& train, const SeriesSplit& measured);

}  // namespace chronograd
