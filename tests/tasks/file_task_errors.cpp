// SPDX-License-Identifier: Apache-2.0
// What files may not hold, and what is said about it.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "chronograd/error.hpp"
#include "files/mapping.hpp"
#include "tasks/file_arrays.hpp"

namespace chronograd {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

void expect_message(const std::function<void()>& call, const std::string& start,
                    const std::vector<std::string>& parts = {}) {
  try {
    call();
    ADD_FAILURE() << "accepted; expected " << start;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_THAT(error.what(), testing::StartsWith(start));
    for (const std::string& part : parts) EXPECT_THAT(error.what(), testing::HasSubstr(part));
  }
}

void expect_refused(const Arrays& arrays, const FileNeeds& needs, const std::string& start,
                    const std::vector<std::string>& parts = {}) {
  expect_message([&] { file_task(arrays, needs); }, start, parts);
}

Arrays plain() {
  return {{"x", counting({2, 9, 3})}, {"y", counting({2, 9, 2}, 0.01)}};
}

/// plain() with one array replaced.
Arrays with(const std::string& name, Array array) {
  Arrays arrays = plain();
  arrays[name] = std::move(array);
  return arrays;
}

/// plain() with one element replaced.
Arrays with(const std::string& name, std::size_t index, double value) {
  Arrays arrays = plain();
  arrays[name].f64.at(index) = value;
  return arrays;
}

TEST(FileTaskErrors, MissingArraysAndWhatIsThere) {
  expect_refused({{"y", counting({2, 9, 2})}, {"inputs", counting({1})}}, mse, "[data.npz] no array x",
                 {"There are: inputs, y."});
  expect_refused({{"x", counting({2, 9, 2})}, {"y_target", counting({1})}}, mse, "[data.npz] no array y",
                 {"x, y_target"});
  expect_refused({}, mse, "[data.npz] no array x", {"none"});
}

TEST(FileTaskErrors, WrongRanks) {
  expect_refused(with("x", counting({9})), mse, "[data.npz: x] got shape (9", {"allowed is (B, T, n)"});
  expect_refused(with("x", counting({1, 2, 9, 3})), mse, "[data.npz: x] got shape (1, 2, 9, 3)");
  expect_refused(with("y", counting({2, 9, 2, 1})), mse, "[data.npz: y] got shape (2, 9, 2, 1)", {"(2, 9, 3)"});
}

TEST(FileTaskErrors, ShapesThatDoNotFitNameBoth) {
  expect_refused(with("y", counting({2, 8, 2})), mse, "[data.npz: y] got shape (2, 8, 2) with x (2, 9, 3)");
  expect_refused(with("y", counting({9, 2, 2})), cross_entropy, "[data.npz: y] got shape (9, 2, 2) with x (2, 9, 3)",
                 {"or integer classes (B, T)"});
  expect_refused(with("lengths", whole_numbers({3}, {1, 1, 1})), mse, "[data.npz: lengths] got shape (3,)", {"(2,)"});
  expect_refused(with("mask", counting({2, 8})), mse, "[data.npz: mask] got shape (2, 8), allowed is (2, 9)",
                 {"x (2, 9, 3)"});
  expect_refused(with("reset", counting({9})), mse, "[data.npz: reset] got shape (9", {"(2, 9)", "x (2, 9, 3)"});
  expect_refused(with("h0", counting({2, 5})), mse, "[data.npz: h0] got shape (2, 5), allowed is (2, 4)",
                 {"model.hidden"});
}

TEST(FileTaskErrors, NothingToLearnFrom) {
  for (const std::vector<std::size_t>& shape :
       {std::vector<std::size_t>{0, 9, 3}, std::vector<std::size_t>{2, 0, 3}, std::vector<std::size_t>{2, 9, 0}})
    expect_refused({{"x", counting(shape)}, {"y", counting({shape[0], shape[1], 1})}}, mse, "[data.npz: x] got shape",
                   {"at least one stream, one step and one feature"});
  expect_refused(with("y", counting({2, 9, 0})), mse, "[data.npz: y] got shape (2, 9, 0)", {"at least one output"});
}

TEST(FileTaskErrors, NumbersThatAreNoneAndWhere) {
  const std::size_t x = (1 * 9 + 7) * 3 + 2;
  expect_refused(with("x", x, nan), mse, "[data.npz: x] got NaN at stream 1, step 7, feature 2,");
  expect_refused(with("x", x, -inf), mse, "[data.npz: x] got infinity at stream 1, step 7, feature 2,");
  expect_refused(with("y", 5, nan), mse, "[data.npz: y] got NaN at stream 0, step 2, output 1,", {"a mask of 0"});
  Array mask = counting({2, 9});
  mask.f64[10] = nan;
  expect_refused(with("mask", mask), mse, "[data.npz: mask] got NaN at stream 1, step 1,");
  Array h0 = counting({2, 4});
  h0.f64[6] = inf;
  expect_refused(with("h0", h0), mse, "[data.npz: h0] got infinity at stream 1, unit 2,");
}

TEST(FileTaskErrors, WeightsAndResetsOutOfRange) {
  Array mask = counting({2, 9});
  mask.f64[12] = -0.5;
  expect_refused(with("mask", mask), mse, "[data.npz: mask] got -0.5 at stream 1, step 3, allowed are weights >= 0.");
  Array reset = whole_numbers({2, 9}, std::vector<std::int64_t>(18, 0));
  reset.i64[17] = 2;
  expect_refused(with("reset", reset), mse, "[data.npz: reset] got 2 at stream 1, step 8, allowed are 0 and 1.");
}

TEST(FileTaskErrors, LengthsOutOfRange) {
  expect_refused(with("lengths", whole_numbers({2}, {9, 10})), mse,
                 "[data.npz: lengths] got 10 at stream 1, allowed are 1 ... 9 steps");
  expect_refused(with("lengths", whole_numbers({2}, {0, 9})), mse, "[data.npz: lengths] got 0 at stream 0,");
  expect_refused(with("lengths", counting({2})), mse, "[data.npz: lengths] got numbers that are no integers");
}

TEST(FileTaskErrors, NumbersThatDtypeCannotHoldAndWhere) {
  FileNeeds single = mse;
  single.largest = static_cast<double>(std::numeric_limits<float>::max());
  const std::size_t x = (1 * 9 + 7) * 3 + 2;
  EXPECT_NO_THROW(file_task(with("x", x, 1e39), mse));
  EXPECT_NO_THROW(file_task(with("x", x, -single.largest), single));
  expect_refused(with("x", x, 1e39), single, "[data.npz: x] got 1e+39 at stream 1, step 7, feature 2,",
                 {"dtype = \"float32\"", "dtype = \"float64\""});
  expect_refused(with("y", 5, -1e39), single, "[data.npz: y] got -1e+39 at stream 0, step 2, output 1,");
  Array mask = counting({2, 9});
  mask.f64[10] = 1e39;
  expect_refused(with("mask", mask), single, "[data.npz: mask] got 1e+39 at stream 1, step 1,");
  Array h0 = counting({2, 4});
  h0.f64[6] = 1e39;
  expect_refused(with("h0", h0), single, "[data.npz: h0] got 1e+39 at stream 1, unit 2,");
}

TEST(FileTaskErrors, ArraysWithAMeaningThatAreNoNumbers) {
  Array objects;
  objects.refusal = "got Python objects";
  for (const char* name : {"x", "y", "mask", "lengths", "reset", "h0"})
    expect_refused(with(name, objects), mse, "[data.npz: " + std::string(name) + "] got Python objects");
  FileNeeds deep = mse;
  deep.states = {"h0", "c0"};
  deep.layers = 2;
  for (const char* name : {"c0", "h0_l1", "c0_l1"}) {
    expect_refused(with(name, objects), deep, "[data.npz: " + std::string(name) + "] got Python objects");
    std::vector<std::string> notes;
    file_task(with(name, objects), mse, &notes);
    EXPECT_EQ(notes, std::vector<std::string>{"[data.npz: " + std::string(name) + "] this array is not used."});
  }
}

TEST(FileTaskErrors, AMappingThatIsNoNumbers) {
  Arrays parameters;
  parameters[std::string(mapping_prefix) + "x_mean"].refusal = "got text, allowed are numbers.";
  expect_message([&] { KnownMapping(parameters).numbers("x_mean", 1); },
                 "[parameters: " + std::string(mapping_prefix) + "x_mean] got text");
}

TEST(FileTaskErrors, OneTargetARowComesWithARecipe) {
  const std::string repeat = "y = numpy.repeat(y[:, None], 9, 1), and give a mask (2, 9)";
  expect_refused(with("y", whole_numbers({2}, {0, 1})), cross_entropy, "[data.npz: y] got shape (2,) with x (2, 9, 3)",
                 {repeat});
  expect_refused(with("y", counting({2, 2})), mse, "[data.npz: y] got shape (2, 2) with x (2, 9, 3)", {repeat});
}

TEST(FileTaskErrors, ClassesOutOfRange) {
  FileNeeds seven = cross_entropy;
  seven.outputs = 7;
  Array y = whole_numbers({2, 9}, std::vector<std::int64_t>(18, 6));
  EXPECT_NO_THROW(file_task(with("y", y), seven));
  y.i64[11] = 7;
  expect_refused(with("y", y), seven, "[data.npz: y] got the class 7 at stream 1, step 2, allowed are 0 ... 6,",
                 {"the parameters"});
  y.i64[11] = -1;
  expect_refused(with("y", y), seven, "[data.npz: y] got the class -1 at stream 1, step 2,", {"a mask of 0"});
  expect_refused(with("y", y), cross_entropy, "[data.npz: y] got the class -1 at stream 1, step 2,");
  // A class by its mere number must not claim memory.
  y.i64[11] = std::numeric_limits<std::int64_t>::max();
  expect_refused(with("y", y), cross_entropy, "[data.npz: y] got the class 9223372036854775807", {"0 ... 999999."});
}

TEST(FileTaskErrors, TargetsThatTheLossDoesNotTake) {
  const Array classes = whole_numbers({2, 9}, std::vector<std::int64_t>(18, 1));
  expect_refused(with("y", classes), mse, "[data.npz: y] got integers of shape (2, 9)", {"the loss mse", "(B, T, m)"});
  expect_refused(with("y", classes), bce, "[data.npz: y] got integers of shape (2, 9)", {"the loss bce"});
  expect_refused(with("y", counting({2, 9})), cross_entropy, "[data.npz: y] got floating-point numbers of shape (2, 9)",
                 {"integer classes"});
  expect_refused(with("y", 7, 1.5), bce, "[data.npz: y] got 1.5 at stream 0, step 3, output 1", {"in [0, 1]"});
  expect_refused(with("y", 7, -0.25), bce, "[data.npz: y] got -0.25 at stream 0, step 3, output 1");
  Array halves = counting({2, 9, 2}, 0);
  for (double& value : halves.f64) value = 0.5;
  EXPECT_NO_THROW(file_task(with("y", halves), cross_entropy));
  halves.f64[7] = -0.25;
  expect_refused(with("y", halves), cross_entropy, "[data.npz: y] got -0.25 at stream 0", {">= 0"});
  EXPECT_NO_THROW(file_task(with("y", 7, -0.25), mse));
}

TEST(FileTaskErrors, OutputsThatTheParametersDoNotHave) {
  FileNeeds three = mse;
  three.outputs = 3;
  expect_refused(plain(), three, "[data.npz: y] got shape (2, 9, 2), allowed is m = 3");
}

TEST(FileTaskErrors, TestFilesThatDoNotFit) {
  const auto expect = [](const Arrays& test, const FileNeeds& needs, const std::string& start) {
    Arrays halves = plain();
    for (double& value : halves["y"].f64) value = 0.5;
    expect_message([&] { file_task(halves, test, needs); }, start);
  };
  EXPECT_NO_THROW(file_task(plain(), {{"x", counting({5, 9, 3})}, {"y", counting({5, 9, 2})}}, mse));
  expect({{"x", counting({2, 9, 1})}, {"y", counting({2, 9, 2})}}, mse,
         "[test.npz: x] got (2, 9, 1) beside (2, 9, 3) in data.npz, allowed is the same n.");
  expect({{"x", counting({2, 9, 3})}, {"y", counting({2, 9, 1})}}, mse,
         "[test.npz: y] got shape (2, 9, 1), allowed is m = 2, the outputs of data.npz.");
  expect({{"x", counting({2, 9, 3})}}, mse, "[test.npz] no array y");
  expect({{"x", counting({2, 9, 3})}, {"y", whole_numbers({2, 9}, std::vector<std::int64_t>(18, 1))}}, cross_entropy,
         "[test.npz: y] got classes, allowed is what data.npz has");
}

}  // namespace
}  // namespace chronograd
