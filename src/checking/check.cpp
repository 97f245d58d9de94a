// SPDX-License-Identifier: Apache-2.0
#include "checking/check.hpp"

#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

using OptionWords = std::map<std::string, std::string>;

/// Every synthesiser, each with other settings of how it learns and what it learns from.
void synthesisers(const RuleRecord& rule, const OptionWords& usual, std::vector<OptionWords>& found) {
  const auto add = [&](OptionWords words) {
    std::erase_if(words, [&](const auto& word) {
      return !word.first.starts_with("sg_") && word.first != "synthesiser" && !has_option(rule.entry, word.first);
    });
    words.insert(usual.begin(), usual.end());
    found.push_back(words);
  };
  add({{"synthesiser", "\"mlp\""},
       {"sg_hidden", "3"},
       {"sg_l2", "0.1"},
       {"lambda", "0.5"},
       {"gamma", "0.9"},
       {"squash", "\"identity\""},
       {"block", "3"}});
  add({{"synthesiser", "\"mlp\""},
       {"sg_hidden", "[4, 3]"},
       {"sg_zero", "false"},
       {"sg_clip", "0.05"},
       {"scale", "0.5"},
       {"learn", "\"all\""},
       {"block", "1"}});
  add({{"synthesiser", "\"low_rank\""},
       {"sg_rank", "2"},
       {"sg_warmup", "4"},
       {"lambda", "0.0"},
       {"gamma", "0.9"},
       {"scale", "0.5"},
       {"learn", "\"all\""}});
  add({{"sg_optimizer", "\"adam\""}, {"sg_clip", "0.05"}, {"lambda", "0.5"}, {"seen", "0.5"}, {"end", "\"free\""}});
  if (has_option(rule.entry, "ablate_at")) {
    add({{"ablate_at", "1"}, {"aux", "0.5"}});
    add({{"freeze_at", "1"}, {"learn", "\"all\""}, {"aux", "0.5"}, {"end", "\"free\""}});
  }
  if (has_option(rule.entry, "lambda")) {
    add({{"lambda", "0.7"}, {"learn", "\"all\""}, {"aux", "1.0"}, {"block", "1"}});
    add({{"gamma", "0.9"}, {"scale", "0.5"}, {"aux", "0.5"}, {"block", "3"}});
  }
}

/// Settings of a rule that are worth a check of their own at this interval.
std::vector<OptionWords> variants(const RuleRecord& rule, int interval) {
  std::vector<OptionWords> found;
  // A synthesiser must learn visibly within a short row, and its copy must be renewed.
  OptionWords usual;
  for (const auto& [key, value] : {std::pair("sg_lr", "0.02"), {"refresh", "2"}, {"J_lr", "0.02"}})
    if (has_option(rule.entry, key)) usual[key] = value;
  // A difference of two losses loses the more digits the smaller it is.
  if (has_option(rule.entry, "directions")) usual["sigma"] = "0.05";
  if (has_option(rule.entry, "A_lr") && has_option(rule.entry, "gamma_lr"))
    for (const OptionWords& options :
         {OptionWords{{"gamma", "0.5"}}, OptionWords{{"kernel", "\"linear\""}, {"gamma", "0.3"}, {"sigma", "0.01"}},
          OptionWords{{"perturb", "\"before\""}, {"resync", "4"}, {"sigma", "0.01"}}}) {
      found.push_back(options);
      found.back().insert({{"A_lr", "0.03"}, {"gamma_lr", "0.02"}});
    }
  else
    found.push_back(usual);
  if (has_option(rule.entry, "synthesiser")) synthesisers(rule, usual, found);
  if (has_option(rule.entry, "L"))
    for (const int window : {1, 4})
      if (rule.segments != Segments::interval || window < interval) {
        found.push_back(usual);
        found.back()["L"] = std::to_string(window);
      }
  if (has_option(rule.entry, "n") && has_option(rule.entry, "pattern"))
    for (const OptionWords& options :
         {OptionWords{{"n", "2"}}, OptionWords{{"n", "3"}}, OptionWords{{"n", "100"}},
          OptionWords{{"pattern", "\"strict\""}}, OptionWords{{"n", "2"}, {"pattern", "\"strict\""}}})
      found.push_back(options);
  if (has_option(rule.entry, "decay"))
    for (const char* decay : {"0.0", "0.6"}) found.push_back({{"decay", decay}});
  if (has_option(rule.entry, "reach") && interval == 3) {
    found.push_back(found.front());
    found.back()["reach"] = "2";
    if (has_option(rule.entry, "decay")) found.push_back({{"decay", "0.6"}, {"reach", "2"}});
  }
  if (has_option(rule.entry, "lower")) found.push_back({{"lower", "\"broadcast\""}});
  if (has_option(rule.entry, "spread")) found.push_back({{"block", "2"}, {"spread", "true"}});
  if (has_option(rule.entry, "directions"))
    for (const OptionWords& options : {OptionWords{{"directions", "3"}, {"sigma", "0.1"}},
                                       OptionWords{{"form", "\"forward\""}, {"directions", "2"}}})
      found.push_back(options);
  if (has_option(rule.entry, "r"))
    for (const char* products : {"1", "2"}) found.push_back({{"r", products}});
  return found;
}

/// Where products tie (what relu shuts of units that show two numbers is zero in both), which of them ok keeps is up to
/// rounding: its draws cannot be held against a definition, its mean can.
bool draws_tie(const RuleRecord& rule, const CellRecord& cell, const OracleProblem& problem) {
  return has_option(rule.entry, "r") && cell.heads > 1 && problem.activation == "relu";
}

/// Settings with which an unbiased rule draws so few signs that all can be tried.
std::vector<OptionWords> few_signs(const RuleRecord& rule) {
  if (has_option(rule.entry, "r")) return {{{"r", "1"}}, {{"r", "2"}}};
  return {{}};
}

}  // namespace

void tell(Observer* observer, int done, int of) {
  if (!Observer::or_none(observer).moved({done, of, 0}))
    throw Error(Exit::interrupted, "check",
                "interrupted after " + std::to_string(done) + " of " + std::to_string(of) + " parts.");
}

}  // namespace chronograd::checking

namespace chronograd {

std::vector<CheckRow> check_rules(const CheckRequest& request) {
  const auto rules = find_records<RuleRecord>("--rules", request.rules);
  const auto cells = find_records<CellRecord>("--cells", request.cells);
  const auto parts = static_cast<int>(cells.size() * rules.size());
  int done = 0;
  std::vector<CheckRow> rows;
  for (const CellRecord* cell : cells) {
    std::vector<checking::CheckCase> cases;
    for (int s = 0; s < request.seeds; ++s) {
      auto more = checking::check_cases(*cell, request.first_seed + s);
      std::move(more.begin(), more.end(), std::back_inserter(cases));
    }
    for (const RuleRecord* rule : rules) {
      for (const checking::CheckCase& test : cases)
        for (const int every : {1, 3, 0}) {
          checking::tell(request.observer, done, parts);
          if (rule->segments == Segments::row && every != 0) continue;
          if (checking::draws_tie(*rule, *cell, test.problem)) continue;
          for (const checking::OptionWords& options : checking::variants(*rule, every == 0 ? test.problem.T : every))
            checking::check_case(*rule, options, every, test, rows);
        }
      if (rule->promise == Promise::unbiased)
        for (const checking::OptionWords& options : checking::few_signs(*rule))
          checking::check_mean(*rule, options, *cell, request.first_seed, rows);
      checking::tell(request.observer, ++done, parts);
    }
  }
  return rows;
}

}  // namespace chronograd
