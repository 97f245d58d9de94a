// SPDX-License-Identifier: Apache-2.0
#include "formats/table_task.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "config/text.hpp"
#include "formats/series_references.hpp"
#include "tasks/missing.hpp"
#include "tasks/series_task.hpp"

namespace chronograd {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// Mean and standard deviation of each column.
struct Scale {
  std::vector<double> mean, deviation;

  /// Of the numbers in those lines.
  static Scale of(const std::vector<double>& values, std::size_t width, const std::vector<Stretch>& lines) {
    Scale scale;
    for (std::size_t j = 0; j < width; ++j) {
      double count = 0, sum = 0, squares = 0;
      const auto each = [&](auto visit) {
        for (const Stretch& part : lines)
          for (std::size_t i = part.first; i < part.first + part.steps; ++i)
            if (!std::isnan(values[i * width + j])) visit(values[i * width + j]);
      };
      each([&](double value) {
        count += 1;
        sum += value;
      });
      const double mean = count > 0 ? sum / count : 0;
      each([&](double value) { squares += (value - mean) * (value - mean); });
      const double deviation = count > 0 ? std::sqrt(squares / count) : 0;
      scale.mean.push_back(mean);
      scale.deviation.push_back(deviation > 0 ? deviation : 1);
    }
    return scale;
  }

  void apply(std::vector<double>& values) const {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = (values[i] - mean[i % mean.size()]) / deviation[i % mean.size()];
  }
};

/// One file on its way from a table to rows.
class Builder {
 public:
  Builder(TableFile file, const TableCut& cut, double test_part) : file_(std::move(file)), cut_(cut) {
    Table& table = file_.table;
    if (!table.classes.empty())
      for (const std::int32_t number : table.classes) table.y.push_back(number < 0 ? nan : number);
    const std::vector<std::size_t>& starts = table.starts;
    for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
      const std::size_t lines = starts[s + 1] - starts[s],
                        kept = static_cast<std::size_t>(test_part * static_cast<double>(lines));
      parts_[0].push_back({starts[s], lines - kept});
      parts_[1].push_back({starts[s] + lines - kept, kept});
    }
  }

  /// With lines that are whole rows, of each input over all its steps.
  Scale input_scale() const {
    const std::size_t per_line = std::max<std::size_t>(1, cut_.steps);
    std::vector<Stretch> steps = parts_[0];
    for (Stretch& part : steps) part = {part.first * per_line, part.steps * per_line};
    return Scale::of(file_.table.x, file_.table.inputs.size() / per_line, steps);
  }
  Scale target_scale() const { return Scale::of(file_.table.y, file_.table.targets.size(), parts_[0]); }
  void scale_inputs(const Scale& scale) { scale.apply(file_.table.x); }
  void scale_targets(const Scale& scale) { scale.apply(file_.table.y); }

  /// Moves targets to their steps and fills gaps. `classes`: how many there are, 0 for numbers.
  void finish(std::size_t classes) {
    auto series = std::make_shared<Series>();
    Table& table = file_.table;
    const std::size_t per_line = std::max<std::size_t>(1, cut_.steps), width = table.targets.size(),
                      steps = table.lines() * per_line;
    series->n = table.inputs.size() / per_line;
    series->m = classes > 0 ? classes : width;
    series->x = std::move(table.x);
    series->mask.assign(steps, 1.0);
    past_.now = table.y;
    past_.predict = cut_.predict;
    past_.season = cut_.season;
    past_.starts = table.starts;
    std::vector<double> y(steps * width);
    if (cut_.steps > 0) {
      for (std::size_t i = 0; i < steps; ++i) series->mask[i] = (i + 1) % per_line == 0 ? 1 : 0;
      for (std::size_t i = 0; i < table.y.size(); ++i) {
        const std::size_t last = (i / width + 1) * per_line - 1;
        if (std::isnan(table.y[i])) series->mask[last] = 0;  // a row has no target before it to be held
        y[last * width + i % width] = std::isnan(table.y[i]) ? 0 : table.y[i];
      }
      for (std::size_t line = 0; line < table.lines(); ++line) fill(*series, y, width, line * per_line, per_line);
    } else {
      for (std::size_t s = 0; s + 1 < table.starts.size(); ++s) {
        const std::size_t first = table.starts[s], count = table.starts[s + 1] - first;
        move_targets(*series, y, width, first, count);
        fill(*series, y, width, first, count);
      }
    }
    if (classes > 0) {
      series->classes.resize(steps);
      for (std::size_t i = 0; i < steps; ++i) series->classes[i] = static_cast<std::int32_t>(y[i]);
    } else {
      series->y = std::move(y);
    }
    series_ = std::move(series);
  }

