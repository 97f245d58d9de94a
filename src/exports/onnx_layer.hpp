// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exports/exported_network.hpp"
#include "exports/onnx_graph.hpp"

namespace chronograd {

/// One step of a layer in the making: names of values in the body of a loop, (B, some multiple of d) each.
struct OnnxStep {
  OnnxGraph& body;
  std::vector<std::string> state, drive;  ///< before the step; what it reads of the step's inputs
  std::vector<std::string> next;          ///< to be set: states after the step,
  std::string shown = {};                 ///< and what the layer shows
};

/// A layer, as cells write themselves in ONNX: what they read are values (B,T,...), and so is what they show.
class OnnxLayer {
 public:
  /// Layer l of the network; `below` is what it reads.
  OnnxLayer(OnnxGraph& graph, const ExportedNetwork& network, int l, std::string below)
      : graph_(graph), network_(network), l_(l), below_(std::move(below)) {}
  OnnxGraph& graph() { return graph_; }
  int units() const { return network_.units(); }
  const Options& model() const { return network_.cell.model; }
  /// The cell as its settings make it.
  const CellRecord& record() const { return *network_.cell.record; }

  /// Elements of the layer's parameter of this name (that in the bottom layer); whether there is one.
  std::vector<double> values(const std::string& name) const;
  bool has(const std::string& name) const;
  /// The parameter, a vector, as a constant; or numbers of the layer's own under a name.
  std::string vector(const std::string& name) { return vector(name, values(name)); }
  std::string vector(const std::string& name, const std::vector<double>& numbers);
  /// The parameter, a matrix (to, from), as a constant (from, to), for products x W^T.
  std::string matrix(const std::string& name);
  /// x W^T + b of all steps; no b where `bias` is "".
  std::string project(const std::string& weights, const std::string& bias);

  /// Numbers of a step that come in a row.
  struct Widths {
    int state, drive;  ///< of each state, of each drive
  };
  /// A loop over steps. `states` are their names in data; an input of the graph is what a state is before the first
  /// step, an output, NAME_next, what it is after the last. `write` writes a step.
  std::string scan(const std::vector<std::string>& states, const std::vector<std::string>& drives, Widths widths,
                   const std::function<void(OnnxStep&)>& write);
  /// The operator that does all steps of GRU or LSTM, whose gates are those of files in another order: the g-th of the
  /// operator is the order[g]-th in files.
  std::string operation(const char* name, const std::vector<int>& order, const std::vector<std::string>& states,
                        const std::vector<WireMessage>& attributes = {});

 private:
  std::vector<double> reordered(const std::string& name, const std::vector<int>& order) const;
  int read() const;  ///< numbers that the layer reads a step

  OnnxGraph& graph_;
  const ExportedNetwork& network_;
  int l_;
  std::string below_;
};

/// f(value)
std::string onnx_activation(OnnxGraph& graph, Activation f, const std::string& value);

}  // namespace chronograd
