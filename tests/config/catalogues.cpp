// SPDX-License-Identifier: Apache-2.0
// The entries of the program as configurations see them: each has texts, sources that exist, and defaults that pass
// the same checks as what users write.
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "chronograd/catalogue.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/entries.hpp"

namespace chronograd {
namespace {

/// Table, key and entry of everything that a configuration can name.
struct Named {
  const EntryKey* key;
  const Entry* entry;
  std::string path() const { return std::string(key->table) + "." + key->key + "=" + entry->name; }
};

std::vector<Named> all_named() {
  std::vector<Named> all;
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries()) all.push_back({&key, entry});
  return all;
}

TEST(Catalogues, EveryEntryIsReadWithItsDefaults) {
  for (const Named& named : all_named()) {
    // A synthesiser is a setting of rules and interfaces that have one.
    const bool synthesiser = named.path().starts_with("rule.synthesiser="),
               net = named.key->table == std::string("interface");
    std::vector<std::string> overrides = {"loss.name=mse"};
    for (const char* word : {"model.cell=leaky", "model.hidden=3", synthesiser ? "rule.name=dni" : "rule.name=bptt"})
      if (!net) overrides.emplace_back(word);
    for (const char* word : {"net.widths=3", "interface.name=dni"})
      if (net) overrides.emplace_back(word);
    overrides.push_back(named.path());
    for (const Option& option : named.entry->options)
      if (option.required)
        overrides.push_back(std::string(named.key->table) + "." + option.key + "=" +
                            (option.type == OptionType::word ? "x" : "1"));
    const Config config = Config::parse("", "test", overrides);
    const Options& table = config.table(named.key->table);
    for (const Option& option : named.entry->options)
      EXPECT_EQ(table.has(option.key), option.required || *option.fallback != '\0')
          << named.path() << " " << option.key;
  }
}

TEST(Catalogues, EveryEntryExplainsItself) {
  for (const Named& named : all_named()) {
    EXPECT_NE(std::string(named.entry->title), "") << named.path();
    EXPECT_NE(std::string(named.entry->formulae) + named.entry->text, "") << named.path();
    for (const Option& option : named.entry->options)
      EXPECT_NE(std::string(option.help), "") << named.path() << " " << option.key;
  }
}

TEST(Catalogues, NamesAreUniqueWithinAKind) {
  for (const EntryKey& key : entry_keys()) {
    const std::vector<std::string> names = names_of(key);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size()) << key.table;
    EXPECT_FALSE(names.empty()) << key.table;
  }
}

TEST(Catalogues, SourcesAreInTheBibliography) {
  std::ifstream file(CHRONOGRAD_TEST_DATA "/../docs/references.bib");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  for (const Named& named : all_named()) {
    std::istringstream list(named.entry->cite);
    for (std::string key; std::getline(list, key, ',');)
      EXPECT_THAT(text.str(), testing::HasSubstr("{" + key + ",")) << named.path();
  }
}

}  // namespace
}  // namespace chronograd
