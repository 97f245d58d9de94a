// SPDX-License-Identifier: Apache-2.0
#include "formats/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "files/csv.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_classes = 1000000;

/// "" and what other programs write for a number that is not there.
bool is_gap(const std::string& cell) {
  const std::string word = lower(cell);
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
  TableReader(std::string_view bytes, const std::string& where, const CsvColumns& columns)
      : reader_(bytes, columns.separator, where), where_(where), columns_(columns) {}

  Table read(CsvPlaces& places, std::vector<std::string>* notes) {
    bool more = reader_.next();
    if (!more) throw Error(Exit::data, where_, "got an empty file, allowed is at least one line of data.");
    head(places, notes);
    if (columns_.header) more = reader_.next();
    if (!more) throw Error(Exit::data, where_, "got a header and no line of data, allowed is at least one.");
    for (; more; more = reader_.next()) line();
    sort_by_stream();
    if (columns_.classes) number_classes();
    places = std::move(places_);
    return std::move(table_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(Exit::data, reader_.place(), what); }

  std::string text_of(std::size_t column) const { return trimmed(std::string(reader_.cell(column))); }

  /// Finds the columns by their names, or numbers, in the first record.
  void head(const CsvPlaces& places, std::vector<std::string>* notes) {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < reader_.size(); ++k)
      names.push_back(columns_.header ? text_of(k) : std::to_string(k + 1));
    const std::string place = reader_.place();
    if (!places.names.empty()) {
      places_ = same_columns(std::move(names), places, place);
    } else {
      if (columns_.header && !columns_.header_is_sure) check_header(names, notes);
      places_ = find_columns(std::move(names), columns_, place, notes);
    }
    for (const std::size_t k : places_.inputs) table_.inputs.push_back(places_.names[k]);
    for (const std::size_t k : places_.targets) table_.targets.push_back(places_.names[k]);
    for (const std::size_t k : places_.third) table_.thirds.push_back(places_.names[k]);
  }

  /// A first line of data would vanish as names.
  void check_header(const std::vector<std::string>& names, std::vector<std::string>* notes) const {
    std::size_t numbers = 0, words = 0;
    std::string first;
    for (const std::string& name : names) {
      const bool number = number_of(name).has_value();
      if (number && numbers++ == 0) first = name;
      if (!number && !is_gap(name)) ++words;
    }
    if (numbers == 0) return;
    if (words == 0)
      refuse("got numbers alone (" + quoted(first) + (names.size() > 1 ? ", ..." : "") +
             ") in the first line, which names the columns. data.header = false if it is data, data.header = true if "
             "these are names.");
    if (notes)
      notes->push_back("[" + reader_.place() + "] the first line names the columns, one of them " + quoted(first) +
                       ". data.header = false if it is data, data.header = true if this is a name.");
  }

  void line() {
    const std::vector<std::string>& names = places_.names;
    if (reader_.size() != names.size())
      refuse("got " + std::to_string(reader_.size()) + (reader_.size() == 1 ? " cell" : " cells") + ", allowed are " +
             std::to_string(names.size()) + " as in the first line. Is data.separator right?");
    for (const std::size_t k : places_.inputs) table_.x.push_back(number(k, columns_.refuse_gaps));
    for (const std::size_t k : places_.third)
      table_.third.push_back(sure_number(k, "the third factor", std::numeric_limits<double>::lowest()));
    const double weight = places_.weight ? sure_number(*places_.weight, "the weight", 0) : 1;
    if (places_.weight) table_.weights.push_back(weight);
    if (columns_.classes)
      table_.classes.push_back(weight > 0 ? class_of(places_.targets[0]) : -1);
    else
      for (const std::size_t k : places_.targets) {
        const double value = number(k, columns_.refuse_gaps && weight > 0);
        table_.y.push_back(weight > 0 ? value : std::numeric_limits<double>::quiet_NaN());
      }
    table_.file_lines.push_back(reader_.line());
    const std::string id = places_.stream ? text_of(*places_.stream) : "";
    if (places_.stream && is_gap(id))
      refuse("got no name of a stream in " + places_.text(*places_.stream) + ", allowed is any text.");
    const auto [place, is_new] = stream_numbers_.emplace(id, table_.streams.size());
    if (is_new) table_.streams.push_back(id);
    stream_of_.push_back(place->second);
  }

  [[noreturn]] void refuse_gap(std::size_t column, const std::string& cell) const {
    refuse("got " + (cell.empty() ? "an empty cell" : quoted(cell)) + " in " + places_.text(column) +
           R"(, allowed are finite numbers. data.nan = "hold" or "skip" passes over gaps.)");
  }

  double number(std::size_t column, bool refuse_gaps) const {
    const std::string cell = text_of(column);
    if (is_gap(cell)) {
      if (refuse_gaps) refuse_gap(column, cell);
      return std::numeric_limits<double>::quiet_NaN();
    }
    const std::optional<double> value = number_of(cell);
    if (!value)
      refuse("got " + quoted(cell) + " in " + places_.text(column) + ", allowed is a finite number. " +
             (!columns_.header && table_.file_lines.empty() ? "data.header = true if the first line names the columns."
                                                            : "data.inputs and data.targets choose columns."));
    return *value;
  }

  /// In no such column gaps may be passed over.
  double sure_number(std::size_t column, const char* what, double least) const {
    const std::string cell = text_of(column);
    const std::optional<double> value = number_of(cell);
    if (!value || *value < least)
      refuse("got " + (cell.empty() ? "an empty cell" : quoted(cell)) + " in " + places_.text(column) + ", " + what +
             ", allowed are finite numbers" + (least == 0 ? " >= 0." : "."));
    return *value;
  }

  std::int32_t class_of(std::size_t column) {
    const std::string cell = text_of(column);
    if (is_gap(cell)) {
      if (columns_.refuse_gaps) refuse_gap(column, cell);
      return -1;
    }
    const auto [place, is_new] = class_numbers_.emplace(cell, static_cast<std::int32_t>(class_numbers_.size()));
    if (is_new && class_numbers_.size() > most_classes)
      refuse("got more than " + std::to_string(most_classes) + " classes in " + places_.text(column) +
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
    reorder(table_.x, to, places_.inputs.size());
    if (columns_.classes)
      reorder(table_.classes, to, 1);
    else
      reorder(table_.y, to, places_.targets.size());
    if (places_.weight) reorder(table_.weights, to, 1);
    reorder(table_.third, to, places_.third.size());
    reorder(table_.file_lines, to, 1);
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
  CsvPlaces places_;
  std::map<std::string, std::size_t> stream_numbers_;
  std::map<std::string, std::int32_t> class_numbers_;
  std::vector<std::size_t> stream_of_;
  Table table_;
};

}  // namespace

Table read_csv_table(std::string_view bytes, const std::string& where, const CsvColumns& columns, CsvPlaces& places,
                     std::vector<std::string>* notes) {
  return TableReader(bytes, where, columns).read(places, notes);
}

}  // namespace chronograd
