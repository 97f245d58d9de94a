// SPDX-License-Identifier: Apache-2.0
#include "formats/table_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/dtype_range.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "formats/missing.hpp"
#include "formats/row_view.hpp"

namespace chronograd {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

TableRows::TableRows(TableFile file, const TableCut& cut, const Kept& kept)
    : file_(std::move(file)), cut_(cut), kept_(kept) {
  Table& table = file_.table;
  if (has_classes())
    for (const std::int32_t number : table.classes) table.y.push_back(number < 0 ? nan : number);
  const std::vector<std::size_t>& starts = table.starts;
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const std::size_t lines = starts[s + 1] - starts[s],
                      tested = static_cast<std::size_t>(kept.test * static_cast<double>(lines)), left = lines - tested;
    parts_[1].push_back({starts[s] + left, tested});
    if (file_.steps > 0 && kept.validation > 0) {
      const auto [learnt, held] =
          held_out(static_cast<std::int64_t>(left), kept.validation, kept.seed, "data.validation");
      for (const std::int64_t line : learnt) parts_[0].push_back({starts[s] + static_cast<std::size_t>(line), 1});
      for (const std::int64_t line : held) parts_[2].push_back({starts[s] + static_cast<std::size_t>(line), 1});
      continue;
    }
    const auto held = static_cast<std::size_t>(kept.validation * static_cast<double>(left));
    parts_[0].push_back({starts[s], left - held});
    parts_[2].push_back({starts[s] + left - held, held});
  }
}

std::vector<std::string> TableRows::inputs() const {
  std::vector<std::string> names = file_.table.inputs;
  if (per_line() == 1) return names;
  names.resize(names.size() / per_line());
  for (std::size_t k = 0; k < names.size(); ++k) names[k] = std::to_string(k + 1);
  return names;
}

Scale TableRows::input_scale() const {
  std::vector<Stretch> steps = parts_[0];
  for (Stretch& part : steps) part = {part.first * per_line(), part.steps * per_line()};
  return Scale::of(file_.table.x, inputs(), steps, file_.name);
}

Scale TableRows::target_scale() const {
  return Scale::of(file_.table.y, targets(), parts_[0], file_.name);
}

void TableRows::finish() {
  Table& table = file_.table;
  const std::size_t width = table.targets.size(), steps = table.lines() * per_line();
  series_->n = table.inputs.size() / per_line();
  series_->m = width;
  series_->x = std::move(table.x);
  series_->mask.assign(steps, 1.0);
  series_->q = table.thirds.size() / per_line();
  series_->third = std::move(table.third);
  past_.now = table.y;
  past_.predict = cut_.predict;
  past_.season = cut_.season;
  past_.starts = table.starts;
  std::vector<double> y(steps * width);
  if (file_.steps > 0) {
    for (std::size_t i = 0; i < steps; ++i) series_->mask[i] = (i + 1) % per_line() == 0 ? weight(i / per_line()) : 0;
    for (std::size_t i = 0; i < table.y.size(); ++i) {
      const std::size_t last = (i / width + 1) * per_line() - 1;
      if (std::isnan(table.y[i])) series_->mask[last] = 0;  // a row has no target before it to be held
      y[last * width + i % width] = std::isnan(table.y[i]) ? 0 : table.y[i];
    }
    for (std::size_t line = 0; line < table.lines(); ++line) fill(y, width, line * per_line(), per_line());
  } else {
    for (std::size_t s = 0; s + 1 < table.starts.size(); ++s) {
      const std::size_t first = table.starts[s], count = table.starts[s + 1] - first;
      move_targets(y, width, first, count);
      fill(y, width, first, count);
    }
  }
  // What is still absent has weight 0.
  std::replace_if(
      y.begin(), y.end(), [](double value) { return std::isnan(value); }, 0.0);
  if (has_classes())
    for (const double number : y) series_->classes.push_back(static_cast<std::int32_t>(number));
  else
    series_->y = std::move(y);
}

SeriesSplit TableRows::split(int part, const char* what, std::vector<std::string>* notes) const {
  SeriesSplit split{series_, {}};
  std::size_t skipped = 0, most = 0;
  for (const Stretch& lines : parts_[part]) {
    most = std::max(most, lines.steps);
    if (file_.steps > 0) {
      for (std::size_t i = 0; i < lines.steps; ++i)
        split.rows.push_back({(lines.first + i) * file_.steps, file_.steps});
      continue;
    }
    const std::size_t usable = lines.steps > cut_.predict ? lines.steps - cut_.predict : 0,
                      window = cut_.window > 0 ? cut_.window : std::max<std::size_t>(1, usable),
                      stride = cut_.stride > 0 ? cut_.stride : window;
    if (usable < window) ++skipped;
    for (std::size_t t = 0; t + window <= usable; t += stride) split.rows.push_back({lines.first + t, window});
  }
  const bool parted = kept_.test > 0 || kept_.validation > 0;
  const char* const by = part == 2 || kept_.test == 0 ? "data.validation" : "data.test_part";
  const std::string in_part = parted ? std::string(" in the ") + what + " part (" + by + ")" : "",
                    too_short = std::string(", too short for one ") + what + " row, which takes " + lines_of_a_row();
  if (split.rows.empty())
    throw Error(Exit::data, file_.name, "got streams of at most " + counted(most, "line") + in_part + too_short + ".");
  if (skipped > 0 && notes)
    notes->push_back("[" + file_.name + "] " + counted(skipped, "stream") + (skipped == 1 ? " is" : " are") +
                     " not used" + in_part + too_short + ".");
  return split;
}

