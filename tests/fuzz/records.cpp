// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "folder.hpp"
#include "fuzz/entries.hpp"
#include "report/run_record.hpp"
#include "runs/run_files.hpp"
#include "studies/ledger.hpp"
#include "studies/sweep_plan.hpp"

namespace chronograd {
namespace {

/// True if the call returns true or throws an error of data or settings that can be shown.
template <class Call>
bool is_safe(Call call) {
  try {
    return call();
  } catch (const Error& error) {
    const std::string_view text = error.what();
    return (error.code() == Exit::data || error.code() == Exit::usage) && text.substr(0, 1) == "[" &&
           text.find_first_of("\n\x1b") == text.npos;
  }
}

/// The pieces between lines `====`, in files of these names; a file whose piece is missing is missing.
class Files {
 public:
  Files(std::string_view bytes, const std::vector<std::string>& names) {
    constexpr std::string_view separator = "\n====\n";
    for (const std::string& name : names) {
      const std::size_t end = bytes.find(separator);
      std::filesystem::create_directories((folder_ / name).parent_path());
      std::ofstream(folder_ / name, std::ios::binary) << bytes.substr(0, end);
      if (end == bytes.npos) break;
      bytes.remove_prefix(end + separator.size());
    }
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  Folder folder_;
};

}  // namespace

bool config_is_safe(std::string_view bytes) {
  std::vector<std::string> changes;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with("#!")) changes.emplace_back(line.substr(2));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return is_safe([&] {
    const std::string record = Config::parse(std::string(bytes), "f", changes).resolved_json();
    return Config::from_record(record, "f").resolved_json() == record;
  });
}

bool record_is_safe(std::string_view bytes) {
  return is_safe([&] {
    const std::string record = Config::from_record(std::string(bytes), "f").resolved_json();
    return Config::from_record(record, "f").resolved_json() == record;
  });
}

bool sweep_is_safe(std::string_view bytes) {
  const Files files(bytes, {"sweep.json", "config.toml"});
  return is_safe([&] {
    const SweepPlan plan = read_plan(files.path(""));
    return !plan.seeds.empty() && plan.shards >= 1;
  });
}

bool ledger_is_safe(std::string_view bytes) {
  const Files files(bytes, {"ledger.jsonl", "first/summary.json"});
  const std::vector<SweepJob> jobs = {{0, {}, 0, "first"}, {1, {}, 1, "second"}, {2, {}, 2, "third"}};
  return is_safe([&] { return read_records(files.path(""), jobs).size() == jobs.size(); });
}

bool run_is_safe(std::string_view bytes) {
  const Files files(
      bytes, {"run/resolved.json", "run/metrics.jsonl", "run/environment.json", "run/summary.json", "comparison.json"});
  const std::string run = files.path("run");
  return is_safe([&] {
           const Records records = read_records({files.path("")});
           for (const RunRecord& one : records.runs)
             for (const auto& [name, column] : one.lines)
               if (column.size() != one.line("update").size() && !one.line("update").empty()) return false;
           return records.runs.size() == 1;
         }) &&
         is_safe([&] { return read_finished_run(run).has_value() || true; }) &&
         is_safe([&] { return read_run_config(run).has("model"); });
}

}  // namespace chronograd
