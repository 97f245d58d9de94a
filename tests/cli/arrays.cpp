// SPDX-License-Identifier: Apache-2.0
// Arrays with a meaning that are no numbers, in every verb that reads them.
#include "chronograd/array.hpp"
#include "files/archives.hpp"
#include "files/npy.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;

constexpr const char* model =
    "[model]\ncell='leaky'\nhidden=3\n[loss]\nname='mse'\n[rule]\nname='rflo'\nfeedback='random'\n[update]\nevery=2\n";

const std::string objects = testing::npy(testing::dict("|O", "(2, 4)"), "pickle"),
                  words = testing::npy(testing::dict("<U1", "(2, 4)"), std::string(32, 'a'));

/// A .npz file of these arrays, and of one that holds something else.
void write(const std::string& path, const Arrays& arrays, const std::string& name, const std::string& other) {
  std::vector<testing::ZipMember> members = {{name + ".npy", other}};
  for (const auto& [key, array] : arrays)
    if (key != name) members.push_back({key + ".npy", npy_header_of(array, key) + std::string(npy_elements_of(array))});
  testing::put(path, testing::zip(members));
}

/// A folder with a configuration, data and a run.
class ArraysOfEveryVerb : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "c.toml") << model << "[data]\ntrain=\"" << at("d.npz") << "\"\n";
    std::vector<double> numbers(8);
    for (std::size_t i = 0; i < 8; ++i) numbers[i] = 0.1 * static_cast<double>(i);
    data_ = {{"x", Array::of({2, 4, 1}, numbers)}, {"y", Array::of({2, 4, 1}, numbers)}};
    write_npz(at("d.npz"), data_);
    ASSERT_THAT(chronograd_run("train " + word("c.toml") + " --quiet" + out_words(at("run"))), ExitsWith(0));
    parameters_ = read_npz(at("run/params.npz"));
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::string word(const std::string& name) const { return "'" + at(name) + "'"; }

  /// Every verb that reads this file of data or parameters says the same and leaves nothing behind.
  void expect_refused(const std::string& option, const std::string& message) const {
    std::vector<std::string> verbs = {"train " + word("c.toml") + " --out " + word("new"),
                                      "gradient " + word("c.toml") + " --out " + word("new"),
                                      "compare " + word("c.toml") + " --rules rflo --out " + word("new")};
    if (option == "--data") {
      verbs[1] += " --params " + word("run/params.npz");
      verbs.push_back("eval " + word("run"));
      verbs.push_back("sweep " + word("c.toml") + " --out " + word("new"));
    }
    for (const std::string& verb : verbs) {
      const Outcome got = chronograd_run(verb + " --quiet " + option + " " + word("bad.npz"));
      EXPECT_THAT(got, ExitsWith(4)) << verb;
      EXPECT_THAT(got.err, HasSubstr(message)) << verb;
      EXPECT_FALSE(std::filesystem::exists(folder_ / "new")) << verb;
    }
  }

  Folder folder_;
  Arrays data_, parameters_;
};

TEST_F(ArraysOfEveryVerb, RefusesDataThatAreNoNumbers) {
  write(at("bad.npz"), data_, "mask", objects);
  expect_refused("--data", "bad.npz: mask] got Python objects (a pickle), allowed are numbers.");
  write(at("bad.npz"), data_, "x", objects);
  expect_refused("--data", "bad.npz: x] got Python objects (a pickle), allowed are numbers.");
  write(at("bad.npz"), data_, "remark", words);
  EXPECT_THAT(chronograd_run("eval " + word("run") + " --data " + word("bad.npz")).err,
              HasSubstr("bad.npz: remark] this array is not used."));
}

TEST_F(ArraysOfEveryVerb, RefusesParametersThatAreNoNumbers) {
  for (const char* name : {"W_out", "W_rec_mask", "b_h_tie", "B_feedback"}) {
    write(at("bad.npz"), parameters_, name, words);
    expect_refused("--params", std::string("bad.npz: ") + name + "] got text, allowed are numbers.");
  }
  write(at("bad.npz"), parameters_, "remark", words);
  EXPECT_THAT(chronograd_run("train " + word("c.toml") + " --params " + word("bad.npz") + out_words(at("two"))).err,
              HasSubstr("bad.npz: remark] this array is not used."));
}

TEST_F(ArraysOfEveryVerb, RefusesParametersThatDtypeCannotHold) {
  for (const char* name : {"W_rec", "B_feedback"}) {
    Arrays large = parameters_;
    std::vector<double> numbers(large.at(name).size(), 0.5);
    numbers[1] = -1e39;
    large.at(name) = Array::of(large.at(name).shape, numbers);
    write_npz(at("bad.npz"), large);
    expect_refused("--params", std::string("bad.npz: ") + name + "] got -1e+39 at [");
  }
  const Outcome wide =
      chronograd_run("train " + word("c.toml") + " dtype=float64 --params " + word("bad.npz") + out_words(at("two")));
  EXPECT_TRUE(wide.code == 0 || wide.code == 3) << "it runs, whatever comes of it: " << wide.err;
}

}  // namespace
}  // namespace chronograd
