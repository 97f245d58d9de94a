// SPDX-License-Identifier: Apache-2.0
// Comma-separated values: a line is a step of a stream, or a whole row.
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "config/text.hpp"
#include "formats/csv_series.hpp"
#include "io/input_file.hpp"
#include "tasks/missing.hpp"

namespace chronograd::entries {
namespace {

char separator_of(const std::string& word) {
  if (word == "tab" || word == "\t") return '\t';
  if (word == "space") return ' ';
  if (word.size() == 1 && word != "\"" && word != "\n" && word != "\r" && static_cast<unsigned char>(word[0]) < 0x80)
    return word[0];
  throw Error(Exit::usage, "data.separator",
              "got " + quoted(word) + ", allowed is one ASCII character, or the word tab or space.");
}

std::size_t count_of(const Options& data, const char* key) {
  return static_cast<std::size_t>(data.integer(key));
}

void refuse_both(const Options& data, const char* key, const char* other, const char* why) {
  throw Error(
      Exit::usage, std::string("data.") + key,
      "got " + std::to_string(data.integer(key)) + " beside data." + other + ", allowed is one of them: " + why);
}

CsvCut cut_of(const Options& data) {
  CsvCut cut;
  cut.predict = count_of(data, "predict");
  cut.window = count_of(data, "window");
  cut.stride = count_of(data, "stride");
  cut.steps = count_of(data, "steps");
  cut.season = count_of(data, "season");
  cut.test_part = data.number("test_part");
  cut.missing = missing_of(data);
  cut.scale_inputs = data.word("standardize") != "none";
  cut.scale_targets = data.word("standardize") == "all";
  if (cut.steps > 0 && cut.predict > 0) refuse_both(data, "steps", "predict", "a line that is a row has no next step.");
  if (cut.steps > 0 && cut.window > 0) refuse_both(data, "steps", "window", "a line that is a row is its own window.");
  if (cut.steps > 0 && data.has("stream")) refuse_both(data, "steps", "stream", "a line that is a row is no stream.");
  if (cut.stride > 0 && cut.window == 0)
    throw Error(Exit::usage, "data.stride",
                "got " + std::to_string(cut.stride) + " without data.window, allowed with.");
  if (cut.test_part > 0 && data.has("test"))
    throw Error(Exit::usage, "data.test_part", "got both data.test_part and data.test, allowed is one of them.");
  return cut;
}

CsvColumns columns_of(const Options& data, const CsvCut& cut, const FileNeeds& needs) {
  CsvColumns columns;
  columns.separator = separator_of(data.word("separator"));
  columns.header = data.flag("header");
  columns.inputs = data.words("inputs");
  columns.targets = data.words("targets");
  columns.inputs_are_targets = cut.predict > 0;
  if (data.has("stream")) columns.stream = data.word("stream");
  columns.classes = data.has("classes") ? data.flag("classes") : needs.classes_allowed && columns.targets.size() == 1;
  columns.refuse_gaps = cut.missing == Missing::refuse;
  if (columns.classes && !needs.classes_allowed)
    throw Error(Exit::usage, "data.classes", "got true with the loss " + needs.loss + ", which takes numbers.");
  if (columns.classes && columns.targets.size() != 1)
    throw Error(Exit::usage, "data.targets",
                "got " + std::to_string(columns.targets.size()) + " columns, allowed with classes is one.");
  if (columns.classes && cut.scale_targets)
    throw Error(Exit::usage, "data.standardize", "got all with classes as targets, allowed is none or inputs.");
  return columns;
}

std::unique_ptr<Task> make(const Options& data, const FileNeeds& needs, std::vector<std::string>* notes) {
  const CsvCut cut = cut_of(data);
  const CsvColumns columns = columns_of(data, cut, needs);
  const auto read = [&](const char* key, const std::vector<std::string>* known) {
    const std::string& name = data.word(key);
    return CsvFile{name, read_csv_table(read_file(name), name, columns, known)};
  };
  CsvFile train = read("train", nullptr);
  std::optional<CsvFile> test;
  if (data.has("test")) test = read("test", columns.classes ? &train.table.class_names : nullptr);
  return make_csv_task(std::move(train), std::move(test), cut, needs, notes);
}

constexpr Option options[] = {
    {"inputs", OptionType::words, "[]", -unbounded, unbounded, "",
     "columns that are inputs, by name or by number from 1; absent: all but the targets (with predict: all) and the "
     "stream"},
    {"targets", OptionType::words, "[]", -unbounded, unbounded, "",
     "columns that are targets; absent with predict: the inputs"},
    {"predict", OptionType::integer, "0", 0, 1e9, "steps",
     "a step's target is what the target columns hold so many lines later in its stream"},
    {"classes", OptionType::flag, "", -unbounded, unbounded, "",
     "the target column names classes (numbers or words); absent: true where the loss takes classes and there is one "
     "target column"},
    {"stream", OptionType::word, "", -unbounded, unbounded, "",
     "column whose cells tell streams apart; absent: all lines are one stream"},
    {"window", OptionType::integer, "0", 0, 1e9, "steps",
     "streams are cut into rows of so many steps; 0: a row is a whole stream"},
    {"stride", OptionType::integer, "0", 0, 1e9, "steps", "distance of the first steps of two rows; 0: the window"},
    {"steps", OptionType::integer, "0", 0, 1e9, "steps",
     "a line is a whole row: its inputs are so many steps, its target belongs to the last; 0: a line is a step"},
    {"test_part", OptionType::number, "0.0", 0, 0.9, "", "share of each stream, at its end, that is for testing"},
    {"standardize", OptionType::word, "\"none\"", -unbounded, unbounded, "",
     "subtract the mean and divide by the standard deviation of the training part, column by column; all: the targets "
     "too",
     "none|inputs|all"},
    {"season", OptionType::integer, "0", 0, 1e9, "steps",
     "adds the forecast of so many steps ago to the values that losses are compared with; 0: none"},
    {"header", OptionType::flag, "true", -unbounded, unbounded, "", "the first line names the columns"},
    {"separator", OptionType::word, "\",\"", -unbounded, unbounded, "", "one character, or the word tab or space"},
    missing_option,
};

}  // namespace

extern const FormatRecord format_csv;
const FormatRecord format_csv = {
    {"csv", "a table as text: lines are steps, columns are inputs and targets",
     "RFC 4180, plain or gzipped: quotes, CRLF, a byte order mark, a last line without its end, empty lines. Numbers "
     "have a decimal point. Empty cells, NaN, NA and null are gaps (nan).",
     "", options},
    ".csv|.csv.gz|.tsv|.tsv.gz",
    make};

}  // namespace chronograd::entries
