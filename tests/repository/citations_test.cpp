// SPDX-License-Identifier: Apache-2.0
// Every record has a name, a title and a text, and what it cites is in docs/references.bib.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/exporter.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"

namespace chronograd {
namespace {

std::set<std::string> bibliography_keys() {
  std::ifstream file(std::string(CHRONOGRAD_TEST_DATA) + "/../docs/references.bib");
  std::set<std::string> keys;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] != '@') continue;
    const auto open = line.find('{'), comma = line.find(',', open);
    EXPECT_TRUE(open != std::string::npos && comma != std::string::npos) << line;
    EXPECT_TRUE(keys.insert(line.substr(open + 1, comma - open - 1)).second) << "twice: " << line;
  }
  return keys;
}

template <class Record>
class Citations : public testing::Test {};

using Records = testing::Types<RuleRecord, CellRecord, LossRecord, FeedbackRecord, OptimizerRecord, TaskRecord,
                               SynthesiserRecord, InterfaceRecord, FormatRecord, DatasetRecord, ExporterRecord>;
TYPED_TEST_SUITE(Citations, Records);

TYPED_TEST(Citations, of_every_record_are_known) {
  const auto keys = bibliography_keys();
  ASSERT_FALSE(keys.empty());
  ASSERT_FALSE(catalogue<TypeParam>().empty());
  for (const TypeParam* record : catalogue<TypeParam>()) {
    const Entry& entry = record->entry;
    EXPECT_STRNE(entry.title, "") << entry.name;
    EXPECT_NE(std::string(entry.formulae) + entry.text, "") << entry.name;
    std::istringstream cited(entry.cite);
    for (std::string key; std::getline(cited, key, ',');)
      EXPECT_TRUE(keys.count(key)) << entry.name << " cites '" << key << "', which docs/references.bib does not have";
  }
}

TYPED_TEST(Citations, names_are_plain_and_different) {
  std::set<std::string> names;
  for (const TypeParam* record : catalogue<TypeParam>()) {
    const std::string name = record->entry.name;
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << "twice: " << name;
  }
}

}  // namespace
}  // namespace chronograd
