// SPDX-License-Identifier: Apache-2.0
#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "chronograd/loss.hpp"
#include "config/entries.hpp"
#include "config/text.hpp"
#include "tasks/dtype_range.hpp"
#include "tasks/mapping.hpp"
#include "training/trainer.hpp"

namespace chronograd {

namespace {

/// [data] for one file that is judged as a whole: no part of it is kept for testing, and no other file is read.
Options judged(const Options& data, const std::string& file) {
  Options judged;
  for (const auto& [key, value] : data.values()) {
    const bool other_file = (key == "targets" || key == "labels") && std::holds_alternative<std::string>(value);
    if (other_file && !data.has("inputs"))
      throw Error(Exit::usage, "--data",
                  "got " + quoted(file) + " for a run whose targets are in a second file, data." + key + " = " +
                      quoted(data.word(key)) +
                      ", which belongs to other data. Allowed is a .npz file with x and y that holds both.");
    if (!key.starts_with("test")) judged.set(key, value, data.given(key));
  }
  if (data.has("test_part")) judged.set("test_part", 0.0, false);
  return judged;
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

}  // namespace

std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file, const Arrays* parameters,
                                std::vector<std::string>* notes) {
  if (config.has("task") && data_file.empty()) {
    const Options& options = config.table("task");
    std::unique_ptr<Task> task = find_record<TaskRecord>("task.name", options.word("name"))
                                     .make(options, static_cast<std::uint64_t>(config.table("").integer("seed")));
    if (parameters && notes && !not_applied(*task, *parameters).empty())
      notes->push_back("[parameters] the mapping of the data that they were trained on is not applied to a task.");
    return task;
  }
  // Another file than the configuration's may imply another format.
  const Config changed = data_file.empty() ? config : config.with({"data.train=" + data_file});
  const Options data = data_file.empty() ? config.table("data") : judged(changed.table("data"), data_file);
  if (!data.has("train"))
    throw Error(Exit::usage, "data.train",
                "nothing to learn from. Give a [task], data.train = \"file.npz\", or --data file.npz.");
  const auto& loss = find_record<LossRecord>("loss.name", config.table("loss").word("name"));
  const Options& model = config.table("model");
  FileNeeds needs{loss.takes_classes,
                  loss.entry.name,
                  0,
                  static_cast<int>(model.integer("hidden")),
                  state_names(find_record<CellRecord>("model.cell", model.word("cell"))),
                  static_cast<int>(model.integer("layers"))};
  needs.largest = largest_number(config.table("").word("dtype"));
  if (parameters && parameters->contains("W_out") && !parameters->at("W_out").shape.empty())
    needs.outputs = static_cast<int>(parameters->at("W_out").shape[0]);
  if (parameters) needs.mapping = mapping_in(*parameters);
  Options files = data;  // names of data sets become paths
  for (const char* key : {"train", "test"})
    if (data.has(key)) files.set(key, data_path(std::string("data.") + key, data.word(key)), true);
  const std::string &format = data.word("format"), &train = data.word("train");
  if (data.has("test") && !data.given("format"))
    if (const std::string other = format_of_name(data.word("test")); other != format)
      throw Error(Exit::usage, "data.test",
                  "got " + quoted(data.word("test")) + ", whose ending is not one of the format " + format +
                      " that data.train has, allowed is one format. data.format says it for any file.");
  try {
    std::unique_ptr<Task> task = find_record<FormatRecord>("data.format", format).make(files, needs, notes);
    compare_mapping(*task, parameters, format, notes);
    return task;
  } catch (const Error& error) {
    const bool named = train.find('.', train.rfind('/') + 1) != std::string::npos || train.starts_with("data:");
    if (error.code() != Exit::data || data.given("format") || named) throw;
    throw error.with("A file whose name has no ending is read as " + format + "; data.format says another format.");
  }
}

}  // namespace chronograd
