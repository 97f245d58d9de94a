// SPDX-License-Identifier: Apache-2.0
// What .npy files and single arrays of archives become.
#include "files/archives.hpp"
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using testing::dict;
using ::testing::HasSubstr;
using testing::npy;
using Numbers = std::vector<double>;

std::string bytes_of(const Numbers& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

std::string doubles(const std::string& shape, const Numbers& values) {
  return npy(dict("<f8", shape), bytes_of(values));
}

std::string integers(const std::string& shape, const std::string& bytes) {
  return npy(dict("|u1", shape), bytes);
}

std::unique_ptr<Task> npy_task(const std::string& x, Given given, const std::string* y = nullptr,
                               const FileNeeds& needs = mse_needs, std::vector<std::string>* notes = nullptr) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", "npy");
  Options options = entry_options(record.entry, given);
  testing::put(folder / "x", x);
  options.set("train", folder / "x", true);
  if (y) {
    testing::put(folder / "y", *y);
    options.set("targets", folder / "y", true);
  }
  return record.make(record, options, needs, notes);
}

const std::string three = doubles("(2, 3, 2)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

TEST(NpyRows, StreamsWithTargetsAtEveryStep) {
  const std::string y = doubles("(2, 3, 1)", {1, 2, 3, 4, 5, 6}), flat = doubles("(2, 3)", {1, 2, 3, 4, 5, 6});
  for (const std::string* targets : {&y, &flat}) {
    const auto task = npy_task(three, {}, targets);
    EXPECT_EQ(task->inputs(), 2);
    EXPECT_EQ(task->length(Split::train), 3);
    ASSERT_EQ(task->rows(Split::train), 2);
    EXPECT_EQ(all_of(*task, 1).x, (Numbers{7, 8, 9, 10, 11, 12}));
    EXPECT_EQ(all_of(*task, 1).y, (Numbers{4, 5, 6}));
    EXPECT_EQ(task->files().size(), 2U);
  }
}

TEST(NpyRows, ForecastsOfOneStream) {
  for (const char* shape : {"(4,)", "(4, 1)", "(1, 4, 1)"}) {
    const auto task = npy_task(doubles(shape, {1, 2, 3, 4}), {{"predict", whole_number(1)}});
    EXPECT_EQ(all_of(*task, 0).x, (Numbers{1, 2, 3}));
    EXPECT_EQ(all_of(*task, 0).y, (Numbers{2, 3, 4}));
  }
}

TEST(NpyRows, ClassesAtEveryStepOrForTheRow) {
  const std::string each = integers("(2, 3)", std::string("\0\2\1\0\0\2", 6)),
                    row = integers("(2,)", std::string("\3\1", 2));
  const auto steps = npy_task(three, {}, &each, class_needs);
  EXPECT_EQ(steps->outputs(), 3);
  EXPECT_EQ(all_of(*steps, 0).y, (Numbers{1, 0, 0, 0, 0, 1, 0, 1, 0}));
  const auto rows = npy_task(three, {}, &row, class_needs);
  EXPECT_EQ(rows->outputs(), 4);
  ASSERT_EQ(rows->rows(Split::train), 2);
  EXPECT_EQ(rows->length(Split::train), 3);
  EXPECT_EQ(all_of(*rows, 1).x, (Numbers{7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(all_of(*rows, 1).mask, (Numbers{0, 0, 1}));
  EXPECT_EQ(all_of(*rows, 1).y[2 * 4 + 1], 1);
}

TEST(NpyRows, ClassesAreThoseOfTheTrainingPart) {
  const std::string x = doubles("(4,)", {1, 2, 3, 4}), late = integers("(4,)", std::string("\0\2\0\3", 4)),
                    between = integers("(4,)", std::string("\0\2\0\1", 4));
  EXPECT_THAT(refusal([&] {
                npy_task(x, {{"test_part", 0.5}}, &late, class_needs);
              }),
              HasSubstr("x: stream 0, step 3] got the class \"3\" in the column \"1\", which the training part lacks"));
  EXPECT_EQ(npy_task(x, {{"test_part", 0.5}}, &between, class_needs)->outputs(), 3) << "1 is a class in between";
}

TEST(NpyRows, SaysHowAnArrayWithAnAxisLessOrMoreWasRead) {
  Words notes;
  npy_task(doubles("(4,)", {1, 2, 3, 4}), {{"predict", whole_number(1)}}, nullptr, mse_needs, &notes);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], HasSubstr("x] shape (4,), read as one stream: (B, T, n) = (1, 4, 1)."));
  notes.clear();
  const std::string column = integers("(2, 3, 1)", std::string("\0\2\1\0\0\2", 6));
  const auto task = npy_task(three, {}, &column, class_needs, &notes);
  EXPECT_TRUE(task->classes());
  EXPECT_EQ(task->outputs(), 3);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], HasSubstr("y] integers of shape (2, 3, 1), read as classes."));
  const std::string floats = doubles("(2, 3)", {0, 2, 1, 0, 0, 2});
  EXPECT_THAT(refusal([&] { npy_task(three, {}, &floats, class_needs); }),
              HasSubstr("got floating-point numbers of shape (2, 3), allowed with the loss cross_entropy are integer"));
  const std::string counts = integers("(2, 3, 2)", std::string("\0\1\1\0\0\1\1\0\2\1\0\1", 12));
  EXPECT_THAT(refusal([&] { npy_task(three, {}, &counts, class_needs); }),
              HasSubstr("x: stream 1, step 1] got targets that sum to 3"));
}

