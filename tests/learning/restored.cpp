// SPDX-License-Identifier: Apache-2.0
// A learner that is saved and gone on with, in memory and in a file, does what the one does that went on.
#include <gmock/gmock.h>

#include <cstdint>
#include <limits>

#include "chronograd/train.hpp"
#include "folder.hpp"
#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

using Sizes = Learner<float>::Sizes;

std::vector<std::byte> saved(const Learner<float>& learner) {
  std::vector<std::byte> bytes(learner.state_bytes());
  learner.save(bytes);
  return bytes;
}

/// Settings in which a learner keeps all kinds of things: every rule, on single steps and inside intervals.
std::vector<std::vector<std::string>> kinds() {
  std::vector<std::vector<std::string>> kinds;
  for (const RuleRecord* rule : stream_rules())
    for (const char* cell : {"leaky", "lstm"})
      for (const char* every : {"1", "4"})
        kinds.push_back({std::string("rule.name=") + rule->entry.name, std::string("model.cell=") + cell,
                         std::string("update.every=") + every});
  kinds.push_back({"model.layers=2", "rule.name=rtrl", "update.every=3"});
  kinds.push_back({"model.layers=2", "rule.name=eprop"});
  kinds.push_back({"rule.name=uoro", "rule.reach=5", "update.every=2"});
  kinds.push_back({"model.layers=2", "rule.name=snap", "rule.reach=7", "rule.reach_by=\"interval\"", "update.every=3"});
  kinds.push_back({"model.density=0.4", "rule.name=snap", "rule.n=2", "update.every=3"});
  kinds.push_back({"rule.feedback=adaptive", "rule.feedback_decay=0.01"});
  kinds.push_back({"model.cell=leaky", "model.alpha=0.3", "model.noise=0.1", "rule.name=tbptt", "update.every=5"});
  kinds.push_back({"model.cell=leaky", "model.alpha=0.3", "model.noise=0.1", "rule.name=rolling_tbptt"});
  return kinds;
}

/// Saved after `t` steps, and if `open` between predict and learn of the next one.
void expect_same(const std::vector<std::string>& words, const Sizes& sizes, std::int64_t t, bool open) {
  SCOPED_TRACE(text_of(words) + ", delay " + std::to_string(sizes.delay) + ", saved at " + std::to_string(t) +
               (open ? ", open" : ""));
  Learner<float> one(config_of(words), sizes);
  go(one, sizes.streams, 0, t, sizes.delay);
  const std::vector<float> x(static_cast<std::size_t>(sizes.streams) * n, 0.3F),
      y(static_cast<std::size_t>(sizes.streams) * m, 0.2F);
  one.reset(0);
  if (open) one.predict(x);
  const std::vector<std::byte> state = saved(one);
  const auto rest = [&](Learner<float>& learner) {
    const double loss = open ? learner.learn(y) : 0;
    Course<float> course = go(learner, sizes.streams, t, t + 30, sizes.delay);
    course.loss.push_back(loss);
    return course;
  };
  const Course<float> expected = rest(one);
  Learner<float> other(config_of(words), sizes);
  go(other, sizes.streams, 5, 18, sizes.delay);  // something else
  ASSERT_EQ(other.restore(state), Restored::same_bits);
  EXPECT_EQ(saved(other), state);
  EXPECT_TRUE(rest(other) == expected);
  EXPECT_EQ(other.steps(), one.steps());
  EXPECT_EQ(other.updates(), one.updates());
  EXPECT_EQ(saved(other), saved(one));
}

TEST(Restored, goes_on_to_the_same_bits) {
  for (const auto& words : kinds())
    for (const int delay : {0, 3})
      for (const std::int64_t t : {2, 22, 23})
        for (const bool open : {false, true}) expect_same(words, {n, m, 2, delay}, t, open);
}

TEST(Restored, from_a_file_goes_on_to_the_same_bits) {
  const Folder folder;
  const std::string path = folder / "net.npz";
  for (const auto& words : kinds()) {
    SCOPED_TRACE(text_of(words));
    Learner<float> one(config_of(words), {n, m, 2, 1});
    go(one, 2, 0, 22, 1);
    one.save(path);
    Learner<float> other(config_of(words), {n, m, 2, 1});
    other.load(path);
    EXPECT_EQ(saved(other), saved(one));
    EXPECT_TRUE(go(other, 2, 22, 50, 1) == go(one, 2, 22, 50, 1));
  }
}

