// SPDX-License-Identifier: Apache-2.0
#include "formats/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"
#include "config/text.hpp"
#include "io/csv.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_names_shown = 20;
constexpr std::size_t most_classes = 1000000;

/// "" and what other programs write for a number that is not there.
bool is_gap(const std::string& cell) {
  std::string word = cell;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return word.empty() || word == "nan" || word == "na" || word == "n/a" || word == "null";
}

/// A finite decimal number and nothing else.
std::optional<double> number_of(const std::string& cell) {
  const char* first = cell.data();
  const char* last = first + cell.size();
  if (first != last && *first == '+' && last - first > 1 && first[1] != '-') ++first;
  double value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last || !std::isfinite(value)) return std::nullopt;
  return value;
}

class TableReader {
 public:
  TableReader(std::string_view bytes, const std::string& where, const CsvColumns& columns,
              const std::vector<std::string>* known)
      : reader_(bytes, columns.separator, where), where_(where), columns_(columns), known_(known) {}

  Table read() {
    bool more = reader_.next();
    if (!more) throw Error(Exit::data, where_, "got an empty file, allowed is at least one line of data.");
    head();
    if (columns_.header) more = reader_.next();
    if (!more) throw Error(Exit::data, where_, "got a header and no line of data, allowed is at least one.");
    for (; more; more = reader_.next()) line();
    sort_by_stream();
    if (columns_.classes) number_classes();
    return std::move(table_);
  }

 private:
  using Columns = std::vector<std::size_t>;

  [[noreturn]] void refuse(const std::string& what) const { throw Error(Exit::data, reader_.place(), what); }

  std::string column_text(std::size_t column) const {
    return "column " + std::to_string(column + 1) + (columns_.header ? " (" + quoted(names_[column]) + ")" : "");
  }

  /// Names and numbers of the columns, from the first record.
  void head() {
    for (std::size_t k = 0; k < reader_.size(); ++k)
      names_.push_back(columns_.header ? trimmed(std::string(reader_.cell(k))) : std::to_string(k + 1));
    if (!columns_.stream.empty()) stream_ = find(columns_.stream, "data.stream");
    for (const std::string& name : columns_.targets) targets_.push_back(find(name, "data.targets"));
    for (const std::string& name : columns_.inputs) inputs_.push_back(find(name, "data.inputs"));
    if (inputs_.empty())
      for (std::size_t k = 0; k < names_.size(); ++k)
        if (k != stream_ && (columns_.inputs_are_targets || !std::count(targets_.begin(), targets_.end(), k)))
          inputs_.push_back(k);
    if (targets_.empty() && columns_.inputs_are_targets) targets_ = inputs_;
    if (inputs_.empty()) refuse("no column is left to be an input. Columns: " + names_text() + ".");
    if (targets_.empty())
      refuse(
          "no column is a target. Name one with data.targets, or forecast the inputs with data.predict = 1. Columns: " +
          names_text() + ".");
    if (columns_.classes && targets_.size() != 1)
      refuse("got " + std::to_string(targets_.size()) +
             " target columns, allowed with classes is one. data.classes = false makes them numbers.");
    for (const std::size_t k : inputs_) table_.inputs.push_back(names_[k]);
    for (const std::size_t k : targets_) table_.targets.push_back(names_[k]);
  }

  std::string names_text() const {
    std::vector<std::string> shown(
        names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(std::min(names_.size(), most_names_shown)));
    for (std::string& name : shown) name = quoted(name);
    return joined(shown) + (names_.size() > shown.size() ? ", ... (" + std::to_string(names_.size()) + ")" : "");
  }

