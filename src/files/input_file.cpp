// SPDX-License-Identifier: Apache-2.0
#include "files/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "base/set_up.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

std::string system_text(int code) {
  return std::generic_category().message(code);
}

}  // namespace

InputFile open_input(const std::string& path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (handle < 0) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR)
      throw Error(Exit::data, path, "no such file. A relative path starts at the folder the program was called in.");
    throw Error(Exit::data, path, "got '" + system_text(code) + "' on opening, allowed is a file that can be read.");
  }
  InputFile file(::fdopen(handle, "rb"));
  if (!file) {
    const int code = errno;
    ::close(handle);
    throw Error(Exit::data, path, "got '" + system_text(code) + "' on opening.");
  }
  struct stat status {};
  if (::fstat(handle, &status) != 0 || !S_ISREG(status.st_mode)) {
    const std::string got = S_ISDIR(status.st_mode) ? "a folder" : "a pipe or a device";
    throw Error(Exit::data, path, "got " + got + ", allowed is a plain file.");
  }
  return file;
}

std::string read_file(const std::string& path) {
  const InputFile file = open_input(path);
  std::string bytes;
  std::vector<char> block(1U << 18U);
  for (;;) {
    const std::size_t got = std::fread(block.data(), 1, block.size(), file.get());
    bytes.append(block.data(), got);
    if (got < block.size()) break;
    // Not used for records, which are short and are also read after the run was stopped.
    constexpr std::size_t long_file = std::size_t{16} << 20U;
    if (bytes.size() > long_file) set_up_progress("reading", path, 0);
  }
  if (std::ferror(file.get()) != 0) throw Error(Exit::data, path, "got '" + system_text(errno) + "' on reading.");
  return bytes;
}

}  // namespace chronograd