TEST(Restored, file_is_one_of_parameters) {
  const Folder folder;
  const std::string path = folder / "net.npz";
  Learner<float> one(config_of({"rule.feedback=random"}), {.inputs = n, .outputs = m});
  go(one, 1, 0, 20);
  one.save(path);
  const Arrays parameters = read_npz(path);
  Learner<float> other(config_of({"rule.feedback=random"}), {.inputs = n, .outputs = m}, &parameters);
  EXPECT_TRUE(std::equal(one.theta().begin(), one.theta().end(), other.theta().begin(), other.theta().end()));
  Remarks remarks;
  RunOptions options;
  options.parameters = &parameters;
  options.parameters_name = path;
  options.observer = &remarks;
  train(config_of({"rule.feedback=random", "train.updates=2"}), Streams(), options);
  for (const std::string& note : remarks.texts) EXPECT_THAT(note, testing::Not(testing::HasSubstr("not used")));
}

TEST(Restored, refuses_what_is_not_its_own) {
  Learner<float> one(config_of({}), {.inputs = n, .outputs = m});
  go(one, 1, 0, 10);
  const std::vector<std::byte> before = saved(one);
  const auto refused = [&](std::span<const std::byte> bytes) {
    return one.restore(bytes) == Restored::refused && saved(one) == before;
  };
  std::vector<std::byte> state = before;
  state[state.size() - 9] ^= std::byte{1};
  EXPECT_TRUE(refused(state)) << "a bit is wrong";
  state = before;
  state[8] ^= std::byte{1};
  EXPECT_TRUE(refused(state)) << "another format";
  EXPECT_TRUE(refused(std::span(before).first(before.size() - 1))) << "too short";
  EXPECT_TRUE(refused({})) << "nothing";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"optimizer.lr=0.02"}, {"seed=4"}, {"rule.name=rtrl"}, {"model.hidden=6"}})
    EXPECT_TRUE(refused(saved(Learner<float>(config_of(words), {.inputs = n, .outputs = m})))) << text_of(words);
  EXPECT_TRUE(refused(saved(Learner<float>(config_of({}), {.inputs = n, .outputs = m, .delay = 1}))));
  EXPECT_EQ(one.restore(saved(Learner<float>(config_of({"threads=3"}), {.inputs = n, .outputs = m}))),
            Restored::same_bits);
}

TEST(Restored, of_another_program_goes_on_to_the_same_numbers) {
  Learner<float> one(config_of({}), {.inputs = n, .outputs = m}), other(config_of({}), {.inputs = n, .outputs = m});
  go(one, 1, 0, 10);
  std::vector<std::byte> state = saved(one);
  state[32] ^= std::byte{1};  // of the number that stands for the program
  EXPECT_EQ(other.restore(state), Restored::same_numbers);
  EXPECT_TRUE(go(other, 1, 10, 20) == go(one, 1, 10, 20));
}

/// The words of the error with which a learner refuses a file, or "".
std::string refusal(Learner<float>& learner, const std::string& path) {
  try {
    learner.load(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Restored, file_is_refused_by_name_and_changes_nothing) {
  using testing::HasSubstr;
  const Folder folder;
  const std::string path = folder / "net.npz";
  Learner<float>(config_of({}), {.inputs = n, .outputs = m}).save(path);
  const auto refused = [&](const std::vector<std::string>& words, const Sizes& sizes) {
    Learner<float> learner(config_of(words), sizes);
    go(learner, sizes.streams, 0, 3);
    const std::vector<std::byte> before = saved(learner);
    const std::string text = refusal(learner, path);
    EXPECT_EQ(saved(learner), before);
    return text;
  };
  EXPECT_THAT(refused({"optimizer.lr=0.02"}, {n, m}), HasSubstr("optimizer.lr"));
  EXPECT_THAT(refused({}, {n, m, 2}), HasSubstr("streams"));
  EXPECT_THAT(refused({}, {n, m, 1, 4}), HasSubstr("delay"));
  Arrays arrays = read_npz(path);
  const auto with = [&](const std::string& name, const Array& array) {
    Arrays changed = arrays;
    changed[name] = array;
    write_npz(path, changed);
    return refused({}, {n, m});
  };
  EXPECT_THAT(with("learner/theta", Array::of({2}, std::vector<float>{1, 2})), HasSubstr("theta"));
  EXPECT_THAT(with("learner/count", Array::of({}, std::vector<std::int64_t>{7})), HasSubstr("counts"));
  EXPECT_THAT(with("learner/format", Array::of({}, std::vector<std::int64_t>{99})), HasSubstr("format 99"));
  EXPECT_THAT(with("learner/more", Array::of({}, std::vector<std::int64_t>{0})), HasSubstr("too many"));
  write_npz(path, Learner<float>(config_of({}), {.inputs = n, .outputs = m}).parameters());
  EXPECT_THAT(refused({}, {n, m}), HasSubstr("saved"));
}

}  // namespace
}  // namespace chronograd::learning