  /// The rows of the training part (0) or the test part (1); `skipped` counts streams that are too short for one.
  SeriesSplit split(int part, std::size_t* skipped) const {
    SeriesSplit split{series_, {}};
    for (const Stretch& lines : parts_[part]) {
      if (cut_.steps > 0) {
        for (std::size_t i = 0; i < lines.steps; ++i)
          split.rows.push_back({(lines.first + i) * cut_.steps, cut_.steps});
        continue;
      }
      const std::size_t usable = lines.steps > cut_.predict ? lines.steps - cut_.predict : 0,
                        window = cut_.window > 0 ? cut_.window : std::max<std::size_t>(1, usable),
                        stride = cut_.stride > 0 ? cut_.stride : window;
      if (usable < window) ++*skipped;
      for (std::size_t t = 0; t + window <= usable; t += stride) split.rows.push_back({lines.first + t, window});
    }
    return split;
  }

  const TableFile& file() const { return file_; }
  const Past& past() const { return past_; }
  std::size_t streams() const { return file_.table.streams.size(); }

 private:
  /// Targets of one stream to the steps that they belong to. Those that are held are held where they stand, before.
  void move_targets(Series& series, std::vector<double>& y, std::size_t width, std::size_t first, std::size_t count) {
    const bool hold = cut_.missing == Missing::hold;
    std::vector<double> known(count, 1.0);
    fill_missing(Missing::hold, count, {nullptr, 0}, {past_.now.data() + first * width, width}, known.data(), nullptr);
    const std::vector<double>& source = hold ? past_.now : file_.table.y;
    for (std::size_t t = 0; t + cut_.predict < count; ++t) {
      std::copy_n(source.begin() + static_cast<std::ptrdiff_t>((first + t + cut_.predict) * width), width,
                  y.begin() + static_cast<std::ptrdiff_t>((first + t) * width));
      if (hold) series.mask[first + t] = known[t + cut_.predict];
    }
  }

  void fill(Series& series, std::vector<double>& y, std::size_t width, std::size_t first, std::size_t steps) const {
    if (cut_.missing == Missing::refuse) return;
    fill_missing(cut_.missing, steps, {series.x.data() + first * series.n, series.n}, {y.data() + first * width, width},
                 series.mask.data() + first, nullptr);
  }

  TableFile file_;
  const TableCut& cut_;
  std::vector<Stretch> parts_[2];  ///< of each stream's lines
  std::shared_ptr<const Series> series_;
  Past past_;
};

std::size_t longest(const SeriesSplit& split) {
  std::size_t steps = 0;
  for (const Stretch& row : split.rows) steps = std::max(steps, row.steps);
  return steps;
}

void check_targets(const SeriesSplit& split, const TableFile& file, const FileNeeds& needs) {
  const auto& loss = find_record<LossRecord>("loss.name", needs.loss);
  if (!split.series->classes.empty() || (!loss.positive_only && !loss.unit_interval)) return;
  for (const Stretch& row : split.rows)
    for (std::size_t i = row.first * split.series->m; i < (row.first + row.steps) * split.series->m; ++i) {
      const double value = split.series->y[i];
      if (value < 0 || (loss.unit_interval && value > 1))
        throw Error(Exit::data, file.name,
                    "got the target " + number_text(value) + " in the column " +
                        quoted(file.table.targets[i % split.series->m]) + ", allowed with the loss " + needs.loss +
                        " are numbers " + (loss.unit_interval ? "in [0, 1]." : ">= 0."));
    }
}

void require_rows(const SeriesSplit& split, const Builder& from, const TableCut& cut, const char* what) {
  if (!split.rows.empty()) return;
  std::size_t most = 0;
  const std::vector<std::size_t>& starts = from.file().table.starts;
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) most = std::max(most, starts[s + 1] - starts[s]);
  throw Error(Exit::data, from.file().name,
              "got streams of at most " + counted(most, "line") + ", which is too short for one " + what +
                  " row: that takes data.window + data.predict = " +
                  std::to_string(std::max<std::size_t>(1, cut.window) + cut.predict) + " lines" +
                  (cut.test_part > 0 ? " in each part of data.test_part." : "."));
}

std::size_t class_count(const Table& table, const std::string& name, const FileNeeds& needs) {
  const std::size_t count = table.class_names.size();
  if (table.classes.empty()) return 0;
  if (count == 0) throw Error(Exit::data, name, "got no class at all, allowed is at least one.");
  const auto outputs = static_cast<std::size_t>(needs.outputs);
  if (outputs > 0 && count > outputs)
    throw Error(Exit::data, name,
                "got " + std::to_string(count) +
                    " classes, allowed are the parameters' m = " + std::to_string(outputs) + " outputs.");
  return std::max(count, outputs);
}

std::vector<std::pair<std::string, std::string>> scale_facts(const std::vector<std::string>& columns,
                                                             const Scale& scale, const std::string& what) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (std::size_t j = 0; j < scale.mean.size(); ++j)
    facts.emplace_back(what + " " + (scale.mean.size() == columns.size() ? columns[j] : std::to_string(j + 1)),
                       "mean " + number_text(scale.mean[j]) + ", deviation " + number_text(scale.deviation[j]));
  return facts;
}

