// SPDX-License-Identifier: Apache-2.0
// A study: runs of one experiment under several rules and seeds, and what they must show. Written as TOML, in
// experiments/studies; docs/reproduce.md says how.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "studies/comparison.hpp"

namespace chronograd {

/// Something measured of a run: `loss` (test loss, else training loss), `accuracy`, `level` (of a curriculum), a
/// parameter's element (`W_in[3]`, flat index), `cosine(RULE)`: mean cosine of the gradient that it learnt by with that
/// of a watched rule (`cosine(RULE)[W_in]`: of one parameter), or `change(W_rec)[k]`: the share of the squared norm of
/// what the run changed in a recurrent parameter that its k largest singular values hold.
struct Measure {
  std::string text;
  /// Its value; of a run that diverged infinite, the accuracy 0; NaN where it was not measured.
  double of(const RunResult& run) const;
};
/// Throws Error (usage) for a text that is none.
Measure measure_of(const std::string& where, const std::string& text);

/// Runs under the same changes of the experiment.
struct StudyRuns {
  std::string name;
  std::vector<std::string> set;    ///< key=value changes
  std::vector<std::string> rules;  ///< as in lists
  std::vector<std::uint64_t> seeds;
  std::vector<Measure> show;        ///< columns of its table
  std::vector<std::size_t> counts;  ///< as in ComparisonOptions
  std::vector<std::string> tune;    ///< axes that each rule has its best values of, see tuned(); none: rules as written
  std::optional<Config> experiment;  ///< of their own, in place of the study's
};

/// What the runs must show.
struct Claim {
  enum class Kind {
    near,     ///< |measure - value| <= tolerance, for every rule and seed
    apart,    ///< |measure - value| > tolerance, for every rule and seed
    below,    ///< measure < value, for every rule and seed
    above,    ///< measure > value, for every rule and seed
    order,    ///< value times the median of each rule of a group is below that of each rule of the next group, by more
              ///< than the tolerance, which may be negative
    similar,  ///< medians differ at most by the factor `value`, and where a tolerance is given by that
  } kind;
  std::string text;
  std::string origin;  ///< where what is expected comes from
  std::size_t runs;    ///< index into Study::runs
  Measure measure;
  std::vector<std::vector<std::string>> rules;  ///< one group, or several for `order`
  double value;
  double tolerance;        ///< of `order` and `similar`: 0 where a factor is claimed
  bool of_median = false;  ///< near, apart, below, above: for the median over the seeds of every rule
  bool of_seeds = false;   ///< order, similar: for each seed by itself, in place of the medians
};

/// Whether rules of one's own beat all others. A candidate beats the front in a group of runs where its mean loss is
/// below that of each rule that is no candidate and whose step takes at most front_time of its time (CPU), by more
/// than front_errors standard errors of the difference paired by seed. It holds if it does so in at least `needs`
/// groups that are no controls, and in no group lies above the rule `beside` by more than beside_errors of them.
struct Front {
  std::vector<std::string> candidates, controls;  ///< rules of all groups, see rule_of(); names of groups
  std::string beside;                             ///< likewise a rule
  int needs = 1;
  /// A second claim, judged apart: in every group the candidate's mean loss is above that of no other rule, whatever it
  /// costs, by more than best_errors standard errors of the paired difference.
  bool best = false;
};
/// Which of the rules `word` means: the one that is written so, or else the only one of that name, whatever it sets
/// (`auto`: `auto(update.every=4)`). Nothing where none or several are.
std::optional<std::size_t> rule_of(const std::vector<std::string>& rules, const std::string& word);
constexpr double best_errors = 2;
constexpr double front_time = 1.05, front_errors = 2, beside_errors = 1;

struct Study {
  std::string name, title, text;
  std::vector<std::string> cite;  ///< keys of docs/references.bib
  Config config;
  std::vector<StudyRuns> runs;
  std::vector<Claim> claims;
  std::vector<std::uint64_t> tune_seeds;  ///< that the values of StudyRuns::tune are chosen on
  std::optional<Front> front;

  /// The experiment of some of its runs, with their changes.
  Config config_of(const StudyRuns& of) const { return (of.experiment ? *of.experiment : config).with(of.set); }
};

/// The studies that the program carries, name and text. Files have names relative to experiments/.
const std::map<std::string, std::string>& carried_files();
/// Names of the carried studies.
std::vector<std::string> study_names();

/// Reads a carried study, or the file `word` if it ends in .toml. `full`: the protocol of [full]. `set` changes all
/// runs. Throws Error (usage or data).
Study read_study(const std::string& word, bool full, const std::vector<std::string>& set,
                 const std::string& seeds = "");

/// What became of a claim.
struct Verdict {
  bool holds;
  std::string measured;  ///< what was measured beside what was asked for
};
/// `comparison` is that of the claim's runs.
Verdict judge(const Claim& claim, const Comparison& comparison);

/// Each rule with the values of the axes that were best for it: fewest runs that diverged, then the smallest mean loss,
/// validation where there is one. What a rule's own word sets is left to it. `options` are those of the comparison that
/// decides it, which runs under each combination and seed. Empty if that was stopped.
std::vector<Method> tuned(const Config& config, const std::vector<Method>& methods,
                          const std::vector<std::string>& axes, const std::vector<std::uint64_t>& seeds,
                          const ComparisonOptions& options);

/// A candidate in one group of runs.
struct FrontEntry {
  std::string runs;
  bool control = false;
  std::string rule;  ///< of those as cheap the one that it comes least far below; "": none is as cheap
  double difference = not_measured, error = not_measured;                ///< of its mean loss from that rule's
  double beside_difference = not_measured, beside_error = not_measured;  ///< likewise from Front::beside
  bool beats = false, behind = false;
  std::string best;  ///< with Front::best the rule that it comes most above, in these errors
  double best_difference = not_measured, best_error = not_measured;
  bool near = false;  ///< within best_errors of it
};
struct FrontVerdict {
  std::string candidate;
  std::vector<FrontEntry> entries;  ///< one a group of runs
  int beaten = 0;                   ///< groups that are no controls
  bool holds = false;
  int near = 0;  ///< groups, controls too, where the second claim holds
};
/// `comparisons`: one for each group of runs, with times.
std::vector<FrontVerdict> judge_front(const Front& front, const std::vector<StudyRuns>& runs,
                                      const std::vector<Comparison>& comparisons);
std::string front_text(const Front& front, const std::vector<FrontVerdict>& verdicts);

}  // namespace chronograd
