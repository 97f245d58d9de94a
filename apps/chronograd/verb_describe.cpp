// SPDX-License-Identifier: Apache-2.0
// chronograd describe: one entry of a catalogue, or a table of the configuration.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/json_value.hpp"
#include "catalogue_view.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "config/hints.hpp"
#include "config/notation.hpp"
#include "figures/screen.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

const char* type_name(OptionType type) {
  switch (type) {
    case OptionType::number:
      return "number";
    case OptionType::integer:
      return "integer";
    case OptionType::flag:
      return "flag";
    case OptionType::word:
      return "word";
    case OptionType::numbers:
      return "numbers";
    case OptionType::words:
      return "words";
    case OptionType::steps:
      return "steps";
    case OptionType::number_or_word:
      return "number_or_word";
  }
  return "";
}

Json json_of(std::span<const Option> options) {
  Json list = Json::array();
  for (const Option& option : options) {
    // Defaults are TOML values of the kinds that JSON writes alike.
    const Json fallback = *option.fallback != '\0' ? Json::read(option.fallback) : Json(nullptr);
    list.push_back({{"key", option.key},
                    {"type", type_name(option.type)},
                    {"default", fallback.is_discarded() ? Json(option.fallback) : fallback},
                    {"required", option.required},
                    {"low", std::isfinite(option.low) ? Json(option.low) : Json(nullptr)},
                    {"low_is_excluded", option.low_is_excluded},
                    {"high", std::isfinite(option.high) ? Json(option.high) : Json(nullptr)},
                    {"unit", option.unit},
                    {"choices", option.choices},
                    {"allowed", allowed_text(option)},
                    {"help", option.help}});
  }
  return list;
}

Json json_of(const Formula& formula) {
  return {{"text", formula.text()}, {"tex", formula.tex()}};
}

/// A statement in words or as a formula; without TeX where it is in words, which are no letters.
Json stated(const Entry& entry, const std::string& text) {
  try {
    const Formula formula(text);
    const std::vector<Symbol> symbols = symbols_of(entry, {formula}, notation());
    if (std::none_of(symbols.begin(), symbols.end(), [](const Symbol& symbol) { return symbol.meaning.empty(); }))
      return json_of(formula);
  } catch (const std::invalid_argument&) {  // words
  }
  return {{"text", text}, {"tex", nullptr}};
}

Json json_of(const std::vector<Symbol>& symbols, const char* where) {
  Json list = Json::array();
  for (const Symbol& symbol : symbols)
    list.push_back(
        {{"symbol", symbol.name}, {"tex", tex_of_symbol(symbol.name)}, {"meaning", symbol.meaning}, {"in", where}});
  return list;
}

/// What a record says, each thing by itself.
void add_formulae(const View& view, Json& json) {
  const std::vector<Formula> formulae = formulae_of(*view.entry);
  json["formulae"] = Json::array();
  for (const Formula& formula : formulae) json["formulae"].push_back(json_of(formula));
  json["symbols"] = json_of(symbols_of(*view.entry, formulae, notation()), "formulae");
  if (view.rule == nullptr) return;
  const RuleRecord& rule = *view.rule;
  json["promise"] = word_of(rule.promise);
  json["limit"] = *rule.limit != '\0' ? stated(rule.entry, rule.limit) : Json(nullptr);
  std::vector<Formula> costs;
  for (const auto& [name, text] : {std::pair("memory", rule.memory), std::pair("time", rule.time)}) {
    json[name] = *text != '\0' ? json_of(Formula(text)) : Json(nullptr);
    if (*text != '\0') costs.emplace_back(text);
  }
  for (const Json& symbol : json_of(symbols_of(*view.entry, costs, cost_letters()), "costs"))
    json["symbols"].push_back(symbol);
  json["window"] = word_of(rule.segments);
  json["past_facing"] = rule.past_facing;
}

/// `a,b` as `a, b`.
std::string spaced(const char* list) {
  std::string text;
  for (const char* c = list; *c != '\0'; ++c) text += *c == ',' ? std::string(", ") : std::string(1, *c);
  return text;
}

/// What the loss of a task can be compared with where its options are left as they are; none for real data that are
/// not installed.
std::vector<Reference> references_of(const std::string& task) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=1\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n[task]\nname='" + task + "'\n", task);
  try {
    return make_task(config)->references();
  } catch (const Error& error) {
    if (error.code() != Exit::data) throw;
    return {};
  }
}

struct Found {
  const Kind* kind;
  View view;
};

class Describe final : public Verb {
 public:
  const char* name() const override { return "describe"; }
  const char* summary() const override {
    return "equations, costs and options of an entry; or a table of the configuration";
  }

  void declare(CommandLine& line) override {
    line.argument("KIND", first_, "a kind and a name; a name alone; a table of the configuration; or config, for all");
    line.argument("NAME", second_, "", false);
  }

  int run(const Common& common) override {
    if (first_ == "config")
      describe_config(common, second_);
    else if (second_.empty() && is_table(first_))
      describe_config(common, first_);
    else
      describe_entry(common, second_.empty() ? find_anywhere() : find_in(find_kind(where, first_)));
    return 0;
  }

 private:
  static constexpr const char* where = "chronograd describe";

  static bool is_table(const std::string& name) {
    const auto tables = option_tables();
    return !name.empty() &&
           std::any_of(tables.begin(), tables.end(), [&](const OptionTable& table) { return name == table.name; });
  }

  Found find_in(const Kind& kind) const {
    std::vector<std::string> names;
    for (const View& view : kind.views()) {
      if (second_ == view.entry->name) return {&kind, view};
      names.emplace_back(view.entry->name);
    }
    throw_unknown_name(where, second_, names);
  }

