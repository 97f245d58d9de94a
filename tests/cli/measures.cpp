// SPDX-License-Identifier: Apache-2.0
// What train and eval say of a test beside its loss.
#include <cmath>

#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

/// A table of 90 lines: one input, a class in words that the input's sign tells, and a number.
std::string write_table(const Folder& folder) {
  std::ofstream file(folder / "t.csv");
  file << "x,kind,z,flat\n";
  for (int i = 0; i < 90; ++i) {
    const double x = std::sin(i * 0.7);
    file << x << ',' << (x < -0.3 ? "low" : x < 0.3 ? "middle" : "high") << ',' << 2 * x + 1 << ",3\n";
  }
  return (folder / "t.csv").string();
}

std::string config_for(const Folder& folder, const std::string& loss, const std::string& targets) {
  const std::string path = (folder / (loss + ".toml")).string();
  std::ofstream(path) << "[model]\ncell='leaky'\nhidden=6\n[loss]\nname='" << loss
                      << "'\n[rule]\nname='rtrl'\n[update]\nevery=1\n[optimizer]\nname='adam'\nlr=0.02\n"
                         "[data]\ninputs=['x']\ntest_part=0.3\ntrain='"
                      << write_table(folder) << "'\ntargets=" << targets << "\n[train]\nepochs=30\n";
  return "'" + path + "'";
}

json trained(const Folder& folder, const std::string& config) {
  EXPECT_THAT(chronograd_run("train " + config + " --quiet" + out_words(folder / "run")), ExitsWith(0));
  return json::parse(read_text(folder / "run" / "summary.json"));
}

TEST(MeasuresOfRuns, ClassesHaveTheirNames) {
  const Folder folder;
  const json test = trained(folder, config_for(folder, "cross_entropy", "['kind']"))["test"];
  double hits = 0, all = 0;
  ASSERT_EQ(test["confusion"].size(), 3U);
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column) {
      all += test["confusion"][row][column].get<double>();
      if (row == column) hits += test["confusion"][row][column].get<double>();
    }
  EXPECT_EQ(all, 27) << "three tenths of the lines";
  EXPECT_NEAR(test["accuracy"].get<double>(), hits / all, 1e-12);
  EXPECT_GT(test["macro_f1"].get<double>(), 0.3);
  const std::string run = "eval '" + (folder / "run").string() + "'";
  const json evaluated = json::parse(chronograd_run(run + " --json").out);
  for (const char* key : {"loss", "accuracy", "macro_f1", "confusion"}) EXPECT_EQ(evaluated[key], test[key]) << key;
  const Outcome text = chronograd_run(run);
  EXPECT_THAT(text.out, HasSubstr(", macro-F1 "));
  EXPECT_THAT(text.out, HasSubstr("target \\ answer  high  low"));
  EXPECT_THAT(text.out, HasSubstr("\nmiddle"));
  // A finished run that is read again says the same.
  const Outcome again = chronograd_run("train " + config_for(folder, "cross_entropy", "['kind']") + " --quiet --json " +
                                       "--resume" + out_words(folder / "run"));
  EXPECT_EQ(json::parse(again.out)["test"], test);
}

TEST(MeasuresOfRuns, NumbersHaveErrorsAndShares) {
  const Folder folder;
  const json test = trained(folder, config_for(folder, "mse", "['z', 'flat']"))["test"];
  EXPECT_GT(test["r2"].get<double>(), 0.5);
  EXPECT_LT(test["r2"].get<double>(), 1);
  ASSERT_EQ(test["r2_of_outputs"].size(), 2U);
  EXPECT_EQ(test["r2_of_outputs"][0], test["r2"]);
  EXPECT_TRUE(test["r2_of_outputs"][1].is_null()) << "a constant target";
  EXPECT_NEAR(test["mae"].get<double>(),
              (test["mae_of_outputs"][0].get<double>() + test["mae_of_outputs"][1].get<double>()) / 2, 1e-12);
  EXPECT_FALSE(test.contains("confusion"));
  const Outcome text = chronograd_run("eval '" + (folder / "run").string() + "'");
  EXPECT_THAT(text.out, HasSubstr(", MAE "));
  EXPECT_THAT(text.out, HasSubstr("output  MAE"));
}

}  // namespace
}  // namespace chronograd
