// SPDX-License-Identifier: Apache-2.0
// What nets refuse, by name, before their first step; and parameters of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "small_net.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

std::string refused(const std::vector<std::string>& changes, const RunOptions& options = {}) {
  try {
    check_training(small_net(changes), SmallTask({}), options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(Refusals, NameTheSettingAndWhatIsAllowed) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"net.groups=[1,2]"}, "[net.groups] got groups of 3 hidden layers together, allowed is 4"},
      {{"net.groups=[0,4]"}, "[net.groups] got a group of 0 layers, allowed is 1 or more"},
      {{"net.groups=[1.5,2.5]"}, "[net.groups] got 1.5"},
      {{"interface.lag=2"}, "[interface.lag] got 2 with the interface backprop, allowed is 0"},
      {{"interface.name=local", "interface.true_every=3"}, "[interface.true_every] got 3 with the interface local"},
      {{"interface.name=delayed", "interface.warmup=3"}, "[interface.warmup] got 3 with the interface delayed"},
      {{"interface.update_probability=0.5"}, "[interface.update_probability]"},
      {{"interface.name=local", "interface.unlock=full"}, "[interface.unlock] got full with the interface local"},
      {{"interface.name=none", "interface.fallback=true"}, "[interface.fallback] got true with the interface none"},
      {{"interface.name=delayed", "interface.order=arrival"}, "[interface.order] got arrival with --workers same"},
      {{"optimizer.clamp=[-1,1]"}, "[optimizer.clamp]"},
      {{"optimizer.schedule=inverse_sqrt"}, "[optimizer.horizon]"},
      {{"train.patience=3"}, "[train.patience] got 3 without rows to validate on"},
  };
  for (const auto& [changes, text] : cases) EXPECT_THAT(refused(changes), testing::StartsWith(text));
  RunOptions slow;
  slow.latency = 0.1;
  EXPECT_THAT(refused({}, slow), testing::StartsWith("[--latency] got a latency with --workers same"));
  EXPECT_EQ(refused({}), "nothing was refused");
}

TEST(Refusals, ParametersOfAnotherNet) {
  const Arrays right = run_small(small_net({"train.updates=1"})).result.parameters;
  const auto with = [&](const std::string& name, const Array* array) {
    Arrays given = right;
    given.erase(name);
    if (array) given.emplace(name, *array);
    RunOptions options;
    options.parameters = &given;
    options.parameters_name = "p.npz";
    return refused({}, options);
  };
  EXPECT_EQ(with("W2", &right.at("W2")), "nothing was refused");
  EXPECT_EQ(with("W2", nullptr), "[p.npz] has no array W2, needed is one of shape (6, 7).");
  EXPECT_EQ(with("W2", &right.at("W1")), "[p.npz: W2] got shape (7, 5), allowed is (6, 7).");
  Array bad = right.at("var3");
  bad.f32[2] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(with("var3", &bad), testing::StartsWith("[p.npz: var3] got NaN, infinity"));
}

TEST(Parameters, BeginARunAndOthersAreRemarkedOn) {
  Arrays first = run_small(small_net({"train.updates=6", "dtype=float64"})).result.parameters;
  EXPECT_EQ(first.at("W1").shape, (std::vector<std::size_t>{7, 5}));
  EXPECT_EQ(first.at("W_out").shape, (std::vector<std::size_t>{3, 5}));
  first.emplace("W_rec", Array::of({1}, std::vector<double>{0}));
  Watcher watcher;
  RunOptions options;
  options.parameters = &first;
  options.parameters_name = "p.npz";
  options.observer = &watcher;
  const Arrays still =
      run_small(small_net({"train.updates=1", "dtype=float64", "optimizer.lr=0"}), options).result.parameters;
  EXPECT_EQ(still.at("W3").f64, first.at("W3").f64);
  EXPECT_EQ(still.at("gamma2").f64, first.at("gamma2").f64);
  EXPECT_NE(still.at("mean1").f64, first.at("mean1").f64);  // running means move without a rate
  EXPECT_EQ(watcher.remarks, std::vector<std::string>{"[p.npz: W_rec] this array is not used."});
}

TEST(Parameters, FirstOnesDependOnTheSeedAndTheLayerAlone) {
  const auto first = [](const std::vector<std::string>& changes) {
    std::vector<std::string> all = {"optimizer.lr=0", "train.updates=1"};
    all.insert(all.end(), changes.begin(), changes.end());
    return run_small(small_net(all)).result.parameters;
  };
  const Arrays usual = first({}), deeper = first({"net.widths=[7,6,8,5,9]"}), other = first({"seed=1"});
  EXPECT_EQ(usual.at("W2").f32, deeper.at("W2").f32);
  EXPECT_NE(usual.at("W2").f32, other.at("W2").f32);
}

}  // namespace
}  // namespace chronograd
