// SPDX-License-Identifier: Apache-2.0
// Whatever a setting may be, it survives all ways in which settings are written and read: the record of a run, a file,
// words of the command line, a rule's word, an axis of a sweep.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"
#include "config/entries.hpp"
#include "config/record.hpp"
#include "config/words.hpp"
#include "studies/axis.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t units = 3;

/// One option where it stands.
struct Place {
  std::string table;
  const Option* option;
  std::vector<std::string> context;  ///< what must be set for it to be there

  std::string path() const { return (table.empty() ? "" : table + ".") + option->key; }
  bool names_entry() const {
    return std::any_of(entry_keys().begin(), entry_keys().end(), [this](const EntryKey& key) {
      return table == key.table && option->key == std::string(key.key);
    });
  }
  std::vector<std::string> set(const Value& value) const {
    std::vector<std::string> words = context;
    std::erase_if(words, [this](const std::string& word) { return word.starts_with(path() + "="); });
    words.push_back(path() + "=" + toml_text(value));
    return words;
  }
};

/// Every option of every table and entry.
std::vector<Place> all_places() {
  const std::vector<std::string> base = {"model.cell=\"leaky\"", "model.hidden=" + std::to_string(units),
                                         "loss.name=\"mse\"", "rule.name=\"tbptt\""},
                                 net = {"net.widths=3", "loss.name=\"mse\"", "interface.name=\"dni\""};
  std::vector<Place> places;
  const auto add = [&](const std::string& table, std::span<const Option> options, const std::string& entry) {
    for (const Option& option : options) {
      const bool of_net = table == "net" || table == "interface" || option.key == std::string("drain_every");
      Place place{table, &option, of_net ? net : base};
      if (table == "task" && entry.empty()) place.context.push_back("task.name=\"add\"");
      if (!entry.empty()) {
        std::erase_if(place.context, [&](const std::string& word) {
          return word.substr(0, word.find('=')) == entry.substr(0, entry.find('='));
        });
        place.context.push_back(entry);
        // A synthesiser is a setting of rules that have one.
        if (entry.starts_with("rule.synthesiser="))
          std::replace(place.context.begin(), place.context.end(), std::string("rule.name=\"tbptt\""),
                       std::string("rule.name=\"dni\""));
      }
      for (const Option& other : options)
        if (!entry.empty() && other.required && &other != &option)
          place.context.push_back(table + "." + other.key + (other.type == OptionType::word ? "=\"x\"" : "=1"));
      places.push_back(place);
    }
  };
  for (const OptionTable& table : option_tables()) add(table.name, table.options, "");
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries())
      add(key.table, entry->options, std::string(key.table) + "." + key.key + "=\"" + entry->name + "\"");
  return places;
}

/// Values that are checked against more than their option's own range.
std::vector<std::string> words_for(const Place& place) {
  const std::string path = place.path();
  if (path == "version") return {"0.1.0"};
  if (path == "watch.rules") return {"rtrl", "snap(n=2)", "tbptt(L=3, model.alpha=[0.5, 1, 0.25])"};
  if (path == "rule.preset") {  // the program says which settings are others
    std::vector<std::string> words = place.context;
    words.emplace_back("rule.preset=auto");
    return {Config::parse("", "test", words).table("rule").word("preset")};
  }
  if (place.names_entry()) {
    std::vector<std::string> names;
    for (const EntryKey& key : entry_keys())
      if (place.table == key.table && place.option->key == std::string(key.key))
        for (const Entry* entry : key.entries())
          // One that asks for more than its name has places of its own.
          if (std::none_of(entry->options.begin(), entry->options.end(), [](const Option& o) { return o.required; }))
            names.emplace_back(entry->name);
    return names;
  }
  if (const auto choices = choices_of(place.option->choices); !choices.empty()) return choices;
  return {"a",     " b ",        "c,d",  "e=f",  "\"g\"", "it's", "#h",     "[i]",      "(j)",   "k\\n",
          "trial", "2024",       "1e-3", "true", "\t",    "\n",   "\x7f\"", "\xc3\xa9", "l.npz", "m \"n\".csv",
          "null",  "1979-05-27", "nan",  "none", "\\",    "\"",   "o[",     "p)"};
}

std::vector<double> edges(const Option& option) {
  std::vector<double> all;
  for (const double x : {option.low, option.high, 0.0, 1.0, 0.1, 1.0 / 3, 7.0, 64.0, 1e-300, 5e-324, 1e300, 123456789.0,
                         9007199254740993.0, -2.5})
    if (std::isfinite(x) && (option.low_is_excluded ? x > option.low : x >= option.low) && x <= option.high)
      all.push_back(x);
  return all;
}

