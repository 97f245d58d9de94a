// SPDX-License-Identifier: Apache-2.0
// Each rule of a study at the rate that suits it.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "figures/statistics.hpp"
#include "ranks/world.hpp"
#include "studies/axis.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

/// The method under one combination of values; what its own word sets stays.
Method at_values(const Method& method, const std::vector<SweepAxis>& axes, const std::vector<std::string>& values) {
  Method::Settings settings;
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (!method.sets(axes[a].key)) settings.emplace_back(axes[a].key, values[a]);
  return method.with(settings);
}

/// Mean of what settings are chosen by, over the runs that are done.
double choice_of(const ComparisonRow& row) {
  std::vector<double> losses;
  for (const RunResult& run : row.runs)
    if (run.status == RunResult::Status::done) losses.push_back(run.choice().loss);
  return estimate_of(losses).mean;
}

bool is_better_row(const ComparisonRow& a, const ComparisonRow& b) {
  if (a.diverged != b.diverged) return a.diverged < b.diverged;
  const double left = choice_of(a), right = choice_of(b);
  return std::isnan(right) ? !std::isnan(left) : left < right;
}

}  // namespace

std::vector<Method> tuned(const Config& config, const std::vector<Method>& methods,
                          const std::vector<std::string>& axes, const std::vector<std::uint64_t>& seeds,
                          const ComparisonOptions& options) {
  std::vector<SweepAxis> read;
  for (const std::string& word : axes) read.push_back(parse_axis(word));
  std::vector<Method> all;
  std::vector<std::size_t> first;  // of each method's in `all`
  for (const Method& method : methods) {
    first.push_back(all.size());
    for (const std::vector<std::string>& values : combinations(read)) {
      const Method one = at_values(method, read, values);
      if (std::find(all.begin() + static_cast<std::ptrdiff_t>(first.back()), all.end(), one) == all.end())
        all.push_back(one);
    }
  }
  first.push_back(all.size());
  const Comparison comparison = compare(config, all, seeds, options);
  if (comparison.stopped) return {};
  if (options.world != nullptr && !options.world->first()) {  // it has no rows
    const std::string words = options.world->said("");
    return parse_methods("rules", split_list("rules", words));
  }
  std::vector<Method> best;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const ComparisonRow* chosen = &comparison.rows[first[i]];
    for (std::size_t row = first[i] + 1; row < first[i + 1]; ++row)
      if (is_better_row(comparison.rows[row], *chosen)) chosen = &comparison.rows[row];
    best.push_back(chosen->method);
  }
  if (options.world != nullptr) {
    std::vector<std::string> words;
    for (const Method& method : best) words.push_back(method.word);
    options.world->said(joined(words));
  }
  return best;
}

}  // namespace chronograd
