// SPDX-License-Identifier: Apache-2.0
// Graphs of ONNX, as the bytes of its messages. The numbers of fields are those of onnx.proto, which never change.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "exports/wire.hpp"

namespace chronograd {

/// A size: a number, or a name for one that is free.
struct OnnxSize {
  OnnxSize(int size) : number(size) {}
  OnnxSize(const char* free) : name(free) {}
  std::int64_t number = 0;
  const char* name = nullptr;
};
using OnnxShape = std::vector<OnnxSize>;

/// A graph in the making. Values go by their names; nodes stand in the order in which they are computed. The body of a
/// loop is a graph of its own, which may read the values of the graph around it.
class OnnxGraph {
 public:
  /// `name` stands before the names of its values, so that those of a body differ from those around it.
  OnnxGraph(std::string name, bool doubles) : name_(std::move(name)), doubles_(doubles) {}
  bool doubles() const { return doubles_; }

  /// An attribute of a node.
  static WireMessage attribute(const char* name, std::int64_t value);
  static WireMessage attribute(const char* name, const std::vector<std::int64_t>& values);
  static WireMessage attribute(const char* name, const OnnxGraph& body);

  /// Adds a node with so many results and returns their names. An input called "" is one that is left out.
  std::vector<std::string> nodes(const char* operation, const std::vector<std::string>& inputs, int results,
                                 const std::vector<WireMessage>& attributes = {});
  /// The same with one result.
  std::string node(const char* operation, const std::vector<std::string>& inputs,
                   const std::vector<WireMessage>& attributes = {}) {
    return nodes(operation, inputs, 1, attributes)[0];
  }
  std::string sum(const std::string& a, const std::string& b) { return node("Add", {a, b}); }
  std::string difference(const std::string& a, const std::string& b) { return node("Sub", {a, b}); }
  std::string product(const std::string& a, const std::string& b) { return node("Mul", {a, b}); }

  /// Adds a constant of the graph's type, in C order, and returns its name.
  std::string constant(const std::string& name, const std::vector<std::size_t>& shape,
                       const std::vector<double>& values);
  /// The same of whole numbers, a list.
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
  std::string input(const std::string& name, const OnnxShape& shape);
  /// Gives a value a name outside of the graph.
  void output(const std::string& name, const std::string& value, const OnnxShape& shape);

  WireMessage message() const;

 private:
  WireMessage value_info(const std::string& name, const OnnxShape& shape) const;
  std::string initializer(const std::string& name, const std::vector<std::size_t>& shape, int type,
                          const std::string& raw);

  std::string name_;
  bool doubles_;
  int count_ = 0;
  std::vector<WireMessage> nodes_, constants_, inputs_, outputs_;
};

}  // namespace chronograd