TEST(NpyRows, ScalesEachFeatureAlsoOfWholeRows) {
  const std::string row = doubles("(2,)", {1, 2});
  const auto task = npy_task(doubles("(2, 2, 1)", {1, 3, 1, 3}), {{"standardize", std::string("inputs")}}, &row);
  EXPECT_EQ(all_of(*task, 0).x, (Numbers{-1, 1}));
}

TEST(NpyRows, TestRowsMayHaveAnotherLength) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", "npy");
  const auto task = [&](const std::string& test, const std::string& targets) {
    testing::put(folder / "x", doubles("(2, 2, 1)", {1, 3, 1, 3}));
    testing::put(folder / "y", doubles("(2,)", {10, 20}));
    testing::put(folder / "x_test", test);
    testing::put(folder / "y_test", targets);
    Options options = entry_options(record.entry, {{"standardize", std::string("inputs")}});
    for (const auto& [key, name] : {std::pair{"train", "x"}, std::pair{"targets", "y"}, std::pair{"test", "x_test"},
                                    std::pair{"test_targets", "y_test"}})
      options.set(key, folder / name, true);
    return record.make(record, options, mse_needs, nullptr);
  };
  const auto longer = task(doubles("(1, 3, 1)", {2, 4, 6}), doubles("(1,)", {30}));
  EXPECT_EQ(longer->length(Split::train), 2);
  EXPECT_EQ(longer->length(Split::test), 3);
  EXPECT_EQ(all_of(*longer, 0, Split::test).x, (Numbers{0, 2, 4})) << "the scale is that of the training file";
  EXPECT_EQ(all_of(*longer, 0, Split::test).y, (Numbers{0, 0, 30}));
  EXPECT_EQ(all_of(*longer, 0, Split::test).mask, (Numbers{0, 0, 1}));
  EXPECT_THAT(refusal([&] {
                task(doubles("(1, 3, 1)", {2, 4, 6}), doubles("(1, 3)", {1, 2, 3}));
              }),
              HasSubstr("[x_test] got one target a step where"));
}

TEST(NpyRows, AnArrayOfAnArchive) {
  const Folder folder;
  testing::put(folder / "a.npz",
               testing::zip({{"ecg.npy", npy(dict("<u2", "(3,)"), std::string("\1\0\2\0\3\0", 6)), true},
                             {"other.npy", doubles("(3,)", {7, 8, 9})}}));
  const FormatRecord& record = find_record<FormatRecord>("data.format", "npy");
  Options options = entry_options(
      record.entry, {{"train", folder / "a.npz"}, {"inputs", std::string("ecg")}, {"targets", std::string("other")}});
  const auto task = record.make(record, options, mse_needs, nullptr);
  EXPECT_EQ(all_of(*task, 0).x, (Numbers{1, 2, 3}));
  EXPECT_EQ(all_of(*task, 0).y, (Numbers{7, 8, 9}));
  EXPECT_EQ(task->files(), std::vector<std::string>{folder / "a.npz"});
}

