// SPDX-License-Identifier: Apache-2.0
#include "studies/best_rates.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "studies/sweep_summary.hpp"

namespace chronograd {
namespace {

/// A rule's word without blanks, to compare.
std::string plain(std::string rule) {
  rule.erase(std::remove(rule.begin(), rule.end(), ' '), rule.end());
  return rule;
}

bool is_rate(const SweepAxis& axis) {
  return axis.key.starts_with("optimizer.") || (axis.key.starts_with("rule.") && axis.key != "rule.name");
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

/// `rflo` and `optimizer.lr=0.1` as `rflo(optimizer.lr=0.1)`; a rule's own options come without `rule.`.
std::string joined_rule(const std::string& rule, const std::vector<std::string>& settings) {
  if (settings.empty()) return rule;
  const bool closed = rule.back() == ')';
  const std::string head = closed ? rule.substr(0, rule.size() - 1) : rule + "(";
  return head + (closed && trimmed(head).back() != '(' ? ", " : "") + joined(settings) + ")";
}

}  // namespace

std::vector<std::string> with_best_rates(const Config& config, const std::vector<std::string>& rules,
                                         const std::string& folder, const std::vector<std::uint64_t>& seeds,
                                         std::vector<std::string>& warnings) {
  const Sweep sweep = read_sweep(folder);
  const SweepSummary summary = summarise(sweep);
  const std::vector<SweepAxis>& axes = sweep.plan.axes;
  std::vector<std::string> known, wanted = rules;
  for (const SweepRow& row : summary.rows)
    if (std::find(known.begin(), known.end(), row.rule) == known.end()) known.push_back(row.rule);
  if (wanted.empty()) wanted = known;
  const auto matches = [&](const SweepRow& row) {
    for (std::size_t a = 0; a < axes.size(); ++a)
      if (axes[a].key != "rule.name" && !is_rate(axes[a]) &&
          !differences(config.with({axes[a].key + "=" + row.values[a]}), config).empty())
        return false;
    return true;
  };
  std::vector<std::string> out;
  for (const std::string& rule : wanted) {
    const auto is_it = [&](const std::string& other) { return plain(other) == plain(rule); };
    if (std::none_of(known.begin(), known.end(), is_it))
      throw Error(Exit::usage, "--rates-from",
                  "the sweep in " + folder + " has no rule " + quoted(rule) + "; it has " + joined(known) + ".");
    const SweepRow* best = nullptr;
    for (const SweepRow& row : summary.rows)
      if (is_it(row.rule) && row.loss.count > 0 && matches(row) && (best == nullptr || row.better_than(*best)))
        best = &row;
    if (best == nullptr && std::any_of(summary.rows.begin(), summary.rows.end(), [&](const SweepRow& row) {
          return is_it(row.rule) && row.done > 0 && matches(row);
        }))
      throw Error(Exit::usage, "--rates-from",
                  "the runs of " + rule + " in the sweep in " + folder +
                      " came to their end, but measured no loss: no step of their data counted (mask). A sweep "
                      "without a number has no best rates.");
    if (best == nullptr)
      throw Error(Exit::usage, "--rates-from",
                  "the sweep in " + folder + " has no finished run of " + rule + " that fits this configuration.");
    std::vector<std::string> settings;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (!is_rate(axes[a])) continue;
      const std::string key = axes[a].key.starts_with("rule.") ? axes[a].key.substr(5) : axes[a].key;
      settings.push_back(key + "=" + best->values[a]);
      for (const SweepEdge& edge : edges_of(sweep, *best))
        if (edge.key == axes[a].key) warnings.push_back(edge_text(edge));
    }
    if (best->diverged > 0)
      warnings.push_back(rule + ": " + std::to_string(best->diverged) +
                         " runs of the sweep diverged at its best settings.");
    out.push_back(joined_rule(rule, settings));
  }
  if (summary.open > 0 || summary.failed > 0)
    warnings.push_back(std::to_string(summary.open + summary.failed) + " of " + std::to_string(sweep.jobs.size()) +
                       " jobs of the sweep were not run to their end.");
  std::vector<std::string> keys = differences(config.with_rule(known[0]), sweep.plan.base().with_rule(known[0]));
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
