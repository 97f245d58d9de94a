// SPDX-License-Identifier: Apache-2.0
#include "studies/ledger.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr const char* names[] = {"queued", "running", "stopped", "failed", "done", "diverged"};

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double number_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : not_measured;
}

/// A whole number >= 0; 0 for another value, which only an edited file has.
std::int64_t count_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? std::max<std::int64_t>(0, found->get<std::int64_t>()) : 0;
}

/// A floor by its name and value.
void read_floor(const Json& name, const Json& value, Reference& floor) {
  if (name.is_string() && value.is_number()) floor = {name.get<std::string>(), value.get<double>(), true};
}

bool status_of(const std::string& name, JobStatus& status) {
  const auto* const found = std::find(std::begin(names), std::end(names), name);
  status = static_cast<JobStatus>(found - std::begin(names));
  return found != std::end(names);
}

std::vector<std::string> ledgers_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& item : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = item.path().filename().string();
    if (name.starts_with("ledger.") && name.ends_with(".jsonl")) paths.push_back(item.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// One line of a ledger. Lines that were not written whole are nothing.
void read_line(const std::string& line, const std::string& path, std::vector<JobRecord>& records) {
  const Json json = json_of(line);
  if (json.is_discarded() || !json.is_object()) return;
  JobRecord record;
  const auto job = json.find("job"), status = json.find("status");
  if (job == json.end() || !job->is_number_integer() || status == json.end() || !status->is_string() ||
      !status_of(status->get<std::string>(), record.status))
    return;
  const auto number = job->get<std::int64_t>();
  if (number < 0 || number >= static_cast<std::int64_t>(records.size()))
    throw Error(Exit::data, path,
                fmt::format("has a job {}, but the sweep has {} jobs. Is it another sweep's?", number, records.size()));
  record.loss = number_in(json, "loss");
  record.accuracy = number_in(json, "accuracy");
  record.seconds = number_in(json, "seconds");
  record.updates = count_in(json, "updates");
  record.stream_steps = count_in(json, "stream_steps");
  if (const auto floor = json.find("floor"); floor != json.end() && floor->is_object() && floor->size() == 1)
    read_floor((*floor->items().begin()).name, *floor->begin(), record.floor);
  if (const auto error = json.find("error"); error != json.end() && error->is_string())
    record.error = error->get<std::string>();
  JobRecord& known = records[static_cast<std::size_t>(number)];
  if (!known.finished() || record.finished()) known = record;  // what is finished stays so
}

}  // namespace

/// A run that was complete when the process was killed before its line was written.
void read_run(const std::string& folder, JobRecord& record) {
  std::ifstream file(folder + "/summary.json", std::ios::binary);
  if (!file) return;
  const Json json = json_of(std::string(std::istreambuf_iterator<char>(file), {}));
  JobRecord read;
  if (json.is_discarded() || !json.is_object() || !json.contains("status") || !json["status"].is_string() ||
      !status_of(json["status"].get<std::string>(), read.status) || !read.finished())
    return;
  const auto score = [&](const char* split, const char* key) {
    const auto found = json.find(split);
    return found != json.end() && found->is_object() ? number_in(*found, key) : not_measured;
  };
  const bool tested = std::isfinite(score("test", "steps")) || std::isfinite(score("test", "loss"));
  const char* split = std::isfinite(score("validation", "loss")) ? "validation" : tested ? "test" : "train";
  if (read.status == JobStatus::done) {
    read.loss = score(split, "loss");
    read.accuracy = score(split, "accuracy");
  }
  read.seconds = number_in(json, "seconds");
  read.updates = count_in(json, "updates");
  read.stream_steps = count_in(json, "stream_steps");
  const auto floor = json.find("floor"), references = json.find("references");
  if (floor != json.end() && floor->is_string() && references != json.end() && references->is_object())
    read_floor(*floor, references->value(floor->get<std::string>(), Json()), read.floor);
  record = read;
}

const char* name_of(JobStatus status) {
  return names[static_cast<int>(status)];
}

Ledger::Ledger(const std::string& path) : path_(path) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) throw Error(Exit::data, path, std::string("cannot be opened: ") + std::strerror(errno) + ".");
  struct stat info {};
  char last = '\n';
  if (::fstat(file_, &info) == 0 && info.st_size > 0 && ::pread(file_, &last, 1, info.st_size - 1) == 1 && last != '\n')
    append("\n");
}

Ledger::~Ledger() {
  ::close(file_);
}

std::string Ledger::line(const SweepPlan& plan, const SweepJob& job, const JobRecord& record) {
  Json json = {{"job", job.number}, {"status", name_of(record.status)}, {"seed", job.seed}, {"values", Json::object()}};
  for (std::size_t a = 0; a < plan.axes.size(); ++a) json["values"][plan.axes[a].key] = job.values[a];
  json["directory"] = job.directory;
  if (record.finished()) {
    json["loss"] = number(record.loss);
    json["accuracy"] = number(record.accuracy);
    json["updates"] = record.updates;
    json["stream_steps"] = record.stream_steps;
    json["seconds"] = number(record.seconds);
    if (record.floor.floor) json["floor"] = {{record.floor.name, number(record.floor.value)}};
  }
  if (!record.error.empty()) json["error"] = record.error;
  return json.dump() + "\n";
}

void Ledger::append_queued(const SweepPlan& plan, const std::vector<SweepJob>& jobs) {
  std::string lines;
  for (const SweepJob& job : jobs) lines += line(plan, job, {});
  append(lines);
}

void Ledger::append(const std::string& lines) {
  struct stat before {};
  const bool known = ::fstat(file_, &before) == 0;
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t written = ::write(file_, lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int code = written < 0 ? errno : ENOSPC;
      if (known && done > 0) static_cast<void>(::ftruncate(file_, before.st_size));
      throw Error(Exit::data, path_, std::string("cannot be written: ") + std::strerror(code) + ".");
    }
    done += static_cast<std::size_t>(written);
  }
  // A result that was reported must also survive a power cut. Some file systems cannot flush: then it is not promised.
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS)
    throw Error(Exit::data, path_, std::string("cannot be flushed to the disk: ") + std::strerror(errno) + ".");
}

std::string ledger_name(int shard, int shards) {
  return shards == 1 ? "ledger.jsonl" : fmt::format("ledger.{}of{}.jsonl", shard, shards);
}

bool has_ledger(const std::string& folder) {
  return !ledgers_in(folder).empty();
}

std::vector<JobRecord> read_records(const std::string& folder, const std::vector<SweepJob>& jobs) {
  std::vector<JobRecord> records(jobs.size());
  for (const std::string& path : ledgers_in(folder)) {
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line);) read_line(line, path, records);
    if (file.bad() || !file.is_open()) throw Error(Exit::data, path, "cannot be read.");
  }
  for (const SweepJob& job : jobs) {
    JobRecord& record = records[static_cast<std::size_t>(job.number)];
    if (!record.finished()) read_run(folder + "/" + job.directory, record);
  }
  return records;
}

}  // namespace chronograd
