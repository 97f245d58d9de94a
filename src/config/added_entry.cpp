// SPDX-License-Identifier: Apache-2.0
#include "config/added_entry.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <sstream>
#include <stdexcept>

#include "base/formula.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "config/check_value.hpp"
#include "figures/look.hpp"

namespace chronograd {
namespace {

using Texts = std::vector<std::pair<const char*, const char*>>;  ///< of members: their names and what they hold
using Functions = std::vector<std::pair<const char*, bool>>;     ///< their names and whether they are there

bool is_word(const std::string& name) {
  const auto letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  const auto inside = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && name.size() <= 64 && letter(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), inside);
}

void check_texts(const std::string& where, const Texts& texts) {
  for (const auto& [member, text] : texts)
    if (text == nullptr)
      throw Error(Exit::usage, where, "got no " + std::string(member) + ", allowed is a text, \"\" where it is empty.");
}

void check_option(const std::string& where, const Option& option) {
  check_texts(where, {{"key of an option", option.key}});
  const std::string key = where + "." + option.key;
  if (!is_word(option.key))
    throw Error(Exit::usage, where,
                "got the option " + quoted(option.key) +
                    ", allowed are letters, digits and _, a letter first, at most 64 of them.");
  check_texts(
      key, {{"fallback", option.fallback}, {"unit", option.unit}, {"help", option.help}, {"choices", option.choices}});
  if (*option.fallback == '\0') return;
  try {
    default_value(option);
  } catch (const Error& error) {
    throw Error(Exit::usage, key,
                "got the default " + quoted(option.fallback) + ", allowed is " + allowed_text(option) + ".");
  }
}

void check_formula(const std::string& where, const std::string& text) {
  try {
    static_cast<void>(Formula(text));
  } catch (const std::invalid_argument& error) {
    throw Error(Exit::usage, where, std::string("got ") + error.what() + ". docs/notation.md has the notation.");
  }
}

/// What all records have in common, and their own members.
void check_record(const char* kind, const Entry& entry, const Functions& functions, const Texts& own = {}) {
  check_texts(kind, {{"name", entry.name}});
  if (!is_word(entry.name))
    throw Error(Exit::usage, kind,
                "got the name " + quoted(entry.name) +
                    ", allowed are letters, digits and _, a letter first, at most 64 of them.");
  const std::string where = std::string(kind) + " " + entry.name;
  check_texts(where, {{"title", entry.title},
                      {"formulae", entry.formulae},
                      {"symbols", entry.symbols},
                      {"text", entry.text},
                      {"cite", entry.cite}});
  std::istringstream formulae(entry.formulae);
  for (std::string line; std::getline(formulae, line);) check_formula(where, line);
  check_texts(where, own);
  for (const auto& [member, there] : functions)
    if (!there)
      throw Error(Exit::usage, where,
                  "got no " + std::string(member) + ", allowed is a function: it is always needed.");
  for (const Option& option : entry.options) check_option(where, option);
}

/// Formulae, where they are stated.
void check_costs(const char* kind, const Entry& entry, std::initializer_list<const char*> costs) {
  for (const char* cost : costs)
    if (*cost != '\0') check_formula(std::string(kind) + " " + entry.name, cost);
}

/// The letters of a lag are settings that have a value.
void check_lag(const std::string& where, const RuleRecord& record) {
  if (*record.lag == '\0') return;
  for (const std::string& letter : Formula(record.lag).symbols())
    if (std::ranges::none_of(record.entry.options, [&](const Option& option) {
          return letter == option.key && option.type == OptionType::integer && *option.fallback != '\0';
        }))
      throw Error(Exit::usage, where,
                  "got the lag " + quoted(record.lag) + ", allowed are whole-number settings of its own that have a " +
                      "default, not " + letter + ".");
}

template <class T>
bool complete(const CellKernels<T>& kernels) {
  return kernels.step && kernels.linearise && kernels.pull && kernels.pull_many && kernels.push;
}

}  // namespace

