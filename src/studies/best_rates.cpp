// SPDX-License-Identifier: Apache-2.0
#include "studies/best_rates.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "studies/sweep_summary.hpp"

namespace chronograd {
namespace {

/// A setting that each method has its own best value of.
bool is_rate(const SweepAxis& axis, const Method& method) {
  return axis.key.starts_with("optimizer.") || (axis.key.starts_with(method.table + ".") && !names_method(axis.key));
}

/// Keys whose values differ.
std::vector<std::string> differences(const Config& a, const Config& b) {
  std::vector<std::string> keys;
  for (const OptionTable& table : option_tables()) {
    const auto &left = a.table(table.name).values(), &right = b.table(table.name).values();
    const std::string prefix = *table.name != '\0' ? std::string(table.name) + "." : "";
    for (const auto& [key, value] : left)
      if (const auto found = right.find(key); found == right.end() || found->second != value)
        keys.push_back(prefix + key);
    for (const auto& [key, value] : right)
      if (!left.contains(key)) keys.push_back(prefix + key);
  }
  return keys;
}

}  // namespace

std::vector<Method> with_best_rates(const Config& config, const std::vector<Method>& methods, const std::string& folder,
                                    const std::vector<std::uint64_t>& seeds, std::vector<std::string>& warnings) {
  const Sweep sweep = read_sweep(folder);
  const SweepSummary summary = summarise(sweep);
  const std::vector<SweepAxis>& axes = sweep.plan.axes;
  std::vector<Method> known, wanted = methods;
  std::vector<std::string> words;
  for (const SweepRow& row : summary.rows)
    if (std::find(known.begin(), known.end(), row.method) == known.end()) {
      known.push_back(row.method);
      words.push_back(row.method.word);
    }
  if (wanted.empty()) wanted = known;
  const auto matches = [&](const SweepRow& row) {
    for (std::size_t a = 0; a < axes.size(); ++a)
      if (!names_method(axes[a].key) && !is_rate(axes[a], row.method) &&
          !differences(config.with({axes[a].key + "=" + row.values[a]}), config).empty())
        return false;
    return true;
  };
  std::vector<Method> out;
  for (const Method& method : wanted) {
    if (std::find(known.begin(), known.end(), method) == known.end())
      throw Error(Exit::usage, "--rates-from",
                  "the sweep in " + folder + " has no rule " + quoted(method.word) + "; it has " + joined(words) + ".");
    const SweepRow* best = nullptr;
    for (const SweepRow& row : summary.rows)
      if (row.method == method && row.loss.count > 0 && matches(row) && (best == nullptr || row.better_than(*best)))
        best = &row;
    if (best == nullptr && std::any_of(summary.rows.begin(), summary.rows.end(), [&](const SweepRow& row) {
          return row.method == method && row.done > 0 && matches(row);
        }))
      throw Error(Exit::usage, "--rates-from",
                  "the runs of " + method.word + " in the sweep in " + folder +
                      " came to their end, but measured no loss: no step of their data counted (mask). A sweep "
                      "without a number has no best rates.");
    if (best == nullptr)
      throw Error(
          Exit::usage, "--rates-from",
          "the sweep in " + folder + " has no finished run of " + method.word + " that fits this configuration.");
    Method::Settings settings;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (!is_rate(axes[a], method)) continue;
      settings.emplace_back(axes[a].key, best->values[a]);
      for (const SweepEdge& edge : edges_of(sweep, *best))
        if (edge.key == axes[a].key) warnings.push_back(edge_text(edge));
    }
    if (best->diverged > 0)
      warnings.push_back(method.word + ": " + std::to_string(best->diverged) +
                         " runs of the sweep diverged at its best settings.");
    out.push_back(method.with(settings));
  }
  if (summary.open > 0 || summary.failed > 0)
    warnings.push_back(std::to_string(summary.open + summary.failed) + " of " + std::to_string(sweep.jobs.size()) +
                       " jobs of the sweep were not run to their end.");
  std::vector<std::string> keys = differences(config.with_method(words[0]), sweep.plan.base().with_method(words[0]));
  keys.erase(std::remove_if(keys.begin(), keys.end(),
                            [&](const std::string& key) {
                              return key == "seed" || key == "threads" ||
                                     std::any_of(axes.begin(), axes.end(),
                                                 [&](const SweepAxis& axis) { return axis.key == key; });
                            }),
             keys.end());
  if (!keys.empty()) warnings.push_back("the sweep was made with other values of " + joined(keys) + ".");
  for (const std::uint64_t seed : seeds)
    if (std::find(sweep.plan.seeds.begin(), sweep.plan.seeds.end(), seed) != sweep.plan.seeds.end()) {
      warnings.push_back("seed " + std::to_string(seed) +
                         " was also used to choose the rates, which favours them. Other seeds are fairer.");
      break;
    }
  return out;
}

}  // namespace chronograd