std::vector<Value> values_of(const Place& place) {
  const Option& option = *place.option;
  std::vector<Value> all;
  const auto whole = [&] {
    for (const double x : edges(option))
      if (x == std::floor(x) && std::fabs(x) < 9e18) all.emplace_back(static_cast<std::int64_t>(x));
    if (!std::isfinite(option.high)) all.emplace_back(std::numeric_limits<std::int64_t>::max());
  };
  const auto numbers = [&] {
    for (const double x : edges(option)) all.emplace_back(x);
  };
  const auto words = [&] {
    for (const std::string& word : words_for(place)) all.emplace_back(word);
  };
  switch (option.type) {
    case OptionType::number:
      numbers();
      break;
    case OptionType::integer:
      whole();
      break;
    case OptionType::flag:
      all = {true, false};
      break;
    case OptionType::word:
      words();
      break;
    case OptionType::numbers: {
      numbers();
      const std::vector<double> some = edges(option);
      all.emplace_back(std::vector<double>(units, some.front()));
      std::vector<double> list;
      for (std::int64_t i = 0; i < units; ++i) list.push_back(some[static_cast<std::size_t>(i) % some.size()]);
      all.emplace_back(list);
      break;
    }
    case OptionType::words: {
      const std::vector<std::string> some = words_for(place);
      all.emplace_back(std::vector<std::string>{});
      all.emplace_back(some);
      for (const std::string& word : some) all.emplace_back(std::vector<std::string>{word});
      break;
    }
    case OptionType::steps:
      whole();
      all.emplace_back(std::string("trial"));
      break;
    case OptionType::number_or_word:
      numbers();
      words();
      break;
  }
  return all;
}

/// The value as configurations keep it: a number may be written without a fraction, "trial" is 0.
Value kept(const Option& option, const Value& value) {
  if (option.type == OptionType::steps && std::holds_alternative<std::string>(value)) return std::int64_t{0};
  return value;
}

void expect_same(const Config& got, const Config& wanted, const std::string& how) {
  EXPECT_EQ(got.resolved_json(), wanted.resolved_json()) << how;
  for (const OptionTable& table : option_tables()) {
    EXPECT_EQ(got.table(table.name).values(), wanted.table(table.name).values()) << how << " " << table.name;
    for (const auto& [key, value] : wanted.table(table.name).values())
      EXPECT_EQ(got.table(table.name).given(key), wanted.table(table.name).given(key)) << how << " " << key;
    if (*table.name != '\0') {
      EXPECT_EQ(got.has(table.name) && (got.has("task") || got.has("data")),
                wanted.has(table.name) && (wanted.has("task") || wanted.has("data")));
    }
  }
}

/// The settings that were given, as code gives them.
std::map<std::string, Value> in_code(const Config& config) {
  std::map<std::string, Value> settings;
  for (const OptionTable& table : option_tables())
    for (const auto& [key, value] : config.table(table.name).values()) {
      if (!config.table(table.name).given(key)) continue;
      const bool trial = path_of(table.name, key) == "update.every" && value == Value(std::int64_t{0});
      settings[path_of(table.name, key)] = trial ? Value("trial") : value;
    }
  return settings;
}

/// All ways by which one setting can be written and read.
void check_round_trips(const Place& place, const Value& value) {
  const std::vector<std::string> words = place.set(value);
  SCOPED_TRACE(joined(words));
  const Config config = Config::parse("", "test", words);
  ASSERT_EQ(config.table(place.table).values().at(place.option->key), kept(*place.option, value));
  // The record of a run, written, read, and written again.
  const Config read = Config::from_record(config.resolved_json(), "record");
  expect_same(read, config, "record");
  expect_same(Config::from_record(read.resolved_json(), "record"), config, "record of the record");
  expect_same(read.with({}), config, "with nothing");
  // A file.
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  expect_same(Config::parse(text, "file"), config, "file");
  // Code, and the text that it stands for.
  if (place.table == "watch") {
    EXPECT_THROW(Config::of(in_code(config)), Error);
  } else {
    const Config coded = Config::of(in_code(config));
    expect_same(coded, config, "code");
    expect_same(Config::parse(coded.text(), "text"), config, "text of code");
  }
  if (place.option->required) return;  // all else is no configuration
  // A change of a configuration that has all else, and of its record.
  const Config base = Config::parse("", "test", place.context);
  expect_same(base.with({words.back()}), config, "with");
  expect_same(Config::from_record(base.resolved_json(), "record").with({words.back()}), config, "record with");
  // The only value of an axis.
  const SweepAxis axis = parse_axis(place.path() == "seed" ? "threads=" + words.back().substr(5) : words.back());
  ASSERT_EQ(axis.values.size(), 1u);
  expect_same(base.with({place.path() + "=" + axis.values[0]}), config, "axis");
  // A setting of one method.
  if (names_method(place.path())) return;
  const bool own = place.table == method_table(base);
  const std::string key = own ? place.option->key : place.path();
  if (key.find('.') != std::string::npos || own)
    expect_same(base.with_method(method_name(base) + "(" + key + "=" + toml_text(value) + ")"), config, "method");
}