  /// The column of this name, else of this number.
  std::size_t find(const std::string& name, const char* key) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) {
      if (std::find(found + 1, names_.end(), name) != names_.end())
        refuse("several columns have the name " + quoted(name) + " that " + key +
               " asks for, allowed is one. Number the columns from 1 and write the number.");
      return static_cast<std::size_t>(found - names_.begin());
    }
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && number >= 1 && number <= names_.size())
      return number - 1;
    const std::string near = nearest_name(name, names_);
    refuse("no column " + quoted(name) + ", which " + key + " asks for" +
           (near.empty() ? "." : ", did you mean " + quoted(near) + "?") + " Columns: " + names_text() + ".");
  }

  void line() {
    if (reader_.size() != names_.size())
      refuse("got " + std::to_string(reader_.size()) + (reader_.size() == 1 ? " cell" : " cells") + ", allowed are " +
             std::to_string(names_.size()) + " as in the first line. Is data.separator right?");
    for (const std::size_t k : inputs_) table_.x.push_back(number(k));
    if (columns_.classes)
      table_.classes.push_back(class_of(targets_[0]));
    else
      for (const std::size_t k : targets_) table_.y.push_back(number(k));
    const std::string id = stream_ < names_.size() ? trimmed(std::string(reader_.cell(stream_))) : "";
    if (stream_ < names_.size() && is_gap(id))
      refuse("got no name of a stream in " + column_text(stream_) + ", allowed is any text.");
    const auto [place, is_new] = stream_numbers_.emplace(id, table_.streams.size());
    if (is_new) table_.streams.push_back(id);
    stream_of_.push_back(place->second);
  }

  [[noreturn]] void refuse_gap(std::size_t column, const std::string& cell) const {
    refuse("got " + (cell.empty() ? "an empty cell" : quoted(cell)) + " in " + column_text(column) +
           R"(, allowed are finite numbers. data.nan = "hold" or "skip" passes over gaps.)");
  }

  double number(std::size_t column) const {
    const std::string cell = trimmed(std::string(reader_.cell(column)));
    if (is_gap(cell)) {
      if (columns_.refuse_gaps) refuse_gap(column, cell);
      return std::numeric_limits<double>::quiet_NaN();
    }
    const std::optional<double> value = number_of(cell);
    if (!value)
      refuse("got " + quoted(cell) + " in " + column_text(column) +
             ", allowed is a finite number. data.inputs and data.targets choose columns.");
    return *value;
  }

  std::int32_t class_of(std::size_t column) {
    const std::string cell = trimmed(std::string(reader_.cell(column)));
    if (is_gap(cell)) {
      if (columns_.refuse_gaps) refuse_gap(column, cell);
      return -1;
    }
    if (known_ != nullptr) {
      const auto found = std::find(known_->begin(), known_->end(), cell);
      if (found == known_->end())
        refuse("got the class " + quoted(cell) + " in " + column_text(column) + ", which the training file lacks.");
      return static_cast<std::int32_t>(found - known_->begin());
    }
    const auto [place, is_new] = class_numbers_.emplace(cell, static_cast<std::int32_t>(class_numbers_.size()));
    if (is_new && class_numbers_.size() > most_classes)
      refuse("got more than " + std::to_string(most_classes) + " classes in " + column_text(column) +
             ", allowed are fewer. data.classes = false makes them numbers.");
    return place->second;
  }

  /// Brings the lines of each stream together, in their order.
  void sort_by_stream() {
    const std::size_t lines = stream_of_.size(), streams = table_.streams.size();
    table_.starts.assign(streams + 1, 0);
    for (const std::size_t s : stream_of_) ++table_.starts[s + 1];
    std::partial_sum(table_.starts.begin(), table_.starts.end(), table_.starts.begin());
    if (streams == 1) return;
    std::vector<std::size_t> next(table_.starts.begin(), table_.starts.end() - 1), to(lines);
    for (std::size_t i = 0; i < lines; ++i) to[i] = next[stream_of_[i]]++;
    reorder(table_.x, to, inputs_.size());
    if (columns_.classes)
      reorder(table_.classes, to, 1);
    else
      reorder(table_.y, to, targets_.size());
  }

  template <class T>
  static void reorder(std::vector<T>& values, const std::vector<std::size_t>& to, std::size_t width) {
    std::vector<T> sorted(values.size());
    for (std::size_t i = 0; i < to.size(); ++i)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  sorted.begin() + static_cast<std::ptrdiff_t>(to[i] * width));
    values.swap(sorted);
  }

  /// Replaces the order in which classes were met by one that does not depend on the order of the lines.
  void number_classes() {
    if (known_ != nullptr) {
      table_.class_names = *known_;
      return;
    }
    struct Named {
      std::string name;
      std::optional<double> value;
      std::int32_t met;
    };
    std::vector<Named> all;
    for (const auto& [name, met] : class_numbers_) all.push_back({name, number_of(name), met});
    const bool numbers = std::all_of(all.begin(), all.end(), [](const Named& one) { return one.value.has_value(); });
    if (numbers)
      std::stable_sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return *a.value < *b.value; });
    std::vector<std::int32_t> order(all.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      order[static_cast<std::size_t>(all[k].met)] = static_cast<std::int32_t>(k);
      table_.class_names.push_back(all[k].name);
    }
    for (std::int32_t& number : table_.classes)
      if (number >= 0) number = order[static_cast<std::size_t>(number)];
  }

  CsvReader reader_;
  const std::string& where_;
  const CsvColumns& columns_;
  const std::vector<std::string>* known_;
  std::vector<std::string> names_;
  std::size_t stream_ = std::numeric_limits<std::size_t>::max();
  Columns inputs_, targets_;
  std::map<std::string, std::size_t> stream_numbers_;
  std::map<std::string, std::int32_t> class_numbers_;
  std::vector<std::size_t> stream_of_;
  Table table_;
};

}  // namespace

Table read_csv_table(std::string_view bytes, const std::string& where, const CsvColumns& columns,
                     const std::vector<std::string>* known_classes) {
  return TableReader(bytes, where, columns, known_classes).read();
}

}  // namespace chronograd
