// SPDX-License-Identifier: Apache-2.0
#include "network/parameters.hpp"

#include <cmath>
#include <numeric>

#include "base/dtype_range.hpp"
#include "base/file_order.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

ParameterMap::Role role_of(CellLayout::Parameter::Role role) {
  switch (role) {
    case CellLayout::Parameter::recurrent:
      return ParameterMap::Role::recurrent;
    case CellLayout::Parameter::input:
      return ParameterMap::Role::input;
    default:
      return ParameterMap::Role::bias;
  }
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  Array array;
  array.shape = shape;
  return array.shape_text();
}

/// "[1, 4]": where the element with this flat index is.
std::string position(const std::vector<std::size_t>& shape, std::size_t flat) {
  std::string text;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    text = std::to_string(flat % shape[axis]) + (text.empty() ? "" : ", ") + text;
    flat /= shape[axis];
  }
  return "[" + text + "]";
}

}  // namespace

template <class T>
void ParameterMap::add_layer(const Stack<T>& stack, int l) {
  const Cell<T>& cell = stack.layer(l);
  const CellLayout& layout = cell.layout();
  const std::vector<std::vector<std::size_t>> order = file_order(cell);
  for (int p = 0; p < layout.parameter_count; ++p) {
    const CellLayout::Parameter& from = layout.parameters[p];
    Parameter parameter{
        layer_name(from.name, l), role_of(from.role), from.start, {static_cast<std::size_t>(from.rows)}, {}};
    if (from.cols > 0) parameter.shape.push_back(static_cast<std::size_t>(from.cols));
    parameter.index = order[static_cast<std::size_t>(p)];
    for (std::size_t& place : parameter.index) place += stack.theta_at(l);
    parameters_.push_back(std::move(parameter));
  }
}

void ParameterMap::add_readout(const ReadoutLayout& readout) {
  const auto m = static_cast<std::size_t>(readout.outputs), d = static_cast<std::size_t>(readout.shown);
  Parameter weights{"W_out", Role::readout, {Start::normal, readout.shown}, {m, d}, std::vector<std::size_t>(m * d)};
  Parameter bias{"b_y", Role::readout_bias, {Start::zero, 1}, {m}, std::vector<std::size_t>(m)};
  std::iota(weights.index.begin(), weights.index.end(), readout_at_);
  std::iota(bias.index.begin(), bias.index.end(), readout_at_ + readout.bias_at());
  parameters_.push_back(std::move(weights));
  parameters_.push_back(std::move(bias));
}

template <class T>
ParameterMap::ParameterMap(const Stack<T>& stack, const ReadoutLayout& readout)
    : readout_at_(stack.parameters()), size_(stack.parameters() + readout.size()) {
  for (int l = 0; l < stack.layers(); ++l) add_layer(stack, l);
  add_readout(readout);
}

template ParameterMap::ParameterMap(const Stack<float>&, const ReadoutLayout&);
template ParameterMap::ParameterMap(const Stack<double>&, const ReadoutLayout&);

const ParameterMap::Parameter* ParameterMap::find(const std::string& name) const {
  for (const Parameter& parameter : parameters_)
    if (parameter.name == name) return &parameter;
  return nullptr;
}

std::vector<std::string> ParameterMap::names() const {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
  return names;
}

std::vector<double> ParameterMap::read(const Arrays& arrays, const std::string& file, double largest) const {
  std::vector<double> values(size_);
  for (const Parameter& parameter : parameters_) {
    const auto found = arrays.find(parameter.name);
    if (found == arrays.end()) {
      std::string present;
      for (const auto& [name, array] : arrays) present += (present.empty() ? "" : ", ") + name;
      throw Error(
          Exit::data, file,
          "no array " + parameter.name + " " + shape_text(parameter.shape) + ". The file has: " + present + ".");
    }
    const Array& array = found->second;
    if (array.shape != parameter.shape)
      throw Error(Exit::data, file + ": " + parameter.name,
                  "got shape " + array.shape_text() + ", allowed is " + shape_text(parameter.shape) +
                      ". Arrays are (to, from); check model.hidden and the data's sizes.");
    for (std::size_t i = 0; i < parameter.index.size(); ++i) {
      const double value = array.at(i);
      if (!std::isfinite(value))
        throw Error(Exit::data, file + ": " + parameter.name,
                    std::string("got ") + (std::isnan(value) ? "NaN" : "infinity") + " at " +
                        position(parameter.shape, i) + ", allowed are finite numbers.");
      if (std::fabs(value) > largest)
        throw Error(Exit::data, file + ": " + parameter.name,
                    "got " + number_text(value) + " at " + position(parameter.shape, i) + beyond_dtype(largest));
      values[parameter.index[i]] = value;
    }
  }
  return values;
}

template <class T>
Arrays ParameterMap::write(const T* values) const {
  Arrays arrays;
  for (const Parameter& parameter : parameters_) {
    std::vector<T> elements;
    elements.reserve(parameter.index.size());
    for (std::size_t index : parameter.index) elements.push_back(values[index]);
    arrays.emplace(parameter.name, Array::of(parameter.shape, std::move(elements)));
  }
  return arrays;
}

template Arrays ParameterMap::write(const float*) const;
template Arrays ParameterMap::write(const double*) const;

}  // namespace chronograd