std::string size_text(const SeriesSplit& split, std::size_t length) {
  return counted(split.rows.size(), "row") + " of " + counted(length, "step");
}

}  // namespace

TableCut table_cut(const Options& data) {
  const auto count = [&](const char* key) { return static_cast<std::size_t>(data.integer(key)); };
  TableCut cut;
  cut.predict = count("predict");
  cut.window = count("window");
  cut.stride = count("stride");
  cut.season = count("season");
  cut.test_part = data.number("test_part");
  cut.missing = missing_of(data);
  cut.scale_inputs = data.word("standardize") != "none";
  cut.scale_targets = data.word("standardize") == "all";
  if (cut.stride > 0 && cut.window == 0)
    throw Error(Exit::usage, "data.stride",
                "got " + std::to_string(cut.stride) + " without data.window, allowed is 0, or both.");
  if (cut.test_part > 0 && data.has("test"))
    throw Error(Exit::usage, "data.test_part", "got both data.test_part and data.test, allowed is one of them.");
  return cut;
}

std::unique_ptr<Task> make_table_task(TableFile train, std::optional<TableFile> test, const TableCut& cut,
                                      const FileNeeds& needs, std::vector<std::string>* notes) {
  if (cut.steps > 0 && train.table.inputs.size() % cut.steps != 0)
    throw Error(Exit::data, train.name,
                "got " + counted(train.table.inputs.size(), "input column") +
                    ", allowed is a multiple of data.steps = " + std::to_string(cut.steps) + ".");
  const std::size_t classes = class_count(train.table, train.name, needs);
  if (classes > 0 && cut.scale_targets)
    throw Error(Exit::usage, "data.standardize", "got all with classes as targets, allowed is none or inputs.");
  if (classes == 0 && needs.outputs > 0 && train.table.targets.size() != static_cast<std::size_t>(needs.outputs))
    throw Error(Exit::data, train.name,
                "got " + counted(train.table.targets.size(), "target column") +
                    ", allowed are the parameters' m = " + std::to_string(needs.outputs) + " outputs.");
  SeriesTexts texts;
  texts.files = train.files;
  if (test) texts.files.insert(texts.files.end(), test->files.begin(), test->files.end());
  for (std::size_t k = 0; k < train.table.class_names.size(); ++k)
    texts.facts.emplace_back("class " + std::to_string(k), train.table.class_names[k]);

  Builder first(std::move(train), cut, cut.test_part);
  std::optional<Builder> second;
  if (test) second.emplace(std::move(*test), cut, 0.0);
  const auto scale = [&](bool wanted, Scale (Builder::*measure)() const, void (Builder::*apply)(const Scale&),
                         const std::vector<std::string>& columns, const char* what) {
    if (!wanted) return;
    const Scale found = (first.*measure)();
    (first.*apply)(found);
    if (second) (*second.*apply)(found);
    for (auto& fact : scale_facts(columns, found, what)) texts.facts.push_back(std::move(fact));
  };
  scale(cut.scale_inputs, &Builder::input_scale, &Builder::scale_inputs, first.file().table.inputs, "scale of input");
  scale(cut.scale_targets, &Builder::target_scale, &Builder::scale_targets, first.file().table.targets,
        "scale of target");
  first.finish(classes);
  if (second) second->finish(classes);

  std::size_t skipped = 0;
  SeriesSplit rows = first.split(0, &skipped), tests;
  require_rows(rows, first, cut, "training");
  const std::size_t length = longest(rows);
  texts.summary = first.file().name + ": " + size_text(rows, length) + " from " + counted(first.streams(), "stream") +
                  ", " + counted(rows.series->n, "input") + ", " +
                  (classes > 0 ? std::to_string(classes) + " classes" : counted(rows.series->m, "output"));
  if (second || cut.test_part > 0) {
    const Builder& from = second ? *second : first;
    tests = from.split(second ? 0 : 1, &skipped);
    require_rows(tests, from, cut, "test");
    check_targets(tests, from.file(), needs);
    if (longest(tests) > length)
      throw Error(Exit::data, from.file().name,
                  "got a stream of " + counted(longest(tests), "step") + " to test on, allowed are at most the " +
                      std::to_string(length) + " of the training rows. data.window makes all rows equally long.");
    texts.summary += "; tested on " + (second ? from.file().name + ": " : "") + size_text(tests, longest(tests));
  }
  check_targets(rows, first.file(), needs);
  if (skipped > 0 && notes)
    notes->push_back("[" + first.file().name + "] " + counted(skipped, "stream") +
                     " (or test part of one) too short for a row of data.window steps; not used.");
  const SeriesSplit& measured = tests.series ? tests : rows;
  const Past& past = (second ? *second : first).past();
  if (classes > 0)
    texts.references = class_references(rows, measured);
  else if (needs.loss == "mse" && cut.steps == 0)
    texts.references = number_references(rows, measured, past);
  return make_series_task(std::move(rows), std::move(tests), length, std::move(texts));
}

}  // namespace chronograd
