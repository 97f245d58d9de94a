// SPDX-License-Identifier: Apache-2.0
#include "own_folder.hpp"

#include <ctime>
#include <filesystem>
#include <system_error>

#include "chronograd/error.hpp"
#include "figures/screen.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;

constexpr const char* parent = "runs";

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%S", &local)};
}

}  // namespace

OwnFolder::OwnFolder(const std::string& name) {
  const std::string word = file_word(name), first = parent + ("/" + date()) + (word.empty() ? "" : "-" + word);
  std::error_code failed;
  made_parent_ = fs::create_directories(parent, failed);
  for (int number = 1; !failed; ++number) {
    path_ = number == 1 ? first : first + "-" + std::to_string(number);
    if (fs::create_directory(path_, failed)) return;
  }
  throw Error(Exit::data, first,
              "cannot make this folder: " + failed.message() + ". Say where the run is recorded: --out FOLDER.");
}

OwnFolder::~OwnFolder() {
  std::error_code ignored;
  if (fs::remove(path_, ignored) && made_parent_) fs::remove(parent, ignored);  // what is empty, and nothing else
}

}  // namespace chronograd
