// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chronograd {

/// A file that appears whole or not at all: bytes go to a temporary file in the same folder, `commit` flushes it to
/// the disk and renames it over `path`. Without a commit, or on a failure before the rename, the temporary file is
/// removed and what was at `path` is left as it was. An existing file's permissions are kept.
/// Refused: a symbolic link (the rename would replace the link, not the file it names), a folder, a device.
/// All functions throw Error (data), which names the path and what the system said.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(const std::string& doing, int code) const;
  void check_target();
  void make_temporary();

  std::string path_;
  std::string folder_;
  std::string name_;       ///< of the file in its folder
  std::string temporary_;  ///< of the temporary file in the folder; empty when there is none
  int folder_handle_ = -1;
  int handle_ = -1;
  int mode_ = -1;  ///< permissions of the file that is replaced, -1 if there is none
};

/// True for the name of a temporary file, which stays behind where its writer was killed.
bool is_temporary(const std::string& name);

/// The above in one call.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace chronograd
