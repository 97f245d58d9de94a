// SPDX-License-Identifier: Apache-2.0
// What a network took for what.
#include <cmath>

#include "report/figures.hpp"

namespace chronograd {

std::vector<HeatFigure> confusion_maps(const RunRecord& run) {
  constexpr std::size_t most_named = 20;
  const auto found = run.summary_lists.find("test/confusion");
  if (found == run.summary_lists.end()) return {};
  const auto m = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(found->second.size()))));
  if (m < 2 || m * m != found->second.size()) return {};
  HeatFigure figure;
  figure.title = "Targets and answers";
  figure.x = {"answer", "", false};
  figure.y = {"target", "", false};
  figure.value = {"share of the target's steps", "%", false};
  figure.rows = figure.columns = m;
  figure.values = found->second;
  for (std::size_t row = 0; row < m; ++row) {
    double all = 0;
    for (std::size_t column = 0; column < m; ++column) all += figure.values[row * m + column];
    for (std::size_t column = 0; column < m; ++column)
      figure.values[row * m + column] *= 100 / all;  // NaN: no such target
  }
  figure.numbers = figure.whole_numbers = m <= most_named;
  for (std::size_t k = 0; k < m && m <= most_named; ++k) {
    const std::string name = run.surrounding("facts/class " + std::to_string(k));
    figure.row_names.push_back(name.empty() ? std::to_string(k) : name);
  }
  figure.column_names = figure.row_names;
  return {figure};
}

}  // namespace chronograd