  Found find_anywhere() const {
    std::vector<Found> found;
    std::vector<std::string> names;
    std::string kinds_found;
    for (const Kind& kind : kinds()) {
      for (const View& view : kind.views()) {
        names.emplace_back(view.entry->name);
        if (first_ != view.entry->name) continue;
        found.push_back({&kind, view});
        kinds_found += (kinds_found.empty() ? "" : ", ") + std::string(kind.name);
      }
    }
    if (found.size() > 1)
      throw Error(Exit::usage, where,
                  first_ + " is the name of several things: " + kinds_found + ". Write describe " +
                      found[0].kind->name + " " + first_ + ".");
    if (!found.empty()) return found[0];
    for (const Kind& kind : kinds()) {
      if (first_ != kind.name && first_ != kind.plural) continue;
      std::string all;
      for (const View& view : kind.views()) all += (all.empty() ? "" : ", ") + std::string(view.entry->name);
      throw Error(Exit::usage, where, "a name is missing. Names: " + all + ".");
    }
    // A setting by the name that other programs have for it, or by its own.
    const Hint* hint = hint_for(HintKind::key, first_);
    if (hint != nullptr && *hint->target != '\0' && hint_for(HintKind::name, first_) == nullptr) {
      const std::string target = hint->target;
      throw Error(Exit::usage, where,
                  "unknown name " + first_ + ", " + hint_text(*hint) + " See chronograd describe " +
                      (target.find('.') != std::string::npos ? target.substr(0, target.find('.')) : "config") + ".");
    }
    for (const OptionTable& table : option_tables()) {
      names.emplace_back(table.name);
      for (const Option& option : table.options)
        if (first_ == option.key || first_ == std::string(table.name) + "." + option.key)
          throw Error(
              Exit::usage, where,
              first_ + " is a setting" +
                  (*table.name != '\0' ? " of [" + std::string(table.name) + "]" : " at the top, before all tables") +
                  ". See chronograd describe " + (*table.name != '\0' ? table.name : "config") + ".");
    }
    std::erase(names, "");
    throw_unknown_name(where, first_, names);
  }

  static void describe_entry(const Common& common, const Found& found) {
    const Entry& entry = *found.view.entry;
    std::vector<Reference> references;
    if (found.kind->name == std::string("task")) references = references_of(entry.name);
    if (common.json) {
      Json json = {{"kind", found.kind->name}, {"name", entry.name}, {"title", entry.title}, {"text", entry.text}};
      add_formulae(found.view, json);
      for (const auto& [label, text] : found.view.facts) json["facts"][label] = text;
      for (const Reference& reference : references) json["references"][reference.name] = reference.value;
      json["cite"] = entry.cite;
      json["table"] = *found.kind->key != '\0' ? Json(found.kind->table) : Json(nullptr);
      json["options"] = json_of(entry.options);
      print(json.dump(2) + "\n");
      return;
    }
    std::string text = bold(std::string(found.kind->name) + " " + entry.name) + ": " + entry.title + "\n\n";
    for (const Formula& formula : formulae_of(entry)) text += "  " + formula.text() + "\n";
    if (*entry.text != '\0') text += wrapped(entry.text, "  ");
    text += "\n";
    for (const auto& [label, fact] : found.view.facts) {
      std::string line = "  " + label;
      line.resize(14, ' ');
      text += line + fact + "\n";
    }
    if (!references.empty()) text += "  compare     loss with " + references_text(references) + "\n";
    if (*entry.cite != '\0') text += "  source      " + spaced(entry.cite) + " (docs/references.bib)\n";
    const std::string selected = *found.kind->key != '\0' ? std::string("[") + found.kind->table + "] " +
                                                                found.kind->key + " = \"" + entry.name + "\""
                                                          : std::string(found.kind->command) + " " + entry.name;
    if (entry.options.empty())
      text += "\nSelected by " + selected + "; it has no options of its own.\n";
    else
      text += "\nOptions, beside " + selected + ":\n" + options_text(entry.options);
    print(text);
  }

  /// The table called `name`, or all of them.
  static void describe_config(const Common& common, const std::string& name) {
    std::vector<OptionTable> wanted;
    std::vector<std::string> names;
    for (const OptionTable& table : option_tables()) {
      names.emplace_back(table.name);
      if (name.empty() || name == table.name) wanted.push_back(table);
    }
    if (wanted.empty()) throw_unknown_name(std::string(where) + " config", name, {names.begin() + 1, names.end()});
    Json json;
    std::string text;
    for (const OptionTable& table : wanted) {
      json[table.name] = {{"text", table.text}, {"options", json_of(table.options)}};
      const std::string title = *table.name != '\0' ? "[" + std::string(table.name) + "]" : "(top)";
      text += (text.empty() ? "" : "\n") + bold(title) + "  " + table.text + "\n" + options_text(table.options);
      for (const Kind& kind : kinds()) {
        if (table.name != std::string(kind.table) || *kind.key == '\0') continue;
        std::string all;
        for (const View& view : kind.views()) all += (all.empty() ? "" : ", ") + std::string(view.entry->name);
        text += wrapped(
            std::string(kind.plural) + " for " + kind.key + ", each with keys of its own (describe NAME): " + all,
            "  ");
      }
    }
    print(common.json ? json.dump(2) + "\n" : text);
  }

  std::string first_, second_;
};

}  // namespace

std::unique_ptr<Verb> make_describe_verb() {
  return std::make_unique<Describe>();
}

}  // namespace chronograd
