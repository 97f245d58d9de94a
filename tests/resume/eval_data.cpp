// SPDX-License-Identifier: Apache-2.0
// Which data eval judges, and what it writes of each step.
#include <numeric>

#include "chronograd/array.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

constexpr const char* rows =
    "dtype='float64'\n[model]\ncell='leaky'\nhidden=3\n[loss]\nname='mse'\n[rule]\nname='rflo'\n"
    "[update]\nevery=1\n[train]\nepochs=1\n";

/// B streams of T steps, two inputs, one output, every fifth step without loss.
void write_rows(const std::filesystem::path& path, std::size_t B, std::size_t T, double scale = 1) {
  std::vector<double> x, y, mask;
  for (std::size_t i = 0; i < B * T; ++i) {
    x.insert(x.end(), {scale * static_cast<double>(i % 7) * 0.1, static_cast<double>(i % 11) * 0.1});
    y.push_back(static_cast<double>(i % 13) * 0.1);
    mask.push_back(i % 5 == 0 ? 0 : 1);
  }
  write_npz(path.string(),
            {{"x", Array::of({B, T, 2}, x)}, {"y", Array::of({B, T, 1}, y)}, {"mask", Array::of({B, T}, mask)}});
}

json eval(const Folder& folder, const std::string& words) {
  const Outcome got = run_in(folder, "eval " + words + " --json");
  EXPECT_THAT(got, ExitsWith(0));
  return got.code == 0 ? json::parse(got.out) : json();
}

TEST(EvalData, AnotherContentAtTheRecordedPathIsRefused) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  for (const char* name : {"here", "there"}) std::filesystem::create_directory(folder / name);
  for (const char* name : {"train.npz", "test.npz"}) {
    write_rows(folder / "here" / name, 2, 6);
    write_rows(folder / "there" / name, 2, 6, 2);
  }
  ASSERT_THAT(run_in(folder, "train c.toml data.train=here/train.npz data.test=here/test.npz --out r --quiet"),
              ExitsWith(0));
  const json before = eval(folder, "r");
  EXPECT_EQ(before["loss"], json::parse(read_text(folder / "r" / "summary.json"))["test"]["loss"]);
  const json data = json::parse(read_text(folder / "r" / "environment.json"))["data"];
  for (const std::string file : {"test.npz", "train.npz"}) {
    std::filesystem::rename(folder / "here" / file, folder / "kept");
    const Outcome missing = run_in(folder, "eval r");
    EXPECT_THAT(missing, ExitsWith(4));
    EXPECT_THAT(missing.err, HasSubstr("[here/" + file + "] is not here, and the run read it."));
    std::filesystem::copy(folder / "there" / file, folder / "here" / file);
    const Outcome other = run_in(folder, "eval r");
    EXPECT_THAT(other, ExitsWith(4));
    EXPECT_EQ(other.out, "");
    EXPECT_THAT(other.err, HasSubstr("[here/" + file + "] got another content than the run had: SHA-256 "));
    EXPECT_THAT(other.err, HasSubstr(data["here/" + file].get<std::string>()));
    EXPECT_THAT(other.err, HasSubstr("--data FILE"));
    EXPECT_NE(eval(folder, "r --data here/" + file)["loss"], before["loss"]) << "chosen on purpose";
    std::filesystem::rename(folder / "kept", folder / "here" / file);
  }
  EXPECT_EQ(eval(folder, "r"), before);
  EXPECT_EQ(eval(folder, "r --data here/test.npz")["loss"], before["loss"]);
  std::filesystem::remove(folder / "here" / "test.npz");
  EXPECT_EQ(eval(folder, "r --data here/train.npz")["loss"], before["loss"]) << "the run's own test data are not read";
}

TEST(EvalData, RowsToValidateOnAreHeldAgainstTheRecordToo) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  for (const char* name : {"train.npz", "test.npz", "validation.npz"})
    write_rows(folder / name, 2, name[0] == 'v' ? 4 : 6);
  ASSERT_THAT(run_in(folder,
                     "train c.toml data.train=train.npz data.test=test.npz data.validation=validation.npz --out r "
                     "--quiet"),
              ExitsWith(0));
  // The record may know it by another name, as that of a data set that was kept elsewhere.
  json environment = json::parse(read_text(folder / "r" / "environment.json"));
  environment["data"]["elsewhere"] = environment["data"]["validation.npz"];
  environment["data"].erase("validation.npz");
  std::ofstream(folder / "r" / "environment.json") << environment.dump();
  EXPECT_THAT(run_in(folder, "eval r"), ExitsWith(0));
  write_rows(folder / "validation.npz", 2, 4, 2);
  const Outcome other = run_in(folder, "eval r");
  EXPECT_THAT(other, ExitsWith(4));
  EXPECT_THAT(other.err, HasSubstr("[validation.npz] got another content than the run had"));
}

TEST(EvalData, OutputsThatAreNotWrittenAreSaid) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  write_rows(folder / "train.npz", 2, 6);
  ASSERT_THAT(run_in(folder, "train c.toml data.train=train.npz --out r --quiet"), ExitsWith(0));
  write_npz((folder / "far.npz").string(), {{"x", Array::of({1, 1, 2}, std::vector<double>{0, 0})},
                                            {"y", Array::of({1, 1, 1}, std::vector<double>{1e200})}});
  const Outcome far = run_in(folder, "eval r --data far.npz --out y.npz");
  EXPECT_THAT(far, ExitsWith(3));
  EXPECT_THAT(far.err, HasSubstr("[y.npz] was not written"));
  EXPECT_FALSE(std::filesystem::exists(folder / "y.npz"));
}

