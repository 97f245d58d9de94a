// SPDX-License-Identifier: Apache-2.0
// The trained network as a graph of ONNX, for any number of streams and steps: the network of `eval`, from the data's
// own units to the data's own units.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json_value.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/exporter.hpp"
#include "exports/exported_network.hpp"
#include "exports/onnx_cells.hpp"
#include "files/mapping.hpp"

namespace chronograd {
namespace {

constexpr const char* where = "chronograd export --to onnx";

/// Throws for what the graph cannot hold; remarks on what it does otherwise than training.
void check(const ExportedNetwork& network, Observer& observer) {
  const Options& model = network.cell.model;
  if (network.cell.record->weighted)
    throw Error(Exit::usage, where,
                "got readout.average = true, allowed is a readout of each step: a mean needs the weights of the steps, "
                "which the graph does not read.");
  if (model.has("noise") && model.number("noise") > 0)
    observer.remarked("[" + std::string(where) +
                      "] the noise of model.noise is left out: the graph computes the "
                      "network without it.");
}

/// Scales of the data: with `into` (value - mean)/deviation, else the way back. The value itself where there are none.
std::string scaled(OnnxGraph& graph, const KnownMapping& mapping, const std::string& letter, int size, bool into,
                   const std::string& value) {
  const std::string mean = letter + "_mean", deviation = letter + "_deviation";
  if (!mapping.has(mean)) return value;
  const auto count = static_cast<std::size_t>(size);
  const auto constant = [&](const std::string& name) {
    return graph.constant(name, {count}, mapping.numbers(name, count));
  };
  if (into) return graph.node("Div", {graph.difference(value, constant(mean)), constant(deviation)});
  return graph.sum(graph.product(value, constant(deviation)), constant(mean));
}

/// Numbers far from 0 beside their spread lose digits where they are read as float32.
void remark_on_digits(const KnownMapping& mapping, const ExportedNetwork& network, Observer& observer) {
  constexpr double most = 1000;
  if (!mapping.has("x_mean")) return;
  const auto n = static_cast<std::size_t>(network.inputs);
  const std::vector<double> mean = mapping.numbers("x_mean", n), deviation = mapping.numbers("x_deviation", n);
  for (std::size_t j = 0; j < n; ++j)
    if (std::fabs(mean[j]) > most * deviation[j])
      return observer.remarked("[" + std::string(where) + "] input " + std::to_string(j) + " lies " +
                               number_text(std::round(std::fabs(mean[j]) / deviation[j])) +
                               " deviations from 0, so that its float32 has few digits for what varies. Give such "
                               "inputs from a nearer origin, or train with dtype = \"float64\".");
}

void write_network(OnnxGraph& graph, const ExportedNetwork& network, const KnownMapping& mapping) {
  const int n = network.inputs, m = network.outputs, width = network.shown();
  std::string shown = scaled(graph, mapping, "x", n, true, graph.input("x", {"B", "T", n}));
  for (int l = 0; l < network.layers(); ++l) {
    OnnxLayer layer(graph, network, l, shown);
    shown = write_onnx_cell(layer);
  }
  graph.output("h", shown, {"B", "T", width});
  if (network.cell.record->filter > 0) {
    OnnxLayer top(graph, network, network.layers() - 1, shown);
    shown = write_onnx_filter(top, shown);
  }
  const std::string a = OnnxLayer(graph, network, 0, shown).project("W_out", "b_y");
  const std::string y = onnx_activation(graph, network.activation, a);
  graph.output("y", scaled(graph, mapping, "y", m, false, y), {"B", "T", m});
}

WireMessage property(const std::string& name, const std::string& value) {
  WireMessage message;
  message.bytes(1, name).bytes(2, value);
  return message;
}

/// What inputs and outputs are called, and what of, each a list in JSON.
void add_labels(WireMessage& model, const KnownMapping& mapping) {
  for (const char* name : {"x_columns", "y_columns", "classes"})
    if (mapping.has(name)) model.message(14, property(name, Json(mapping.names(name)).dump()));
  constexpr std::uint32_t last = 0x10ffff;
  for (const char* name : {"characters", "bytes"})
    if (mapping.has(name)) model.message(14, property(name, Json(mapping.codes(name, last)).dump()));
}

std::string make(const ExporterRecord& /*record*/, const std::string& run, Observer& observer) {
  constexpr int ir_version = 8, operators = 14;
  const ExportedNetwork network = read_network(run, observer);
  check(network, observer);
  const KnownMapping mapping(network.mapping);
  const bool doubles = network.config.table("").word("dtype") == "float64";
  if (!doubles) remark_on_digits(mapping, network, observer);
  OnnxGraph graph("network", doubles);
  write_network(graph, network, mapping);
  WireMessage set, model;
  set.bytes(1, "").number(2, operators);
  model.number(1, ir_version).bytes(2, "chronograd").message(7, graph.message()).message(8, set);
  for (const auto& [name, value] : origin_of(network.config)) model.message(14, property(name, value));
  add_labels(model, mapping);
  if (model.bytes().size() > std::numeric_limits<std::int32_t>::max())
    throw Error(Exit::usage, where,
                "got a network of " + std::to_string(model.bytes().size() >> 20U) +
                    " MiB, allowed are 2048: protocol buffers hold no more. --to safetensors has no such limit.");
  return model.bytes();
}

}  // namespace

namespace entries {
extern const ExporterRecord exporter_onnx;
const ExporterRecord exporter_onnx = {
    .entry = {.name = "onnx",
              .title = "the network as a graph of ONNX (operators of version 14), for its runtimes",
              .text = "Inputs x (B,T,n) and the states before the first step, as h0 (B,d); zeros where a row begins. "
                      "Outputs y (B,T,m) and h (B,T,d), and the states after the last step, as h0_next, from which "
                      "the next steps go on. B and T are free. Numbers have the run's dtype. Scales of "
                      "data.standardize are part of the graph: x and y are in the data's own units. Not written are "
                      "cells of one's own and readout.average."},
    .file = "model.onnx",
    .make = make,
};
}  // namespace entries
}  // namespace chronograd
