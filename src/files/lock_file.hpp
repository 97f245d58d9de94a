// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chronograd {

/// Keeps other processes away from a folder while it lives. The system frees it when the process ends, however it ends;
/// the file stays. Several processes may share a lock that none holds alone.
class LockFile {
 public:
  enum class Kind { alone, shared };
  /// Makes the file if there is none. Throws Error (data) with `busy` as its text if another process holds the lock.
  LockFile(const std::string& path, Kind kind, const std::string& busy);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  int file_ = -1;
};

}  // namespace chronograd
