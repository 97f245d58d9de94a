// SPDX-License-Identifier: Apache-2.0
#include "exports/onnx_layer.hpp"

#include <algorithm>

#include "chronograd/stack.hpp"

namespace chronograd {
namespace {

std::string after(const std::string& state) {
  return state + "_next";
}

/// max(u, 0) + log(1 + exp(-|u|)): onnxruntime has no Softplus of doubles.
std::string softplus(OnnxGraph& graph, const std::string& u) {
  const std::string e = graph.node("Exp", {graph.node("Neg", {graph.node("Abs", {u})})});
  const std::string one = graph.constant(u + "/one", {}, {1});
  return graph.sum(graph.node("Relu", {u}), graph.node("Log", {graph.sum(e, one)}));
}

}  // namespace

int OnnxLayer::read() const {
  return l_ == 0 ? network_.inputs : network_.shown();
}

bool OnnxLayer::has(const std::string& name) const {
  return network_.parameters.contains(layer_name(name, l_));
}

std::vector<double> OnnxLayer::values(const std::string& name) const {
  const Array& array = network_.parameters.at(layer_name(name, l_));
  std::vector<double> numbers(array.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = array.at(i);
  return numbers;
}

std::string OnnxLayer::vector(const std::string& name, const std::vector<double>& numbers) {
  return graph_.constant(layer_name(name, l_), {numbers.size()}, numbers);
}

std::string OnnxLayer::matrix(const std::string& name) {
  const std::vector<double> numbers = values(name);
  const std::vector<std::size_t>& shape = network_.parameters.at(layer_name(name, l_)).shape;
  const std::size_t to = shape[0], from = shape[1];
  std::vector<double> turned(numbers.size());
  for (std::size_t i = 0; i < to; ++i)
    for (std::size_t j = 0; j < from; ++j) turned[j * to + i] = numbers[i * from + j];
  return graph_.constant(layer_name(name, l_) + "/transposed", {from, to}, turned);
}

std::string OnnxLayer::project(const std::string& weights, const std::string& bias) {
  const std::string products = graph_.node("MatMul", {below_, matrix(weights)});
  return bias.empty() ? products : graph_.sum(products, vector(bias));
}

std::string OnnxLayer::scan(const std::vector<std::string>& states, const std::vector<std::string>& drives,
                            Widths widths, const std::function<void(OnnxStep&)>& write) {
  const std::string loop = "step_of_" + layer_name(states[0], l_);
  OnnxGraph body(loop, graph_.doubles());
  OnnxStep step{body, {}, {}, {}};
  std::vector<std::string> inputs;
  for (const std::string& state : states) {
    inputs.push_back(graph_.input(layer_name(state, l_), {"B", widths.state}));
    step.state.push_back(body.input(layer_name(state, l_) + "/before", {"B", widths.state}));
  }
  for (std::size_t i = 0; i < drives.size(); ++i) {
    inputs.push_back(drives[i]);
    step.drive.push_back(body.input(loop + "/drive_" + std::to_string(i), {"B", widths.drive}));
  }
  write(step);
  for (std::size_t s = 0; s < states.size(); ++s)
    body.output(layer_name(states[s], l_) + "/after", step.next[s], {"B", widths.state});
  body.output(loop + "/shown", step.shown, {"B", network_.shown()});
  const std::vector<std::int64_t> along_time(drives.size(), 1);
  const std::vector<std::string> results = graph_.nodes(
      "Scan", inputs, static_cast<int>(states.size()) + 1,
      {OnnxGraph::attribute("num_scan_inputs", static_cast<std::int64_t>(drives.size())),
       OnnxGraph::attribute("scan_input_axes", along_time),
       OnnxGraph::attribute("scan_output_axes", std::vector<std::int64_t>{1}), OnnxGraph::attribute("body", body)});
  for (std::size_t s = 0; s < states.size(); ++s)
    graph_.output(after(layer_name(states[s], l_)), results[s], {"B", widths.state});
  return results.back();
}

/// Gates are equal parts of the array, one after the other.
std::vector<double> OnnxLayer::reordered(const std::string& name, const std::vector<int>& order) const {
  const std::vector<double> numbers = values(name);
  const std::size_t part = numbers.size() / order.size();
  std::vector<double> result;
  for (const int gate : order) {
    const double* const first = numbers.data() + part * static_cast<std::size_t>(gate);
    result.insert(result.end(), first, first + part);
  }
  return result;
}

std::string OnnxLayer::operation(const char* name, const std::vector<int>& order,
                                 const std::vector<std::string>& states, const std::vector<WireMessage>& attributes) {
  const auto d = static_cast<std::size_t>(units()), rows = d * order.size(), n = static_cast<std::size_t>(read());
  const std::string W = graph_.constant(layer_name("weight_ih_l0", l_), {1, rows, n}, reordered("weight_ih_l0", order));
  const std::string R = graph_.constant(layer_name("weight_hh_l0", l_), {1, rows, d}, reordered("weight_hh_l0", order));
  std::vector<double> biases = reordered("bias_ih_l0", order);
  const std::vector<double> more = reordered("bias_hh_l0", order);
  biases.insert(biases.end(), more.begin(), more.end());
  const std::string bias = graph_.constant(layer_name("bias_l0", l_), {1, 2 * rows}, biases);
  const std::string first = graph_.integers(layer_name("axis_0", l_), {0});
  const std::string second = graph_.integers(layer_name("axis_1", l_), {1});

  const WireMessage swap = OnnxGraph::attribute("perm", std::vector<std::int64_t>{1, 0, 2});
  std::vector<std::string> inputs = {graph_.node("Transpose", {below_}, {swap}), W, R, bias, ""};
  for (const std::string& state : states)
    inputs.push_back(graph_.node("Unsqueeze", {graph_.input(layer_name(state, l_), {"B", units()}), first}));
  std::vector<WireMessage> all = {OnnxGraph::attribute("hidden_size", units())};
  all.insert(all.end(), attributes.begin(), attributes.end());
  const std::vector<std::string> results = graph_.nodes(name, inputs, static_cast<int>(states.size()) + 1, all);
  for (std::size_t s = 0; s < states.size(); ++s)
    graph_.output(after(layer_name(states[s], l_)), graph_.node("Squeeze", {results[s + 1], first}), {"B", units()});
  return graph_.node("Transpose", {graph_.node("Squeeze", {results[0], second})}, {swap});
}

std::string onnx_activation(OnnxGraph& graph, Activation f, const std::string& value) {
  switch (f) {
    case Activation::identity:
      return value;
    case Activation::tanh:
      return graph.node("Tanh", {value});
    case Activation::sigmoid:
      return graph.node("Sigmoid", {value});
    case Activation::relu:
      return graph.node("Relu", {value});
    case Activation::softplus:
      return graph.doubles() ? softplus(graph, value) : graph.node("Softplus", {value});
    case Activation::softmax:
      return graph.node("Softmax", {value}, {OnnxGraph::attribute("axis", -1)});
  }
  return value;
}

}  // namespace chronograd
