// SPDX-License-Identifier: Apache-2.0
#include "report/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "chronograd/error.hpp"
#include "figures/numbers.hpp"
#include "report/figures.hpp"
#include "runs/exactness.hpp"
#include "studies/cautions.hpp"
#include "training/remarks.hpp"

namespace chronograd {
namespace {

std::string seeds_text(int count) {
  return count == 1 ? "1 seed" : std::to_string(count) + " seeds";
}

std::string list_text(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

/// The references by falling value: how good the result is in the task's own terms.
std::string beside_references(const RunGroup& group) {
  std::vector<std::pair<double, std::string>> references;
  for (const auto& [name, value] : group.runs.front()->summary)
    if (name.starts_with("references/")) references.emplace_back(value, name.substr(11));
  std::sort(references.begin(), references.end());
  const std::pair<double, std::string>*below = nullptr, *above = nullptr;
  for (const auto& reference : references) {
    if (reference.first <= group.loss.mean) below = &reference;
    if (reference.first > group.loss.mean && above == nullptr) above = &reference;
  }
  if (above != nullptr && below != nullptr)
    return "better than " + above->second + " (" + readable(above->first, 4) + "), short of " + below->second + " (" +
           readable(below->first, 4) + ")";
  if (above != nullptr) return "better than " + above->second + " (" + readable(above->first, 4) + ")";
  if (below != nullptr) return "worse than " + below->second + " (" + readable(below->first, 4) + ")";
  return "";
}

bool overlap(const Estimate& a, const Estimate& b) {
  if (!std::isfinite(a.half_width) || !std::isfinite(b.half_width)) return false;
  return std::fabs(a.mean - b.mean) <= a.half_width + b.half_width;
}

void warn_about_runs(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const RunGroup& group : groups) {
    const auto count = static_cast<int>(group.runs.size());
    if (group.diverged > 0)
      warnings.push_back(group.label + ": " + std::to_string(group.diverged) + " of " + seeds_text(count) +
                         " diverged. They are left out of means and intervals, and end in a cross.");
    if (group.not_measured > 0)
      warnings.push_back(group.label + ": " + std::to_string(group.not_measured) + " of " + std::to_string(count) +
                         " runs ended without a " + group.loss_name() + ": not measured. They are left out of means.");
    for (const std::string& overflow : overflows_of(group)) warnings.push_back(overflow);
    int open = 0;
    for (const RunRecord* run : group.runs) open += run->status != "done" && !run->diverged();
    if (open > 0)
      warnings.push_back(group.label + ": " + std::to_string(open) + " of " + std::to_string(count) +
                         " runs did not come to their end.");
    fewest = std::min(fewest, group.runs.size());
  }
  if (fewest < 5)
    warnings.push_back("Fewer than 5 seeds (" + std::to_string(fewest) +
                       "): differences between rules may be chance, and intervals are wide or missing.");
}

void warn_about_budgets(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  std::vector<AmountOfData> amounts;
  for (const RunGroup& group : groups) {
    AmountOfData& amount = amounts.emplace_back();
    amount.label = group.label;
    for (const RunRecord* run : group.runs)
      if (const double steps = run->number("stream_steps"); std::isfinite(steps) && run->status == "done")
        amount.add(static_cast<std::int64_t>(steps));
  }
  if (const std::string warning = unequal_amounts(amounts); !warning.empty()) warnings.push_back(warning);
}

/// A loss above what takes no learning, and one that meant something else.
void warn_about_losses(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  for (const RunGroup& group : groups) {
    const RunRecord* run = group.shown();
    if (run == nullptr || run->status != "done") continue;
    const double floor = run->number("references/" + run->floor), steps = run->number("steps");
    if (const std::string note = nothing_learnt(group.loss.mean, {run->floor, floor, true},
                                                std::isfinite(steps) ? static_cast<std::int64_t>(steps) : 0);
        !note.empty())
      warnings.push_back(group.label + ": " + note + ".");
    if (!run->tested() && std::isnan(run->number("train/steps")) && std::isfinite(run->number("train/loss")))
      warnings.push_back(group.label +
                         ": recorded by an earlier version, whose training loss is a mean over the last report. It is "
                         "not comparable with those of this version.");
  }
}

/// Rules that are one with the settings of these runs; not said of runs that this version cannot read again.
void warn_about_rules(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  std::vector<NamedConfig> named;
  for (const RunGroup& group : groups) {
    const RunRecord& run = *group.runs.front();
    try {
      named.push_back({group.label, Config::from_record(run.resolved, run.path)});
    } catch (const Error&) {
      continue;
    }
  }
  for (const std::string& sentence : coinciding_rules(named)) warnings.push_back(sentence);
}

/// What must be the same for losses, or times, to be comparable.
void warn_about_mixtures(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  std::map<std::string, std::set<std::string>> settings, machines;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.runs) {
      for (const char* key : {"task.name", "loss.name", "data.train", "data.test"})
        settings[key].insert(run->setting(key));
      for (const char* key : {"version", "processor", "instruction_set"}) machines[key].insert(run->surrounding(key));
    }
  for (const auto& [key, values] : settings)
    if (values.size() > 1)
      warnings.push_back("The runs differ in " + key + " (" + list_text({values.begin(), values.end()}) +
                         "): their losses are not comparable.");
  for (const auto& [key, values] : machines)
    if (values.size() > 1)
      warnings.push_back("The runs differ in " + key + " (" + list_text({values.begin(), values.end()}) +
                         "): their times are not comparable.");
}

void warn_about_feedback(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  std::vector<RuleUse> uses;
  for (const RunGroup& group : groups)
    if (!group.runs.front()->is_net()) uses.push_back({group.rule, group.runs.front()->setting("rule.feedback")});
  if (const std::string warning = lost_exactness(uses); !warning.empty()) warnings.push_back(warning);
}

/// What the traces of one layer leave out of a stack.
void warn_about_layers(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  for (const RunGroup& group : groups) {
    const RunRecord& run = *group.runs.front();
    const std::string rule = run.setting("rule.name"), layers = run.setting("model.layers");
    if (std::atoi(layers.c_str()) <= 1) continue;
    const std::string stack = group.label + ": in its stack of " + layers + " layers ";
    if (run.setting("rule.lower") == "broadcast")
      warnings.push_back(stack +
                         "the readout's error reaches each layer below the top one through a fixed random matrix; what "
                         "a layer does to the others is dropped.");
    else if (rule == "eprop" || rule == "rflo")
      warnings.push_back(
          stack + "credit passes down within a step; what a lower layer's past does to an upper layer is dropped.");
  }
}

/// Of cells that spike, in the words that the run ended with.
bool warn_about_firing(const RunGroup& group, const RunRecord& run, std::vector<std::string>& warnings) {
  const auto share = [&](const char* name) { return run.number(std::string("firing/") + name); };
  if (!std::isfinite(share("silent"))) return false;
  for (const std::string& caution :
       cautions_on({share("rate"), share("silent"), share("saturated"), share("without_slope")}))
    warnings.push_back(group.label + ": " + caution);
  return true;
}

void warn_about_units(const std::vector<RunGroup>& groups, std::vector<std::string>& warnings) {
  for (const RunGroup& group : groups) {
    const RunRecord* run = group.shown();
    if (run != nullptr && warn_about_firing(group, *run, warnings)) continue;
    const auto sample = run != nullptr ? run->arrays("sample.npz") : std::nullopt;
    if (!sample || !sample->contains("h") || sample->at("h").shape.size() != 3) continue;
    const Array& h = sample->at("h");
    const std::size_t d = h.shape[2], count = h.shape[0] * h.shape[1];
    std::size_t still = 0;
    for (std::size_t i = 0; i < d; ++i) {
      bool moves = false;
      for (std::size_t k = 1; k < count && !moves; ++k) moves = h.at(k * d + i) != h.at(i);
      still += !moves;
    }
    if (still > 0 && count > 1)
      warnings.push_back(group.label + ": " + std::to_string(still) + " of " + std::to_string(d) +
                         " units never move in the sample.");
  }
}

}  // namespace

