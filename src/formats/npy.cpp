// SPDX-License-Identifier: Apache-2.0
// One NumPy array of a stream or several, with targets in a second one or steps ahead.
#include "files/npy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "files/input_file.hpp"
#include "files/npz.hpp"
#include "formats/file_rows.hpp"
#include "formats/table_task.hpp"

namespace chronograd::entries {
namespace {

constexpr std::int64_t most_classes = 1000000;

/// An array and what messages call it.
struct Named {
  Array array;
  std::string where;
};

/// A .npy file, or one array of a .npz archive.
Named load(const std::string& file, const std::string& name) {
  if (name.empty()) return {parse_npy(read_file(file), file), file};
  return {read_npz_array(file, name), file + ": " + name};
}

/// An array with a meaning that is not read would count as absent.
void require_nothing_beside(const std::string& file, const std::string& inputs, const std::string& targets,
                            const FileNeeds& needs) {
  const std::set<std::string> meaningful = further_arrays(needs);
  for (const std::string& name : npz_names(file))
    if (name != inputs && name != targets && meaningful.contains(name))
      throw Error(Exit::data, file,
                  "got the array " + name + " beside " + inputs + ", which data.inputs names; allowed is an archive " +
                      "without it, as it would not count. The format npz reads it, where inputs are called x and " +
                      "targets y: leave data.inputs and data.targets out.");
}

[[noreturn]] void refuse_shape(const Named& x, const Named* y, const std::string& allowed) {
  throw Error(Exit::data, y ? y->where : x.where,
              "got shape " + (y ? y->array.shape_text() + " with inputs " : "") + x.array.shape_text() +
                  ", allowed is " + allowed + ".");
}

std::vector<double> numbers(const Named& named, bool gaps) {
  std::vector<double> values(named.array.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = named.array.at(i);
    if (std::isfinite(values[i]) || (gaps && std::isnan(values[i]))) continue;
    std::string place;
    std::size_t rest = i;
    for (std::size_t axis = named.array.shape.size(); axis-- > 0; rest /= named.array.shape[axis])
      place = std::to_string(rest % named.array.shape[axis]) + (place.empty() ? "" : ", ") + place;
    throw Error(Exit::data, named.where,
                std::string("got ") + (std::isnan(values[i]) ? "NaN" : "infinity") + " at [" + place +
                    R"(], allowed are finite numbers. data.nan = "hold" or "skip" passes over NaN.)");
  }
  return values;
}

std::vector<std::string> counted_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t k = 1; k <= count; ++k) names.push_back(std::to_string(k));
  return names;
}

/// Fills the table's classes; `count` is how many there are, 0 to find out.
void read_classes(Table& table, const Named& y, std::size_t& count) {
  table.classes.resize(y.array.size());
  table.numbered = true;
  const auto most = count > 0 ? static_cast<std::int64_t>(count) : most_classes;
  for (std::size_t i = 0; i < table.classes.size(); ++i) {
    const std::int64_t number = y.array.dtype == Dtype::u8 ? y.array.u8[i] : y.array.i64[i];
    if (number < 0 || number >= most)
      throw Error(Exit::data, y.where,
                  "got the class " + std::to_string(number) + " at [" + std::to_string(i) + "], allowed are 0 ... " +
                      std::to_string(most - 1) + ".");
    table.classes[i] = static_cast<std::int32_t>(number);
  }
  if (count == 0)
    for (const std::int32_t number : table.classes) count = std::max(count, static_cast<std::size_t>(number) + 1);
  for (std::size_t k = 0; k < count; ++k) table.class_names.push_back(std::to_string(k));
}

