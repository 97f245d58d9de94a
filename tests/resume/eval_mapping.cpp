// SPDX-License-Identifier: Apache-2.0
// What was fitted on the training data goes with the parameters: eval, train and gradient apply it to other data.
#include <cmath>

#include "chronograd/array.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

constexpr const char* forecast =
    "dtype='float64'\n[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[optimizer]\n"
    "name='adam'\nlr=0.05\n[data]\ninputs=['a']\ntargets=['b']\nstandardize='all'\n[train]\nepochs=20\n";
constexpr const char* animals =
    "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='cross_entropy'\n[rule]\nname='bptt'\n[optimizer]\nname='adam'\n"
    "lr=0.05\n[data]\ninputs=['a']\ntargets=['k']\n[train]\nepochs=100\n";

/// Lines a, b = from, from / 2 + a small wave.
std::string ramp(int from, int lines, const std::string& head = "a,b") {
  std::string text = head + "\n";
  for (int i = from; i < from + lines; ++i)
    text += std::to_string(i) + "," + std::to_string(0.5 * i + 0.1 * (i % 3)) + "\n";
  return text;
}

/// Files, runs and words of one test.
struct Place {
  Folder folder;

  void put(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
  std::string word(const std::string& name) const { return "'" + (folder / name).string() + "'"; }
  std::string params(const std::string& run) const { return (folder / run / "params.npz").string(); }
  /// Runs `verb CONFIG words` in the folder.
  Outcome in(const std::string& words) const { return run_in(folder, words); }
  void train(const std::string& words) const { ASSERT_THAT(in("train " + words + " --quiet"), ExitsWith(0)); }
  json eval(const std::string& words) const {
    const Outcome got = in("eval " + words + " --json");
    EXPECT_THAT(got, ExitsWith(0));
    return got.code == 0 ? json::parse(got.out) : json();
  }
};

/// `standardize='all'`: trained on 0 ... 19, tested on 100 ... 119.
struct Forecast : Place {
  Forecast() {
    put("c.toml", forecast);
    put("train.csv", ramp(0, 20));
    put("later.csv", ramp(100, 20));
    train("c.toml data.train=train.csv data.test=later.csv --out r");
  }
};

TEST(EvalMapping, TheTrainingPartsScaleIsAppliedToOtherData) {
  const Forecast here;
  const double test = json::parse(read_text(here.folder / "r" / "summary.json"))["test"]["loss"];
  EXPECT_GT(test, 1) << "far from the training part, in its units";
  EXPECT_EQ(here.eval("r")["loss"], test);
  EXPECT_EQ(here.eval("r --data later.csv")["loss"], test);
  EXPECT_EQ(here.eval("r --data later.csv --checkpoint")["loss"], test);
  here.put(
      "moved.csv", "b,extra,a\n" + [] {
        std::string lines;
        for (int i = 100; i < 120; ++i)
          lines += std::to_string(0.5 * i + 0.1 * (i % 3)) + ",0," + std::to_string(i) + "\n";
        return lines;
      }());
  EXPECT_EQ(here.eval("r --data moved.csv")["loss"], test) << "columns are found by their names";
  const Outcome gradient = here.in("gradient c.toml --data later.csv --params r/params.npz --out g.npz --json");
  ASSERT_THAT(gradient, ExitsWith(0));
  EXPECT_NEAR(json::parse(gradient.out)["loss"].get<double>() / 20, test, 1e-12 * test);
}

TEST(EvalMapping, AllOfTheFileIsJudged) {
  const Forecast here;
  here.train("c.toml data.train=train.csv data.test_part=0.5 --out half");
  EXPECT_EQ(here.eval("half --data train.csv")["data"].get<std::string>().substr(0, 29),
            "train.csv: 1 row of 20 steps ");
}

TEST(EvalMapping, StandsInTheParametersInFullPrecision) {
  const Forecast here;
  const Arrays arrays = read_npz(here.params("r"));
  EXPECT_EQ(arrays.at("mapping/x_mean").f64, std::vector<double>{9.5});
  EXPECT_EQ(arrays.at("mapping/x_deviation").f64, std::vector<double>{std::sqrt(33.25)});
  EXPECT_EQ(arrays.at("mapping/y_mean").shape, (std::vector<std::size_t>{1}));
  std::string columns;
  for (const std::int64_t code : arrays.at("mapping/x_columns").i64) columns += static_cast<char>(code);
  EXPECT_EQ(columns, std::string("a\0", 2));
  here.put("n.toml",
           "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[update]\nevery=1\n"
           "[data]\ninputs=['a']\ntargets=['b']\n[train]\nepochs=1\n");
  here.train("n.toml --data train.csv --out plain");
  for (const auto& [name, array] : read_npz(here.params("plain")))
    EXPECT_TRUE(!name.starts_with("mapping/") || name.ends_with("_columns")) << "nothing else was fitted";
}

TEST(EvalMapping, ANewRunGoesOnWithTheMappingOfItsParameters) {
  const Forecast here;
  const Outcome more =
      here.in("train c.toml --data later.csv --params r/params.npz train.epochs=1 optimizer.lr=1e-30 --out more");
  ASSERT_THAT(more, ExitsWith(0));
  EXPECT_EQ(more.err, "") << "nothing is fitted anew, and nothing in the file is unused";
  const Arrays before = read_npz(here.params("r")), after = read_npz(here.params("more"));
  for (const auto& [name, array] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    for (std::size_t i = 0; i < array.size(); ++i) EXPECT_EQ(after.at(name).at(i), array.at(i)) << name;
  }
  EXPECT_EQ(here.eval("more --data train.csv")["loss"], here.eval("r --data train.csv")["loss"]);
  EXPECT_THAT(here.in("train c.toml --data later.csv --params r/params.npz train.epochs=1 optimizer.lr=1e-30 --out "
                      "more --resume"),
              ExitsWith(0));
}

TEST(EvalMapping, DataThatAreReadInAnotherWayAreRefused) {
  const Forecast here;
  const std::string words = " --params r/params.npz --out other";
  const Outcome none = here.in("train c.toml --data later.csv data.standardize=none" + words);
  EXPECT_THAT(none, ExitsWith(2));
  EXPECT_THAT(none.err, HasSubstr("[data.standardize] got parameters that were trained with scaled inputs"));
  here.put("d.csv", ramp(0, 20, "d,b"));
  const Outcome columns = here.in("train c.toml --data d.csv 'data.inputs=[\"d\"]'" + words);
  EXPECT_THAT(columns, ExitsWith(2));
  EXPECT_THAT(columns.err, HasSubstr("data.inputs"));
  write_npz((here.folder / "d.npz").string(), {{"x", Array::of({1, 2, 1}, std::vector<double>{1, 2})},
                                               {"y", Array::of({1, 2, 1}, std::vector<double>{1, 2})}});
  const Outcome npz = here.in("eval r --data d.npz");
  EXPECT_THAT(npz, ExitsWith(2));
  EXPECT_THAT(npz.err, HasSubstr("got npz with parameters that hold a mapping"));
  EXPECT_FALSE(std::filesystem::exists(here.folder / "other"));
  Arrays arrays = read_npz(here.params("r"));
  arrays.at("mapping/x_deviation").f64[0] = 0;
  write_npz(here.params("r"), arrays);
  const Outcome zero = here.in("eval r --data later.csv");
  EXPECT_THAT(zero, ExitsWith(4));
  EXPECT_THAT(zero.err, HasSubstr("[parameters: mapping/x_deviation] got 0"));
}

TEST(EvalMapping, ARunOfAnEarlierVersionIsJudgedByItsOwnDataAlone) {
  const Forecast here;
  const json before = here.eval("r");
  Arrays arrays;
  for (auto& [name, array] : read_npz(here.params("r")))
    if (!name.starts_with("mapping/")) arrays.emplace(name, array);
  write_npz(here.params("r"), arrays);
  EXPECT_EQ(here.eval("r")["loss"], before["loss"]);
  const Outcome other = here.in("eval r --data later.csv");
  EXPECT_THAT(other, ExitsWith(4));
  EXPECT_THAT(other.err, HasSubstr("does not say how the training data were mapped"));
  const Outcome train = here.in("train c.toml --data later.csv --params r/params.npz --out new");
  EXPECT_THAT(train, ExitsWith(0)) << "parameters from elsewhere are as good as any";
  EXPECT_THAT(train.err, HasSubstr("fitted on these data (x_deviation, x_mean, y_deviation, y_mean)"));
}

TEST(EvalMapping, ClassesKeepTheirNumbers) {
  const Place here;
  const auto lines = [](const std::string& first, const std::string& second) {
    std::string text = "a,k\n";
    for (int i = 0; i < 10; ++i) text += first + "\n" + second + "\n";
    return text;
  };
  here.put("c.toml", animals);
  here.put("train.csv", lines("-1,cat", "1,dog"));
  here.put("dogs.csv", lines("1,dog", "1,dog"));
  here.put("foxes.csv", lines("1,dog", "3,fox"));
  here.train("c.toml --data train.csv --out r");
  EXPECT_EQ(here.eval("r --data train.csv")["accuracy"], 1);
  EXPECT_EQ(here.eval("r --data dogs.csv")["accuracy"], 1);
  EXPECT_EQ(here.eval("r --data dogs.csv --checkpoint")["accuracy"], 1);
  for (const char* words : {"eval r --data foxes.csv", "train c.toml --data foxes.csv --params r/params.npz --out n",
                            "gradient c.toml --data foxes.csv --params r/params.npz --out g.npz"}) {
    const Outcome foxes = here.in(words);
    EXPECT_THAT(foxes, ExitsWith(4)) << words;
    EXPECT_THAT(foxes.err, HasSubstr("fox")) << words;
  }
}

TEST(EvalMapping, InputsThatTheHeaderChoseAreFoundAgain) {
  const Place here;
  here.put("c.toml",
           "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[data]\n"
           "targets=['y']\n[train]\nepochs=5\n");
  here.put("train.csv", "a,b,y\n1,10,0\n2,30,1\n3,20,0\n");
  here.put("turned.csv", "more,b,y,a\n0,10,0,1\n0,30,1,2\n0,20,0,3\n");
  here.train("c.toml --data train.csv --out r");
  EXPECT_EQ(here.eval("r --data turned.csv")["loss"], here.eval("r --data train.csv")["loss"]);
}

TEST(EvalMapping, TheAlphabetStays) {
  const Place here;
  here.put("c.toml",
           "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='cross_entropy'\n[rule]\nname='bptt'\n[optimizer]\n"
           "name='adam'\nlr=0.05\n[data]\nwindow=4\n[train]\nepochs=100\n");
  here.put("train.txt", "abcabcabcabcabcabcabcabcabcabcabcabc");
  here.put("other.txt", "bc??????????");
  here.train("c.toml --data train.txt --out r");
  const std::vector<std::int64_t> alphabet = {'a', 'b', 'c'};
  EXPECT_EQ(read_npz(here.params("r")).at("mapping/characters").i64, alphabet);
  const Outcome other = here.in("eval r --data other.txt");
  EXPECT_THAT(other, ExitsWith(0));
  EXPECT_THAT(other.out, HasSubstr("accuracy 1.0000")) << "of the step from b to c: others have no loss";
  EXPECT_THAT(other.err, HasSubstr("10 characters of the text do not occur in the training text of the parameters"));
  EXPECT_THAT(here.in("train c.toml --data other.txt --params r/params.npz --out n"), ExitsWith(0));
  EXPECT_EQ(read_npz(here.params("n")).at("mapping/characters").i64, alphabet);
  const Outcome bytes = here.in("train c.toml --data train.txt data.unit=byte --params r/params.npz --out m");
  EXPECT_THAT(bytes, ExitsWith(2));
  EXPECT_THAT(bytes.err, HasSubstr("a mapping of their training data (characters)"));
}

}  // namespace
}  // namespace chronograd