TEST(RoundTrip, EveryOptionOfEveryEntryAtItsEdges) {
  const std::vector<Place> places = all_places();
  ASSERT_GT(places.size(), 150u);
  for (const Place& place : places)
    for (const Value& value : values_of(place)) check_round_trips(place, value);
}

TEST(RoundTrip, TheDefaultsOfEveryEntry) {
  for (const Place& place : all_places()) {
    if (place.option->required) continue;
    const Config config = Config::parse("", "test", place.context);
    expect_same(Config::from_record(config.resolved_json(), "record"), config, joined(place.context));
  }
}

RC_GTEST_PROP(RoundTrip, AnyNumberOfAnyOption, ()) {
  static const std::vector<Place> places = [] {
    std::vector<Place> all = all_places();
    std::erase_if(all, [](const Place& place) {
      return place.option->type != OptionType::number && place.option->type != OptionType::numbers &&
             place.option->type != OptionType::number_or_word;
    });
    return all;
  }();
  const Place place = *rc::gen::elementOf(places);
  const Option& option = *place.option;
  const auto number = [&] {
    const double x = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
    const double low = option.low_is_excluded ? std::nextafter(option.low, 1e300) : option.low;
    return std::clamp(std::isfinite(x) ? x : 0.5, std::max(low, -1.7e308), std::min(option.high, 1.7e308));
  };
  if (option.type == OptionType::numbers && *rc::gen::arbitrary<bool>()) {
    std::vector<double> list;
    for (std::int64_t i = 0; i < units; ++i) list.push_back(number());
    check_round_trips(place, list);
  } else {
    check_round_trips(place, number());
  }
  RC_ASSERT(!testing::Test::HasFailure());
}

// What older versions wrote: one number where a list may stand as a list of one.
TEST(RoundTrip, AListOfOneNumberInARecordIsThisNumber) {
  const Config config = Config::parse(
      "", "test",
      {"model.cell=leaky", "model.hidden=64", "model.alpha=0.5", "loss.name=mse", "rule.name=rflo", "task.name=sine"});
  std::string old = config.resolved_json();
  const std::string now = "\"alpha\": 0.5";
  ASSERT_NE(old.find(now), std::string::npos) << old;
  old.replace(old.find(now), now.size(), "\"alpha\": [0.5]");
  expect_same(Config::from_record(old, "record"), config, "old record");
  EXPECT_NO_THROW(require_same_record("r", old, config.resolved_json(), ""));
  // In a configuration a list has one number for each unit, as ever.
  EXPECT_THROW(config.with({"model.alpha=[0.5]"}), Error);
}

TEST(RoundTrip, ARecordKeepsTheDefaultsItWasMadeWith) {
  const Config config =
      Config::parse("", "test", {"model.cell=leaky", "model.hidden=4", "loss.name=mse", "rule.name=rflo"});
  std::string old = config.resolved_json();
  const std::string now = "\"test_steps\": 10000";
  ASSERT_NE(old.find(now), std::string::npos) << old;
  old.replace(old.find(now), now.size(), "\"test_steps\": 20000");
  EXPECT_EQ(Config::from_record(old, "record").table("train").integer("test_steps"), 20000);
}

TEST(RoundTrip, ATableWithoutSettingsIsThere) {
  const Config config =
      Config::parse("[data]\n[model]\ncell = \"leaky\"\nhidden = 4\n", "test", {"loss.name=mse", "rule.name=rflo"});
  ASSERT_TRUE(config.has("data"));
  expect_same(Config::from_record(config.resolved_json(), "record"), config, "record");
}

TEST(RoundTrip, AFileOfAnyName) {
  const Config config =
      Config::parse("", "test", {"model.cell=leaky", "model.hidden=4", "loss.name=mse", "rule.name=rflo"});
  for (const std::string name : {"a.npz", " a.npz", "a.npz ", "\"a\".npz", "\"a\"", "'a'", "[1]", "[1].npz", "3",
                                 "a\nb", "true", "#a", "a\\b", "a\xff.npz"})
    EXPECT_EQ(config.with({"data.format=npz", word_override("data.train", name)}).table("data").word("train"), name)
        << name;
}

}  // namespace
}  // namespace chronograd
