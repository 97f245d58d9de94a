// SPDX-License-Identifier: Apache-2.0
// The arrays of a checkpoint are those that docs/run-directory.md names.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include "chronograd/array.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/train.hpp"
#include "cli/run_program.hpp"
#include "conformance/rule_pair.hpp"
#include "files/npz.hpp"

namespace chronograd {
namespace {

/// The patterns in the first column of the table of arrays: N is a number, NAME any name.
std::vector<std::regex> documented() {
  std::ifstream page(std::filesystem::path(CHRONOGRAD_TEST_DATA) / "../docs/run-directory.md");
  std::vector<std::regex> patterns;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) here = line.starts_with("## checkpoint/");
    if (!here || !line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find('|', 1));
    static const std::regex quoted("`([^`]*)`");
    for (std::sregex_iterator name(cell.begin(), cell.end(), quoted), end; name != end; ++name) {
      std::string pattern = std::regex_replace((*name)[1].str(), std::regex("NAME"), ".+");
      pattern = std::regex_replace(pattern, std::regex("N"), "[0-9]+");
      patterns.emplace_back(pattern);
    }
  }
  return patterns;
}

std::vector<std::string> names_of(const std::vector<std::string>& changes) {
  const Config config = Config::parse(
      "[model]\ncell='lstm'\nhidden=3\nlayers=2\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\nfeedback='adaptive'"
      "\n"
      "[update]\nevery=4\n[optimizer]\nname='adam'\n[task]\nname='add'\n[train]\nupdates=6\nbatch=2\n"
      "[watch]\nrules=['uoro','dni']\n",
      "test", changes);
  const Folder folder;
  RunOptions options;
  options.checkpoint = (folder / "").string();
  train(config, *make_task(config), options);
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(options.checkpoint))
    if (file.path().extension() == ".npz")
      for (const auto& [name, array] : read_npz(file.path().string())) names.push_back(name);
  return names;
}

void expect_documented(const std::vector<std::string>& changes) {
  static const std::vector<std::regex> patterns = documented();
  const std::vector<std::string> names = names_of(changes);
  EXPECT_GT(names.size(), 40u);
  for (const std::string& name : names)
    EXPECT_TRUE(std::any_of(patterns.begin(), patterns.end(), [&](const std::regex& pattern) {
      return std::regex_match(name, pattern);
    })) << name;
}

TEST(NamesOfACheckpoint, AreDocumented) {
  EXPECT_GT(documented().size(), 25u);
  for (const RuleRecord* rule : catalogue<RuleRecord>()) {
    SCOPED_TRACE(rule->entry.name);
    if (rule->entry.name == std::string("three_factor")) continue;  // the task has no third factor
    std::vector<std::string> changes = {std::string("rule.name=") + rule->entry.name};
    if (rule->segments == Segments::row) changes.insert(changes.end(), {"update.every=trial", "task.length=8"});
    expect_documented(changes);
  }
  for (const OptimizerRecord* optimizer : catalogue<OptimizerRecord>()) {
    SCOPED_TRACE(optimizer->entry.name);
    expect_documented({std::string("optimizer.name=") + optimizer->entry.name});
  }
}

}  // namespace
}  // namespace chronograd
