// SPDX-License-Identifier: Apache-2.0
// A learner's weights beside those of the trainer on the same streams.
#include <cmath>

#include "chronograd/train.hpp"
#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

/// The weights after so many updates, trained.
Arrays trained(const std::vector<std::string>& words, int B, int updates) {
  std::vector<std::string> all = words;
  all.push_back("train.updates=" + std::to_string(updates));
  all.push_back("train.batch=" + std::to_string(B));
  return train(config_of(all), Streams()).parameters;
}

template <class T>
Arrays learnt(const std::vector<std::string>& words, int B, int steps) {
  Learner<T> learner(config_of(words), {.inputs = n, .outputs = m, .streams = B});
  go(learner, B, 0, steps);
  EXPECT_TRUE(learner.healthy());
  return learner.parameters();
}

/// The largest difference of any two numbers; -1 where arrays differ in name, type or size.
double difference(const Arrays& a, const Arrays& b) {
  double largest = a.size() == b.size() ? 0 : -1;
  for (const auto& [name, array] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second.dtype != array.dtype || other->second.size() != array.size()) return -1;
    for (std::size_t i = 0; i < array.size(); ++i)
      largest = std::max(largest, std::fabs(array.at(i) - other->second.at(i)));
  }
  return largest;
}

/// False where the trainer refuses the pair of rule and cell; then the learner must.
template <class T>
bool equal_to_the_bit(const std::vector<std::string>& words, int B, int every, int updates) {
  SCOPED_TRACE(text_of(words) + ", B = " + std::to_string(B));
  Arrays expected;
  try {
    expected = trained(words, B, updates);
  } catch (const Error& error) {
    EXPECT_THROW(learnt<T>(words, B, 1), Error) << error.what();
    return false;
  }
  const Arrays found = learnt<T>(words, B, updates * every);
  EXPECT_EQ(difference(found, expected), 0);
  const Arrays begun = learnt<T>(words, B, 0);
  EXPECT_GT(difference(found, begun), 1e-4) << "nothing was learnt";
  return true;
}

TEST(Learner, of_every_rule_and_cell_is_the_trainer_to_the_bit) {
  int pairs = 0;
  for (const RuleRecord* rule : stream_rules())
    for (const CellRecord* cell : catalogue<CellRecord>())
      for (const int B : {1, 3}) {
        const std::vector<std::string> words = {std::string("rule.name=") + rule->entry.name,
                                                std::string("model.cell=") + cell->entry.name};
        pairs += equal_to_the_bit<float>(words, B, 1, 40) ? 1 : 0;
      }
  EXPECT_GT(pairs, 100);
}

TEST(Learner, of_doubles_is_the_trainer_to_the_bit) {
  for (const RuleRecord* rule : stream_rules()) {
    const std::vector<std::string> words = {std::string("rule.name=") + rule->entry.name, "dtype=float64"};
    EXPECT_TRUE(equal_to_the_bit<double>(words, 2, 1, 40));
  }
}

