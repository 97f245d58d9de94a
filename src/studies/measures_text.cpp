// SPDX-License-Identifier: Apache-2.0
#include "studies/measures_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "figures/screen.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most = 20, widest = 14;

/// Outputs from the largest error on, if there are more than can be shown.
std::string output_table(const Measures& measures) {
  std::vector<std::size_t> order(measures.mae.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::string head;
  if (order.size() > most) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return measures.mae[a] > measures.mae[b]; });
    head = "the " + std::to_string(most) + " outputs with the largest MAE of " + std::to_string(order.size()) + "\n";
    order.resize(most);
  }
  std::vector<std::vector<std::string>> cells = {{"output", "MAE", "R2"}};
  for (const std::size_t k : order)
    cells.push_back({std::to_string(k + 1), formatted("{:.4g}", measures.mae[k]), formatted("{:.4g}", measures.r2[k])});
  return head + table_text(cells);
}

std::string count_text(double weight) {
  return weight == std::floor(weight) && weight < 1e9 ? std::to_string(static_cast<std::int64_t>(weight))
                                                      : formatted("{:.4g}", weight);
}

std::string matrix_table(const Measures& measures, const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> cells = {{"target \\ answer"}};
  for (std::size_t column = 0; column < measures.classes; ++column)
    cells[0].push_back(shortened(names[column], widest));
  for (std::size_t row = 0; row < measures.classes; ++row) {
    cells.push_back({shortened(names[row], widest)});
    for (std::size_t column = 0; column < measures.classes; ++column)
      cells.back().push_back(count_text(measures.confusion[row * measures.classes + column]));
  }
  return table_text(cells);
}

std::string mistakes_table(const Measures& measures, const std::vector<std::string>& names) {
  const std::size_t m = measures.classes;
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < m * m; ++place)
    if (place / m != place % m && measures.confusion[place] > 0) places.push_back(place);
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return measures.confusion[a] > measures.confusion[b]; });
  if (places.size() > most) places.resize(most);
  if (places.empty()) return "";
  std::vector<std::vector<std::string>> cells = {{"target", "taken for", "weight"}};
  for (const std::size_t place : places)
    cells.push_back({shortened(names[place / m], widest), shortened(names[place % m], widest),
                     count_text(measures.confusion[place])});
  return "the commonest mistakes between " + std::to_string(m) + " classes\n" + table_text(cells);
}

}  // namespace

std::vector<std::string> class_names(const Task& task) {
  std::vector<std::string> names;
  for (int k = 0; k < task.outputs(); ++k) names.push_back(std::to_string(k));
  for (const auto& [name, value] : task.facts()) {
    std::size_t k = names.size();
    if (name.starts_with("class ")) std::from_chars(name.data() + 6, name.data() + name.size(), k);
    if (k < names.size()) names[k] = value;
  }
  return names;
}

std::string measures_words(const Measures& measures) {
  if (measures.classes > 0) return ", macro-F1 " + formatted("{:.4f}", measures.macro_f1);
  if (measures.mae.empty()) return "";
  return ", MAE " + formatted("{:.5g}", mean_measure(measures.mae)) + ", R2 " +
         formatted("{:.4g}", mean_measure(measures.r2));
}

std::string measures_table(const Measures& measures, const std::vector<std::string>& classes) {
  if (measures.mae.size() > 1) return output_table(measures);
  if (measures.confusion.empty()) return "";
  return measures.classes <= most ? matrix_table(measures, classes) : mistakes_table(measures, classes);
}

}  // namespace chronograd
