// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl as a table: a line a report, a column a field; fields inside of fields as a.b, elements of lists as
// a.0, a.1.
#include <map>
#include <sstream>
#include <vector>

#include "base/json.hpp"
#include "chronograd/error.hpp"
#include "chronograd/exporter.hpp"
#include "files/input_file.hpp"

namespace chronograd {
namespace {

/// A text as a field: in quotes where it holds what separates.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

class Table {
 public:
  void add(const Json& line) {
    lines_.emplace_back();
    put("", line);
  }
  bool empty() const { return lines_.empty(); }
  std::string text() const {
    std::string text = row([this](std::size_t column) { return field(names_[column]); });
    for (const auto& line : lines_)
      text += row([&](std::size_t column) {
        const auto found = line.find(column);
        return found == line.end() ? std::string() : found->second;
      });
    return text;
  }

 private:
  void put(const std::string& name, const Json& value) {
    if (value.is_object() || value.is_array()) {
      for (const auto& [key, inner] : value.items()) put(name.empty() ? key : name + "." + key, inner);
      return;
    }
    const auto [found, added] = columns_.try_emplace(name, names_.size());
    if (added) names_.push_back(name);
    if (!value.is_null())
      lines_.back()[found->second] = field(value.is_string() ? value.get<std::string>() : value.dump());
  }
  template <class Cell>
  std::string row(const Cell& cell) const {
    std::string text;
    for (std::size_t column = 0; column < names_.size(); ++column) text += (column > 0 ? "," : "") + cell(column);
    return text + "\n";
  }

  std::vector<std::string> names_;  ///< of columns, as they first came
  std::map<std::string, std::size_t> columns_;
  std::vector<std::map<std::size_t, std::string>> lines_;
};

std::string make(const ExporterRecord& /*record*/, const std::string& run, Observer& observer) {
  const std::string path = run + "/metrics.jsonl";
  std::istringstream file(read_file(path));
  Table table;
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    const Json json = json_of(line);
    ++count;
    if (!json.is_discarded() && json.is_object()) {
      table.add(json);
      continue;
    }
    if (file.peek() != std::istringstream::traits_type::eof())
      throw Error(Exit::data, path, "line " + std::to_string(count) + " is not a JSON object.");
    observer.remarked("[" + path +
                      "] the last line was left out: it is not whole. Is the run at work, or was it killed?");
  }
  if (table.empty()) throw Error(Exit::data, path, "has no line: the run has not reported yet.");
  return table.text();
}

}  // namespace

namespace entries {
extern const ExporterRecord exporter_csv;
const ExporterRecord exporter_csv = {
    .entry =
        {.name = "csv",
         .title = "the metrics of a run as a table, for pandas and spreadsheets",
         .text = "A line a report, a column a field of metrics.jsonl: fields inside of fields as cosine.RULE, "
                 "elements of lists as test.mae_of_outputs.0. What was not measured is empty. Also of a run that is at "
                 "work."},
    .file = "metrics.csv",
    .make = make,
};
}  // namespace entries
}  // namespace chronograd