TEST(Learner, with_any_setting_is_the_trainer_to_the_bit) {
  const std::vector<std::vector<std::string>> cases = {
      {"model.layers=2", "rule.name=rtrl"},
      {"model.layers=3"},
      {"rule.name=snap", "rule.reach=5"},
      {"model.layers=2", "rule.name=kernl", "rule.reach=3"},
      {"model.layers=2", "rule.name=rolling_tbptt", "rule.L=4"},
      {"model.freeze=[\"W_out\"]", "optimizer.name=momentum"},
      {"rule.feedback=random"},
      {"rule.feedback=adaptive", "rule.feedback_decay=0.01"},
      {"model.density=0.4", "rule.name=snap", "rule.n=2"},
      {"model.density=0.4", "rule.name=sparse_rtrl"},
      {"model.cell=leaky", "model.alpha=0.3", "model.noise=0.1"},
      {"model.cell=leaky", "model.dale=0.8", "model.activation=relu"},
      {"loss.normalize=sum", "optimizer.clip=0.1", "optimizer.l2=0.01"},
      {"optimizer.schedule=cosine", "optimizer.horizon=20", "optimizer.warmup=5"},
      {"readout.activation=tanh"},
      {"readout.tau_out=3", "rule.name=eprop"},
      {"readout.tau_out=3", "readout.zeta_out=1.5", "model.layers=2", "rule.name=rolling_tbptt", "rule.L=4"},
      {"model.cell=leaky", "model.alpha=0.3", "model.noise=0.1", "readout.tau_out=3"},
      {"model.cell=leaky", "model.alpha=0.3", "model.train=alpha", "model.share=alpha"},
      {"model.cell=leaky", "model.alpha=0.3", "regularise.rate_cost=2", "regularise.rate_target=0.1",
       "regularise.average=running", "regularise.rate_tau=5"},
      {"model.cell=alif", "regularise.rate_cost=2", "regularise.rate_target=0.1", "regularise.average=filtered",
       "regularise.rate_tau=5"},
      {"optimizer.clamp=[-0.2, 0.2]"},
      {"optimizer.name=row", "optimizer.window=20", "optimizer.schedule=inverse_sqrt", "optimizer.horizon=30"},
      {"rule.name=rtrl", "rule.whiten=0.1"},
      {"rule.name=snap", "rule.reach=5", "rule.whiten=0.1", "model.layers=2"},
      {"train.average=0.2", "optimizer.lr=0.3"},
  };
  for (const auto& words : cases)
    for (const int B : {1, 3}) EXPECT_TRUE(equal_to_the_bit<float>(words, B, 1, 40)) << text_of(words);
}

TEST(Learner, of_windows_is_the_trainer_to_the_bit) {
  for (const char* cell : {"leaky", "gru", "lstm", "lru"})
    for (const std::string L : {"", "rule.L=1", "rule.L=3", "rule.L=12"})
      for (const int B : {1, 3, 9}) {
        std::vector<std::string> words = {"rule.name=tbptt", "update.every=12", std::string("model.cell=") + cell};
        if (!L.empty()) words.push_back(L);
        EXPECT_TRUE(equal_to_the_bit<float>(words, B, 12, 8)) << text_of(words);
      }
}

TEST(Learner, of_credit_that_goes_back_by_interval_is_the_trainer_to_the_bit) {
  const std::vector<std::string> words = {"model.layers=2", "rule.name=snap", "rule.reach=7",
                                          "rule.reach_by=\"interval\"", "update.every=3"};
  for (const int B : {1, 3}) EXPECT_TRUE(equal_to_the_bit<float>(words, B, 3, 20));
}

TEST(Learner, of_the_preset_auto_is_the_trainer_to_the_bit) {
  const std::vector<std::string> words = {"rule.name=auto",     "update.every=4",    "optimizer.name=row",
                                          "optimizer.lr=0.012", "train.average=0.1", "optimizer.schedule=inverse_sqrt",
                                          "optimizer.warmup=5"};
  EXPECT_EQ(config_of(words).table("rule").word("preset"), "auto but for optimizer.warmup");
  for (const char* cell : {"leaky", "gru"})
    for (const int B : {1, 3}) {
      std::vector<std::string> all = words;
      all.push_back(std::string("model.cell=") + cell);
      EXPECT_TRUE(equal_to_the_bit<float>(all, B, 4, 60));
    }
}

/// The trainer takes an interval in one segment, the learner in steps: the same sums in another order.
TEST(Learner, of_longer_intervals_is_the_trainer_but_for_rounding) {
  for (const RuleRecord* rule : stream_rules()) {
    const std::vector<std::string> words = {std::string("rule.name=") + rule->entry.name, "dtype=float64",
                                            "update.every=5"};
    const double found = difference(learnt<double>(words, 2, 100), trained(words, 2, 20));
    EXPECT_GE(found, 0) << rule->entry.name;
    EXPECT_LT(found, 1e-9) << rule->entry.name;
  }
}

TEST(Learner, begins_from_given_parameters_like_the_trainer) {
  const Arrays given = trained({}, 1, 7);
  RunOptions options;
  options.parameters = &given;
  options.parameters_name = "given";
  const Arrays expected = train(config_of({"train.updates=30"}), Streams(), options).parameters;
  Learner<float> learner(config_of({}), {.inputs = n, .outputs = m}, &given);
  go(learner, 1, 0, 30);
  EXPECT_EQ(difference(learner.parameters(), expected), 0);
}

}  // namespace
}  // namespace chronograd::learning
