// SPDX-License-Identifier: Apache-2.0
// Whether a rule of one's own beats what is as cheap.
#include <algorithm>
#include <cmath>
#include <limits>

#include "figures/screen.hpp"
#include "figures/statistics.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

struct Difference {
  double mean = not_measured, error = not_measured;  ///< standard error of the mean
};

/// Of the losses of two rules, seed by seed; seeds where one of them diverged are left out.
Difference paired(const ComparisonRow& a, const ComparisonRow& b) {
  std::vector<double> differences;
  for (std::size_t seed = 0; seed < std::min(a.runs.size(), b.runs.size()); ++seed)
    if (a.runs[seed].status == RunResult::Status::done && b.runs[seed].status == RunResult::Status::done)
      differences.push_back(a.runs[seed].score().loss - b.runs[seed].score().loss);
  const double mean = estimate_of(differences).mean;
  double squares = 0;
  for (const double difference : differences) squares += (difference - mean) * (difference - mean);
  const auto count = static_cast<double>(differences.size());
  return {mean, count > 1 ? std::sqrt(squares / (count - 1) / count) : not_measured};
}

bool is_candidate(const Front& front, const StudyRuns& runs, std::size_t rule) {
  return std::any_of(front.candidates.begin(), front.candidates.end(),
                     [&](const std::string& candidate) { return rule_of(runs.rules, candidate) == rule; });
}

/// The second claim in one group of runs.
void compare_with_best(const Front& front, const ComparisonRow& own, const StudyRuns& runs,
                       const Comparison& comparison, FrontEntry& entry) {
  entry.near = own.diverged == 0;
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < runs.rules.size(); ++i) {
    if (is_candidate(front, runs, i)) continue;
    const Difference difference = paired(own, comparison.rows[i]);
    if (std::isnan(difference.mean)) continue;  // it always diverged
    const double over = difference.mean - best_errors * difference.error;
    entry.near = entry.near && over <= 0;  // not where one seed gives no error
    if (!entry.best.empty() && !(over > most)) continue;
    most = over;
    entry.best = runs.rules[i];
    entry.best_difference = difference.mean;
    entry.best_error = difference.error;
  }
}

FrontEntry entry_of(const Front& front, const std::string& candidate, const StudyRuns& runs,
                    const Comparison& comparison) {
  const ComparisonRow& own = comparison.rows[*rule_of(runs.rules, candidate)];
  FrontEntry entry;
  entry.runs = runs.name;
  entry.control = std::find(front.controls.begin(), front.controls.end(), runs.name) != front.controls.end();
  entry.beats = own.diverged == 0;
  for (std::size_t i = 0; i < runs.rules.size(); ++i) {
    const ComparisonRow& other = comparison.rows[i];
    if (is_candidate(front, runs, i) || !(other.us_per_step_cpu <= front_time * own.us_per_step_cpu)) continue;
    const Difference difference = paired(own, other);
    if (std::isnan(difference.mean)) continue;  // it always diverged: everything is below it
    const double reach = difference.mean + front_errors * difference.error;
    entry.beats = entry.beats && reach < 0;  // also not where one seed gives no error
    if (entry.rule.empty() || reach > entry.difference + front_errors * entry.error) {
      entry.rule = runs.rules[i];
      entry.difference = difference.mean;
      entry.error = difference.error;
    }
  }
  const Difference beside = paired(own, comparison.rows[*rule_of(runs.rules, front.beside)]);
  entry.beside_difference = beside.mean;
  entry.beside_error = beside.error;
  const bool comparable = !std::isnan(beside.mean);  // else that rule always diverged: everything is below it
  entry.behind = own.diverged > 0 || (comparable && !(beside.mean <= beside_errors * beside.error));
  if (front.best) compare_with_best(front, own, runs, comparison, entry);
  return entry;
}

std::string difference_text(double mean, double error) {
  return formatted("{:+.2g}", mean) + " ± " + formatted("{:.1g}", error);
}

std::string best_text(const FrontVerdict& verdict) {
  std::vector<std::vector<std::string>> cells = {
      {verdict.candidate, "from the best of the others", "which is", "near"}};
  for (const FrontEntry& entry : verdict.entries)
    cells.push_back({entry.runs, difference_text(entry.best_difference, entry.best_error),
                     entry.best.empty() ? "-" : entry.best, entry.near ? "yes" : "no"});
  const bool all = verdict.near == static_cast<int>(verdict.entries.size());
  return table_text(cells) + verdict.candidate + (all ? " is" : " is not") +
         " within 2 standard errors of the best other rule, whatever it costs, everywhere: " +
         std::to_string(verdict.near) + " of " + std::to_string(verdict.entries.size()) + " groups of runs\n\n";
}

}  // namespace

std::optional<std::size_t> rule_of(const std::vector<std::string>& rules, const std::string& word) {
  std::optional<std::size_t> named;
  int count = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i] == word) return i;
    if (rules[i].substr(0, rules[i].find('(')) != word) continue;
    named = i;
    ++count;
  }
  return count == 1 ? named : std::nullopt;
}

std::vector<FrontVerdict> judge_front(const Front& front, const std::vector<StudyRuns>& runs,
                                      const std::vector<Comparison>& comparisons) {
  std::vector<FrontVerdict> verdicts;
  for (const std::string& candidate : front.candidates) {
    FrontVerdict verdict{candidate, {}, 0, true};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      verdict.entries.push_back(entry_of(front, candidate, runs[i], comparisons[i]));
      const FrontEntry& entry = verdict.entries.back();
      verdict.beaten += entry.beats && !entry.control;
      verdict.holds = verdict.holds && !entry.behind;
      verdict.near += entry.near;
    }
    verdict.holds = verdict.holds && verdict.beaten >= front.needs;
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string front_text(const Front& front, const std::vector<FrontVerdict>& verdicts) {
  std::string text;
  for (const FrontVerdict& verdict : verdicts) {
    std::vector<std::vector<std::string>> cells = {
        {verdict.candidate, "from the rule as cheap", "which is", "beats", "from " + front.beside}};
    for (const FrontEntry& entry : verdict.entries)
      cells.push_back({entry.runs + (entry.control ? " (control)" : ""), difference_text(entry.difference, entry.error),
                       entry.rule.empty() ? "-" : entry.rule, entry.beats ? "yes" : "no",
                       difference_text(entry.beside_difference, entry.beside_error) + (entry.behind ? " above" : "")});
    const auto tasks = std::count_if(verdict.entries.begin(), verdict.entries.end(),
                                     [](const FrontEntry& entry) { return !entry.control; });
    text += table_text(cells) + verdict.candidate +
            (verdict.holds ? " beats the front: " : " does not beat the front: ") + std::to_string(verdict.beaten) +
            " of " + std::to_string(tasks) + " tasks, asked for " + std::to_string(front.needs) + "\n\n";
    if (front.best) text += best_text(verdict);
  }
  return text +
         "difference of mean losses ± standard error, paired by seed. Beats: below every rule that is no candidate "
         "and\n"
         "whose step takes at most 1.05 of its time, by more than 2 of them. Above: by more than 1.\n";
}

}  // namespace chronograd
