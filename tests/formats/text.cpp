// SPDX-License-Identifier: Apache-2.0
// What a text becomes, by hand.
#include <cmath>

#include "chronograd/train.hpp"
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Numbers = std::vector<double>;

std::unique_ptr<Task> text_task(const std::string& text, Given given, const std::string* test = nullptr,
                                std::vector<std::string>* notes = nullptr, const FileNeeds& needs = class_needs) {
  return format_task("text", text, given, needs, test, notes);
}

/// The characters that a row shows, `.` where it shows none; targets likewise.
std::string shown(const std::vector<double>& values, const std::string& alphabet) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); i += alphabet.size()) {
    char found = '.';
    for (std::size_t k = 0; k < alphabet.size(); ++k)
      if (values[i + k] != 0) {
        EXPECT_EQ(values[i + k], 1);
        EXPECT_EQ(found, '.') << "one character a step";
        found = alphabet[k];
      }
    text += found;
  }
  return text;
}

TEST(TextRows, TheNextCharacterIsTheTarget) {
  const auto task = text_task("abcab", {});
  EXPECT_EQ(task->inputs(), 3);
  EXPECT_EQ(task->outputs(), 3);
  EXPECT_TRUE(task->classes());
  EXPECT_EQ(task->length(Split::train), 4);
  EXPECT_EQ(task->rows(Split::train), 1);
  EXPECT_EQ(task->rows(Split::test), -1);
  const Read read = all_of(*task, 0);
  EXPECT_EQ(shown(read.x, "abc"), "abca");
  EXPECT_EQ(shown(read.y, "abc"), "bcab");
  EXPECT_EQ(read.mask, Numbers(4, 1));
  EXPECT_EQ(task->facts()[0].second, "a b c");
}

TEST(TextRows, ContiguousStreams) {
  const auto task = text_task("abcdefgh", {{"streams", whole_number(2)}});
  EXPECT_EQ(task->length(Split::train), 3);
  ASSERT_EQ(task->rows(Split::train), 2);
  EXPECT_EQ(shown(all_of(*task, 0).x, "abcdefgh"), "abc");
  EXPECT_EQ(shown(all_of(*task, 1).x, "abcdefgh"), "def");
  EXPECT_EQ(shown(all_of(*task, 1).y, "abcdefgh"), "efg");
}

TEST(TextRows, Windows) {
  const auto task = text_task("abcdefgh", {{"window", whole_number(2)}});
  ASSERT_EQ(task->rows(Split::train), 3);
  EXPECT_EQ(shown(all_of(*task, 2).y, "abcdefgh"), "fg");
}

TEST(TextRows, TheTestPartHasTheAlphabetOfTheTrainingPart) {
  std::vector<std::string> notes;
  const auto task = text_task("ababababzabb", {{"test_part", 0.34}}, nullptr, &notes);
  EXPECT_EQ(task->inputs(), 2);
  EXPECT_EQ(task->length(Split::train), 7);
  ASSERT_EQ(task->rows(Split::test), 1);
  const Read read = all_of(*task, 0, Split::test);
  EXPECT_EQ(shown(read.x, "ab"), ".ab....");
  EXPECT_EQ(shown(read.y, "ab"), "abb....");
  EXPECT_EQ(read.mask, (Numbers{1, 1, 1, 0, 0, 0, 0}));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], HasSubstr("1 characters of the test text"));
}

TEST(TextRows, AnotherFileToTestOnFillsRowsOfTheSameLength) {
  const std::string test = "bab?abab";
  const auto task = text_task("aabb", {}, &test);
  EXPECT_EQ(task->length(Split::train), 3);
  ASSERT_EQ(task->rows(Split::test), 3);
  std::string x, y;
  for (std::int64_t row = 0; row < 3; ++row) {
    x += shown(all_of(*task, row, Split::test).x, "ab");
    y += shown(all_of(*task, row, Split::test).y, "ab");
  }
  EXPECT_EQ(x, "bab.aba..");
  EXPECT_EQ(y, "ab.abab..");
  const Read middle = all_of(*task, 0, Split::test);
  EXPECT_EQ(middle.mask, (Numbers{1, 1, 0})) << "a target that the alphabet lacks has no loss";
  EXPECT_EQ(task->files().size(), 2U);
}

