// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/task.hpp"

namespace chronograd {

/// Steps of one or several streams, one after another, each number kept once however many rows show it.
struct Series {
  std::size_t n = 0, m = 0;
  std::vector<double> x;              ///< [steps][n]
  std::vector<double> y;              ///< [steps][m]; empty with classes
  std::vector<std::int32_t> classes;  ///< [steps] in [0, m)
  std::vector<double> mask;           ///< [steps]
  std::size_t q = 0;
  std::vector<double> third;  ///< [steps][q] third factor; empty: there is none
  /// A step that has a loss or, of training rows, a third factor: others at a row's end are padding.
  bool counts(std::size_t step, bool training) const {
    const auto* const from = third.data() + step * q;
    return mask[step] != 0 || (training && std::any_of(from, from + q, [](double number) { return number != 0; }));
  }
};

/// A row: a stretch of a series. Rows may overlap; those shorter than the split's longest are followed by steps of zero
/// input without loss.
struct Stretch {
  std::size_t first, steps;
};

struct SeriesSplit {
  std::shared_ptr<const Series> series;  ///< null: there is none
  std::vector<Stretch> rows;
  std::size_t length() const;  ///< T: steps of the longest row
};

/// Calls visit(step, weight) for each step of each row that has a loss.
template <class Visit>
void each_counting_step(const SeriesSplit& split, Visit visit) {
  for (const Stretch& row : split.rows)
    for (std::size_t i = row.first; i < row.first + row.steps; ++i)
      if (split.series->mask[i] > 0) visit(i, split.series->mask[i]);
}

/// What a task says about itself.
struct SeriesTexts {
  std::string summary;
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<Reference> references;
  Arrays mapping;  ///< Task::mapping()
};

/// Rows out of series; both splits have the same n and m.
std::unique_ptr<Task> make_series_task(SeriesSplit train, SeriesSplit test, SeriesTexts texts);

}  // namespace chronograd
