// SPDX-License-Identifier: Apache-2.0
#include "formats/table_task.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "files/mapping.hpp"
#include "formats/distribution.hpp"
#include "formats/series_references.hpp"
#include "formats/series_task.hpp"
#include "formats/table_rows.hpp"

namespace chronograd {
namespace {

void check_targets(const SeriesSplit& split, const TableRows& from, const FileNeeds& needs) {
  const auto& loss = find_record<LossRecord>("loss.name", needs.loss);
  if (from.has_classes() || (!loss.positive_only && !loss.fractions_only)) return;
  each_counting_step(split, [&](std::size_t step, double) {
    for (std::size_t j = 0; j < split.series->m; ++j) {
      const double value = split.series->y[step * split.series->m + j];
      if (value < 0 || (loss.fractions_only && value > 1))
        throw Error(Exit::data, from.target_place(step),
                    "got the target " + number_text(value) + " in the column " + quoted(from.targets()[j]) +
                        ", allowed with the loss " + needs.loss + " are numbers " +
                        (loss.fractions_only ? "in [0, 1]." : ">= 0."));
    }
    const std::span<const double> target(split.series->y.data() + step * split.series->m, split.series->m);
    if (needs.classes_allowed && !is_distribution(target))
      throw Error(Exit::data, from.target_place(step),
                  "got targets that sum to " + number_text(sum_of(target)) + ", allowed with the loss " + needs.loss +
                      " are classes, or distributions, which sum to 1 (within " +
                      number_text(distribution_tolerance(target.size())) + ").");
  });
}

/// Outputs for so many classes: as many as the parameters have, if they are given.
std::size_t outputs_for(std::size_t classes, const std::string& name, const FileNeeds& needs) {
  if (classes == 0)
    throw Error(Exit::data, name, "got no class at all where training counts, allowed is at least one.");
  const auto outputs = static_cast<std::size_t>(needs.outputs);
  if (std::max(classes, outputs) == 1)
    throw Error(Exit::data, name,
                "got one class where training counts, allowed are two or more: one output under softmax is always 1.");
  if (outputs > 0 && classes > outputs)
    throw Error(Exit::data, name,
                "got " + std::to_string(classes) + " classes, allowed are the m = " + std::to_string(outputs) +
                    " outputs of " + needs.known_from + ".");
  return std::max(classes, outputs);
}

std::vector<std::pair<std::string, std::string>> scale_facts(const std::vector<std::string>& columns,
                                                             const Scale& scale, const std::string& what) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (std::size_t j = 0; j < columns.size(); ++j)
    facts.emplace_back(what + " " + columns[j],
                       "mean " + number_text(scale.mean[j]) + ", deviation " + number_text(scale.deviation[j]));
  return facts;
}

/// The scale that parameters were trained with.
Scale known_scale(const KnownMapping& known, const std::string& key, std::size_t width) {
  Scale scale{known.numbers(key + "_mean", width), known.numbers(key + "_deviation", width)};
  for (const double deviation : scale.deviation)
    if (!(deviation > 0))
      throw Error(Exit::data, "parameters: " + (mapping_prefix + key) + "_deviation",
                  "got " + number_text(deviation) + ", allowed are numbers > 0.");
  return scale;
}

/// Adds the scale to what a run keeps.
void keep_scale(const Scale& scale, const std::string& key, Arrays& mapping) {
  mapping.emplace(mapping_prefix + key + "_mean", Array::of({scale.mean.size()}, scale.mean));
  mapping.emplace(mapping_prefix + key + "_deviation", Array::of({scale.deviation.size()}, scale.deviation));
}

std::string size_text(const SeriesSplit& split) {
  return counted(split.rows.size(), "row") + " of " + counted(split.length(), "step");
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
  if (data.has("validation") && !data.is_word("validation")) cut.validation = data.number("validation");
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
  if (train.steps > 0 && train.table.inputs.size() % train.steps != 0)
    throw Error(Exit::data, train.name,
                "got " + counted(train.table.inputs.size(), "input column") +
                    ", allowed is a multiple of data.steps = " + std::to_string(train.steps) + ".");
  if (train.steps > 0 && train.table.thirds.size() % train.steps != 0)
    throw Error(Exit::data, train.name,
                "got " + counted(train.table.thirds.size(), "column") + " of a third factor" +
                    ", allowed is a multiple of data.steps = " + std::to_string(train.steps) + ".");
  const bool classes = !train.table.classes.empty();
  if (classes && cut.scale_targets)
    throw Error(Exit::usage, "data.standardize", "got all with classes as targets, allowed is none or inputs.");
  if (!classes && needs.outputs > 0 && train.table.targets.size() != static_cast<std::size_t>(needs.outputs))
    throw Error(Exit::data, train.name,
                "got " + counted(train.table.targets.size(), "target column") +
                    ", allowed are the m = " + std::to_string(needs.outputs) + " outputs of " + needs.known_from + ".");
  SeriesTexts texts;
  texts.files = train.files;
  texts.mapping = train.mapping;
  if (test) texts.files.insert(texts.files.end(), test->files.begin(), test->files.end());

  TableRows first(std::move(train), cut, {cut.test_part, cut.validation, needs.seed});
  std::optional<TableRows> second;
  if (test) second.emplace(std::move(*test), cut, TableRows::Kept{});
  const KnownMapping known(needs.mapping);
  const auto scale = [&](bool wanted, const std::string& key, Scale (TableRows::*measure)() const,
                         void (TableRows::*apply)(const Scale&), const std::vector<std::string>& columns,
                         const std::string& what) {
    const bool given = known.has(key + "_mean");
    if (given && !wanted)
      throw Error(
          Exit::usage, "data.standardize",
          "got parameters that were trained with scaled " + what +
              "s, and a configuration that leaves them as they are. Allowed is the run's own data.standardize.");
    if (!wanted) return;
    const Scale found = given ? known_scale(known, key, columns.size()) : (first.*measure)();
    (first.*apply)(found);
    if (second) (*second.*apply)(found);
    for (auto& fact : scale_facts(columns, found, "scale of " + what)) texts.facts.push_back(std::move(fact));
    keep_scale(found, key, texts.mapping);
  };
  scale(cut.scale_inputs, "x", &TableRows::input_scale, &TableRows::scale_inputs, first.inputs(), "input");
  scale(cut.scale_targets, "y", &TableRows::target_scale, &TableRows::scale_targets, first.targets(), "target");
  first.finish();
  if (second) second->finish();

  const TableRows& from = second ? *second : first;  // of the test rows
  SeriesSplit rows = first.split(0, "training", notes), tests, held;
  if (cut.validation > 0) held = first.split(2, "validation", notes);
  if (second || cut.test_part > 0) tests = from.split(second ? 0 : 1, "test", notes);
  if (classes) {
    const bool numbered = first.file().table.numbered, given = known.has("classes") && !numbered;
    const std::vector<std::string> names = given ? known.names("classes") : first.classes_of(rows);
    const std::size_t outputs = outputs_for(names.size(), first.file().name, needs);
    const std::string of = given    ? "the training data of " + needs.known_from
                           : second ? "the training part (" + first.file().name + ")"
                                    : "the training part";
    if (given) first.check_classes(rows, names, of);
    if (tests.series) from.check_classes(tests, names, of);
    if (held.series) first.check_classes(held, names, of);
    if (!numbered) texts.mapping.emplace(mapping_prefix + std::string("classes"), array_of_names(names));
    first.number_classes(names, outputs);
    if (second) second->number_classes(names, outputs);
    std::vector<std::pair<std::string, std::string>> facts;
    for (std::size_t k = 0; k < names.size(); ++k) facts.emplace_back("class " + std::to_string(k), names[k]);
    texts.facts.insert(texts.facts.begin(), facts.begin(), facts.end());
  }
  const auto check = [&](const SeriesSplit& split, const TableRows& of) {
    of.check_range(split, needs.largest);
    check_targets(split, of, needs);
  };
  check(rows, first);
  if (tests.series) check(tests, from);
  if (held.series) check(held, first);

  texts.summary = first.file().name + ": " + size_text(rows) + " from " + counted(first.streams(), "stream") + ", " +
                  counted(rows.series->n, "input") + ", " +
                  (classes ? std::to_string(rows.series->m) + " classes" : counted(rows.series->m, "output"));
  if (tests.series) {
    texts.summary += "; tested on " + (second ? from.file().name + ": " : "") + size_text(tests);
  }
  const SeriesSplit& measured = tests.series ? tests : held.series ? held : rows;  // what runs are judged by
  if (classes)
    texts.references = class_references(rows, measured);
  else if (needs.loss == "mse" && first.file().steps == 0)
    texts.references = number_references(rows, measured, from.past());
  SeriesTexts apart;  // the rows to validate on are of the same file
  apart.summary = texts.summary;
  if (held.series) texts.summary += "; validated on " + size_text(held);
  std::unique_ptr<Task> task = make_series_task(std::move(rows), std::move(tests), std::move(texts));
  if (held.series) task->validate_on(make_series_task(std::move(held), {}, std::move(apart)));
  return task;
}

}  // namespace chronograd