TEST(TextRows, AnyCutReadsTheSame) {
  const auto task = text_task("the quick brown fox", {{"streams", whole_number(3)}, {"test_part", 0.2}});
  for (const Split split : {Split::train, Split::test})
    for (std::int64_t row = 0; row < task->rows(split); ++row) {
      const Read whole = all_of(*task, row, split);
      for (int cut = 1; cut < task->length(Split::train); ++cut) {
        Read parts(*task, split, row, 0, cut);
        parts.append(Read(*task, split, row, cut, static_cast<int>(task->length(Split::train)) - cut));
        EXPECT_TRUE(whole == parts);
      }
    }
}

TEST(TextRows, References) {
  const auto references = text_task("abababab", {})->references();
  ASSERT_EQ(references.size(), 3U);
  EXPECT_NEAR(references[0].value, std::log(2), 1e-14);
  EXPECT_THAT(references[0].name, HasSubstr("1.000 bits"));
  // 5 of 10 with one more of each; pairs: ab 4+1 of 4+2, ba 3+1 of 3+2.
  EXPECT_NEAR(references[1].value, std::log(2), 1e-14);
  EXPECT_NEAR(references[2].value, -(4 * std::log(5.0 / 6) + 3 * std::log(4.0 / 5)) / 7, 1e-14);
}

TEST(TextRows, ALongTextTakesTwoBytesACharacter) {
  // A million characters with 256 different bytes: dense one-hot rows would take two gigabytes.
  std::string text(1000000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 3U);
  const auto task = text_task(text, {{"unit", std::string("byte")}, {"streams", whole_number(4)}});
  EXPECT_EQ(task->length(Split::train), 249999);
  const Read end(*task, Split::train, 3, 249990, 9);
  EXPECT_EQ(std::count(end.x.begin(), end.x.end(), 1.0), 9);
}

/// After an a comes a or b: which of them, only the character before it tells.
TEST(TextRows, WhatPairsCannotTellIsLearnt) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "aab";
  testing::put(folder / "book.txt", text);
  const Config config = Config::parse(
      "[model]\ncell='gru'\nhidden=8\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=5\n"
      "[optimizer]\nname='adam'\nlr=0.02\n[data]\nstreams=2\ntest_part=0.1\n[train]\nepochs=5\n",
      "test", {"data.train=" + (folder / "book.txt").string()});
  const RunResult result = train(config, *make_task(config));
  ASSERT_EQ(result.references.size(), 3U);
  EXPECT_NEAR(result.references[2].value, 2.0 / 3 * std::log(2), 0.02) << result.references[2].name;
  EXPECT_LT(result.test.loss, 0.2 * result.references[2].value);
  EXPECT_EQ(result.test.accuracy, 1);
}

TEST(TextRows, NothingOfTheTestTextCountsAndHasNoReference) {
  const std::string test = "???";
  const auto task = text_task("abab", {}, &test);
  ASSERT_EQ(task->references().size(), 1U);
  EXPECT_THAT(task->references()[0].name, StartsWith("chance"));
}

TEST(TextErrors, WhatDoesNotFit) {
  EXPECT_THAT(refusal([] { text_task("a", {}); }),
              StartsWith("[train] got 1 characters to learn on, allowed are at least 2: one and the next."));
  EXPECT_THAT(refusal([] {
                text_task("abc", {{"streams", whole_number(3)}});
              }),
              HasSubstr("at least 4: one more than data.streams."));
  EXPECT_THAT(refusal([] {
                text_task("abcd", {{"window", whole_number(3)}, {"test_part", 0.5}});
              }),
              HasSubstr("at least 4: one more than data.window, beside the share of data.test_part."));
  EXPECT_THAT(
      refusal([] {
        text_task("abcd", {{"test_part", 0.3}});
      }),
      StartsWith("[train] got 1 characters to test on, allowed are at least 2: one and the next, in the share"));
  EXPECT_THAT(refusal([] { text_task("a\xff", {}); }), StartsWith("[train:1:2] got the byte FF"));
  EXPECT_THAT(refusal([] { text_task("abc", {}, nullptr, nullptr, mse_needs); }, Exit::usage),
              StartsWith("[loss.name]"));
  EXPECT_THAT(refusal(
                  [] {
                    text_task("abc", {{"streams", whole_number(1)}, {"window", whole_number(1)}});
                  },
                  Exit::usage),
              StartsWith("[data.streams]"));
  FileNeeds five = class_needs;
  five.outputs = 5;
  EXPECT_THAT(refusal([&] { text_task("abc", {}, nullptr, nullptr, five); }), HasSubstr("an alphabet of 3 symbols"));
}

}  // namespace
}  // namespace chronograd
