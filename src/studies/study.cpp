// SPDX-License-Identifier: Apache-2.0
// Reads studies.
#include "studies/study.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "config/toml.hpp"
#include "files/input_file.hpp"

namespace chronograd {
namespace {

/// One table of the file, whose keys must all be asked for.
class Keys {
 public:
  Keys(const std::string& file, const toml::table& table) : file_(file), table_(table) {}

  std::string place(const toml::node& node) const {
    const toml::source_position at = node.source().begin;
    return file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& allowed) const {
    throw Error(Exit::usage, (table_.contains(key) ? place(*table_.get(key)) : place(table_)) + " " + key,
                (table_.contains(key) ? "is not what is allowed: " : "is missing: ") + allowed + ".");
  }

  bool has(const std::string& key) const { return table_.contains(key); }
  std::string word(const std::string& key) {
    known_.push_back(key);
    if (const auto value = table_[key].value<std::string>()) return *value;
    refuse(key, "a text");
  }
  bool flag(const std::string& key) {
    known_.push_back(key);
    if (const auto value = table_[key].value<bool>()) return *value;
    refuse(key, "true or false");
  }
  double number(const std::string& key) {
    known_.push_back(key);
    if (const auto value = table_[key].value<double>(); value && std::isfinite(*value)) return *value;
    refuse(key, "a number");
  }
  std::vector<std::string> words(const std::string& key) {
    known_.push_back(key);
    if (table_.contains(key) && !table_.get(key)->is_array()) refuse(key, "a list of texts");
    std::vector<std::string> out;
    if (const toml::array* list = table_[key].as_array())
      for (const toml::node& node : *list) {
        const auto value = node.value<std::string>();
        if (!value) refuse(key, "a list of texts");
        out.push_back(*value);
      }
    return out;
  }
  /// A list of texts, or a list of such lists.
  std::vector<std::vector<std::string>> groups(const std::string& key) {
    known_.push_back(key);
    const toml::array* list = table_[key].as_array();
    if (!list || list->empty()) refuse(key, "a list of rules, or a list of such lists");
    std::vector<std::vector<std::string>> out;
    for (const toml::node& node : *list) {
      std::vector<std::string>& group = out.emplace_back();
      if (const auto value = node.value<std::string>())
        group.push_back(*value);
      else if (const toml::array* inner = node.as_array())
        for (const toml::node& element : *inner) group.push_back(element.value_or(std::string()));
    }
    return out;
  }
  std::vector<const toml::table*> tables(const std::string& key) {
    known_.push_back(key);
    std::vector<const toml::table*> out;
    if (!table_.contains(key)) return out;
    const toml::array* list = table_[key].as_array();
    if (!list) refuse(key, "tables [[" + key + "]]");
    for (const toml::node& node : *list) {
      if (!node.is_table()) refuse(key, "tables [[" + key + "]]");
      out.push_back(node.as_table());
    }
    return out;
  }
  const toml::table* table(const std::string& key) {
    known_.push_back(key);
    if (table_.contains(key) && !table_.get(key)->is_table()) refuse(key, "a table [" + key + "]");
    return table_[key].as_table();
  }
  std::int64_t whole(const std::string& key) {
    known_.push_back(key);
    if (const auto value = table_[key].value<std::int64_t>(); value && *value > 0) return *value;
    refuse(key, "a whole number from 1 on");
  }
  void done() const {
    for (auto&& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const std::string near = nearest_name(name, known_);
      throw Error(Exit::usage, place(node) + " " + name,
                  "unknown key" + (near.empty() ? std::string(".") : ", did you mean " + near + "?") +
                      " Allowed: " + joined(known_) + ".");
    }
  }

