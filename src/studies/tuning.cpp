// SPDX-License-Identifier: Apache-2.0
// Each rule of a study at the rate that suits it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/text.hpp"
#include "chronograd/train.hpp"
#include "figures/statistics.hpp"
#include "ranks/world.hpp"
#include "studies/axis.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

constexpr const char* average_key = "train.average";

/// The method under one combination of values; what its own word sets stays.
Method at_values(const Method& method, const std::vector<SweepAxis>& axes, const std::vector<std::string>& values) {
  Method::Settings settings;
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (!method.sets(axes[a].key)) settings.emplace_back(axes[a].key, values[a]);
  return method.with(settings);
}

/// A rule under one combination of values, and what tells of it: the runs of a row, which may be those of the same
/// combination with averaged weights. These change nothing of what is learnt, and what learns is tested beside them.
struct Choice {
  Method method;
  std::size_t row;
  bool beside;
};

/// Mean of what settings are chosen by, over the runs that are done.
double loss_of(const Choice& choice, const ComparisonRow& row) {
  std::vector<double> losses;
  for (const RunResult& run : row.runs)
    if (run.status == RunResult::Status::done)
      losses.push_back(choice.beside ? run.test_learning.loss : run.choice().loss);
  return estimate_of(losses).mean;
}

bool is_better(const Choice& a, const Choice& b, const std::vector<ComparisonRow>& rows) {
  const ComparisonRow &first = rows[a.row], &second = rows[b.row];
  if (first.diverged != second.diverged) return first.diverged < second.diverged;
  const double left = loss_of(a, first), right = loss_of(b, second);
  return std::isnan(right) ? !std::isnan(left) : left < right;
}

/// The axis of averaged weights, where runs with and without them need not be two, and its first value that has them.
struct Averaging {
  std::size_t axis = std::numeric_limits<std::size_t>::max();
  std::string value;
};

Averaging averaging_in(const Config& config, const std::vector<SweepAxis>& axes, const ComparisonOptions& options) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::vector<std::string>& values = axes[a].values;
    const auto on = std::find_if(values.begin(), values.end(), [](const std::string& value) { return value != "0"; });
    if (axes[a].key != average_key || on == values.end()) continue;
    const std::unique_ptr<Task> own = options.task ? nullptr : make_task(config, "", options.parameters);
    const Task& task = own ? *own : *options.task;
    if (task.rows(Split::test) >= 0 && !task.validation()) return {a, *on};
  }
  return {};
}

}  // namespace

std::vector<Method> tuned(const Config& config, const std::vector<Method>& methods,
                          const std::vector<std::string>& axes, const std::vector<std::uint64_t>& seeds,
                          const ComparisonOptions& options) {
  std::vector<SweepAxis> read;
  for (const std::string& word : axes) read.push_back(parse_axis(word));
  const Averaging averaging = averaging_in(config, read, options);
  std::vector<Method> all;
  std::vector<std::vector<Choice>> choices;  // of each method
  for (const Method& method : methods) {
    const auto first = static_cast<std::ptrdiff_t>(all.size());
    choices.emplace_back();
    for (std::vector<std::string> values : combinations(read)) {
      Choice choice{at_values(method, read, values), 0, false};
      if (averaging.axis < values.size() && !method.sets(average_key) && values[averaging.axis] == "0") {
        choice.beside = true;
        values[averaging.axis] = averaging.value;
      }
      const Method run = at_values(method, read, values);
      const auto same = std::find(all.begin() + first, all.end(), run);
      choice.row = static_cast<std::size_t>(same - all.begin());
      if (same == all.end()) all.push_back(run);
      choices.back().push_back(std::move(choice));
    }
  }
  const Comparison comparison = compare(config, all, seeds, options);
  if (comparison.stopped) return {};
  if (options.world != nullptr && !options.world->first()) {  // it has no rows
    const std::string words = options.world->said("");
    return parse_methods("rules", split_list("rules", words));
  }
  std::vector<Method> best;
  for (const std::vector<Choice>& of_method : choices)
    best.push_back(std::min_element(of_method.begin(), of_method.end(), [&](const Choice& a, const Choice& b) {
                     return is_better(a, b, comparison.rows);
                   })->method);
  if (options.world != nullptr) {
    std::vector<std::string> words;
    for (const Method& method : best) words.push_back(method.word);
    options.world->said(joined(words));
  }
  return best;
}

}  // namespace chronograd
