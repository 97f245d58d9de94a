// SPDX-License-Identifier: Apache-2.0
// Comma-separated values: a line is a step of a stream, or a whole row.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "files/input_file.hpp"
#include "files/mapping.hpp"
#include "formats/csv_table.hpp"
#include "formats/table_task.hpp"

namespace chronograd::entries {
namespace {

/// The separator that is given, else the one that the file's name implies.
char separator_of(const Options& data, const std::string& file) {
  if (!data.has("separator")) {
    const std::string name = lower(file);
    return name.ends_with(".tsv") || name.ends_with(".tsv.gz") ? '\t' : ',';
  }
  const std::string& word = data.word("separator");
  if (word == "tab" || word == "\t") return '\t';
  if (word == "space") return ' ';
  if (word.size() == 1 && word != "\"" && word != "\n" && word != "\r" && static_cast<unsigned char>(word[0]) < 0x80)
    return word[0];
  throw Error(Exit::usage, "data.separator",
              "got " + quoted(word) + ", allowed is one ASCII character, or the word tab or space.");
}

/// Steps of a line that is a whole row; 0: a line is a step.
std::size_t steps_of(const Options& data) {
  const auto steps = static_cast<std::size_t>(data.integer("steps"));
  if (steps == 0) return 0;
  for (const char* other : {"predict", "window", "stream"})
    if (data.given(other))
      throw Error(Exit::usage, "data.steps",
                  "got " + std::to_string(steps) + " beside data." + other +
                      ", allowed is one of them: a line that is a whole row is no step of a stream.");
  return steps;
}

CsvColumns columns_of(const Options& data, const TableCut& cut, const FileNeeds& needs) {
  CsvColumns columns;
  columns.header = data.flag("header");
  columns.header_is_sure = data.given("header");
  columns.inputs = data.words("inputs");
  columns.targets = data.words("targets");
  columns.inputs_are_targets = cut.predict > 0;
  if (data.has("stream")) columns.stream = data.word("stream");
  if (data.has("weight")) columns.weight = data.word("weight");
  columns.third = data.words("third");
  columns.classes = data.has("classes") ? data.flag("classes") : needs.classes_allowed && columns.targets.size() == 1;
  columns.refuse_gaps = cut.missing == Missing::refuse;
  if (columns.classes && !needs.classes_allowed)
    throw Error(Exit::usage, "data.classes", "got true with the loss " + needs.loss + ", which takes numbers.");
  if (columns.classes && columns.targets.size() != 1)
    throw Error(Exit::usage, "data.targets",
                "got " + std::to_string(columns.targets.size()) + " columns, allowed with classes is one.");
  return columns;
}

/// Columns of inputs or targets, as their names stand in a mapping.
struct Columns {
  const char *name, *key;
};
constexpr Columns input_columns{"x_columns", "data.inputs"}, target_columns{"y_columns", "data.targets"};

/// The columns that the parameters were trained with stand for those that the configuration numbers or leaves to the
/// header, as in a test file. Those that it names must be the same.
void take_known(const KnownMapping& known, const std::string& known_from, const Columns& of,
                std::vector<std::string>& words) {
  if (!known.has(of.name)) return;
  const std::vector<std::string> names = known.names(of.name);
  const auto number = [](const std::string& word) { return word.find_first_not_of("0123456789") == std::string::npos; };
  const auto same = [&](const std::string& word, const std::string& name) { return word == name || number(word); };
  if (!words.empty() && !std::equal(words.begin(), words.end(), names.begin(), names.end(), same))
    throw Error(Exit::usage, of.key,
                "got " + quoted(joined(words)) + ", allowed are the columns of " + known_from + ", " +
                    quoted(joined(names)) + ".");
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) words = names;
}

/// Names that stand twice in a header cannot be looked for: they must be there as they were.
void require_known(const KnownMapping& known, const std::string& known_from, const Columns& of,
                   const std::vector<std::string>& found, const std::string& file) {
  if (known.has(of.name) && known.names(of.name) != found)
    throw Error(Exit::data, file,
                "got the columns " + quoted(joined(found)) + ", allowed are those of " + known_from + ", " +
                    quoted(joined(known.names(of.name))) + ".");
}

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>* notes) {
  const TableCut cut = table_cut(data);
  const std::size_t steps = steps_of(data);
  CsvColumns columns = columns_of(data, cut, needs);
  const KnownMapping known(needs.mapping);
  take_known(known, needs.known_from, input_columns, columns.inputs);
  take_known(known, needs.known_from, target_columns, columns.targets);
  CsvPlaces places;
  const auto read = [&](const char* key) {
    const std::string& name = data.word(key);
    columns.separator = separator_of(data, name);
    return TableFile{name, read_csv_table(read_file(name), name, columns, places, notes), {name}, steps};
  };
  TableFile train = read("train");
  const auto keep = [&](const Columns& of, const std::vector<std::string>& found) {
    require_known(known, needs.known_from, of, found, train.name);
    train.mapping.emplace(mapping_prefix + std::string(of.name), array_of_names(found));
  };
  keep(input_columns, train.table.inputs);
  keep(target_columns, train.table.targets);
  std::optional<TableFile> test;
  if (data.has("test")) test = read("test");
  return make_table_task(std::move(train), std::move(test), cut, needs, notes);
}

constexpr Option own_options[] = {
    {.key = "inputs",
     .type = OptionType::words,
     .fallback = "[]",
     .help = "columns that are inputs, by name or by number from 1; absent: all but the targets (with predict: all) "
             "the stream, the weight and the third factor"},
    {.key = "targets",
     .type = OptionType::words,
     .fallback = "[]",
     .help = "columns that are targets; absent with predict: the inputs"},
    {.key = "classes",
     .type = OptionType::flag,
     .help = "the target column names classes (numbers or words); absent: true where the loss takes classes and there "
             "is one target column"},
    {.key = "stream",
     .type = OptionType::word,
     .help = "column whose cells tell streams apart; absent: all lines are one stream"},
    {.key = "weight",
     .type = OptionType::word,
     .help = "column of numbers >= 0: how much a line counts in the loss as a target, 0: not at all; absent: all count "
             "the same"},
    {.key = "third",
     .type = OptionType::words,
     .fallback = "[]",
     .help =
         "columns of the third factor that the rule three_factor learns from: one for all units, one for each unit "
         "of a layer, or one for each unit of all layers; with steps so many for each step. Training data have them"},
    {.key = "steps",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "steps",
     .help =
         "a line is a whole row: its inputs are so many steps, its target belongs to the last; 0: a line is a step"},
    {.key = "header",
     .type = OptionType::flag,
     .fallback = "true",
     .help = "the first line names the columns; where it holds numbers alone, this must be given"},
    {.key = "separator",
     .type = OptionType::word,
     .help = "one character, or the word tab or space; absent: the tab in .tsv files, else the comma"},
};
constexpr auto options = with_table_options(own_options);

}  // namespace

extern const FormatRecord format_csv;
const FormatRecord format_csv = {
    .entry =
        {.name = "csv",
         .title = "a table as text: lines are steps, columns are inputs and targets",
         .text =
             "RFC 4180, plain or gzipped: quotes, CRLF, a byte order mark, a last line without its end, empty lines. "
             "Numbers have a decimal point. Empty cells, NaN, NA and null are gaps (nan). UTF-16 is refused.",
         .options = options},
    .endings = ".csv|.csv.gz|.tsv|.tsv.gz",
    .make = make,
};

}  // namespace chronograd::entries
