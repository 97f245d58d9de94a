// SPDX-License-Identifier: Apache-2.0
// What the names of files say about them.
#include "chronograd/train.hpp"
#include "files/archives.hpp"
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Task> task_of(const std::vector<std::string>& changes) {
  return make_task(
      Config::parse("[model]\ncell='leaky'\nhidden=2\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[data]\npredict=1\n",
                    "test", changes));
}

class FileNames : public ::testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& bytes) const {
    testing::put(folder_ / name, bytes);
    return (folder_ / name).string();
  }
  Folder folder_;
};

TEST_F(FileNames, TsvMeansTabUnlessTheUserSaysAnother) {
  const std::string tabs = "a\tb\n1\t2\n3\t4\n", commas = "a,b\n1,2\n3,4\n";
  for (const char* name : {"t.tsv", "T.TSV"})
    EXPECT_EQ(task_of({"data.train=" + put(name, tabs)})->inputs(), 2) << name;
  for (const char* name : {"t.tsv.gz", "T.Tsv.GZ"})
    EXPECT_EQ(task_of({"data.train=" + put(name, testing::deflated(tabs, 31))})->inputs(), 2) << name;
  EXPECT_EQ(task_of({"data.train=" + put("c.tsv", commas), "data.separator=\",\""})->inputs(), 2);
  EXPECT_EQ(task_of({"data.train=" + put("T.CSV", commas)})->inputs(), 2);
  EXPECT_EQ(task_of({"data.train=" + put("t.CSV", tabs), "data.separator=tab"})->inputs(), 2);
  // Each file by its own name.
  EXPECT_EQ(task_of({"data.train=" + put("c.csv", commas), "data.test=" + put("t.tsv", tabs)})->rows(Split::test), 1);
}

TEST_F(FileNames, FilesOfOneFormat) {
  const std::string train = put("a.csv", "a,b\n1,2\n3,4\n");
  EXPECT_THAT(refusal(
                  [&] {
                    task_of({"data.train=" + train, "data.test=" + put("b.npz", "PK")});
                  },
                  Exit::usage),
              HasSubstr("whose ending is not one of the format csv"));
  EXPECT_EQ(task_of({"data.train=" + train, "data.format=csv", "data.test=" + put("b.x", "a,b\n1,2\n3,4\n")})
                ->rows(Split::test),
            1);
}

TEST_F(FileNames, WithoutAnEndingTheyAreArchives) {
  const std::string bare = put("table", "a,b\n1,2\n3,4\n");
  const auto message = [&](const std::vector<std::string>& more) {
    std::vector<std::string> changes = {"data.train=" + bare};
    changes.insert(changes.end(), more.begin(), more.end());
    const Config config =
        Config::parse("[model]\ncell='leaky'\nhidden=2\n[loss]\nname='mse'\n[rule]\nname='rflo'\n", "test", changes);
    return refusal([&] { make_task(config); });
  };
  EXPECT_THAT(message({}),
              HasSubstr("A file whose name has no ending is read as npz; data.format says another format."));
  EXPECT_THAT(message({"data.format=npz"}), ::testing::Not(HasSubstr("no ending")));
  EXPECT_EQ(task_of({"data.train=" + bare, "data.format=csv"})->inputs(), 2);
}

}  // namespace
}  // namespace chronograd
