// SPDX-License-Identifier: Apache-2.0
#include "report/run_group.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace chronograd {
namespace {

/// Settings that change what is recorded or how fast, not what is computed.
bool is_beside_the_point(const std::string& key) {
  static const std::set<std::string> keys = {"seed", "threads", "train.report_every"};
  return keys.contains(key) || key.starts_with("watch.") || key.starts_with("checkpoint.") ||
         key.starts_with("train.checkpoint");
}

std::string identity(const RunRecord& run) {
  std::string text;
  for (const auto& [key, value] : run.settings)
    if (!is_beside_the_point(key)) text += key + "=" + value + "\n";
  return text;
}

double seed_of(const RunRecord& run) {
  const std::string seed = run.setting("seed");
  return seed.empty() ? 0 : std::stod(seed);
}

bool watches(const RunRecord& run) {
  return std::any_of(run.lines.begin(), run.lines.end(),
                     [](const auto& column) { return column.first.starts_with("cosine"); });
}

double finite_median(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); }), values.end());
  return median(std::move(values));
}

/// Settings that take several values among these groups.
std::vector<std::string> differing_keys(const std::vector<const RunGroup*>& groups) {
  std::map<std::string, std::set<std::string>> values;
  for (const RunGroup* group : groups)
    for (const auto& [key, value] : group->runs.front()->settings)
      if (!is_beside_the_point(key)) values[key].insert(value);
  std::vector<std::string> keys;
  for (const auto& [key, seen] : values) {
    std::size_t present = 0;
    for (const RunGroup* group : groups) present += group->runs.front()->settings.count(key);
    if (seen.size() > 1 || present < groups.size()) keys.push_back(key);
  }
  return keys;
}

void name_groups(std::vector<RunGroup>& groups) {
  std::map<std::string, std::vector<const RunGroup*>> by_rule;
  for (const RunGroup& group : groups) by_rule[group.rule].push_back(&group);
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& [rule, members] : by_rule)
    if (members.size() > 1) keys[rule] = differing_keys(members);
  std::map<std::string, std::size_t> variants;
  for (RunGroup& group : groups) {
    group.label = group.rule;
    std::string inside;
    for (const std::string& key : keys[group.rule]) {
      const std::string value = group.runs.front()->setting(key);
      group.differing.emplace_back(key, value);
      const std::string shown = key.starts_with("rule.") ? key.substr(5) : key;
      inside += (inside.empty() ? "" : ", ") + shown + "=" + (value.empty() ? "-" : value);
    }
    if (!inside.empty()) group.label += "(" + inside + ")";
    group.look = variant(look_of(group.rule), variants[group.rule]++);
  }
}

void summarise(RunGroup& group, const Records& records) {
  std::vector<double> losses, accuracies, times, bytes, cosines;
  for (const RunRecord* run : group.runs) {
    group.diverged += run->diverged();
    losses.push_back(run->final_loss());
    accuracies.push_back(run->final_accuracy());
    bytes.push_back(run->number("rule_bytes"));
    if (run->diverged()) continue;  // a few steps, most of them of starting
    const auto alone = records.us_per_step.find(run->path);
    times.push_back(alone != records.us_per_step.end() ? alone->second : run->number("us_per_step"));
  }
  for (const RunRecord* run : group.all())
    for (const char* exact : {"cosine/rtrl", "cosine/bptt"})
      if (std::isfinite(run->number(exact)) && !run->diverged()) {
        cosines.push_back(run->number(exact));
        break;
      }
  group.loss = confidence_interval(losses);
  group.accuracy = confidence_interval(accuracies);
  group.us_per_step = finite_median(times);
  group.rule_bytes = finite_median(bytes);
  group.cosine = confidence_interval(cosines).mean;
}

}  // namespace

const RunRecord* RunGroup::shown() const {
  for (const RunRecord* run : runs)
    if (run->status == "done") return run;
  for (const RunRecord* run : runs)
    if (!run->diverged()) return run;
  return nullptr;
}

std::vector<const RunRecord*> RunGroup::all() const {
  std::vector<const RunRecord*> both = runs;
  both.insert(both.end(), watched.begin(), watched.end());
  return both;
}

std::vector<RunGroup> group_runs(const Records& records) {
  std::vector<RunGroup> groups;
  std::map<std::string, std::size_t> known;
  for (const RunRecord& run : records.runs) {
    const auto [place, is_new] = known.emplace(identity(run), groups.size());
    if (is_new) {
      groups.emplace_back();
      groups.back().rule = run.setting("rule.name");
    }
    groups[place->second].runs.push_back(&run);
  }
  for (RunGroup& group : groups) {
    std::stable_sort(group.runs.begin(), group.runs.end(), [](const RunRecord* a, const RunRecord* b) {
      return seed_of(*a) != seed_of(*b) ? seed_of(*a) < seed_of(*b) : watches(*a) < watches(*b);
    });
    // A seed counts once: a run beside other rules repeats the one without.
    std::vector<const RunRecord*> once;
    for (const RunRecord* run : group.runs)
      if (!once.empty() && seed_of(*once.back()) == seed_of(*run))
        (watches(*run) ? group.watched : once).push_back(run);
      else
        once.push_back(run);
    group.runs = once;
  }
  name_groups(groups);
  for (RunGroup& group : groups) summarise(group, records);
  return groups;
}

std::vector<std::string> values_of(const std::vector<RunGroup>& groups, const std::string& key) {
  std::vector<std::string> values;
  bool numbers = true;
  for (const RunGroup& group : groups) {
    const std::string value = group.runs.front()->setting(key);
    if (std::find(values.begin(), values.end(), value) != values.end()) continue;
    values.push_back(value);
    std::size_t read = 0;
    try {
      static_cast<void>(std::stod(value, &read));
    } catch (const std::exception&) {
      read = std::string::npos;
    }
    numbers = numbers && read == value.size();
  }
  if (numbers)
    std::sort(values.begin(), values.end(),
              [](const std::string& a, const std::string& b) { return std::stod(a) < std::stod(b); });
  return values;
}

std::vector<std::size_t> best_of_each_rule(const std::vector<RunGroup>& groups) {
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto same =
        std::find_if(best.begin(), best.end(), [&](std::size_t other) { return groups[other].rule == groups[i].rule; });
    if (same == best.end())
      best.push_back(i);
    else if (groups[i].diverged < groups[*same].diverged ||
             (groups[i].diverged == groups[*same].diverged && groups[i].loss.mean < groups[*same].loss.mean))
      *same = i;
  }
  return best;
}

std::string swept_setting(const std::vector<RunGroup>& groups) {
  std::map<std::string, int> count;
  for (const RunGroup& group : groups)
    for (const auto& [key, value] : group.differing)
      if (key != "rule.name") ++count[key];
  if (count.contains("optimizer.lr")) return "optimizer.lr";
  std::string most;
  for (const auto& [key, number] : count)
    if (most.empty() || number > count[most]) most = key;
  return most;
}

}  // namespace chronograd