/// What the arrays are, as a table. `steps` becomes T where each stream has one target, for its last step.
Table table_of(const Named& x, const Named* y, const FileNeeds& needs, bool gaps, std::size_t& steps,
               std::size_t& classes, std::vector<std::string>* notes) {
  const std::vector<std::size_t>& shape = x.array.shape;
  if (shape.empty() || shape.size() > 3) refuse_shape(x, nullptr, "(B, T, n), (T, n) or (T)");
  const bool many = shape.size() == 3;
  const std::size_t B = many ? shape[0] : 1, T = shape[many ? 1 : 0], n = shape.size() == 1 ? 1 : shape.back();
  if (B == 0 || T == 0 || n == 0) refuse_shape(x, nullptr, "at least one stream, one step and one feature");
  if (!many && notes)
    notes->push_back("[" + x.where + "] shape " + x.array.shape_text() + ", read as one stream: (B, T, n) = (1, " +
                     std::to_string(T) + ", " + std::to_string(n) + ").");
  Table table;
  table.x = numbers(x, gaps);
  const std::size_t whole = many && y && y->array.shape == std::vector<std::size_t>{B} ? T : 0;
  steps = whole;
  const std::size_t streams = whole > 0 ? 1 : B, lines = whole > 0 ? B : B * T;
  table.inputs = counted_names(whole > 0 ? T * n : n);
  table.streams = counted_names(streams);
  for (std::size_t s = 0; s <= streams; ++s) table.starts.push_back(lines / streams * s);
  if (!y) {
    table.y = table.x;
    table.targets = table.inputs;
    return table;
  }
  std::vector<std::size_t> want = whole > 0 ? std::vector<std::size_t>{B}
                                  : many    ? std::vector<std::size_t>{B, T}
                                            : std::vector<std::size_t>{T};
  const bool plain = y->array.shape == want;
  want.push_back(plain ? 1 : y->array.shape.empty() ? 0 : y->array.shape.back());
  if (want.back() == 0 || (!plain && y->array.shape != want))
    refuse_shape(x, y, many ? "(B, T, m), (B, T), or (B) for the last steps" : "(T, m) or (T)");
  table.targets = counted_names(want.back());
  if (!needs.classes_allowed || want.back() > 1) {
    table.y = numbers(*y, gaps);
    return table;
  }
  if (!y->array.is_integer())
    throw Error(Exit::data, y->where,
                "got floating-point numbers of shape " + y->array.shape_text() + ", allowed with the loss " +
                    needs.loss + " are integer classes, or distributions (B, T, m) over m >= 2 classes.");
  if (!plain && notes)
    notes->push_back("[" + y->where + "] integers of shape " + y->array.shape_text() + ", read as classes.");
  read_classes(table, *y, classes);
  return table;
}

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>* notes) {
  const TableCut cut = table_cut(data);
  const std::string name = data.has("inputs") ? data.word("inputs") : "";
  if (!data.has("targets") && cut.predict == 0)
    throw Error(Exit::usage, "data.targets",
                "no targets. Name a second .npy file, or forecast the inputs with data.predict = 1.");
  auto classes = static_cast<std::size_t>(needs.outputs);
  const auto read = [&](const char* key, const char* targets_key) {
    const std::string& file = data.word(key);
    const Named x = load(file, name);
    if (!name.empty()) require_nothing_beside(file, name, data.has("targets") ? data.word("targets") : "", needs);
    std::vector<std::string> files = {file};
    std::optional<Named> y;
    if (data.has("targets")) {
      const std::string& targets = data.word(name.empty() ? targets_key : "targets");
      y = name.empty() ? load(targets, "") : load(file, targets);
      if (name.empty()) files.push_back(targets);
    }
    std::size_t steps = 0;
    Table table = table_of(x, y ? &*y : nullptr, needs, cut.missing != Missing::refuse, steps, classes, notes);
    return TableFile{x.where, std::move(table), files, steps};
  };
  TableFile train = read("train", "targets");
  std::optional<TableFile> test;
  if (data.has("test")) {
    if (data.has("targets") && name.empty() && !data.has("test_targets"))
      throw Error(Exit::usage, "data.test_targets", "is missing beside data.test and data.targets.");
    test = read("test", "test_targets");
    const auto features = [](const TableFile& file) {
      return file.table.inputs.size() / std::max<std::size_t>(1, file.steps);
    };
    if ((test->steps > 0) != (train.steps > 0))
      throw Error(Exit::data, test->name,
                  std::string("got one target a ") + (test->steps > 0 ? "stream" : "step") + " where " + train.name +
                      " has one a " + (train.steps > 0 ? "stream" : "step") + ", allowed are targets of one kind.");
    if (features(*test) != features(train) || test->table.targets.size() != train.table.targets.size() ||
        test->table.classes.empty() != train.table.classes.empty())
      throw Error(Exit::data, test->name,
                  "got other features or targets than " + train.name + ", allowed are the same.");
  }
  if (train.steps > 0 && (cut.predict > 0 || cut.window > 0))
    throw Error(Exit::usage, cut.predict > 0 ? "data.predict" : "data.window",
                "got a number with one target a stream, allowed with a target at every step.");
  return make_table_task(std::move(train), std::move(test), cut, needs, notes);
}

constexpr Option own_options[] = {
    {.key = "inputs",
     .type = OptionType::word,
     .help = "name of the array of inputs, where data.train is a .npz archive; absent: it is a .npy file"},
    {.key = "targets",
     .type = OptionType::word,
     .help = "a .npy file of targets, or the name of the array in the archive; absent with predict: the inputs"},
    {.key = "test_targets", .type = OptionType::word, .help = "a .npy file of targets to go with data.test"},
    {.key = "validation_targets",
     .type = OptionType::word,
     .help = "a .npy file of targets to go with data.validation, where it is a file"},
};
constexpr auto options = with_table_options(own_options);

}  // namespace

extern const FormatRecord format_npy;
const FormatRecord format_npy = {
    .entry = {.name = "npy",
              .title = "one NumPy array of streams, forecast or with targets",
              .text = "Inputs (B,T,n), (T,n) or (T). Targets (B,T,m), (B,T) or, one a stream and for its last step, "
                      "(B); for one stream (T,m) or (T). Integers without the last axis, or one of 1, are classes "
                      "where the loss takes classes.",
              .options = options},
    .endings = ".npy",
    .make = make,
};

}  // namespace chronograd::entries
