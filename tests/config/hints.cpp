// SPDX-License-Identifier: Apache-2.0
// Words of other programs lead to what exists here.
#include "config/hints.hpp"

#include <gmock/gmock.h>

#include <set>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/entries.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

/// Every setting by its path, those of entries included.
std::set<std::string> all_settings() {
  std::set<std::string> paths;
  const auto add = [&](const std::string& table, std::span<const Option> options) {
    for (const Option& option : options) paths.insert((table.empty() ? "" : table + ".") + option.key);
  };
  for (const OptionTable& table : option_tables()) add(table.name, table.options);
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries()) add(key.table, entry->options);
  return paths;
}

/// Every word that a setting can have: names of entries and choices.
std::set<std::string> all_words() {
  std::set<std::string> words;
  const auto add = [&](std::span<const Option> options) {
    for (const Option& option : options)
      for (const std::string& word : choices_of(option.choices)) words.insert(word);
  };
  for (const OptionTable& table : option_tables()) add(table.options);
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries()) {
      words.insert(entry->name);
      add(entry->options);
    }
  return words;
}

TEST(Hints, LeadToWhatExists) {
  const std::set<std::string> settings = all_settings(), words = all_words();
  std::set<std::string> tables;
  for (const OptionTable& table : option_tables()) tables.insert(table.name);
  for (const Hint& hint : hints()) {
    SCOPED_TRACE(hint.words);
    EXPECT_FALSE(choices_of(hint.words).empty());
    if (*hint.target == '\0') {
      EXPECT_EQ(hint.kind, HintKind::key);
      EXPECT_NE(std::string(hint.remark), "");
      continue;
    }
    EXPECT_TRUE((hint.kind == HintKind::key     ? settings
                 : hint.kind == HintKind::table ? tables
                                                : words)
                    .contains(hint.target))
        << hint.target;
  }
}

TEST(Hints, AreForWordsThatAreNoneHere) {
  std::set<std::string> keys;  // of entries a few are words of others: weight_decay of adamw
  for (const OptionTable& table : option_tables())
    for (const Option& option : table.options) keys.insert(option.key);
  std::set<std::pair<HintKind, std::string>> seen;
  for (const Hint& hint : hints())
    for (const std::string& word : choices_of(hint.words)) {
      EXPECT_TRUE(seen.emplace(hint.kind, word).second) << word << " is there twice";
      EXPECT_EQ(hint_for(hint.kind, word), &hint) << word;
      if (hint.kind == HintKind::key) {
        EXPECT_FALSE(keys.contains(word)) << word;
      }
    }
}

std::string message(const std::vector<std::string>& changes) {
  std::vector<std::string> words = {"model.cell=leaky", "model.hidden=3", "loss.name=mse", "rule.name=bptt"};
  words.insert(words.end(), changes.begin(), changes.end());
  try {
    Config::parse("", "test", words);
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

TEST(Hints, StandInMessages) {
  const std::pair<const char*, const char*> cases[] = {
      {"learning_rate=1", "[learning_rate] unknown key, did you mean optimizer.lr? Allowed: "},
      {"optimizer.learning-rate=1", "[optimizer.learning-rate] unknown key, did you mean optimizer.lr? Allowed: "},
      {"train.batch_size=3", "did you mean train.batch?"},
      {"train.BatchSize=3", "did you mean train.batch?"},
      {"model.hidden_size=3", "did you mean model.hidden?"},
      {"model.num_layers=3", "did you mean model.layers?"},
      {"train.grad_clip=3", "did you mean optimizer.clip?"},
      {"model.dropout=0.5", "[model.dropout] unknown key: there is no dropout; "},
      {"device=cuda", "[device] unknown key: everything runs on processor cores; threads says on how many. Allowed: "},
      {"model.bidirectional=true", "there are no bidirectional networks"},
      {"model.nonlinearity=relu", "did you mean model.activation?"},
      {"lr=1", "did you mean optimizer.lr?"},
      {"train.lr=1", "did you mean optimizer.lr?"},
      {"epochs=1", "did you mean train.epochs?"},
      {"train.seed=1", "did you mean seed?"},
      {"train.mu=1", "did you mean optimizer.momentum? (with optimizer.name = \"momentum\")"},
      {"train.beta1=1", "did you mean optimizer.beta1?"},
      {"alpha=0.5", "did you mean model.alpha?"},
      {"model.cell=rnn", "unknown name \"rnn\", did you mean leaky? (with model.alpha = 1, its default, "},
      {"model.cell=elman", "did you mean leaky?"},
      {"model.cell=Vanilla", "did you mean leaky?"},
      {"rule.name=backprop", "did you mean bptt?"},
      {"rule.name=e-prop", "did you mean eprop?"},
      {"loss.name=CrossEntropyLoss", "did you mean cross_entropy?"},
      {"model.activation=linear",
       "got the word \"linear\", allowed is one of identity, tanh, sigmoid, relu, softplus. "
       "Did you mean identity?"},
      {"optimizer=adam",
       "allowed is a table: [optimizer] or optimizer.key = value. Did you mean optimizer.name = \"adam\"?"},
      {"data=a.csv", "Did you mean data.train = \"a.csv\"?"},
      {"training.epochs=1", "[training] unknown table, did you mean train?"},
      {"dropout.p=1", "[dropout] unknown table: there is no dropout"},
      // A word of another kind says nothing here.
      {"rule.name=squared", "unknown name \"squared\". Allowed: "},
  };
  for (const auto& [change, expected] : cases) EXPECT_THAT(message({change}), HasSubstr(expected)) << change;
}

}  // namespace
}  // namespace chronograd
