// SPDX-License-Identifier: Apache-2.0
// What targets are: classes, distributions, numbers; and what stands where no step counts.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "chronograd/error.hpp"
#include "formats/distribution.hpp"
#include "tasks/file_arrays.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Notes = std::vector<std::string>;

/// One stream of inputs that are no matter, with these targets.
Arrays with_targets(Array y, std::size_t streams = 1) {
  const std::size_t T = y.shape.at(1);
  return {{"x", counting({streams, T, 1})}, {"y", std::move(y)}};
}

std::string refused(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return "";
}

std::string refused(const Arrays& arrays, const FileNeeds& needs = cross_entropy) {
  return refused([&] { file_task(arrays, needs); });
}

TEST(FileTargets, ClassesBecomeOneHotRows) {
  const Arrays arrays = with_targets(whole_numbers({1, 4}, {2, 0, 1, 2}));
  Notes notes;
  const auto task = file_task(arrays, cross_entropy, &notes);
  EXPECT_EQ(task->outputs(), 3);
  EXPECT_TRUE(task->classes());
  EXPECT_THAT(Read(*task, Split::train, 0, 1, 3).y, ElementsAre(1, 0, 0, 0, 1, 0, 0, 0, 1));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("3 classes")));
  FileNeeds five = cross_entropy;
  five.outputs = 5;
  EXPECT_EQ(file_task(arrays, five)->outputs(), 5);
}

TEST(FileTargets, IntegersWithALastAxisOfOneAreClasses) {
  const auto plain = file_task(with_targets(whole_numbers({1, 4}, {2, 0, 1, 2})), cross_entropy);
  Notes notes;
  const auto task = file_task(with_targets(whole_numbers({1, 4, 1}, {2, 0, 1, 2})), cross_entropy, &notes);
  EXPECT_TRUE(task->classes());
  EXPECT_EQ(task->outputs(), 3);
  EXPECT_EQ(Read(*task, Split::train, 0, 0, 4), Read(*plain, Split::train, 0, 0, 4));
  EXPECT_THAT(notes, ElementsAre("[data.npz: y] integers of shape (1, 4, 1), read as classes (B, T) = (1, 4).",
                                 HasSubstr("3 c")));
  // One stream without its axis, and a loss that takes numbers.
  EXPECT_TRUE(file_task({{"x", counting({3, 2})}, {"y", whole_numbers({3, 1}, {0, 1, 0})}}, cross_entropy)->classes());
  EXPECT_FALSE(file_task(with_targets(whole_numbers({1, 4, 1}, {2, 0, 1, 2})), mse)->classes());
}

TEST(FileTargets, OneSoftmaxOutputIsRefused) {
  EXPECT_THAT(refused(with_targets(whole_numbers({1, 2}, {0, 0}))), HasSubstr("y] got one class, allowed are two"));
  Array ones = counting({1, 2, 1});
  ones.f64 = {1, 1};
  EXPECT_THAT(refused(with_targets(ones)), HasSubstr("got floating-point numbers of shape (1, 2, 1)"));
  FileNeeds one = cross_entropy;
  one.outputs = 1;
  EXPECT_THAT(refused(with_targets(whole_numbers({1, 2}, {0, 1})), one), HasSubstr("got one class"));
}

TEST(FileTargets, ClassesAreCountedWhereTheMaskCounts) {
  for (const std::int64_t mark : {std::int64_t{99}, std::int64_t{-100}, std::numeric_limits<std::int64_t>::max()}) {
    Arrays arrays = with_targets(whole_numbers({1, 4}, {1, 0, mark, 2}));
    Array mask = counting({1, 4});
    mask.f64 = {1, 0.5, 0, 0};
    arrays["mask"] = mask;
    const auto task = file_task(arrays, cross_entropy);
    EXPECT_EQ(task->outputs(), 2) << "the class 2 is not asked for either";
    EXPECT_THAT(Read(*task, Split::train, 0, 0, 2).y, ElementsAre(0, 1, 1, 0));
    FileNeeds two = cross_entropy;
    two.outputs = 2;
    EXPECT_NO_THROW(file_task(arrays, two));
    arrays.erase("mask");
    arrays["lengths"] = whole_numbers({1}, {2});
    EXPECT_EQ(file_task(arrays, cross_entropy)->outputs(), 2);
    arrays.erase("lengths");
    EXPECT_THAT(refused(arrays, two),
                HasSubstr("got the class " + std::to_string(mark) + " at stream 0, step 2, allowed are 0 ... 1"));
  }
  Arrays nothing = with_targets(whole_numbers({1, 2}, {1, 0}));
  nothing["mask"] = counting({1, 2}, 0);
  EXPECT_THAT(refused(nothing), HasSubstr("[data.npz: y] got no class, because no step counts"));
}

TEST(FileTargets, ClassesAreThoseOfTraining) {
  const Arrays train = with_targets(whole_numbers({1, 2}, {0, 1}));
  Arrays test = with_targets(whole_numbers({3, 2}, {0, 1, 3, 0, 0, 0}), 3);
  EXPECT_THAT(
      refused([&] { file_task(train, test, cross_entropy); }),
      HasSubstr("[test.npz: y] got the class 3 at stream 1, step 0, allowed are 0 ... 1, the classes of data.npz"));
  FileNeeds four = cross_entropy;
  four.outputs = 4;
  EXPECT_EQ(file_task(train, test, four)->outputs(), 4);
  Array mask = counting({3, 2});
  mask.f64[2] = 0;
  test["mask"] = mask;
  const auto task = file_task(train, test, cross_entropy);
  EXPECT_EQ(task->outputs(), 2);
  EXPECT_THAT(Read(*task, Split::test, 1, 1, 1).y, ElementsAre(1, 0));
}