Criterion criterion_for(const std::vector<RunGroup>& groups) {
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.runs)
      if (!run->line("accuracy").empty()) return {"accuracy", 0.9, false, "training accuracy 0.9"};
  double first = -INFINITY, best = INFINITY;
  for (const RunGroup& group : groups)
    for (const Series& series : curves_of({group}, "loss", false).series) {
      if (series.y.empty()) continue;
      first = std::max(first, series.y.front());
      for (const double y : series.y) best = std::min(best, y);
    }
  const double threshold = best + 0.1 * (first - best);
  return {"loss", threshold, true, "training loss " + readable(threshold)};
}

double steps_to(const Criterion& criterion, const RunGroup& group) {
  for (const Series& series : curves_of({group}, criterion.field, false).series)
    for (std::size_t i = 0; i < series.x.size(); ++i)
      if (criterion.from_above ? series.y[i] <= criterion.threshold : series.y[i] >= criterion.threshold)
        return series.x[i];
  return NAN;
}

std::string verdict_text(const std::vector<RunGroup>& groups) {
  std::vector<const RunGroup*> order;
  for (const RunGroup& group : groups)
    if (std::isfinite(group.loss.mean)) order.push_back(&group);
  if (order.empty()) {
    int diverged = 0, unmeasured = 0;
    for (const RunGroup& group : groups) {
      diverged += group.diverged;
      unmeasured += group.not_measured;
    }
    if (unmeasured > 0 && diverged == 0) return "No final loss was measured: in the data of the loss no step counts.";
    return groups.size() == 1 && diverged == 0 ? "The run has no final loss yet."
                                               : "No run came to an end with a finite loss.";
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const RunGroup* a, const RunGroup* b) { return a->loss.mean < b->loss.mean; });
  const RunGroup& best = *order.front();
  std::string text = best.label + (order.size() > 1 ? " ends lowest: " : " ends at a ") + best.loss_name() + " " +
                     estimate_text(best.loss) + " over " + seeds_text(best.loss.count);
  if (std::isfinite(best.accuracy.mean)) text += ", accuracy " + estimate_text(best.accuracy);
  const std::string beside = beside_references(best);
  text += beside.empty() ? ". " : "; that is " + beside + ". ";
  std::vector<std::string> same, other;
  const RunGroup* cheapest = &best;
  for (const RunGroup* group : order) {
    if (group == &best) continue;
    const bool together = overlap(group->loss, best.loss);
    (together ? same : other).push_back(group->label);
    if (together && group->us_per_step < cheapest->us_per_step) cheapest = group;
  }
  if (!same.empty())
    text += "The 95 % interval" + std::string(same.size() > 1 ? "s" : "") + " of " + list_text(same) +
            (same.size() > 1 ? " overlap" : " overlaps") + " with it, so the order among them is open. ";
  if (cheapest != &best)
    text += "Of these, " + cheapest->label + " costs least (" + readable(cheapest->us_per_step) +
            (best.runs.front()->is_net() ? " µs a sample against " : " µs a step against ") +
            readable(best.us_per_step) + "). ";
  if (!other.empty() && other.size() <= 12)
    text += list_text(other) + (other.size() > 1 ? " end" : " ends") + " higher" +
            (best.loss.count > 1 ? "." : ", on one seed.");
  return text;
}

std::vector<std::string> warnings_of(const std::vector<RunGroup>& groups, const Records& records) {
  std::vector<std::string> warnings;
  warn_about_runs(groups, warnings);
  warn_about_budgets(groups, warnings);
  warn_about_losses(groups, warnings);
  warn_about_rules(groups, warnings);
  for (const std::string& edge : sweep_edges(groups)) warnings.push_back(edge);
  warn_about_mixtures(groups, warnings);
  warn_about_feedback(groups, warnings);
  warn_about_layers(groups, warnings);
  warn_about_units(groups, warnings);
  const auto said = [&](const std::string& warning) {  // in other words: rules have other names in a comparison
    return warning.starts_with(unequal_data) || warning.find(one_rule) != std::string::npos ||
           std::find(warnings.begin(), warnings.end(), warning) != warnings.end();
  };
  for (const std::string& warning : records.warnings)
    if (!said(warning)) warnings.push_back(warning);
  return warnings;
}

}  // namespace chronograd