TEST(EvalData, TargetsInASecondFileBelongToOtherData) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  const auto image = [&](const char* name, char pixel) {
    std::ofstream(folder / name) << std::string("\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2", 16) << std::string(8, pixel);
  };
  image("a.idx", 1);
  image("b.idx", 9);
  std::ofstream(folder / "l.idx") << std::string("\0\0\x08\x01\0\0\0\2\0\1", 10);
  ASSERT_THAT(run_in(folder, "train c.toml data.train=a.idx data.labels=l.idx loss.name=cross_entropy --out r --quiet"),
              ExitsWith(0));
  const Outcome got = run_in(folder, "eval r --data b.idx");
  EXPECT_THAT(got, ExitsWith(2));
  EXPECT_THAT(got.err, HasSubstr("data.labels = \"l.idx\""));
}

TEST(EvalData, TestRowsMayHaveAnotherLength) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  write_rows(folder / "train.npz", 2, 6);
  for (const auto& [B, T] : {std::pair<std::size_t, std::size_t>{3, 2}, {1, 700}}) {
    write_rows(folder / "test.npz", B, T);
    const std::string run = "r" + std::to_string(T);
    ASSERT_THAT(run_in(folder, "train c.toml data.train=train.npz data.test=test.npz --quiet --out " + run),
                ExitsWith(0));
    const json test = json::parse(read_text(folder / run / "summary.json"))["test"];
    EXPECT_EQ(eval(folder, run)["loss"], test["loss"]);
    // Alone, as the rows of a file that is judged by itself.
    EXPECT_EQ(eval(folder, run + " --data test.npz")["loss"], test["loss"]);
    EXPECT_EQ(read_npz((folder / run / "sample.npz").string()).at("x").shape[1], std::min<std::size_t>(T, 200));
    ASSERT_THAT(run_in(folder, "report " + run), ExitsWith(0));
  }
}

TEST(EvalData, OutputsAndStatesOfEachStep) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << rows;
  write_rows(folder / "d.npz", 300, 270);  // more rows and steps than are evaluated at a time
  write_rows(folder / "few.npz", 3, 6);
  ASSERT_THAT(run_in(folder, "train c.toml data.train=few.npz data.test=few.npz --out r --quiet"), ExitsWith(0));
  const json got = eval(folder, "r --data d.npz --out y.npz");
  EXPECT_EQ(got["out"], "y.npz");
  ASSERT_THAT(run_in(folder, "gradient c.toml --data d.npz --params r/params.npz --out g.npz --quiet"), ExitsWith(0));
  const Arrays found = read_npz((folder / "y.npz").string()), expected = read_npz((folder / "g.npz").string()),
               data = read_npz((folder / "d.npz").string());
  EXPECT_EQ(found.size(), 5U);
  for (const char* name : {"y", "h", "loss_t"}) {
    ASSERT_EQ(found.at(name).shape, expected.at(name).shape) << name;
    for (std::size_t i = 0; i < found.at(name).size(); ++i)
      ASSERT_NEAR(found.at(name).at(i), expected.at(name).at(i), 1e-12) << name << " at " << i;
  }
  for (std::size_t i = 0; i < data.at("y").size(); ++i)
    ASSERT_EQ(found.at("target").at(i), data.at("mask").at(i) > 0 ? data.at("y").at(i) : 0) << i;
  EXPECT_EQ(found.at("mask").f64, data.at("mask").f64);
  const auto sum = [&](const char* name) {
    const std::vector<double>& values = found.at(name).f64;
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  EXPECT_NEAR(sum("loss_t") / sum("mask"), got["loss"].get<double>(), 1e-12);

  EXPECT_FALSE(eval(folder, "r").contains("out"));
  eval(folder, "r --out test.npz");
  EXPECT_EQ(read_npz((folder / "test.npz").string()).at("y").shape, (std::vector<std::size_t>{3, 6, 1}));
  eval(folder, "r --checkpoint --out checkpoint.npz");
  EXPECT_EQ(read_text(folder / "checkpoint.npz"), read_text(folder / "test.npz"));
}

TEST(EvalData, NoFileOfOutputsWhereThereAreNone) {
  const Folder folder;
  ASSERT_THAT(chronograd_run(train_words(folder) + "train.updates=5" + out_words(folder / "endless")), ExitsWith(0));
  const Outcome endless = run_in(folder, "eval endless --out y.npz");
  EXPECT_THAT(endless, ExitsWith(2));
  EXPECT_THAT(endless.err, HasSubstr("no fixed number of rows"));
  EXPECT_FALSE(std::filesystem::exists(folder / "y.npz"));
  std::ofstream(folder / "r.toml") << rows;
  write_rows(folder / "few.npz", 3, 6);

  ASSERT_THAT(run_in(folder, "train r.toml --data few.npz --out r --quiet"), ExitsWith(0));
  EXPECT_THAT(run_in(folder, "eval r --out y.npz"), ExitsWith(2)) << "no test data";
  EXPECT_THAT(run_in(folder, "eval r --data none.npz --out y.npz"), ExitsWith(4));
  EXPECT_THAT(run_in(folder, "eval r --data few.npz --out none/y.npz"), ExitsWith(4));
  EXPECT_FALSE(std::filesystem::exists(folder / "y.npz"));
}

}  // namespace
}  // namespace chronograd
