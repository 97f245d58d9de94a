// SPDX-License-Identifier: Apache-2.0
// Rows to validate on, of each format: a share of the training data, or a file that is read as these are.
#include <cmath>

#include "chronograd/array.hpp"
#include "chronograd/train.hpp"
#include "format_task.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Numbers = std::vector<double>;

class ValidationRows : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    testing::put((folder_ / name).string(), bytes);
    return (folder_ / name).string();
  }
  std::unique_ptr<Task> task(const std::string& loss, std::vector<std::string> changes) {
    return make_task(Config::parse(
        "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='" + loss + "'\n[rule]\nname='rflo'\n[update]\nevery=1\n",
        "test", changes));
  }
  std::string refused(const std::string& loss, const std::vector<std::string>& changes) {
    try {
      task(loss, changes);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  /// All steps of the rows that are not padding.
  static Numbers inputs_of(const Task& task, Split split = Split::train) {
    Numbers x;
    for (std::int64_t row = 0; row < task.rows(split); ++row) {
      const Read read(task, split, row, 0, static_cast<int>(task.length(split)));
      for (std::size_t t = 0; t < read.mask.size(); ++t)
        if (read.mask[t] > 0) x.push_back(read.x[t * static_cast<std::size_t>(task.inputs())]);
    }
    return x;
  }

  Folder folder_;
};

TEST_F(ValidationRows, OfAStreamAreItsEndBeforeTheTest) {
  const std::string table = file("t.csv", "v\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  const auto got = task("mse", {"data.train=" + table, "data.predict=1", "data.test_part=0.3", "data.validation=0.43"});
  // 10 lines: 3 are tested, 3 of the other 7 validated; the last of each part is only a target.
  EXPECT_EQ(inputs_of(*got), (Numbers{1, 2, 3}));
  ASSERT_NE(got->validation(), nullptr);
  EXPECT_EQ(inputs_of(*got->validation()), (Numbers{5, 6}));
  EXPECT_EQ(inputs_of(*got, Split::test), (Numbers{8, 9}));
  EXPECT_THAT(got->summary(), HasSubstr("validated on 1 row"));
}

TEST_F(ValidationRows, LeaveScalesToTheRest) {
  const std::string table = file("t.csv", "v,w\n1,1\n3,1\n100,7\n200,7\n");
  const auto got =
      task("mse", {"data.train=" + table, "data.targets=w", "data.validation=0.5", "data.standardize=all"});
  EXPECT_EQ(inputs_of(*got), (Numbers{-1, 1}));
  EXPECT_EQ(inputs_of(*got->validation()), (Numbers{98, 198}));
}

TEST_F(ValidationRows, AreLinesFromAnywhereWhereLinesAreRows) {
  std::string text = "a,b,kind\n";
  for (int i = 0; i < 20; ++i) text += std::to_string(i) + "," + std::to_string(i) + (i < 10 ? ",no\n" : ",yes\n");
  const std::string table = file("t.csv", text);
  const auto got = task("cross_entropy",
                        {"data.train=" + table, "data.targets=kind", "data.steps=2", "data.validation=0.3", "seed=2"});
  Numbers all = inputs_of(*got), held = inputs_of(*got->validation());
  EXPECT_EQ(all.size(), 14U);
  EXPECT_EQ(held.size(), 6U);
  EXPECT_NE(held, (Numbers{14, 15, 16, 17, 18, 19})) << "sorted files are common";
  all.insert(all.end(), held.begin(), held.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<double>(i));
}

TEST_F(ValidationRows, OfAFileAreMappedAsTheTrainingFile) {
  const std::string table = file("t.csv", "v,kind\n1,b\n3,c\n"), other = file("o.csv", "kind,v\nc,5\n"),
                    strange = file("s.csv", "v,kind\n1,a\n");
  const std::vector<std::string> words = {"data.train=" + table, "data.targets=kind", "data.standardize=inputs"};
  const auto with = [&](const std::string& validation) {
    std::vector<std::string> changes = words;
    changes.push_back("data.validation=" + validation);
    return changes;
  };
  const auto got = task("cross_entropy", with(other));
  const Read read(*got->validation(), Split::train, 0, 0, 1);
  EXPECT_EQ(read.x, (Numbers{3})) << "(5 - 2) / 1";
  EXPECT_EQ(read.y, (Numbers{0, 1})) << "c is the second class of the training file";
  EXPECT_THAT(got->validation()->files(), ElementsAre(other));
  EXPECT_THAT(refused("cross_entropy", with(strange)), HasSubstr("s.csv"));
  EXPECT_THAT(refused("cross_entropy", with((folder_ / "none.csv").string())), HasSubstr("none.csv"));
  EXPECT_THAT(refused("cross_entropy", with(file("t.npz", "x"))), HasSubstr("[data.validation] got"));
}

TEST_F(ValidationRows, OfATextComeBeforeItsTest) {
  const std::string text = file("t.txt",
                                "abababab"
                                "babab"
                                "zaba");
  const auto got = task("cross_entropy", {"data.train=" + text, "data.test_part=0.24", "data.validation=0.39"});
  EXPECT_EQ(got->outputs(), 2) << "the alphabet is that of what is learnt";
  EXPECT_EQ(got->length(Split::train), 7);
  EXPECT_EQ(inputs_of(*got->validation()), (Numbers{0, 1, 0, 1})) << "b a b a, each followed by the next";
  EXPECT_EQ(inputs_of(*got), (Numbers{1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(inputs_of(*got, Split::test), (Numbers{0, 1, 0}));
  EXPECT_THAT(refused("cross_entropy", {"data.train=" + text, "data.validation=0.06"}), HasSubstr("to validate on"));
}

TEST_F(ValidationRows, OfATextAreCalledByTheirName) {
  const auto notes_on = [&](const std::string& text, std::vector<std::string> changes) {
    changes.push_back("data.train=" + file("t.txt", text));
    changes.push_back("loss.name=cross_entropy");
    std::vector<std::string> notes;
    make_task(Config::parse("[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[update]\n"
                            "every=1\n",
                            "test", changes),
              "", nullptr, &notes);
    return notes;
  };
  const std::string other = file("o.txt", "abz");
  EXPECT_THAT(notes_on("ababababyy", {"data.validation=0.2"}),
              ElementsAre(HasSubstr("t.txt] 2 characters of the validation text do not occur")));
  EXPECT_THAT(notes_on("abababyyyy", {"data.validation=0.25", "data.test_part=0.2"}),
              ElementsAre(HasSubstr("t.txt] 4 characters of the validation and test text do not occur")));
  EXPECT_THAT(
      notes_on("ababababyy", {"data.validation=0.2", "data.test=" + other}),
      ElementsAre(HasSubstr("2 characters of the validation text"), HasSubstr("o.txt] 1 characters of the test")));
  EXPECT_THAT(notes_on("abababab", {"data.validation=" + other}),
              ElementsAre(HasSubstr("o.txt] 1 characters of the text do not occur in the training text of " +
                                    (folder_ / "t.txt").string() + ":")));
}

TEST_F(ValidationRows, OfAFileAreHeldAgainstTheTrainingFileByName) {
  const auto rows = [&](const std::string& name, std::int64_t largest) {
    write_npz((folder_ / name).string(), {{"x", Array::of({1, 2, 1}, Numbers{1, 2})},
                                          {"y", Array::of({1, 2}, std::vector<std::int64_t>{0, largest})}});
    return (folder_ / name).string();
  };
  const std::string train = rows("train.npz", 1), strange = rows("strange.npz", 2);
  EXPECT_THAT(refused("cross_entropy", {"data.train=" + train, "data.validation=" + strange}),
              HasSubstr("allowed are 0 ... 1, the classes of " + train));
  const std::string table = file("t.csv", "v,kind\n1,b\n3,c\n"), other = file("s.csv", "v,kind\n1,a\n");
  EXPECT_THAT(refused("cross_entropy", {"data.train=" + table, "data.targets=kind", "data.validation=" + other}),
              HasSubstr("which the training data of " + table + " lacks"));
}

TEST_F(ValidationRows, WithoutTestRowsAreWhatReferencesAreMeasuredOn) {
  const std::string table = file("t.csv", "v,y\n1,0\n2,0\n3,4\n4,4\n");
  const auto got = task("mse", {"data.train=" + table, "data.targets=y", "data.validation=0.5"});
  EXPECT_EQ(got->references().at(0).value, 8) << "the mean target 0 is off by 4 at each step that is held out";
}

TEST_F(ValidationRows, NeedTheirLabelsWhereTheyAreAFile) {
  write_npz((folder_ / "x.npz").string(),
            {{"x", Array::of({2, 1, 1}, Numbers{1, 2})}, {"y", Array::of({2, 1, 1}, Numbers{1, 2})}});
  const std::string rows = (folder_ / "x.npz").string();
  const auto halves = task("mse", {"data.train=" + rows, "data.validation=0.5"});
  EXPECT_EQ(halves->rows(Split::train), 1);
  EXPECT_EQ(halves->validation()->rows(Split::train), 1);
  // All of a file that is judged in place of the training file.
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[update]\nevery=1\n[data]\ntrain='" +
          rows + "'\nvalidation=0.5\n",
      "test");
  EXPECT_EQ(make_task(config, rows)->rows(Split::train), 2);
  EXPECT_THAT(refused("cross_entropy", {"data.format=idx", "data.train=a", "data.labels=b", "data.validation=c"}),
              HasSubstr("a"));
}

}  // namespace
}  // namespace chronograd
