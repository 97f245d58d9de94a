// SPDX-License-Identifier: Apache-2.0
#include "files/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "chronograd/error.hpp"

namespace chronograd {

LockFile::LockFile(const std::string& path, Kind kind, const std::string& busy) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) throw Error(Exit::data, path, std::string("cannot be opened: ") + std::strerror(errno) + ".");
  if (::flock(file_, (kind == Kind::alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return;
  const int code = errno;
  ::close(file_);
  if (code == EWOULDBLOCK) throw Error(Exit::data, path, busy);
  throw Error(Exit::data, path, std::string("cannot be locked: ") + std::strerror(code) + ".");
}

LockFile::~LockFile() {
  ::close(file_);
}

}  // namespace chronograd