TEST(FileTargets, DistributionsSumToOne) {
  Array y = counting({1, 2, 3});
  y.f64 = {0.5, 0.25, 0.25, 0.5, 0.5, 0.25};
  EXPECT_THAT(refused(with_targets(y)), HasSubstr("[data.npz: y] got numbers that sum to 1.25 at stream 0, step 1,"));
  Arrays arrays = with_targets(y);
  Array mask = counting({1, 2});
  mask.f64 = {1, 0};
  arrays["mask"] = mask;
  EXPECT_THAT(Read(*file_task(arrays, cross_entropy), Split::train, 0, 0, 2).y, ElementsAre(0.5, 0.25, 0.25, 0, 0, 0));
  EXPECT_NO_THROW(file_task(with_targets(y), bce)) << "outputs by themselves";
}

TEST(FileTargets, DistributionsComputedInFloat32Pass) {
  for (const std::size_t m : {2U, 7U, 1000U}) {
    std::vector<float> weights(m), values(m);
    float sum = 0;
    for (std::size_t k = 0; k < m; ++k) sum += weights[k] = std::exp(std::sin(static_cast<float>(7 * k)));
    for (std::size_t k = 0; k < m; ++k) values[k] = weights[k] / sum;
    EXPECT_NO_THROW(file_task(with_targets(Array::of({1, 1, m}, values)), cross_entropy)) << m;
    values[0] += static_cast<float>(2 * distribution_tolerance(m));
    EXPECT_THAT(refused(with_targets(Array::of({1, 1, m}, values))), HasSubstr("that sum to 1.0")) << m;
  }
}

TEST(FileTargets, IntegersWithALastAxisAreOneHotRows) {
  Array y = whole_numbers({1, 2, 3}, {0, 1, 0, 1, 0, 0});
  EXPECT_THAT(Read(*file_task(with_targets(y), cross_entropy), Split::train, 0, 0, 2).y, ElementsAre(0, 1, 0, 1, 0, 0));
  y.i64[3] = 2;
  EXPECT_THAT(refused(with_targets(y)), HasSubstr("y] got integers that sum to 2 at stream 0, step 1,"));
  // Streams of one feature, with classes: not one stream of as many features as there are steps.
  const Arrays forgotten{{"x", counting({2, 4})}, {"y", whole_numbers({2, 4}, {2, 0, 1, 2, 1, 1, 0, 2})}};
  EXPECT_THAT(refused(forgotten), HasSubstr("If x and y are (B, T), give x an axis of one feature: x[:, :, None]."));
}

TEST(FileTargets, AMaskedTargetMayBeAnything) {
  const double inf = std::numeric_limits<double>::infinity();
  FileNeeds single = bce;
  single.largest = 3e38;
  for (const double anything : {double{NAN}, inf, -5.0, 1e300}) {
    Array y = counting({1, 3, 1});
    y.f64 = {0.25, anything, 1};
    Arrays arrays = with_targets(y);
    EXPECT_THAT(refused(arrays, single), HasSubstr("[data.npz: y] got "));
    Array mask = counting({1, 3});
    mask.f64 = {1, 0, 2};
    arrays["mask"] = mask;
    EXPECT_THAT(Read(*file_task(arrays, single), Split::train, 0, 0, 3).y, ElementsAre(0.25, 0, 1));
    arrays["x"].f64[1] = anything;
    if (!std::isfinite(anything) || anything > single.largest) {
      EXPECT_THAT(refused(arrays, single), HasSubstr("[data.npz: x] got ")) << "its input drives the states";
    }
  }
}

TEST(FileTargets, AMaskedTargetIsNotHeld) {
  FileNeeds hold = mse;
  hold.missing = Missing::hold;
  Array y = counting({1, 4, 1}), mask = counting({1, 4});
  y.f64 = {3, 99, NAN, 4};
  mask.f64 = {1, 0, 1, 1};
  Arrays arrays = with_targets(y);
  arrays["mask"] = mask;
  const Read read(*file_task(arrays, hold), Split::train, 0, 0, 4);
  EXPECT_THAT(read.y, ElementsAre(3, 0, 3, 4));
  EXPECT_THAT(read.mask, ElementsAre(1, 0, 1, 1));
}

TEST(FileTargets, AStepThatAGapInItsInputSkipsDoesNotCount) {
  FileNeeds skip = cross_entropy;
  skip.missing = Missing::skip;
  Arrays arrays = with_targets(whole_numbers({1, 3}, {0, 7, 1}));
  arrays["x"].f64[1] = NAN;
  const auto task = file_task(arrays, skip);
  EXPECT_EQ(task->outputs(), 2);
  EXPECT_THAT(Read(*task, Split::train, 0, 0, 3).mask, ElementsAre(1, 0, 1));
}

}  // namespace
}  // namespace chronograd
