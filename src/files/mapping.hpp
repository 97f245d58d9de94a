// SPDX-License-Identifier: Apache-2.0
// What was fitted on the training data (scales, names of classes, an alphabet) as arrays beside the parameters.
#pragma once

#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// True for the name of an array of a mapping.
bool is_mapping(const std::string& name);

/// The mapping among the arrays of a parameter file.
Arrays mapping_in(const Arrays& parameters);

/// True where both hold the same arrays, to the last bit.
bool same_mapping(const Arrays& a, const Arrays& b);

/// Texts as an array of bytes (u8): each in UTF-8, followed by a zero byte. NumPy:
/// `a.tobytes().decode().split("\0")[:-1]`.
Array array_of_names(const std::vector<std::string>& names);

/// A mapping as it is read: every array is checked before it is believed. Throws Error (data) with the array's name.
class KnownMapping {
 public:
  /// `arrays` must outlive it.
  explicit KnownMapping(const Arrays& arrays) : arrays_(arrays) {}
  /// `name` without mapping_prefix.
  bool has(const std::string& name) const { return arrays_.contains(mapping_prefix + name); }
  /// `count` finite numbers.
  std::vector<double> numbers(const std::string& name, std::size_t count) const;
  /// Whole numbers in [0, most], rising.
  std::vector<std::uint32_t> codes(const std::string& name, std::uint32_t most) const;
  /// At least one text.
  std::vector<std::string> names(const std::string& name) const;

 private:
  const Array& find(const std::string& name) const;
  [[noreturn]] static void refuse(const std::string& name, const std::string& what);

  const Arrays& arrays_;
};

/// What `task` fitted on its own training data, because the parameters hold no mapping of it: names of arrays without
/// mapping_prefix. Names of columns are labels, and do not count.
std::vector<std::string> fitted_anew(const Task& task, const Arrays& parameters);

/// What the parameters were trained with and `task` does not apply, likewise.
std::vector<std::string> not_applied(const Task& task, const Arrays& parameters);

}  // namespace chronograd
