// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd {

/// A run as its folder tells it (docs/run-directory.md). Nested fields have names with slashes: `test/loss`,
/// `cosine/rtrl`. Fields that a later version adds are there too.
struct RunRecord {
  std::string path;
  std::map<std::string, std::string> settings;     ///< `optimizer.lr` and its value as JSON
  std::map<std::string, std::string> environment;  ///< likewise
  std::set<std::string> given;                     ///< settings that the user gave
  std::map<std::string, std::vector<double>>
      lines;  ///< metrics.jsonl by field: a number a line, NaN where there is none
  std::map<std::string, std::vector<std::size_t>> nulls;  ///< the lines that have a field without a number
  std::map<std::string, double> summary;                  ///< numbers of summary.json
  /// Lists of numbers in it: `test/r2_of_outputs`; of lists of lists the numbers, row by row: `test/confusion`.
  std::map<std::string, std::vector<double>> summary_lists;
  std::string floor;             ///< the reference that takes no learning, see Reference::floor; "": not known
  std::string status;            ///< done, diverged, stopped, or "unfinished" without a summary
  std::string config;            ///< config.toml
  std::string resolved;          ///< resolved.json
  std::string environment_text;  ///< environment.json

  /// A setting without quotes; "" where there is none.
  std::string setting(const std::string& key) const;
  /// Of a feed-forward net ([net]).
  bool is_net() const { return settings.contains("net.widths"); }
  /// rule.name; of a feed-forward net interface.name.
  std::string method() const;
  std::string surrounding(const std::string& key) const;
  /// A number of the summary; NaN where there is none.
  double number(const std::string& field) const;
  /// A field of the lines; empty where there is none.
  const std::vector<double>& line(const std::string& field) const;
  /// regularise.rate_target, spikes a step; nothing where rates have no cost.
  std::optional<double> rate_target() const;
  bool diverged() const { return status == "diverged"; }
  /// The run came to its test, even if none of the test's steps counts.
  bool tested() const;
  /// The run validated weights.
  bool validated() const;
  /// On these data: test, validation, train; NaN for a run that diverged, and where it was not measured.
  double final_loss(const std::string& on) const;
  double final_accuracy(const std::string& on) const;
  /// What settings are chosen by: the smallest validation loss where there is one, else final_loss().
  double choice_loss(const std::string& on) const;
  /// Arrays of a file of the folder; nothing where it is missing or cannot be read.
  std::optional<Arrays> arrays(const std::string& file) const;
};

/// What was found in the folders that a user named.
struct Records {
  std::vector<RunRecord> runs;  ///< in the order of their paths
  /// Time a step and stream that a comparison took with nothing beside it, on the processor where it says so, by the
  /// path of its runs.
  std::map<std::string, double> us_per_step;
  std::vector<std::string> warnings;  ///< that comparisons were recorded with
  std::set<std::string> comparisons;  ///< folders of comparisons
  /// True if all runs are a comparison's: each was asked for by name, none is one of many values that were tried.
  bool compared() const;
};

/// Reads runs, and folders of runs: what `compare` and `sweep` wrote, or any folder with runs up to four levels below.
/// Throws Error (data) for a folder without a run and for files that are no record of one.
Records read_records(const std::vector<std::string>& folders);

}  // namespace chronograd
