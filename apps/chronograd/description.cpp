// SPDX-License-Identifier: Apache-2.0
#include "description.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/json_value.hpp"
#include "chronograd/config.hpp"
#include "chronograd/describe.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "config/notation.hpp"
#include "figures/look.hpp"
#include "figures/screen.hpp"

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
  json["lag"] = *rule.lag != '\0' ? json_of(Formula(rule.lag)) : Json(nullptr);
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

std::vector<Reference> references_for(const Found& found) {
  return found.kind->name == std::string("task") ? references_of(found.view.entry->name) : std::vector<Reference>();
}

constexpr const char* where = "chronograd describe";

std::string plain(const std::string& text) {
  return text;
}

/// The table called `name`, or all of them.
std::vector<OptionTable> tables_of(const std::string& name) {
  std::vector<OptionTable> wanted;
  std::vector<std::string> names;
  for (const OptionTable& table : option_tables()) {
    names.emplace_back(table.name);
    if (name.empty() || name == table.name) wanted.push_back(table);
  }
  if (wanted.empty()) throw_unknown_name(std::string(where) + " config", name, {names.begin() + 1, names.end()});
  return wanted;
}

}  // namespace

Found find_entry(const std::string& in, const Kind& kind, const std::string& name) {
  std::vector<std::string> names;
  for (const View& view : kind.views()) {
    if (name == view.entry->name) return {&kind, view};
    names.emplace_back(view.entry->name);
  }
  throw_unknown_name(in, name, names);
}

std::string description_json(const Found& found) {
  const Entry& entry = *found.view.entry;
  Json json = {{"kind", found.kind->name}, {"name", entry.name}, {"title", entry.title}, {"text", entry.text}};
  add_formulae(found.view, json);
  for (const auto& [label, text] : found.view.facts) json["facts"][label] = text;
  for (const Reference& reference : references_for(found)) json["references"][reference.name] = reference.value;
  json["cite"] = entry.cite;
  json["table"] = *found.kind->key != '\0' ? Json(found.kind->table) : Json(nullptr);
  json["options"] = json_of(entry.options);
  return json.dump(2) + "\n";
}

std::string description_text(const Found& found, Emphasis emphasis) {
  const Entry& entry = *found.view.entry;
  const std::vector<Reference> references = references_for(found);
  std::string text = emphasis(std::string(found.kind->name) + " " + entry.name) + ": " + entry.title + "\n\n";
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
  return text;
}

std::string describe_settings_json(const std::string& name) {
  Json json;
  for (const OptionTable& table : tables_of(name))
    json[table.name] = {{"text", table.text}, {"options", json_of(table.options)}};
  return json.dump(2) + "\n";
}

std::string settings_text(const std::string& name, Emphasis emphasis) {
  std::string text;
  for (const OptionTable& table : tables_of(name)) {
    const std::string title = *table.name != '\0' ? "[" + std::string(table.name) + "]" : "(top)";
    text += (text.empty() ? "" : "\n") + emphasis(title) + "  " + table.text + "\n" + options_text(table.options);
    for (const Kind& kind : kinds()) {
      if (table.name != std::string(kind.table) || *kind.key == '\0') continue;
      std::string all;
      for (const View& view : kind.views()) all += (all.empty() ? "" : ", ") + std::string(view.entry->name);
      text += wrapped(
          std::string(kind.plural) + " for " + kind.key + ", each with keys of its own (describe NAME): " + all, "  ");
    }
  }
  return text;
}

std::string catalogues_json() {
  Json all = Json::array();
  for (const Kind& kind : kinds()) {
    Json names = Json::array();
    for (const View& view : kind.views()) names.push_back(view.entry->name);
    all.push_back(
        {{"kind", kind.name}, {"plural", kind.plural}, {"table", kind.table}, {"key", kind.key}, {"names", names}});
  }
  return all.dump();
}

std::string describe_json(const std::string& kind, const std::string& name) {
  return description_json(find_entry(where, find_kind(where, kind), name));
}

std::string describe_text(const std::string& kind, const std::string& name) {
  return description_text(find_entry(where, find_kind(where, kind), name), plain);
}

std::string describe_settings_text(const std::string& table) {
  return settings_text(table, plain);
}

std::string look_json(const std::string& method) {
  const Look look = look_of(method);
  static constexpr const char* marks[] = {"circle", "square", "diamond", "triangle", "wedge"};
  return Json({{"light", look.light},
               {"dark", look.dark},
               {"mark", marks[static_cast<int>(look.mark)]},
               {"dash", look.dash}})
      .dump();
}

}  // namespace chronograd
