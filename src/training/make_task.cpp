// SPDX-License-Identifier: Apache-2.0
#include "chronograd/cell.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "tasks/file_task.hpp"
#include "training/trainer.hpp"

namespace chronograd {

Arrays read_arrays(const std::string& path, std::vector<std::string>* notes) {
  std::vector<std::string> skipped;
  Arrays arrays = read_npz(path, &skipped);
  for (const std::string& name : skipped)
    if (notes) notes->push_back("[" + path + ": " + name + "] text or objects; this array is not read.");
  return arrays;
}

std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file, const Arrays* parameters,
                                std::vector<std::string>* notes) {
  if (config.has("task") && data_file.empty()) {
    const Options& options = config.table("task");
    return find_record<TaskRecord>("task.name", options.word("name"))
        .make(options, static_cast<std::uint64_t>(config.table("").integer("seed")));
  }
  const Options& data = config.table("data");
  const std::string train = data_file.empty() && data.has("train") ? data.word("train") : data_file;
  if (train.empty())
    throw Error(Exit::usage, "data.train",
                "nothing to learn from. Give a [task], data.train = \"file.npz\", or --data file.npz.");
  const LossRecord& loss = find_record<LossRecord>("loss.name", config.table("loss").word("name"));
  const Options& model = config.table("model");
  FileNeeds needs{loss.takes_classes,
                  loss.entry.name,
                  0,
                  static_cast<int>(model.integer("hidden")),
                  find_record<CellRecord>("model.cell", model.word("cell")).states,
                  static_cast<int>(model.integer("layers"))};
  if (parameters && parameters->contains("W_out") && !parameters->at("W_out").shape.empty())
    needs.outputs = static_cast<int>(parameters->at("W_out").shape[0]);
  Arrays arrays = read_arrays(train, notes), test;
  const std::string test_file = data.has("test") ? data.word("test") : "";
  if (!test_file.empty()) test = read_arrays(test_file, notes);
  return make_file_task(std::move(arrays), train, test_file.empty() ? nullptr : &test, test_file, needs, notes);
}

}  // namespace chronograd
