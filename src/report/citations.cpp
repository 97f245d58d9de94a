// SPDX-License-Identifier: Apache-2.0
#include "report/citations.hpp"

#include <algorithm>
#include <sstream>

#include "chronograd/cell.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"
#include "report/assets.hpp"

namespace chronograd {
namespace {

template <class Record>
void add_keys(const std::string& name, std::vector<std::string>& keys) {
  for (const Record* record : catalogue<Record>()) {
    if (name != record->entry.name) continue;
    std::istringstream cited(record->entry.cite);
    for (std::string key; std::getline(cited, key, ',');) keys.push_back(key);
  }
}

}  // namespace

std::string entries_of(const std::string& bibliography, const std::vector<std::string>& keys) {
  std::string text, entry;
  bool wanted = false, inside = false;
  std::istringstream lines(bibliography);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@")) {
      const std::size_t open = line.find('{'), comma = line.find(',');
      const std::string key = open == std::string::npos ? "" : line.substr(open + 1, comma - open - 1);
      wanted = std::find(keys.begin(), keys.end(), key) != keys.end();
      inside = true;
      entry.clear();
    }
    if (!inside) continue;
    entry += line + "\n";
    if (line != "}") continue;
    inside = false;
    if (wanted) text += (text.empty() ? "" : "\n") + entry;
  }
  return text;
}

std::string citations_of(const std::vector<RunGroup>& groups) {
  std::vector<std::string> keys;
  for (const RunGroup& group : groups) {
    const RunRecord& run = *group.runs.front();
    add_keys<RuleRecord>(run.setting("rule.name"), keys);
    add_keys<InterfaceRecord>(run.setting("interface.name"), keys);
    add_keys<SynthesiserRecord>(run.setting("rule.synthesiser"), keys);
    add_keys<SynthesiserRecord>(run.setting("interface.synthesiser"), keys);
    add_keys<FeedbackRecord>(run.setting("rule.feedback"), keys);
    add_keys<CellRecord>(run.setting("model.cell"), keys);
    add_keys<TaskRecord>(run.setting("task.name"), keys);
    add_keys<LossRecord>(run.setting("loss.name"), keys);
    add_keys<OptimizerRecord>(run.setting("optimizer.name"), keys);
  }
  return entries_of(std::string(assets::references()), keys);
}

}  // namespace chronograd
