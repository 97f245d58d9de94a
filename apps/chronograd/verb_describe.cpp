// SPDX-License-Identifier: Apache-2.0
// chronograd describe: one entry of a catalogue, or a table of the configuration.
#include <algorithm>

#include "chronograd/config.hpp"
#include "chronograd/describe.hpp"
#include "chronograd/error.hpp"
#include "config/hints.hpp"
#include "description.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

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

  std::vector<std::string> words_for(const std::string& argument,
                                     const std::vector<std::string>& before) const override {
    std::vector<std::string> words;
    for (const Kind& kind : kinds()) {
      if (argument == "NAME" && before.front() != kind.name && before.front() != kind.plural) continue;
      if (argument == "KIND") words.emplace_back(kind.name);
      for (const View& view : kind.views()) words.emplace_back(view.entry->name);
    }
    if (argument == "NAME") return words;
    words.emplace_back("config");
    for (const OptionTable& table : option_tables())
      if (*table.name != '\0') words.emplace_back(table.name);
    return words;
  }

  int run(const Common& common) override {
    if (first_ == "config")
      print(common.json ? describe_settings_json(second_) : settings_text(second_, bold));
    else if (second_.empty() && is_table(first_))
      print(common.json ? describe_settings_json(first_) : settings_text(first_, bold));
    else
      describe(common, second_.empty() ? find_anywhere() : std::vector{find_in(find_kind(where, first_))});
    return 0;
  }

 private:
  static constexpr const char* where = "chronograd describe";

  static void describe(const Common& common, const std::vector<Found>& all) {
    if (common.json && all.size() > 1) {
      std::string kinds;
      for (const Found& found : all) kinds += (kinds.empty() ? "" : ", ") + std::string(found.kind->name);
      const std::string name = all[0].view.entry->name;
      throw Error(Exit::usage, where,
                  name + " is the name of several things: " + kinds + ". Write describe " + all[0].kind->name + " " +
                      name + ".");
    }
    std::string text;
    for (const Found& found : all)
      text += (text.empty() ? "" : "\n") + (common.json ? description_json(found) : description_text(found, bold));
    print(text);
  }

  static bool is_table(const std::string& name) {
    const auto tables = option_tables();
    return !name.empty() &&
           std::any_of(tables.begin(), tables.end(), [&](const OptionTable& table) { return name == table.name; });
  }

  Found find_in(const Kind& kind) const { return find_entry(where, kind, second_); }

  /// All entries of this name: a word of two kinds means both.
  std::vector<Found> find_anywhere() const {
    std::vector<Found> found;
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) {
      for (const View& view : kind.views()) {
        names.emplace_back(view.entry->name);
        if (first_ != view.entry->name) continue;
        found.push_back({&kind, view});
      }
    }
    if (!found.empty()) return found;
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

  std::string first_, second_;
};

}  // namespace

std::unique_ptr<Verb> make_describe_verb() {
  return std::make_unique<Describe>();
}

}  // namespace chronograd
