// SPDX-License-Identifier: Apache-2.0
#include "formats/csv_columns.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_names_shown = 20;

/// The column that `word` numbers, from 0.
std::optional<std::size_t> numbered(const std::string& word, std::size_t count) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 1 || number > count) return std::nullopt;
  return number - 1;
}

class ColumnFinder {
 public:
  ColumnFinder(const std::vector<std::string>& names, const std::string& where) : names_(names), where_(where) {}

  [[noreturn]] void refuse(const std::string& what) const { throw Error(Exit::data, where_, what); }

  /// The only column of this name, if there is one; several are refused.
  std::optional<std::size_t> named(const std::string& name, const std::string& asked_by, const char* hint) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return std::nullopt;
    if (std::find(found + 1, names_.end(), name) != names_.end())
      refuse("several columns have the name " + quoted(name) + " that " + asked_by + " asks for, allowed is one. " +
             hint);
    return static_cast<std::size_t>(found - names_.begin());
  }

  /// The column of this name, else of this number.
  std::size_t find(const std::string& word, const std::string& key, std::vector<std::string>* notes) const {
    const std::optional<std::size_t> name = named(word, key, "Number the columns from 1 and write the number."),
                                     number = numbered(word, names_.size());
    if (name && number && *name != *number && notes)
      notes->push_back("[" + where_ + "] " + key + " = " + quoted(word) + " is column " + std::to_string(*name + 1) +
                       ", which has that name, and not column " + word + " (" + quoted(names_[*number]) + ").");
    if (name) return *name;
    if (number) return *number;
    refuse_missing(word, key);
  }

  [[noreturn]] void refuse_missing(const std::string& word, const std::string& asked_by) const {
    const std::string near = nearest_name(word, names_);
    refuse("no column " + quoted(word) + ", which " + asked_by + " asks for" +
           (near.empty() ? "." : ", did you mean " + quoted(near) + "?") + there_are());
  }

  /// What columns there are, for messages. One alone that holds another separator has a cause.
  std::string there_are() const {
    std::vector<std::string> shown(
        names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(std::min(names_.size(), most_names_shown)));
    for (std::string& name : shown) name = quoted(name);
    return " Columns: " + joined(shown) +
           (names_.size() > shown.size() ? ", ... (" + std::to_string(names_.size()) + ")." : ".") +
           (names_.size() == 1 && names_[0].find_first_of(",;\t|") != std::string::npos ? " Is data.separator right?"
                                                                                        : "");
  }

 private:
  const std::vector<std::string>& names_;
  const std::string& where_;
};

bool holds(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

/// A column of weights or of a third factor that is also something else is a mistake of the user.
void check_apart(const CsvPlaces& places, const CsvColumns& columns, const ColumnFinder& finder) {
  const auto check = [&](std::size_t column, const std::string& key, const std::string& word) {
    const char* other = column == places.stream                           ? "data.stream"
                        : key != "data.weight" && column == places.weight ? "data.weight"
                        : holds(places.inputs, column)                    ? "data.inputs"
                        : holds(places.targets, column)                   ? "data.targets"
                                                                          : nullptr;
    if (other != nullptr)
      finder.refuse(key + " = " + quoted(word) + " is one of " + other + " too, allowed is one of them.");
  };
  if (places.weight) check(*places.weight, "data.weight", columns.weight);
  for (std::size_t k = 0; k < places.third.size(); ++k) check(places.third[k], "data.third", columns.third[k]);
}

}  // namespace

std::string CsvPlaces::text(std::size_t column) const {
  const std::string number = std::to_string(column + 1);
  return "column " + number + (names[column] == number ? "" : " (" + quoted(names[column]) + ")");
}

CsvPlaces find_columns(std::vector<std::string> names, const CsvColumns& columns, const std::string& where,
                       std::vector<std::string>* notes) {
  CsvPlaces places;
  places.names = std::move(names);
  const ColumnFinder finder(places.names, where);
  if (!columns.stream.empty()) places.stream = finder.find(columns.stream, "data.stream", notes);
  if (!columns.weight.empty()) places.weight = finder.find(columns.weight, "data.weight", notes);
  for (const std::string& word : columns.targets) places.targets.push_back(finder.find(word, "data.targets", notes));
  for (const std::string& word : columns.third) places.third.push_back(finder.find(word, "data.third", notes));
  for (const std::string& word : columns.inputs) places.inputs.push_back(finder.find(word, "data.inputs", notes));
  if (places.inputs.empty())
    for (std::size_t k = 0; k < places.names.size(); ++k)
      if (k != places.stream && k != places.weight && !holds(places.third, k) &&
          (columns.inputs_are_targets || !holds(places.targets, k)))
        places.inputs.push_back(k);
  if (places.targets.empty() && columns.inputs_are_targets) places.targets = places.inputs;
  if (places.inputs.empty()) finder.refuse("no column is left to be an input." + finder.there_are());
  if (places.targets.empty())
    finder.refuse("no column is a target. Name one with data.targets, or forecast the inputs with data.predict = 1." +
                  finder.there_are());
  if (columns.classes && places.targets.size() != 1)
    finder.refuse("got " + std::to_string(places.targets.size()) +
                  " target columns, allowed with classes is one. data.classes = false makes them numbers.");
  check_apart(places, columns, finder);
  return places;
}

CsvPlaces same_columns(std::vector<std::string> names, const CsvPlaces& like, const std::string& where) {
  CsvPlaces places = like;
  places.names = std::move(names);
  places.third.clear();
  if (places.names == like.names) return places;
  const ColumnFinder finder(places.names, where);
  const auto find = [&](std::size_t& column) {
    const std::string& name = like.names[column];
    const auto found = finder.named(name, "the training file", "Files with the same header need no names.");
    if (!found) finder.refuse_missing(name, "the training file");
    column = *found;
  };
  if (places.stream) find(*places.stream);
  if (places.weight) find(*places.weight);
  for (std::size_t& column : places.targets) find(column);
  for (std::size_t& column : places.inputs) find(column);
  return places;
}

}  // namespace chronograd
