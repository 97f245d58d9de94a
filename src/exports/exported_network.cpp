// SPDX-License-Identifier: Apache-2.0
#include "exports/exported_network.hpp"

#include <filesystem>

#include "base/dtype.hpp"
#include "chronograd/error.hpp"
#include "chronograd/version.hpp"
#include "files/mapping.hpp"
#include "files/npz.hpp"
#include "network/chosen_cell.hpp"
#include "network/initial.hpp"
#include "runs/run_files.hpp"

namespace chronograd {
namespace {

/// A matrix's sizes say how many inputs or outputs there are.
int size_of(const Arrays& arrays, const std::string& path, const std::string& name, std::size_t axis) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) throw Error(Exit::data, path, "has no array " + name + ", which belongs to this network.");
  const std::vector<std::size_t>& shape = found->second.shape;
  if (shape.size() != 2 || shape[axis] == 0 || shape[axis] > 1000000)
    throw Error(Exit::data, path + ": " + name,
                "got shape " + found->second.shape_text() + ", allowed is a matrix (to, from).");
  return static_cast<int>(shape[axis]);
}

/// What the bottom layer reads: the columns of its first input matrix.
int inputs_of(const CellRecord& record, const Arrays& arrays, const std::string& path) {
  CellLayout layout{};
  record.layout(record, 1, 1, layout);
  for (int p = 0; p < layout.parameter_count; ++p)
    if (layout.parameters[p].role == CellLayout::Parameter::input)
      return size_of(arrays, path, layout.parameters[p].name, 1);
  throw Error(Exit::usage, "model.cell", std::string("got ") + record.entry.name + ", which reads no inputs.");
}

/// The network with the parameters of `arrays`, as T holds them.
template <class T>
ExportedNetwork with_parameters(ExportedNetwork exported, const Arrays& arrays, Observer& observer) {
  const Network<T> network(exported.cell, exported.config, exported.inputs, exported.outputs);
  const Initial initial = initial_values(network, exported.config, &arrays, exported.path, &observer);
  const Weights<T> weights = weights_of<T>(initial);
  exported.parameters = network.map.write(weights.theta.data());
  exported.activation = network.output.activation();
  return exported;
}

}  // namespace

std::string parameters_path(const std::string& run) {
  std::string path = run + "/params.npz";
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    throw Error(Exit::data, path,
                "there is no such file. A run writes it at its end; train --resume goes on with one.");
  return path;
}

ExportedNetwork read_network(const std::string& run, Observer& observer) {
  const Config config = read_run_config(run);
  const std::string path = parameters_path(run);
  const Arrays arrays = read_arrays(path);
  require_recurrent(config, "export");
  ChosenCell cell = chosen_cell(config);
  const int inputs = inputs_of(*cell.record, arrays, path), outputs = size_of(arrays, path, "W_out", 0);
  const ExportedNetwork exported{config, std::move(cell), {}, mapping_in(arrays), path, inputs, outputs, {}};
  return with_dtype(config, [&]<class T>(T) { return with_parameters<T>(exported, arrays, observer); });
}

std::vector<std::pair<std::string, std::string>> origin_of(const Config& config) {
  return {{"program", std::string("chronograd ") + version()}, {"config", config.resolved_json()}};
}

}  // namespace chronograd
