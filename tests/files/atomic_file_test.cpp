// SPDX-License-Identifier: Apache-2.0
#include "files/atomic_file.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "files/files.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;
using testing::data_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::ptrdiff_t open_handles() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{});
}

TEST(AtomicFile, WritesNewFilesAndReplacesOldOnes) {
  const Folder folder;
  write_file(folder / "a", "one");
  EXPECT_EQ(read_text(folder / "a"), "one");
  write_file(folder / "a", "two");
  EXPECT_EQ(read_text(folder / "a"), "two");
  write_file(folder / "a", "");
  EXPECT_EQ(read_text(folder / "a"), "");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(AtomicFile, KeepsPermissions) {
  const Folder folder;
  const mode_t mask = ::umask(022);
  write_file(folder / "a", "one");
  ::umask(mask);
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms{0644});
  fs::permissions(folder / "a", fs::perms{0640});
  write_file(folder / "a", "two");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms{0640});
}

TEST(AtomicFile, IsNotThereBeforeTheCommit) {
  const Folder folder;
  testing::put(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
    EXPECT_EQ(read_text(folder / "a"), "old");
  }
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(AtomicFile, NamesAsLongAsTheyCanBe) {
  const Folder folder;
  write_file(folder / std::string(255, 'n'), "x");
  EXPECT_EQ(read_text(folder / std::string(255, 'n')), "x");
  EXPECT_THAT(data_error([&] { write_file(folder / std::string(256, 'n'), "x"); }), HasSubstr("File name too long"));
}

TEST(AtomicFile, RelativePaths) {
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder / ".");
  write_file("plain", "x");
  fs::current_path(before);
  EXPECT_EQ(read_text(folder / "plain"), "x");
}

TEST(AtomicFile, RefusesWhatIsNoPlainFile) {
  const Folder folder;
  testing::put(folder / "file", "old");
  fs::create_directory(folder / "sub");
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  const std::ptrdiff_t handles = open_handles();
  const struct {
    std::string path;
    const char* text;
  } cases[] = {
      {folder / "none/a", "none/a] no such folder"},
      {folder / "file/a", "file/a] no such folder"},
      {folder / "sub", "sub] got a folder"},
      {folder / "sub/", "sub/] got a folder"},
      {folder / "sub/..", "got a folder"},
      {"", "[] got a folder"},
      {folder / "link", "link] got a symbolic link"},
      {folder / "dangling", "dangling] got a symbolic link"},
      {"/dev/full", "[/dev/full] got a pipe or a device"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    EXPECT_THAT(data_error([&] { write_file(c.path, "new"); }), HasSubstr(c.text));
  }
  EXPECT_EQ(read_text(folder / "file"), "old");
  EXPECT_THAT(folder.names(), ::testing::UnorderedElementsAre("file", "sub", "link", "dangling"));
  EXPECT_EQ(open_handles(), handles) << "a failure leaves no open file behind";
}

TEST(AtomicFile, AFolderThatMayNotBeWritten) {
  if (::geteuid() == 0) {  // permissions do not stop root, but not even root may make files in /sys
    const std::string text = data_error([] { write_file("/sys/chronograd", "x"); });
    EXPECT_THAT(text, HasSubstr("[/sys/chronograd] got '"));
    EXPECT_THAT(text, HasSubstr("making a temporary file"));
    return;
  }
  const Folder folder;
  fs::permissions(folder / ".", fs::perms::owner_read | fs::perms::owner_exec);
  const std::string text = data_error([&] { write_file(folder / "a", "x"); });
  fs::permissions(folder / ".", fs::perms::owner_all);
  EXPECT_THAT(text, HasSubstr("Permission denied"));
}

TEST(AtomicFile, AFileThatGrowsTooLarge) {
  const Folder folder;
  testing::put(folder / "a", "old");
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlimit small = limit;
  small.rlim_cur = 10000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string text;
  try {
    write_file(folder / "a", std::string(20000, 'x'));
  } catch (const Error& error) {
    text = error.what();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, before);
  EXPECT_THAT(text, HasSubstr("a] got 'File too large' on writing. Nothing was changed."));
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(AtomicFile, AFullDisk) {
  const Folder folder;
  const std::string disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, "size=64k") != 0)
    GTEST_SKIP() << "may not mount a small disk";
  testing::put(disk + "/a", "old");
  std::string text;
  try {
    write_file(disk + "/a", std::string(200000, 'x'));
  } catch (const Error& error) {
    text = error.what();
  }
  const std::string after = read_text(disk + "/a");
  const auto names = std::distance(fs::directory_iterator(disk), fs::directory_iterator{});
  ASSERT_EQ(::umount(disk.c_str()), 0);
  EXPECT_THAT(text, HasSubstr("a] got 'No space left on device' on writing. Nothing was changed."));
  EXPECT_EQ(after, "old");
  EXPECT_EQ(names, 1);
}

}  // namespace
}  // namespace chronograd
