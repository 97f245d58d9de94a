// SPDX-License-Identifier: Apache-2.0
// The third factor: how data bring it, what is refused, and that training and a learner are told the same.
#include "chronograd/third_factor.hpp"

#include <gmock/gmock.h>

#include "chronograd/error.hpp"
#include "chronograd/learner.hpp"
#include "chronograd/train.hpp"
#include "tasks/file_arrays.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

/// Two rows of three steps, and a third factor of this shape: 0, 1, 2, ...
Arrays with_third(std::vector<std::size_t> shape) {
  return {{"x", counting({2, 3, 1}, 0.1)}, {"y", counting({2, 3, 2}, 0.1)}, {"third", counting(std::move(shape))}};
}

std::vector<double> third_of(const Task& task, std::int64_t row, std::int64_t t, int steps) {
  std::vector<double> third(static_cast<std::size_t>(steps * third_numbers(task)), -99);
  third_factor(task)->read_third(row, t, steps, third.data());
  return third;
}

Config config_with(const std::string& rule, const std::string& more = "") {
  return Config::parse(
      "dtype='float64'\n[model]\ncell='leaky'\nhidden=4\nalpha=0.5\n[loss]\nname='mse'\n[rule]\nname='" + rule +
          "'\n[update]\nevery=1\n[optimizer]\nname='sgd'\nlr=0.1\n[train]\nepochs=1\nbatch=1\nshuffle=false\n" + more,
      "test");
}

std::string refusal(const Arrays& arrays, const std::string& rule = "three_factor") {
  try {
    train(config_with(rule), *file_task(arrays));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    return error.what();
  }
  return "";
}

TEST(ThirdFactor, IsReadAsOneNumberAStepOrSeveral) {
  const auto one = file_task(with_third({2, 3})), four = file_task(with_third({2, 3, 4}));
  EXPECT_EQ(third_numbers(*one), 1);
  EXPECT_EQ(third_of(*one, 1, 1, 2), (std::vector<double>{4, 5}));
  EXPECT_EQ(third_numbers(*four), 4);
  EXPECT_EQ(third_of(*four, 1, 2, 1), (std::vector<double>{20, 21, 22, 23}));
  Arrays plain = with_third({2, 3});
  plain.erase("third");
  EXPECT_EQ(third_numbers(*file_task(plain)), 0);
}

TEST(ThirdFactor, OfOneStreamMayLackItsAxis) {
  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{3}, {1, 3}, {3, 1}, {1, 3, 1}}) {
    const auto task = file_task({{"x", counting({3, 1})}, {"y", counting({3, 2})}, {"third", counting(shape)}});
    EXPECT_EQ(third_of(*task, 0, 0, 3), (std::vector<double>{0, 1, 2}));
  }
}

TEST(ThirdFactor, EndsWithItsRowAndCountsUnderAMask) {
  Arrays arrays = with_third({2, 3});
  arrays["lengths"] = whole_numbers({2}, {3, 2});
  arrays["third"].f64[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(third_of(*file_task(arrays), 1, 0, 3), (std::vector<double>{3, 4, 0}));
  // The last step has no loss but a signal: it is no padding, and the signal moves the weights.
  Arrays masked = with_third({2, 3});
  masked["mask"] = Array::of({2, 3}, std::vector<double>{1, 0, 0, 1, 0, 0});
  Arrays other = masked;
  other["third"].f64[5] = -7;
  EXPECT_NE(train(config_with("three_factor"), *file_task(masked)).parameters.at("W_rec").f64,
            train(config_with("three_factor"), *file_task(other)).parameters.at("W_rec").f64);
}

TEST(ThirdFactor, SaysWhatIsMissingOrDoesNotFit) {
  Arrays none = with_third({2, 3});
  none.erase("third");
  EXPECT_THAT(refusal(none), HasSubstr("needed is an array third"));
  EXPECT_EQ(refusal(none, "eprop"), "");
  EXPECT_THAT(refusal(with_third({2, 3, 3})), HasSubstr("got 3 numbers a step, allowed are 1 for all units, 4 for"));
  EXPECT_THAT(refusal(with_third({2, 2})), HasSubstr("[data.npz: third] got shape (2, 2)"));
  EXPECT_THAT(refusal(with_third({2, 3, 0})), HasSubstr("got shape (2, 3, 0)"));
  Arrays infinite = with_third({2, 3});
  infinite["third"].f64[4] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(refusal(infinite), HasSubstr("got infinity at stream 1, step 1"));
}

TEST(ThirdFactor, OfALearnerIsThatOfTraining) {
  Arrays arrays = with_third({2, 3, 4});
  for (const char* name : {"x", "y", "third"}) {  // one row
    arrays[name].shape[0] = 1;
    arrays[name].f64.resize(arrays[name].size());
  }
  const Config config = config_with("three_factor");
  const Arrays trained = train(config, *file_task(arrays)).parameters;
  Learner<double> learner(config, {.inputs = 1, .outputs = 2, .third = 4}),
      silent(config, {.inputs = 1, .outputs = 2, .third = 4});
  for (std::size_t t = 0; t < 3; ++t) {
    const std::span<const double> x(arrays["x"].f64.data() + t, 1), y(arrays["y"].f64.data() + 2 * t, 2),
        third(arrays["third"].f64.data() + 4 * t, 4);
    learner.predict(x);
    learner.learn(y, {}, third);
    silent.predict(x);
    silent.learn(y);
  }
  for (const char* name : {"W_rec", "W_in", "W_out"})
    EXPECT_EQ(learner.parameters().at(name).f64, trained.at(name).f64);
  EXPECT_NE(silent.parameters().at("W_rec").f64, trained.at("W_rec").f64);
  EXPECT_THROW(Learner<double>(config, {.inputs = 1, .outputs = 2}), Error);
}

}  // namespace
}  // namespace chronograd
