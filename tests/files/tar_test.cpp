// SPDX-License-Identifier: Apache-2.0
// Tar archives: plain files by name, and no claim that is believed.
#include "files/tar.hpp"

#include <map>

#include "files/archives.hpp"
#include "files/sounds.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using testing::deflated;
using ::testing::HasSubstr;
using testing::tar;
using testing::tar_file;
using Files = std::map<std::string, std::string>;

const std::string end(1024, '\0');

Files read(const std::string& bytes) {
  Files files;
  each_in_tar(bytes, "a.tar",
              [&](const std::string& name, std::string_view content) { files.emplace(name, std::string(content)); });
  return files;
}

std::string refused_tar(const std::string& bytes) {
  return data_error([&] { read(bytes); });
}

TEST(Tar, FilesByName) {
  const std::string block(512, 'b');
  const Files want = {{"yes/a.wav", "abc"}, {"no/b", block}, {"none", ""}, {"folder/long", "x"}};
  const std::string bytes = tar_file("./yes/", "", '5') + tar_file("./yes/a.wav", "abc") + tar_file("no/b", block) +
                            tar_file("none", "", '\0') + tar_file("long", "x", '0', "folder") + end;
  EXPECT_EQ(read(bytes), want);
  EXPECT_EQ(read(deflated(bytes, 31)), want);
  EXPECT_EQ(read(end), Files());
}

TEST(Tar, WhatGnuTarWrote) {
  const Folder folder;
  std::filesystem::create_directory(folder / "set");
  testing::put(folder / "set/a", std::string(3000, 'x'));
  testing::put(folder / "set/b", "");
  for (const char* form : {"ustar", "gnu", "posix"}) {
    const std::string command = std::string("tar --format=") + form + " -C '" + (folder / "set").string() + "' -cf '" +
                                (folder / "made.tar").string() + "' .";
    ASSERT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(read(read_text(folder / "made.tar")), (Files{{"a", std::string(3000, 'x')}, {"b", ""}})) << form;
  }
}

TEST(Tar, NoPartOfAnArchiveIsTakenForOne) {
  const std::string bytes = tar({{"a", "abc"}, {"b", std::string(600, 'x')}});
  for (std::size_t size = 0; size + 1024 < bytes.size(); size += 37)
    EXPECT_NE(refused_tar(bytes.substr(0, size)), "") << size;
}

TEST(Tar, WhatIsNotRead) {
  EXPECT_THAT(refused_tar(""), HasSubstr("ends without its last blocks"));
  EXPECT_THAT(refused_tar(std::string(600, 'x')), HasSubstr("not octal"));
  std::string damaged = tar({{"a", "abc"}});
  damaged[0] = 'b';
  EXPECT_THAT(refused_tar(damaged), HasSubstr("wrong checksum"));
  EXPECT_THAT(refused_tar(tar_file("link", "", '2') + end), HasSubstr("\"link\", which is no plain file"));
  EXPECT_THAT(refused_tar(tar_file("././@LongLink", "name", 'L') + end), HasSubstr("Unpack it and give the folder."));
  EXPECT_THAT(refused_tar(tar_file("x", "20 path=other\n", 'x') + end), HasSubstr("an extended header with path="));
  EXPECT_THAT(refused_tar(tar_file("a", std::string(2000, 'x')).substr(0, 1024)), HasSubstr("claims 2000 bytes"));
}

}  // namespace
}  // namespace chronograd
