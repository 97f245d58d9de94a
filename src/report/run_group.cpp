// SPDX-License-Identifier: Apache-2.0
#include "report/run_group.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

#include "chronograd/method.hpp"
#include "chronograd/run_result.hpp"
#include "figures/numbers.hpp"

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
  return std::strtod(seed.c_str(), nullptr);  // 0 where a file was edited
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

/// Settings of the rule's own that the user gave: tbptt(20) is not tbptt.
std::vector<std::string> given_of_rule(const RunRecord& run) {
  std::vector<std::string> keys;
  for (const std::string& key : run.given)
    if (in_method_table(key) && !names_method(key) && run.settings.contains(key)) keys.push_back(key);
  return keys;
}

bool given_to_any(const std::vector<const RunGroup*>& groups, const std::string& key) {
  return std::any_of(groups.begin(), groups.end(),
                     [&](const RunGroup* group) { return group->runs.front()->given.contains(key); });
}

bool is_of_method(const std::pair<std::string, std::string>& setting) {
  return in_method_table(setting.first);
}

/// Leaves a group's name the settings of its method alone where these tell all groups of it apart: rates that were
/// tuned for each stand in tables, and would make a legend that nobody reads.
void shorten_names(std::vector<RunGroup>& groups, const std::string& rule) {
  std::set<Method::Settings> names;
  std::size_t members = 0;
  for (const RunGroup& group : groups) {
    if (group.rule != rule) continue;
    Method::Settings own;
    std::copy_if(group.named.begin(), group.named.end(), std::back_inserter(own), is_of_method);
    names.insert(own);
    ++members;
  }
  if (members < 2 || names.size() < members) return;
  for (RunGroup& group : groups)
    if (group.rule == rule) std::erase_if(group.named, [](const auto& setting) { return !is_of_method(setting); });
}

void name_groups(std::vector<RunGroup>& groups, bool compared) {
  std::map<std::string, std::vector<const RunGroup*>> by_rule;
  for (const RunGroup& group : groups) by_rule[group.rule].push_back(&group);
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& [rule, members] : by_rule)
    if (members.size() > 1) keys[rule] = differing_keys(members);
  std::map<std::string, std::size_t> variants;
  for (RunGroup& group : groups) {
    const RunRecord& run = *group.runs.front();
    const std::vector<std::string>& differing = keys[group.rule];
    for (const std::string& key : given_of_rule(run))
      if (std::find(differing.begin(), differing.end(), key) == differing.end())
        group.named.emplace_back(key, run.setting(key));
    for (const std::string& key : differing) group.differing.emplace_back(key, run.setting(key));
    // What others of the rule were given and this one was not is as it comes: its name need not say so.
    for (const auto& setting : group.differing)
      if (run.given.contains(setting.first) || !given_to_any(by_rule[group.rule], setting.first))
        group.named.push_back(setting);
    std::stable_partition(group.named.begin(), group.named.end(), is_of_method);
  }
  for (const auto& [rule, members] : by_rule) shorten_names(groups, rule);
  for (RunGroup& group : groups) {
    group.label = label_without(group, "");
    if (compared) group.differing.clear();
    group.look = variant(look_of(group.rule), variants[group.rule]++);
  }
}

void summarise(RunGroup& group, const Records& records, const std::string& loss_on) {
  std::vector<double> losses, choices, accuracies, times, bytes, cosines;
  group.loss_on = loss_on;
  for (const RunRecord* run : group.runs) {
    group.diverged += run->diverged();
    losses.push_back(run->final_loss(loss_on));
    choices.push_back(run->choice_loss(loss_on));
    group.not_measured += run->status == "done" && !std::isfinite(losses.back());
    accuracies.push_back(run->final_accuracy(loss_on));
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
  group.loss = estimate_of(losses);
  group.choice = estimate_of(choices);
  group.accuracy = estimate_of(accuracies);
  group.us_per_step = finite_median(times);
  group.rule_bytes = finite_median(bytes);
  group.cosine = estimate_of(cosines).mean;
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
      groups.back().rule = run.method();
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
  name_groups(groups, records.compared());
  // One measure for all: the training loss of one run says nothing beside the test loss of another.
  const auto any = [&](bool (RunRecord::*has)() const) {
    return std::any_of(records.runs.begin(), records.runs.end(), [&](const RunRecord& run) { return (run.*has)(); });
  };
  const char* const loss_on = any(&RunRecord::tested) ? "test" : any(&RunRecord::validated) ? "validation" : "train";
  for (RunGroup& group : groups) summarise(group, records, loss_on);
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
  const std::string swept = swept_setting(groups);
  const auto kind = [&](const RunGroup& group) {
    std::string text = group.rule;
    for (const auto& [key, value] : group.differing)
      if (in_method_table(key) && key != swept) text += "\n" + key + "=" + value;
    return text;
  };
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto same = std::find_if(best.begin(), best.end(),
                                   [&](std::size_t other) { return kind(groups[other]) == kind(groups[i]); });
    if (same == best.end())
      best.push_back(i);
    else if (is_better(groups[i], groups[*same]))
      *same = i;
  }
  return best;
}

std::string label_without(const RunGroup& group, const std::string& without) {
  Method::Settings shown;
  for (const auto& [key, value] : group.named)
    if (key != without) shown.emplace_back(key, value.empty() ? "-" : value);
  return method_word(group.rule, shown);
}

bool is_better(const RunGroup& a, const RunGroup& b) {
  const bool has_a = std::isfinite(a.choice.mean), has_b = std::isfinite(b.choice.mean);
  if (has_a != has_b) return has_a;
  if (a.diverged != b.diverged) return a.diverged < b.diverged;
  return has_a && a.choice.mean < b.choice.mean;
}

std::vector<std::string> overflows_of(const RunGroup& group) {
  const std::string prefix = "overflowed/";
  std::map<std::string, double> counts;
  for (const RunRecord* run : group.all())
    for (const auto& [field, count] : run->summary)
      if (field.starts_with(prefix)) counts[field.substr(prefix.size())] += count;
  std::vector<std::string> sentences;
  for (const auto& [rule, count] : counts)
    sentences.push_back(group.label + ": " + (rule == trained_rule ? "its own gradient" : "the gradient of " + rule) +
                        " overflowed at " + spaced_count(count) + (count == 1 ? " comparison" : " comparisons") +
                        ", which the mean cosines leave out.");
  return sentences;
}

Budgets budgets_of(const std::vector<RunGroup>& groups) {
  Budgets budgets;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.runs) {
      const double steps = run->number("stream_steps");
      if (!std::isfinite(steps) || run->status != "done") continue;
      if (steps < budgets.least) budgets.least_label = group.label;
      if (steps > budgets.most) budgets.most_label = group.label;
      budgets.least = std::min(budgets.least, steps);
      budgets.most = std::max(budgets.most, steps);
    }
  return budgets;
}

std::string swept_setting(const std::vector<RunGroup>& groups) {
  std::map<std::string, int> count;
  for (const RunGroup& group : groups)
    for (const auto& [key, value] : group.differing)
      if (!names_method(key)) ++count[key];
  if (count.contains("optimizer.lr")) return "optimizer.lr";
  std::string most;
  for (const auto& [key, number] : count)
    if (most.empty() || number > count[most]) most = key;
  return most;
}

}  // namespace chronograd
