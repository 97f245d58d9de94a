// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace chronograd {

/// The program that is tested, as a word for the shell.
inline const std::string program = "'" CHRONOGRAD_PROGRAM "'";

struct Outcome {
  int code;  ///< exit code; 128 + signal where one ended it
  std::string out, err;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A folder of this test program that is empty at the start and goes with the object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chronograd-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Runs a command of the shell.
inline Outcome shell(const std::string& command) {
  const Folder folder;
  const std::string out = (folder / "out").string(), err = (folder / "err").string();
  const int status = std::system(("( " + command + " ) >'" + out + "' 2>'" + err + "'").c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_text(out), read_text(err)};
}

/// Runs the program with arguments as the shell reads them.
inline Outcome chronograd_run(const std::string& arguments) {
  return shell(program + " " + arguments);
}

}  // namespace chronograd
