// SPDX-License-Identifier: Apache-2.0
// chronograd eval: the numbers of a run's own tests, from its files.
#include "chronograd/array.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

json eval(const std::string& arguments) {
  const Outcome got = chronograd_run("eval " + arguments + " --json");
  EXPECT_THAT(got, ExitsWith(0));
  return got.code == 0 ? json::parse(got.out) : json();
}

TEST(Eval, GivesTheTestLossOfTheRun) {
  for (const std::string changes :
       {"",
        "model.cell=gru rule.name=bptt update.every=trial task.length=20 train.updates=50 dtype=float64 model.layers=2",
        "rule.feedback=adaptive model.density=0.5 model.dale=0.5 train.batch=3 model.noise=0.1 train.updates=50"}) {
    const Folder folder;
    const std::string run = "'" + (folder / "run").string() + "'";
    ASSERT_THAT(chronograd_run(train_words(folder) + changes + out_words(folder / "run")), ExitsWith(0));
    const json expected = json::parse(read_text(folder / "run" / "summary.json"))["test"];
    EXPECT_EQ(eval(run)["loss"], expected["loss"]);
    EXPECT_EQ(eval(run + " --checkpoint")["loss"], expected["loss"]);
  }
}

TEST(Eval, TakesOtherData) {
  const Folder folder;
  const std::string run = "'" + (folder / "run").string() + "'";
  ASSERT_THAT(chronograd_run(train_words(folder) + "train.updates=5" + out_words(folder / "run")), ExitsWith(0));
  // The gradient of the same file under the same weights knows the sum of its losses.
  std::vector<double> x;
  std::vector<std::int64_t> y;
  for (int i = 0; i < 21; ++i) {
    x.push_back(i % 5 * 0.3);
    x.push_back(i % 3 * 0.5);
    y.push_back(i % 2);
  }
  write_npz((folder / "d.npz").string(), {{"x", Array::of({3, 7, 2}, x)}, {"y", Array::of({3, 7}, y)}});
  const std::string data = " --data '" + (folder / "d.npz").string() + "'";
  const Outcome whole =
      chronograd_run("gradient '" + (folder / "c.toml").string() + "'" + data + " --params '" +
                     (folder / "run" / "params.npz").string() + "' --out '" + (folder / "g.npz").string() + "' --json");
  ASSERT_THAT(whole, ExitsWith(0));
  const json got = eval(run + data);
  EXPECT_NEAR(got["loss"].get<double>(), json::parse(whole.out)["loss"].get<double>() / 21, 1e-6);
  EXPECT_GE(got["accuracy"].get<double>(), 0);
  EXPECT_THAT(chronograd_run("eval " + run + data).out, HasSubstr("accuracy 0."));
}

TEST(Eval, RefusesWhatItCannotDo) {
  const Folder folder;
  const std::string missing = "'" + (folder / "none").string() + "'";
  const Outcome none = chronograd_run("eval " + missing);
  EXPECT_THAT(none, ExitsWith(4));
  EXPECT_THAT(none.err, HasSubstr("no run is recorded here"));
  ASSERT_THAT(chronograd_run(train_words(folder) + "train.updates=5" + out_words(folder / "run")), ExitsWith(0));
  std::filesystem::remove_all(folder / "run" / "checkpoint");
  EXPECT_THAT(chronograd_run("eval '" + (folder / "run").string() + "' --checkpoint"), ExitsWith(4));
  std::filesystem::remove(folder / "run" / "params.npz");
  EXPECT_THAT(chronograd_run("eval '" + (folder / "run").string() + "'"), ExitsWith(4));
}

}  // namespace
}  // namespace chronograd