std::vector<std::string> TableRows::classes_of(const SeriesSplit& rows) const {
  const std::vector<std::string>& names = file_.table.class_names;
  std::vector<bool> used(names.size());
  each_counting_step(rows, [&](std::size_t i, double) { used[static_cast<std::size_t>(series_->classes[i])] = true; });
  if (file_.table.numbered) std::fill(used.begin(), std::find(used.rbegin(), used.rend(), true).base(), true);
  std::vector<std::string> found;
  for (std::size_t k = 0; k < names.size(); ++k)
    if (used[k]) found.push_back(names[k]);
  return found;
}

void TableRows::check_classes(const SeriesSplit& rows, const std::vector<std::string>& known,
                              const std::string& known_from) const {
  const std::vector<std::int32_t> numbers = numbers_in(known);
  each_counting_step(rows, [&](std::size_t i, double) {
    const auto number = static_cast<std::size_t>(series_->classes[i]);
    if (numbers[number] < 0)
      throw Error(Exit::data, target_place(i),
                  "got the class " + quoted(file_.table.class_names[number]) + " in the column " +
                      quoted(targets()[0]) + ", which " + known_from + " lacks.");
  });
}

void TableRows::number_classes(const std::vector<std::string>& known, std::size_t outputs) {
  const std::vector<std::int32_t> numbers = numbers_in(known);
  for (std::int32_t& number : series_->classes)
    number = numbers.empty() ? 0 : std::max(numbers[static_cast<std::size_t>(number)], 0);
  series_->m = outputs;
}

void TableRows::check_range(const SeriesSplit& rows, double largest) const {
  const auto check = [&](double value, const std::string& what, const std::string& column, auto place) {
    if (std::abs(value) > largest)
      throw Error(
          Exit::data, place(),
          "got the " + what + " " + number_text(value) + " in the column " + quoted(column) + beyond_dtype(largest));
  };
  const std::vector<std::string>& thirds = file_.table.thirds;
  const std::vector<std::string> columns = inputs();
  for (const Stretch& row : rows.rows) {
    for (std::size_t i = row.first * series_->n; i < (row.first + row.steps) * series_->n; ++i)
      check(series_->x[i], "input", columns[i % series_->n], [&] { return input_place(i / series_->n); });
    for (std::size_t i = row.first * series_->q; i < (row.first + row.steps) * series_->q; ++i)
      check(series_->third[i], "third factor", thirds[i % thirds.size()], [&] { return input_place(i / series_->q); });
  }
  if (has_classes()) return;
  each_counting_step(rows, [&](std::size_t step, double) {
    for (std::size_t j = 0; j < series_->m; ++j)
      check(series_->y[step * series_->m + j], "target", targets()[j], [&] { return target_place(step); });
  });
}

std::string TableRows::target_place(std::size_t step) const {
  return place(file_.steps > 0 ? step / file_.steps : step + cut_.predict);
}

/// Where a line of the table stands.
std::string TableRows::place(std::size_t line) const {
  const Table& table = file_.table;
  if (!table.file_lines.empty()) return file_.name + ":" + std::to_string(table.file_lines[line]);
  if (file_.steps > 0) return file_.name + ": stream " + std::to_string(line);
  const auto after = std::upper_bound(table.starts.begin(), table.starts.end(), line);
  return file_.name + ": stream " + std::to_string(after - table.starts.begin() - 1) + ", step " +
         std::to_string(line - *(after - 1));
}

/// What a stream is too short for: "data.window + data.predict = 7 lines".
std::string TableRows::lines_of_a_row() const {
  const std::string lines = counted(std::max<std::size_t>(1, cut_.window) + cut_.predict, "line");
  if (cut_.window == 0) return cut_.predict > 0 ? "data.predict + 1 = " + lines : lines;
  return std::string("data.window") + (cut_.predict > 0 ? " + data.predict" : "") + " = " + lines;
}

/// For each class of the table its place in `known`, or -1.
std::vector<std::int32_t> TableRows::numbers_in(const std::vector<std::string>& known) const {
  std::map<std::string, std::int32_t> places;
  for (const std::string& name : known) places.emplace(name, static_cast<std::int32_t>(places.size()));
  std::vector<std::int32_t> numbers;
  for (const std::string& name : file_.table.class_names) {
    const auto found = places.find(name);
    numbers.push_back(found == places.end() ? -1 : found->second);
  }
  return numbers;
}

/// Targets of one stream to the steps that they belong to. Those that are held are held where they stand, before.
void TableRows::move_targets(std::vector<double>& y, std::size_t width, std::size_t first, std::size_t count) {
  const bool hold = cut_.missing == Missing::hold;
  std::vector<double> known(count, 1.0);
  fill_missing(Missing::hold, count, {nullptr, 0}, {past_.now.data() + first * width, width}, known.data(), nullptr);
  const std::vector<double>& source = hold ? past_.now : file_.table.y;
  for (std::size_t t = 0; t + cut_.predict < count; ++t) {
    const std::size_t line = first + t + cut_.predict;
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(line * width), width,
                y.begin() + static_cast<std::ptrdiff_t>((first + t) * width));
    series_->mask[first + t] = weight(line) * (hold ? known[t + cut_.predict] : 1);
  }
}

void TableRows::fill(std::vector<double>& y, std::size_t width, std::size_t first, std::size_t steps) {
  if (cut_.missing == Missing::refuse) return;
  fill_missing(cut_.missing, steps, {series_->x.data() + first * series_->n, series_->n},
               {y.data() + first * width, width}, series_->mask.data() + first, nullptr);
}

}  // namespace chronograd
