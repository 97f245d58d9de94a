// SPDX-License-Identifier: Apache-2.0
#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "chronograd/loss.hpp"
#include "config/entries.hpp"
#include "config/text.hpp"
#include "tasks/dtype_range.hpp"
#include "training/trainer.hpp"

namespace chronograd {

std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file, const Arrays* parameters,
                                std::vector<std::string>* notes) {
  if (config.has("task") && data_file.empty()) {
    const Options& options = config.table("task");
    return find_record<TaskRecord>("task.name", options.word("name"))
        .make(options, static_cast<std::uint64_t>(config.table("").integer("seed")));
  }
  if (!data_file.empty()) return make_task(config.with({"data.train=" + data_file}), "", parameters, notes);
  const Options& data = config.table("data");
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
    return find_record<FormatRecord>("data.format", format).make(files, needs, notes);
  } catch (const Error& error) {
    const bool named = train.find('.', train.rfind('/') + 1) != std::string::npos || train.starts_with("data:");
    if (error.code() != Exit::data || data.given("format") || named) throw;
    throw error.with("A file whose name has no ending is read as " + format + "; data.format says another format.");
  }
}

}  // namespace chronograd