 private:
  const std::string& file_;
  const toml::table& table_;
  std::vector<std::string> known_;
};

Claim read_claim(const std::string& file, const toml::table& table, const Study& study) {
  Keys keys(file, table);
  Claim claim{};
  claim.text = keys.word("text");
  claim.origin = keys.word("origin");
  const std::string runs = keys.word("runs");
  const auto found =
      std::find_if(study.runs.begin(), study.runs.end(), [&](const StudyRuns& r) { return r.name == runs; });
  if (found == study.runs.end()) keys.refuse("runs", "the name of some [[runs]]");
  if (!found->tune.empty()) keys.refuse("runs", "the name of [[runs]] whose rules are not tuned");
  claim.runs = static_cast<std::size_t>(found - study.runs.begin());
  claim.measure = measure_of(keys.place(table), keys.word("measure"));
  struct Form {
    const char* key;
    Claim::Kind kind;
    const char* tolerance;
  };
  std::optional<Claim::Kind> kind;
  for (const Form& form : {Form{"near", Claim::Kind::near, "within"}, Form{"apart", Claim::Kind::apart, "by"},
                           Form{"below", Claim::Kind::below, ""}, Form{"above", Claim::Kind::above, ""}}) {
    if (!keys.has(form.key)) continue;
    if (kind) keys.refuse(form.key, "one of near, apart, below, above, order, similar");
    kind = form.kind;
    claim.value = keys.number(form.key);
    if (*form.tolerance != '\0') claim.tolerance = keys.number(form.tolerance);
    claim.rules = {keys.words("rules")};
    if (keys.has("of")) {
      if (keys.word("of") != "median") keys.refuse("of", "\"median\"");
      claim.of_median = true;
    }
  }
  for (const Form& form : {Form{"order", Claim::Kind::order, "by"}, Form{"similar", Claim::Kind::similar, "within"}}) {
    if (!keys.has(form.key)) continue;
    if (kind) keys.refuse(form.key, "one of near, apart, below, above, order, similar");
    kind = form.kind;
    claim.rules = keys.groups(form.key);
    const bool margin = keys.has(form.tolerance);
    if (margin) claim.tolerance = keys.number(form.tolerance);
    if (margin && keys.has("factor")) keys.refuse("factor", std::string("factor or ") + form.tolerance);
    claim.value = keys.has("factor") || (form.kind == Claim::Kind::similar && !margin) ? keys.number("factor") : 1;
    if (!keys.has("of")) continue;
    if (keys.word("of") != "seed") keys.refuse("of", "\"seed\"");
    claim.of_seeds = true;
  }
  if (!kind) keys.refuse("near", "one of near, apart, below, above, order, similar");
  claim.kind = *kind;
  for (const auto& group : claim.rules)
    for (const std::string& rule : group)
      if (std::find(found->rules.begin(), found->rules.end(), rule) == found->rules.end())
        throw Error(Exit::usage, keys.place(table),
                    "got the rule " + quoted(rule) + ", allowed are those of the runs " + runs + ": " +
                        joined(found->rules) + ".");
  if (claim.rules[0].empty()) keys.refuse("rules", "a list of rules");
  keys.done();
  return claim;
}

Front read_front(const std::string& file, const toml::table& table, const Study& study) {
  Keys keys(file, table);
  Front front{keys.words("candidates"), keys.words("controls"), keys.word("beside"),
              static_cast<int>(keys.whole("needs")), keys.has("best") && keys.flag("best")};
  std::vector<std::string> asked = front.candidates, names;
  if (asked.empty()) keys.refuse("candidates", "a list of rules");
  asked.push_back(front.beside);
  for (const StudyRuns& runs : study.runs) {
    names.push_back(runs.name);
    for (const std::string& rule : asked)
      if (!rule_of(runs.rules, rule))
        throw Error(Exit::usage, keys.place(table),
                    "got the rule " + quoted(rule) + ", which the runs " + runs.name +
                        " do not have, or more than once: " + joined(runs.rules) + ".");
  }
  for (const std::string& control : front.controls)
    if (std::find(names.begin(), names.end(), control) == names.end())
      keys.refuse("controls", "names of [[runs]]: " + joined(names));
  keys.done();
  return front;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::vector<std::string> study_names() {
  const std::string folder = "studies/", end = ".toml";
  std::vector<std::string> names;
  for (const auto& [path, text] : carried_files())
    if (path.rfind(folder, 0) == 0)
      names.push_back(path.substr(folder.size(), path.size() - folder.size() - end.size()));
  return names;
}

Study read_study(const std::string& word, bool full, const std::vector<std::string>& set, const std::string& seeds) {
  const std::filesystem::path given(word);
  const bool carried = given.extension() != ".toml";
  const std::string path = carried ? "studies/" + word + ".toml" : word;
  if (carried && !carried_files().contains(path)) throw_unknown_name("chronograd reproduce", word, study_names());
  const auto text_of = [&](const std::string& file) {
    if (!carried) return read_file(file);
    const auto found = carried_files().find(file);
    if (found == carried_files().end())
      throw Error(Exit::data, file, "is not among the files that the program carries.");
    return found->second;
  };
  toml::table root;
  try {
    root = toml::parse(text_of(path));
  } catch (const toml::parse_error& error) {
    throw Error(Exit::usage, path + ":" + std::to_string(error.source().begin.line), toml_mistake(error.description()));
  }
  Keys keys(path, root);
  const auto experiment_of = [&](Keys& table) {
    const std::string file =
        (std::filesystem::path(path).parent_path() / table.word("experiment")).lexically_normal().generic_string();
    return Config::parse(text_of(file), file);
  };
  Study study{carried ? word : given.stem().string(),
              keys.word("title"),
              keys.word("text"),
              keys.words("cite"),
              experiment_of(keys),
              {},
              {},
              {},
              {}};
  std::string all_seeds = keys.has("seeds") ? keys.word("seeds") : "0";
  std::vector<std::string> common, tune;
  const std::vector<std::string> all_rules = keys.words("rules");
  std::size_t few = std::numeric_limits<std::size_t>::max();
  if (const toml::table* table = keys.table("tune")) {
    Keys more(path, *table);
    tune = more.words("axes");
    study.tune_seeds = parse_seeds(more.word("seeds"));
    more.done();
  }
  if (const toml::table* table = keys.table("full")) {
    Keys more(path, *table);
    const std::string full_seeds = more.has("seeds") ? more.word("seeds") : all_seeds;
    const std::vector<std::string> full_set = more.words("set");
    const std::vector<std::uint64_t> full_tune =
        more.has("tune_seeds") ? parse_seeds(more.word("tune_seeds")) : study.tune_seeds;
    const std::vector<std::string> full_axes = more.has("tune_axes") ? more.words("tune_axes") : tune;
    const std::size_t full_few = more.has("few") ? static_cast<std::size_t>(more.whole("few")) : few;
    more.done();
    common = full_set;
    if (full) {
      all_seeds = full_seeds;
      few = full_few;
      tune = full_axes;
      study.tune_seeds = full_tune;
    }
  }
  for (const toml::table* table : keys.tables("runs")) {
    Keys own(path, *table);
    StudyRuns runs{own.word("name"), own.words("set"), own.words("rules"), {}, {}, {}, own.words("tune"), {}};
    if (!own.has("rules")) runs.rules = all_rules;
    if (!own.has("tune")) runs.tune = tune;
    if (own.has("experiment")) runs.experiment = experiment_of(own);
    const std::vector<std::string> own_full = own.words("full");
    if (full) append(runs.set, own.has("full") ? own_full : common);
    append(runs.set, set);
    if (runs.rules.empty()) own.refuse("rules", "a list of rules");
    const std::string own_seeds = own.has("seeds") ? own.word("seeds") : all_seeds;
    runs.seeds = parse_seeds(seeds.empty() ? own_seeds : seeds);
    std::vector<std::string> show = own.words("show");
    if (show.empty()) show = {"loss"};
    for (const std::string& measure : show) runs.show.push_back(measure_of(own.place(*table), measure));
    const std::vector<std::string> with_few = own.words("few");
    for (const std::string& rule : runs.rules)
      runs.counts.push_back(std::find(with_few.begin(), with_few.end(), rule) != with_few.end() ? few
                                                                                                : runs.seeds.size());
    own.done();
    study.runs.push_back(std::move(runs));
  }
  if (study.runs.empty()) keys.refuse("runs", "tables [[runs]]");
  for (const toml::table* table : keys.tables("claims")) study.claims.push_back(read_claim(path, *table, study));
  if (const toml::table* table = keys.table("front")) study.front = read_front(path, *table, study);
  keys.done();
  return study;
}

}  // namespace chronograd
