// SPDX-License-Identifier: Apache-2.0
#include "formats/series_references.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace chronograd {
namespace {

/// Adds the mean over steps of half the squared distance between the target and forecast(step), which may be null: no
/// forecast is possible there. Nothing where no step counts.
template <class Forecast>
void add_half_squares(std::vector<Reference>& references, const std::string& name, const SeriesSplit& split,
                      Forecast forecast) {
  const std::size_t m = split.series->m;
  double sum = 0, weights = 0;
  each_counting_step(split, [&](std::size_t i, double weight) {
    const double* guess = forecast(i);
    if (guess == nullptr) return;
    weights += weight;
    for (std::size_t j = 0; j < m; ++j) {
      const double error = split.series->y[i * m + j] - guess[j];
      sum += 0.5 * weight * error * error;
    }
  });
  if (weights > 0) references.push_back({name, sum / weights});
}

}  // namespace

std::vector<Reference> number_references(const SeriesSplit& train, const SeriesSplit& measured, const Past& past) {
  const std::size_t m = train.series->m;
  std::vector<double> mean(m);
  double weights = 0;
  each_counting_step(train, [&](std::size_t i, double weight) {
    weights += weight;
    for (std::size_t j = 0; j < m; ++j) mean[j] += weight * train.series->y[i * m + j];
  });
  if (weights == 0) return {};
  for (double& value : mean) value /= weights;
  std::vector<Reference> references;
  add_half_squares(references, "mean", measured, [&](std::size_t) { return mean.data(); });
  if (!references.empty()) references.back().floor = true;
  if (past.predict == 0) return references;
  add_half_squares(references, "last value", measured, [&](std::size_t i) { return past.now.data() + i * m; });
  if (past.season == 0) return references;
  // The latest value that lies whole seasons before the target and has been seen.
  const std::size_t back = (past.predict + past.season - 1) / past.season * past.season - past.predict;
  add_half_squares(references, "a season of " + std::to_string(past.season) + " ago", measured,
                   [&](std::size_t i) -> const double* {
                     const std::size_t start = *(std::upper_bound(past.starts.begin(), past.starts.end(), i) - 1);
                     return i - start < back ? nullptr : past.now.data() + (i - back) * m;
                   });
  return references;
}

std::vector<Reference> class_references(const SeriesSplit& train, const SeriesSplit& measured) {
  const std::size_t m = train.series->m;
  // In units of the mean weight: weights of another unit give the same frequencies.
  double steps = 0, all = 0;
  each_counting_step(train, [&](std::size_t, double weight) {
    steps += 1;
    all += weight;
  });
  std::vector<double> counts(m, 1.0);
  const double total = static_cast<double>(m) + steps;
  each_counting_step(train, [&](std::size_t i, double weight) {
    counts[static_cast<std::size_t>(train.series->classes[i])] += weight / (all / steps);
  });
  double sum = 0, weights = 0;
  each_counting_step(measured, [&](std::size_t i, double weight) {
    sum -= weight * std::log(counts[static_cast<std::size_t>(measured.series->classes[i])] / total);
    weights += weight;
  });
  std::vector<Reference> references = {{"chance", std::log(static_cast<double>(m))}};
  if (weights > 0) references.push_back({"class frequencies", sum / weights, true});
  return references;
}

}  // namespace chronograd