void check_added(const char* kind, const RuleRecord& record) {
  check_record(kind, record.entry,
               {{"make_float", record.make_float != nullptr}, {"make_double", record.make_double != nullptr}},
               {{"limit", record.limit},
                {"memory", record.memory},
                {"time", record.time},
                {"lag", record.lag},
                {"look", record.look}});
  check_costs(kind, record.entry, {record.memory, record.time, record.lag});
  const std::string where = std::string(kind) + " " + record.entry.name;
  check_lag(where, record);
  if (*record.look != '\0' && find_look(record.look) == nullptr) {
    std::vector<std::string> names;
    for (const Look& look : looks()) names.push_back(look.name);
    throw Error(Exit::usage, where,
                "got the look " + quoted(record.look) + ", allowed are " + joined(names) + ", or \"\": one is chosen.");
  }
}

void check_added(const char* kind, const CellRecord& record) {
  check_record(kind, record.entry,
               {{"layout", record.layout != nullptr},
                {"kernels_float", complete(record.kernels_float)},
                {"kernels_double", complete(record.kernels_double)}});
  const std::string where = std::string(kind) + " " + record.entry.name;
  const auto count = [&](const char* member, int value, int least, int most) {
    if (value < least || value > most)
      throw Error(Exit::usage, where,
                  "got " + std::string(member) + " = " + std::to_string(value) + ", allowed is a whole number from " +
                      std::to_string(least) + " to " + std::to_string(most) + ".");
  };
  count("states", record.states, 1, 1 + static_cast<int>(std::size(record.further)));
  count("gates", record.gates, 1, static_cast<int>(std::size(CellLayout{}.moves)));
  count("tape", record.tape, 1, 1000);
  for (int s = 1; s < record.states; ++s) check_texts(where, {{"name of a further state", record.further[s - 1]}});
}

void check_added(const char* kind, const LossRecord& record) {
  check_record(kind, record.entry, {{"value", record.value != nullptr}, {"slope", record.slope != nullptr}});
}

void check_added(const char* kind, const FeedbackRecord& record) {
  check_record(kind, record.entry, {});
}

void check_added(const char* kind, const OptimizerRecord& record) {
  check_record(kind, record.entry,
               {{"make_float", record.make_float != nullptr}, {"make_double", record.make_double != nullptr}});
}

void check_added(const char* kind, const SynthesiserRecord& record) {
  check_record(kind, record.entry,
               {{"make_float", record.make_float != nullptr}, {"make_double", record.make_double != nullptr}},
               {{"time", record.time}});
  check_costs(kind, record.entry, {record.time});
}

void check_added(const char* kind, const InterfaceRecord& record) {
  check_record(kind, record.entry,
               {{"make_float", record.make_float != nullptr || !record.guesses},
                {"make_double", record.make_double != nullptr || !record.guesses}},
               {{"time", record.time}});
  check_costs(kind, record.entry, {record.time});
}

void check_added(const char* kind, const TaskRecord& record) {
  check_record(kind, record.entry, {{"make", record.make != nullptr}});
}

void check_added(const char* kind, const FormatRecord& record) {
  check_record(kind, record.entry, {{"make", record.make != nullptr}}, {{"endings", record.endings}});
}

void check_added(const char* kind, const DatasetRecord& record) {
  const bool made = record.client == DatasetRecord::Client::made;
  check_record(kind, record.entry, {{"make", !made || record.make != nullptr}},
               {{"licence", record.licence},
                {"source", record.source},
                {"file", record.file},
                {"sha256", record.sha256},
                {"package", record.package},
                {"inside", record.inside}});
}

void check_added(const char* kind, const ExporterRecord& record) {
  check_record(kind, record.entry, {{"make", record.make != nullptr}}, {{"file", record.file}});
}

void throw_built_in(const char* kind, const std::string& name, const std::vector<std::string>& added, bool adding) {
  const std::string got = "got " + quoted(name) + ", the name of a built-in entry, ";
  if (adding) throw Error(Exit::usage, kind, got + "allowed is any other name. Call it my_" + name + ", for instance.");
  throw Error(Exit::usage, kind,
              got + (added.empty() ? "allowed are names that were added, and there are none."
                                   : "allowed are those that were added: " + joined(added) + "."));
}

void throw_not_added(const char* kind, const std::string& name, const std::vector<std::string>& added) {
  if (!added.empty()) throw_unknown_name(kind, name, added);
  throw Error(Exit::usage, kind, "got " + quoted(name) + ", allowed are names that were added, and there are none.");
}

}  // namespace chronograd
