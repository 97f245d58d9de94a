// SPDX-License-Identifier: Apache-2.0
// A study: runs of one experiment under several rules and seeds, and what they must show. Written as TOML, in
// experiments/studies; docs/reproduce.md says how.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "studies/comparison.hpp"

namespace chronograd {

/// Something measured of a run: `loss` (test loss, else training loss), `accuracy`, `level` (of a curriculum), or a
/// parameter's element (`W_in[3]`, flat index).
struct Measure {
  std::string text;
  /// Its value; infinite for a run that diverged, NaN where it was not measured.
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
  std::vector<Measure> show;  ///< columns of its table
};

/// What the runs must show.
struct Claim {
  enum class Kind {
    near,     ///< |measure - value| <= tolerance, for every rule and seed
    apart,    ///< |measure - value| > tolerance, for every rule and seed
    below,    ///< measure < value, for every rule and seed
    above,    ///< measure > value, for every rule and seed
    order,    ///< value times the median of each rule of a group is below that of each rule of the next group
    similar,  ///< medians differ at most by the factor `value`
  } kind;
  std::string text;
  std::string origin;  ///< where what is expected comes from
  std::size_t runs;    ///< index into Study::runs
  Measure measure;
  std::vector<std::vector<std::string>> rules;  ///< one group, or several for `order`
  double value, tolerance;
};

struct Study {
  std::string name, title, text;
  std::vector<std::string> cite;  ///< keys of docs/references.bib
  Config config;
  std::vector<StudyRuns> runs;
  std::vector<Claim> claims;
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

}  // namespace chronograd
