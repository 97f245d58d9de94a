// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chronograd/export.hpp"
#include "chronograd/option.hpp"

namespace chronograd {

/// A checked experiment: a TOML text, changed by `key.sub=value` words, read once against the option tables of the
/// program and of the entries that it names. Every unknown key, wrong type and value out of range is an Error (usage)
/// with the place in the file where there is one (`exp.toml:14:3`) and the nearest known name.
class CHRONOGRAD_API Config {
 public:
  /// Settings given in code: `{{"model.cell", "gru"}, {"model.hidden", 16}, {"seed", 1}}`; [watch] apart. This,
  /// `table`, `has` and `text` are all that chronograd::core has of a configuration; all else needs the whole library.
  static Config of(const std::map<std::string, Value>& settings);
  /// Reads a file. Throws Error (usage); Error (data) if the file cannot be read.
  static Config read(const std::string& path, const std::vector<std::string>& overrides = {});
  /// Reads a text; `name` stands for the file in messages.
  static Config parse(const std::string& text, const std::string& name, const std::vector<std::string>& overrides = {});

  /// The experiment that a resolved_json() records: the settings that were given in it, checked again; `name` stands
  /// for the file. Throws Error (data) for another text.
  static Config from_record(const std::string& json, const std::string& name);

  /// The same experiment with some keys changed (`rule.name=rtrl`), checked again as a whole. Options of an entry that
  /// the change replaces (another `rule.name`) are dropped first.
  Config with(const std::vector<std::string>& overrides) const;
  /// The experiment under another method, which is a rule with settings, written as in lists: `rtrl`, `snap(n=2)`,
  /// `tbptt(update.every=20)`. A key without a dot is an option of the rule; any other key may be set for this method
  /// alone.
  Config with_method(const std::string& word) const;

  /// The settings of one table: "" (version, seed, dtype, threads), "model", "readout", "loss", "rule", "update",
  /// "optimizer", "train", "task", "data", "watch". Options of the entries that the table names are among them.
  const Options& table(const std::string& name) const;
  /// True if the configuration has this table ("task" or "data", not both).
  bool has(const std::string& table) const;

  /// The text as given, before overrides; of settings in code what it would be.
  const std::string& text() const;
  /// Every setting with its value, defaults included, as JSON in a fixed order; `given` lists those that the user gave.
  std::string resolved_json() const;

  Config(const Config&);
  Config(Config&&) noexcept;
  Config& operator=(const Config&);
  Config& operator=(Config&&) noexcept;
  ~Config();

 private:
  struct State;
  explicit Config(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Splits `a,b(x=1,y=2),c` at the commas outside of parentheses; throws Error (usage) for unbalanced ones.
CHRONOGRAD_API std::vector<std::string> split_list(const std::string& where, const std::string& text);
/// `0..4` or `0,3,7` as a list of seeds; throws Error (usage).
CHRONOGRAD_API std::vector<std::uint64_t> parse_seeds(const std::string& text);

/// One table of the configuration for `describe` and the reference pages.
struct OptionTable {
  const char* name;                 ///< "model"
  const char* text;                 ///< one sentence
  std::span<const Option> options;  ///< those that do not depend on an entry
};
/// The tables in the order of the documentation.
CHRONOGRAD_API std::span<const OptionTable> option_tables();

}  // namespace chronograd
