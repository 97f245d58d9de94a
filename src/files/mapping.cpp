// SPDX-License-Identifier: Apache-2.0
#include "files/mapping.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

/// Names of columns: they say what a scale belongs to.
bool is_label(const std::string& name) {
  return name.ends_with("_columns");
}

/// The arrays of a mapping in `some` that `others` lack.
std::vector<std::string> missing_in(const Arrays& others, const Arrays& some) {
  std::vector<std::string> names;
  for (const auto& [name, array] : some)
    if (is_mapping(name) && !is_label(name) && !others.contains(name))
      names.push_back(name.substr(std::string(mapping_prefix).size()));
  return names;
}

}  // namespace

bool is_mapping(const std::string& name) {
  return name.starts_with(mapping_prefix);
}

Arrays mapping_in(const Arrays& parameters) {
  Arrays mapping;
  for (const auto& [name, array] : parameters)
    if (is_mapping(name)) mapping.emplace(name, array);
  return mapping;
}

bool same_mapping(const Arrays& a, const Arrays& b) {
  const auto same = [](const auto& one, const auto& other) {
    if (one.first != other.first || one.second.shape != other.second.shape) return false;
    for (std::size_t i = 0; i < one.second.size(); ++i)
      if (one.second.at(i) != other.second.at(i)) return false;  // bytes come back from a file as wider integers
    return true;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

Array array_of_names(const std::vector<std::string>& names) {
  Array array;
  array.dtype = Dtype::u8;
  for (const std::string& name : names) {
    array.u8.insert(array.u8.end(), name.begin(), name.end());
    array.u8.push_back(0);
  }
  array.shape = {array.u8.size()};
  return array;
}

std::vector<std::string> fitted_anew(const Task& task, const Arrays& parameters) {
  return missing_in(parameters, task.mapping());
}

std::vector<std::string> not_applied(const Task& task, const Arrays& parameters) {
  return missing_in(task.mapping(), parameters);
}

void KnownMapping::refuse(const std::string& name, const std::string& what) {
  throw Error(Exit::data, "parameters: " + (mapping_prefix + name), what);
}

const Array& KnownMapping::find(const std::string& name) const {
  const auto found = arrays_.find(mapping_prefix + name);
  if (found == arrays_.end()) refuse(name, "no such array, which belongs to what else the file holds of the mapping.");
  if (!found->second.refusal.empty()) refuse(name, found->second.refusal);
  return found->second;
}

std::vector<double> KnownMapping::numbers(const std::string& name, std::size_t count) const {
  const Array& array = find(name);
  if (array.shape != std::vector<std::size_t>{count})
    refuse(name, "got shape " + array.shape_text() + ", allowed with these data is (" + std::to_string(count) + ",).");
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = array.at(i);
    if (!std::isfinite(values[i])) refuse(name, "got NaN or infinity, allowed are finite numbers.");
  }
  return values;
}

std::vector<std::uint32_t> KnownMapping::codes(const std::string& name, std::uint32_t most) const {
  const Array& array = find(name);
  if (array.shape.size() != 1 || array.size() == 0 || !array.is_integer())
    refuse(name, "got shape " + array.shape_text() + ", allowed is a list of whole numbers.");
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const double value = array.at(i);
    if (value < 0 || value > most || (i > 0 && value <= values.back()))
      refuse(name, "got " + std::to_string(static_cast<std::int64_t>(value)) + " at [" + std::to_string(i) +
                       "], allowed are rising numbers from 0 to " + std::to_string(most) + ".");
    values.push_back(static_cast<std::uint32_t>(value));
  }
  return values;
}

std::vector<std::string> KnownMapping::names(const std::string& name) const {
  const Array& array = find(name);
  if (array.shape.size() != 1 || !array.is_integer() || array.size() == 0 || array.at(array.size() - 1) != 0)
    refuse(name, "got shape " + array.shape_text() + ", allowed are bytes: texts, each followed by a zero byte.");
  std::vector<std::string> names(1);
  for (std::size_t i = 0; i < array.size(); ++i) {
    const double code = array.at(i);
    if (code < 0 || code > 255) refuse(name, "got a number that is no byte, allowed are 0 ... 255.");
    if (code != 0)
      names.back() += static_cast<char>(static_cast<unsigned char>(code));
    else if (i + 1 < array.size())
      names.emplace_back();
  }
  return names;
}

}  // namespace chronograd
