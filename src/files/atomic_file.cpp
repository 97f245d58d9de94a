// SPDX-License-Identifier: Apache-2.0
#include "files/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr const char* temporary_prefix = ".chronograd-";
constexpr const char* temporary_suffix = ".tmp";

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const std::size_t slash = path.rfind('/');
  folder_ = slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
  name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name_.empty() || name_ == "." || name_ == "..")
    throw Error(Exit::data, path, "got a folder, allowed is the path of a file to write.");
  folder_handle_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_handle_ < 0) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR)
      throw Error(Exit::data, path, "no such folder: '" + folder_ + "'. Make it first, or choose another path.");
    fail("opening its folder", code);
  }
  try {
    check_target();
    make_temporary();
  } catch (...) {  // no destructor runs for an object that was not finished
    ::close(folder_handle_);
    throw;
  }
}

AtomicFile::~AtomicFile() {
  if (handle_ >= 0) ::close(handle_);
  if (!temporary_.empty()) ::unlinkat(folder_handle_, temporary_.c_str(), 0);
  ::close(folder_handle_);
}

void AtomicFile::fail(const std::string& doing, int code) const {
  throw Error(Exit::data, path_,
              "got '" + std::generic_category().message(code) + "' on " + doing +
                  ". Nothing was changed. Check the folder's permissions and free space, or choose another path.");
}

void AtomicFile::check_target() {
  struct stat status {};
  if (::fstatat(folder_handle_, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    fail("looking at what is there", errno);
  }
  if (S_ISLNK(status.st_mode))
    throw Error(Exit::data, path_,
                "got a symbolic link, allowed is a plain file or a new name. Give the path of the file it names.");
  if (!S_ISREG(status.st_mode)) {
    const std::string got = S_ISDIR(status.st_mode) ? "a folder" : "a pipe or a device";
    throw Error(Exit::data, path_, "got " + got + ", allowed is a plain file or a new name.");
  }
  mode_ = static_cast<int>(status.st_mode & 07777U);
}

void AtomicFile::make_temporary() {
  // Not derived from the file's name, which may already be as long as names can be. The process and a counter tell
  // writers apart; a left-over of a process that was killed is passed by.
  static std::atomic<unsigned> counter{0};
  std::string name;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    name = temporary_prefix;
    name += std::to_string(::getpid()) + "-" + std::to_string(counter++) + temporary_suffix;
    handle_ = ::openat(folder_handle_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (handle_ >= 0 || errno != EEXIST) break;
  }
  if (handle_ < 0) fail("making a temporary file beside it", errno);
  temporary_ = name;
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(handle_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("writing", errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void AtomicFile::commit() {
  if (mode_ >= 0 && ::fchmod(handle_, static_cast<mode_t>(mode_)) != 0) fail("keeping its permissions", errno);
  if (::fsync(handle_) != 0) fail("flushing to the disk", errno);
  const int closed = ::close(handle_);
  handle_ = -1;
  if (closed != 0) fail("closing", errno);
  if (::renameat(folder_handle_, temporary_.c_str(), folder_handle_, name_.c_str()) != 0) fail("renaming", errno);
  temporary_.clear();
  // Without this the rename itself could be lost in a power cut. Some file systems cannot flush a folder (EINVAL).
  if (::fsync(folder_handle_) != 0 && errno != EINVAL)
    throw Error(Exit::data, path_,
                "was written, but got '" + std::generic_category().message(errno) + "' on flushing its folder.");
}

bool is_temporary(const std::string& name) {
  return name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix);
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace chronograd
