// SPDX-License-Identifier: Apache-2.0
#include "base/dtype_range.hpp"
#include "base/text.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/data.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/train.hpp"
#include "config/entries.hpp"
#include "config/words.hpp"
#include "files/mapping.hpp"
#include "formats/file_task.hpp"
#include "formats/row_view.hpp"
#include "network/chosen_cell.hpp"

namespace chronograd {

namespace {

/// [data] for one file that is judged as a whole: no part of it is kept for testing or validation, and no other file is
/// read.
Options judged(const Options& data, const std::string& file) {
  Options judged;
  for (const auto& [key, value] : data.values()) {
    const bool other_file = (key == "targets" || key == "labels") && std::holds_alternative<std::string>(value);
    if (other_file && !data.has("inputs"))
      throw Error(Exit::usage, "--data",
                  "got " + quoted(file) + " for a run whose targets are in a second file, data." + key + " = " +
                      quoted(data.word(key)) +
                      ", which belongs to other data. Allowed is a .npz file with x and y that holds both.");
    if (!key.starts_with("test") && !key.starts_with("validation")) judged.set(key, value, data.given(key));
  }
  if (data.has("test_part")) judged.set("test_part", 0.0, false);
  return judged;
}

/// What the network of a configuration asks of data.
FileNeeds needs_of(const Config& config, const Arrays* parameters) {
  const auto& loss = find_record<LossRecord>("loss.name", config.table("loss").word("name"));
  FileNeeds needs{loss.takes_classes, loss.entry.name};
  if (config.has("net")) {
    needs.states.clear();
    needs.samples = true;
  } else {
    const Options& model = config.table("model");
    needs.units = static_cast<int>(model.integer("hidden"));
    needs.states = state_names(*chosen_cell(config).record);
    needs.layers = static_cast<int>(model.integer("layers"));
  }
  needs.largest = largest_number(config.table("").word("dtype"));
  if (parameters && parameters->contains("W_out") && !parameters->at("W_out").shape.empty())
    needs.outputs = static_cast<int>(parameters->at("W_out").shape[0]);
  if (parameters) needs.mapping = mapping_in(*parameters);
  needs.seed = static_cast<std::uint64_t>(config.table("").integer("seed"));
  return needs;
}

/// Says what `parameters` (null: none) were trained with and these data are not, and the other way round.
void compare_mapping(const Task& task, const Arrays* parameters, const std::string& format,
                     std::vector<std::string>* notes) {
  if (!parameters) return;
  if (const std::vector<std::string> left = not_applied(task, *parameters); !left.empty())
    throw Error(Exit::usage, "data.format",
                "got " + format + " with parameters that hold a mapping of their training data (" + joined(left) +
                    "), which is not applied to such data. Allowed are data that are read as those were; a file " +
                    "without these arrays gives the weights alone.");
  if (const std::vector<std::string> fitted = fitted_anew(task, *parameters); !fitted.empty() && notes)
    notes->push_back("[parameters] hold no mapping of the data that they were trained on: fitted on these data (" +
                     joined(fitted) + ").");
}

/// The share of rows that are held out; 0: none.
double share_of(const Options& options) {
  return options.has("validation") && !options.is_word("validation") ? options.number("validation") : 0;
}

/// Reads the file that data.validation names as the training file was read.
void validate_on_file(Task& task, const FormatRecord& format, const Options& data, const FileNeeds& needs,
                      std::vector<std::string>* notes) {
  const std::string& file = data.word("validation");
  Options own;
  for (const auto& [key, value] : data.values())
    if (key != "validation" && key != "test" && key != "test_part" && !key.starts_with("test_"))
      own.set(key, value, data.given(key));
  own.set("train", file, true);
  for (const Option& option : format.entry.options) {  // files that belong to a file: labels, targets
    const std::string key = option.key;
    if (key == "test_part") own.set(key, 0.0, false);
    if (!key.starts_with("validation_")) continue;
    const std::string of_train = key.substr(std::string("validation_").size());
    if (data.has(key))
      own.set(of_train, data.word(key), true);
    else if (data.has(of_train) && !data.has("inputs"))
      throw Error(Exit::usage, "data." + key, "is missing beside data.validation and data." + of_train + ".");
  }
  std::unique_ptr<Task> rows = format.make(format, own, needs, notes);
  if (rows->inputs() != task.inputs() || rows->outputs() != task.outputs() || rows->classes() != task.classes())
    throw Error(Exit::data, file,
                "got " + std::to_string(rows->inputs()) + " inputs and " + std::to_string(rows->outputs()) +
                    (rows->classes() ? " classes" : " outputs") + ", allowed is what " + data.word("train") +
                    " has: " + std::to_string(task.inputs()) + " and " + std::to_string(task.outputs()) +
                    (task.classes() ? " classes." : " outputs."));
  task.validate_on(std::move(rows));
}

}  // namespace

std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file, const Arrays* parameters,
                                std::vector<std::string>* notes) {
  const auto seed = static_cast<std::uint64_t>(config.table("").integer("seed"));
  if (config.has("task") && data_file.empty()) {
    const Options& options = config.table("task");
    const auto& record = find_record<TaskRecord>("task.name", options.word("name"));
    std::unique_ptr<Task> task = record.make(record, options, seed);
    if (parameters && notes && !not_applied(*task, *parameters).empty())
      notes->push_back("[parameters] the mapping of the data that they were trained on is not applied to a task.");
    if (share_of(options) > 0) task = with_validation(std::move(task), share_of(options), seed, "task.validation");
    return task;
  }
  // Another file than the configuration's may imply another format.
  const Config changed = data_file.empty() ? config : config.with({word_override("data.train", data_file)});
  const Options data = data_file.empty() ? config.table("data") : judged(changed.table("data"), data_file);
  if (!data.has("train"))
    throw Error(Exit::usage, "data.train",
                "nothing to learn from. Give a [task], data.train = \"file.npz\", or --data file.npz.");
  FileNeeds needs = needs_of(config, parameters);
  Options files = data;  // names of data sets become paths
  for (const char* key : {"train", "test", "validation"})
    if (data.has(key) && data.is_word(key)) files.set(key, data_path(std::string("data.") + key, data.word(key)), true);
  const std::string &format = data.word("format"), &train = data.word("train");
  for (const char* key : {"test", "validation"}) {
    if (!data.has(key) || !data.is_word(key) || data.given("format")) continue;
    if (const std::string other = format_of_name(data.word(key)); other != format)
      throw Error(Exit::usage, std::string("data.") + key,
                  "got " + quoted(data.word(key)) + ", whose ending is not one of the format " + format +
                      " that data.train has, allowed is one format. data.format says it for any file.");
  }
  try {
    const auto& record = find_record<FormatRecord>("data.format", format);
    std::unique_ptr<Task> task = record.make(record, files, needs, notes);
    compare_mapping(*task, parameters, format, notes);
    if (files.has("validation") && files.is_word("validation")) {
      needs.outputs = task->outputs();
      needs.mapping = task->mapping();
      needs.known_from = files.word("train");
      validate_on_file(*task, record, files, needs, notes);
    } else if (share_of(files) > 0 && !task->validation()) {  // the format has rows, and did not see to it
      task = with_validation(std::move(task), share_of(files), seed, "data.validation");
    }
    return task;
  } catch (const Error& error) {
    const bool named = train.find('.', train.rfind('/') + 1) != std::string::npos || train.starts_with("data:");
    if (error.code() != Exit::data || data.given("format") || named) throw;
    throw error.with("A file whose name has no ending is read as " + format + "; data.format says another format.");
  }
}

std::unique_ptr<Task> make_array_task(const Config& config, const RowsView& train, const RowsView* test,
                                      const Arrays* parameters, std::vector<std::string>* notes) {
  RowArrays tests;
  if (test) tests = row_arrays(*test);
  std::unique_ptr<Task> task = make_rows_task(row_arrays(train), "training data", test ? &tests : nullptr, "test data",
                                              needs_of(config, parameters), {}, notes);
  compare_mapping(*task, parameters, "arrays", notes);
  if (config.has("data") && share_of(config.table("data")) > 0)
    task = with_validation(std::move(task), share_of(config.table("data")),
                           static_cast<std::uint64_t>(config.table("").integer("seed")), "data.validation");
  return task;
}

}  // namespace chronograd