TEST(NpyRows, RefusesArraysWithAMeaningThatItDoesNotRead) {
  for (const char* name : {"mask", "lengths", "reset", "h0"}) {
    const Folder folder;
    testing::put(folder / "a.npz", testing::zip({{"ecg.npy", doubles("(3,)", {1, 2, 3}), true},
                                                 {std::string(name) + ".npy", doubles("(3,)", {1, 0, 1})}}));
    const FormatRecord& record = find_record<FormatRecord>("data.format", "npy");
    const auto read = [&](const std::string& inputs) {
      return record.make(
          record,
          entry_options(record.entry, {{"train", folder / "a.npz"}, {"inputs", inputs}, {"predict", whole_number(1)}}),
          mse_needs, nullptr);
    };
    EXPECT_THAT(refusal([&] { read("ecg"); }), HasSubstr("a.npz] got the array " + std::string(name) + " beside ecg"));
  }
}

TEST(NpyRows, Refusals) {
  const std::string y2 = doubles("(2, 2)", {1, 2, 3, 4}), nan = doubles("(2, 2)", {1, NAN, 3, INFINITY});
  EXPECT_THAT(refusal([&] { npy_task(three, {}, &y2); }), HasSubstr("got shape (2, 2) with inputs (2, 3, 2)"));
  EXPECT_THAT(refusal([&] { npy_task(nan, {{"predict", whole_number(1)}}); }), HasSubstr("got NaN at [0, 1]"));
  EXPECT_THAT(refusal([&] {
                npy_task(nan, {{"predict", whole_number(1)}, {"nan", std::string("hold")}});
              }),
              HasSubstr("got infinity at [1, 1]"));
  EXPECT_THAT(refusal([&] { npy_task(three, {}); }, Exit::usage), HasSubstr("no targets"));
  EXPECT_THAT(refusal([&] {
                npy_task(doubles("()", {1}), {{"predict", whole_number(1)}});
              }),
              HasSubstr("got shape ()"));
  EXPECT_THAT(refusal([&] {
                npy_task(doubles("(0, 2)", {}), {{"predict", whole_number(1)}});
              }),
              HasSubstr("at least one"));
  EXPECT_THAT(refusal([&] {
                npy_task(npy(dict("|O", "(2,)"), "pickle.."), {{"predict", whole_number(1)}});
              }),
              HasSubstr("Python objects"));
  EXPECT_THAT(refusal([&] {
                npy_task(npy(dict("<f8", "(1000000000, 1000)"), "12345678"), {{"predict", whole_number(1)}});
              }),
              HasSubstr("claims 8000000000000 bytes"));
  FileNeeds two = class_needs;
  two.outputs = 2;
  const std::string classes = integers("(2,)", std::string("\0\2", 2));
  EXPECT_THAT(refusal([&] { npy_task(three, {}, &classes, two); }), HasSubstr("got the class 2"));
}

TEST(NpyRows, RangeOfDtype) {
  FileNeeds narrow = mse_needs;
  narrow.largest = 1e38;
  const std::string y = doubles("(2,)", {1, 2e38});
  EXPECT_THAT(refusal([&] {
                npy_task(doubles("(2, 2, 1)", {1, 2, 3, -2e38}), {{"predict", whole_number(1)}}, nullptr, narrow);
              }),
              HasSubstr("x: stream 1, step 1] got the target -2e+38"));
  EXPECT_THAT(refusal([&] {
                npy_task(doubles("(2, 2, 1)", {1, 2, 3, 4}), {}, &y, narrow);
              }),
              HasSubstr("x: stream 1] got the target 2e+38"));
}

TEST(NpyRows, GapsAreHeldPerStream) {
  const auto task = npy_task(doubles("(3, 3, 1)", {1, NAN, 3, NAN, 5, NAN, NAN, NAN, 4}),
                             {{"predict", whole_number(1)}, {"nan", std::string("hold")}});
  EXPECT_EQ(all_of(*task, 0).x, (Numbers{1, 1}));
  EXPECT_EQ(all_of(*task, 0).y, (Numbers{1, 3})) << "a target is held where it stands";
  EXPECT_EQ(all_of(*task, 0).mask, (Numbers{1, 1}));
  EXPECT_EQ(all_of(*task, 1).x, (Numbers{0, 5}));
  EXPECT_EQ(all_of(*task, 1).y, (Numbers{5, 5}));
  EXPECT_EQ(all_of(*task, 2).y, (Numbers{0, 4}));
  EXPECT_EQ(all_of(*task, 2).mask, (Numbers{0, 1})) << "nothing can be held before the first number";
}

}  // namespace
}  // namespace chronograd
