// SPDX-License-Identifier: Apache-2.0
#include "exports/onnx_graph.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace chronograd {
namespace {

enum ElementType { type_float = 1, type_int64 = 7, type_double = 11 };       // TensorProto.DataType
enum AttributeType { kind_integer = 2, kind_graph = 5, kind_integers = 7 };  // AttributeProto.AttributeType

/// The bytes of a number, the lowest first.
template <class T>
void append(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + sizeof(T));
  to.append(bytes, sizeof(T));
}

}  // namespace

WireMessage OnnxGraph::attribute(const char* name, std::int64_t value) {
  WireMessage message;
  message.bytes(1, name).number(3, value).number(20, kind_integer);
  return message;
}

WireMessage OnnxGraph::attribute(const char* name, const std::vector<std::int64_t>& values) {
  WireMessage message;
  message.bytes(1, name);
  for (const std::int64_t value : values) message.number(8, value);
  message.number(20, kind_integers);
  return message;
}

WireMessage OnnxGraph::attribute(const char* name, const OnnxGraph& body) {
  WireMessage message;
  message.bytes(1, name).message(6, body.message()).number(20, kind_graph);
  return message;
}

std::vector<std::string> OnnxGraph::nodes(const char* operation, const std::vector<std::string>& inputs, int results,
                                          const std::vector<WireMessage>& attributes) {
  std::vector<std::string> names;
  for (int i = 0; i < results; ++i)
    names.push_back(name_ + "/" + operation + "_" + std::to_string(count_) + (i > 0 ? "_" + std::to_string(i) : ""));
  ++count_;
  WireMessage message;
  for (const std::string& input : inputs) message.bytes(1, input);
  for (const std::string& name : names) message.bytes(2, name);
  message.bytes(3, names[0]).bytes(4, operation);
  for (const WireMessage& attribute : attributes) message.message(5, attribute);
  nodes_.push_back(std::move(message));
  return names;
}

std::string OnnxGraph::initializer(const std::string& name, const std::vector<std::size_t>& shape, int type,
                                   const std::string& raw) {
  WireMessage message;
  for (const std::size_t size : shape) message.number(1, static_cast<std::int64_t>(size));
  message.number(2, type).bytes(8, name).bytes(9, raw);
  constants_.push_back(std::move(message));
  return name;
}

std::string OnnxGraph::constant(const std::string& name, const std::vector<std::size_t>& shape,
                                const std::vector<double>& values) {
  std::string raw;
  for (const double value : values) {
    if (doubles_)
      append(raw, value);
    else
      append(raw, static_cast<float>(value));
  }
  return initializer(name, shape, doubles_ ? type_double : type_float, raw);
}

std::string OnnxGraph::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string raw;
  for (const std::int64_t value : values) append(raw, value);
  return initializer(name, {values.size()}, type_int64, raw);
}

WireMessage OnnxGraph::value_info(const std::string& name, const OnnxShape& shape) const {
  WireMessage dimensions;
  for (const OnnxSize& size : shape) {
    WireMessage dimension;
    if (size.name != nullptr)
      dimension.bytes(2, size.name);
    else
      dimension.number(1, size.number);
    dimensions.message(1, dimension);
  }
  WireMessage tensor, type, info;
  tensor.number(1, doubles_ ? type_double : type_float).message(2, dimensions);
  type.message(1, tensor);
  info.bytes(1, name).message(2, type);
  return info;
}

std::string OnnxGraph::input(const std::string& name, const OnnxShape& shape) {
  inputs_.push_back(value_info(name, shape));
  return name;
}

void OnnxGraph::output(const std::string& name, const std::string& value, const OnnxShape& shape) {
  WireMessage message;
  message.bytes(1, value).bytes(2, name).bytes(3, name).bytes(4, "Identity");
  nodes_.push_back(std::move(message));
  outputs_.push_back(value_info(name, shape));
}

WireMessage OnnxGraph::message() const {
  WireMessage message;
  for (const WireMessage& node : nodes_) message.message(1, node);
  message.bytes(2, name_);
  for (const WireMessage& constant : constants_) message.message(5, constant);
  for (const WireMessage& input : inputs_) message.message(11, input);
  for (const WireMessage& output : outputs_) message.message(12, output);
  return message;
}

}  // namespace chronograd
