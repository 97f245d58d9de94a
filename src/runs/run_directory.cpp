// SPDX-License-Identifier: Apache-2.0
#include "runs/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "base/json.hpp"
#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "config/record.hpp"
#include "config/versions.hpp"
#include "files/atomic_file.hpp"
#include "files/input_file.hpp"
#include "runs/run_files.hpp"

namespace chronograd {
namespace {

constexpr const char* remains = " What is there stays as it is.";

[[noreturn]] void refuse(const std::string& path, const char* doing, int code) {
  throw Error(Exit::data, path,
              std::string("got '") + std::generic_category().message(code) + "' on " + doing + "." + remains);
}

/// Removes what writers that were killed have left behind.
void remove_leftovers(const std::string& folder) {
  std::error_code ignored;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (is_temporary(entry.path().filename().string())) leftovers.push_back(entry.path());
  for (const auto& path : leftovers) std::filesystem::remove(path, ignored);
}

/// The length of the first `lines` lines of a file.
std::int64_t length_of_lines(const std::string& path, std::int64_t lines) {
  std::ifstream in(path, std::ios::binary);
  std::int64_t length = 0, found = 0;
  for (std::string line; found < lines && std::getline(in, line) && !in.eof(); ++found)
    length += static_cast<std::int64_t>(line.size()) + 1;
  if (found < lines)
    throw Error(Exit::data, path,
                "got " + std::to_string(found) + " whole lines, the checkpoint comes after " + std::to_string(lines) +
                    ". The file was cut or edited; give another --out.");
  return length;
}

}  // namespace

RunDirectory::RunDirectory(const std::string& path, const Config& config, const Surroundings& surroundings, bool resume,
                           Observer& observer)
    : path_(path), surroundings_(surroundings), environment_(environment_json(surroundings)) {
  const auto check = [&] {
    if (holds_run(path)) {
      if (!resume)
        throw Error(Exit::data, path,
                    "this folder holds a run already. --resume goes on with it; else give another --out.");
      require_same(path, config, environment_);
    } else if (std::filesystem::exists(file("config.toml")) && read_file(file("config.toml")) != config.text()) {
      throw Error(Exit::data, file("config.toml"), "got another configuration in this folder. Give another --out.");
    }
  };
  check();  // before anything is made
  std::error_code failed;
  std::filesystem::create_directories(checkpoint_folder(path), failed);
  if (failed) throw Error(Exit::data, path, "cannot make this folder: " + failed.message() + ".");
  lock(observer);
  try {
    check();  // the folder is locked: the answer holds
    if (resume) {
      remove_leftovers(path);
      remove_leftovers(checkpoint_folder(path));
    }
    begin(config);
  } catch (...) {  // no destructor runs for an object that was not finished
    if (metrics_ >= 0) ::close(metrics_);
    ::close(lock_);
    throw;
  }
}

RunDirectory::~RunDirectory() {
  if (metrics_ >= 0) ::close(metrics_);
  if (lock_ >= 0) ::close(lock_);
}

void RunDirectory::lock(Observer& observer) {
  const std::string path = checkpoint_folder(path_) + "/lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) refuse(path, "opening it", errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    if (code == EWOULDBLOCK) {
      ::close(lock_);
      throw Error(Exit::data, path_, "another process writes to this folder. Wait for its end, or give another --out.");
    }
    observer.remarked("[" + path + "] this file system has no locks: see to it that no other process writes here.");
  }
}

void RunDirectory::require_same(const std::string& path, const Config& config, const std::string& environment) {
  const std::string resolved = path + "/resolved.json", recorded = path + "/environment.json";
  if (std::filesystem::exists(resolved))
    naming_versions(version_of(path), [&] {
      require_same_record(path, read_file(resolved), config.resolved_json(), resume_hint, may_change);
    });
  if (!std::filesystem::exists(recorded)) return;
  const auto hashes = [&](const std::string& text) {
    std::multimap<std::string, std::string> found;
    const Json json = json_of(text);
    if (json.is_object() && json.contains("data"))
      for (const auto& [name, hash] : json["data"].items())
        if (hash.is_string()) found.emplace(hash.get<std::string>(), name);
    return found;
  };
  const auto before = hashes(read_file(recorded)), now = hashes(environment);
  for (const auto& [hash, name] : now)
    if (before.count(hash) != now.count(hash))
      throw Error(Exit::usage, name, "got data that the run was not begun with. " + std::string(resume_hint));
  for (const auto& [hash, name] : before)
    if (!now.contains(hash))
      throw Error(Exit::usage, path,
                  "the run was begun with data from " + name + ", which is missing now. " + resume_hint);
}

/// Writes what is not there yet.
void RunDirectory::begin(const Config& config) {
  if (!std::filesystem::exists(file("config.toml"))) write_file(file("config.toml"), config.text());
  if (!std::filesystem::exists(file("resolved.json"))) write_file(file("resolved.json"), config.resolved_json());
  if (!std::filesystem::exists(file("environment.json"))) write_file(file("environment.json"), environment_);
  const std::string path = file("metrics.jsonl");
  metrics_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (metrics_ < 0) refuse(path, "opening it", errno);
}

void RunDirectory::resume(std::int64_t updates, std::int64_t lines) {
  std::error_code failed;
  for (const char* name : {"summary.json", "params.npz", "credit.npz"}) {
    std::filesystem::remove(file(name), failed);
    if (failed) refuse(file(name), "removing it", failed.value());
  }
  const std::string path = file("metrics.jsonl");
  if (::ftruncate(metrics_, length_of_lines(path, lines)) != 0) refuse(path, "shortening it", errno);
  Json json = json_of(read_file(file("environment.json")));
  const Json now = Json::parse(environment_);
  if (updates == 0 || !json.is_object()) {  // nothing is left of what went before
    json = now;
  } else {
    if (json.contains("resumed") && !json["resumed"].is_array()) json.erase("resumed");  // edited
    Json again = {{"update", updates}};
    for (const char* what : {"processor", "threads", "ranks", "hosts", "command"})
      if (now.contains(what)) again[what] = now[what];
    json["resumed"].push_back(again);
  }
  write_file(file("environment.json"), json.dump(2) + "\n");
}

void RunDirectory::append(const Metrics& metrics) {
  const std::string path = file("metrics.jsonl"), line = metrics_json(metrics) + "\n";
  struct stat before {};
  if (::fstat(metrics_, &before) != 0) refuse(path, "looking at it", errno);
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t more = ::write(metrics_, line.data() + done, line.size() - done);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) {
      const int code = errno;
      if (::ftruncate(metrics_, before.st_size) != 0) refuse(path, "taking half a line back", errno);
      refuse(path, "appending to it", code);
    }
    done += static_cast<std::size_t>(more);
  }
}

void RunDirectory::flush() {
  if (::fdatasync(metrics_) != 0 && errno != EINVAL) refuse(file("metrics.jsonl"), "flushing it to the disk", errno);
}

void RunDirectory::finish(const RunResult& result) {
  flush();
  write_npz(file("params.npz"), result.parameters);
  if (!result.credit.empty()) write_npz(file("credit.npz"), result.credit);
  write_file(file("summary.json"), summary_json(result));
}

}  // namespace chronograd
