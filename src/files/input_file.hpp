// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace chronograd {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using InputFile = std::unique_ptr<std::FILE, CloseFile>;

/// Opens a plain file for reading. Throws Error (data) where there is none, where it may not be read, or where the
/// path is a folder, a pipe or a device (they have no size to check claims against).
InputFile open_input(const std::string& path);

/// All bytes of a plain file. Throws Error (data).
std::string read_file(const std::string& path);

}  // namespace chronograd
