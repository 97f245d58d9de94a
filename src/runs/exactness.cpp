// SPDX-License-Identifier: Apache-2.0
#include "runs/exactness.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {
namespace {

bool follows_the_gradient(const std::string& rule) {
  const auto rules = catalogue<RuleRecord>();
  return std::any_of(rules.begin(), rules.end(), [&](const RuleRecord* record) {
    return rule == record->entry.name && record->promise != Promise::biased;
  });
}

}  // namespace

std::string lost_exactness(const std::vector<RuleUse>& uses) {
  std::vector<std::string> rules, feedbacks;
  const auto add = [](std::vector<std::string>& words, const std::string& word) {
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  };
  for (const RuleUse& use : uses) {
    if (use.feedback == "symmetric" || use.feedback.empty() || !follows_the_gradient(use.rule)) continue;
    add(rules, use.rule);
    add(feedbacks, use.feedback);
  }
  if (rules.empty()) return "";
  const bool one = rules.size() == 1;
  return joined(rules) + (one ? " follows" : " follow") +
         " the gradient of the loss with symmetric feedback alone, and " + (one ? "learns" : "learn") + " with " +
         joined(feedbacks) + " here. Ask for " + rules.front() + "(feedback=symmetric).";
}

}  // namespace chronograd
