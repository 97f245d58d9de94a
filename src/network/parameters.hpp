// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/stack.hpp"
#include "network/readout_layout.hpp"

namespace chronograd {

/// All parameters of a network in one flat array: those of each layer in the cell's layout, then those of the
/// readout.
/// This class knows where each named parameter lies and nothing else. Shapes in files are (to, from).
class ParameterMap {
 public:
  enum class Role { recurrent, input, bias, readout, readout_bias };
  struct Parameter {
    std::string name;
    Role role;
    Start start;  ///< how it is drawn
    std::vector<std::size_t> shape;
    std::vector<std::size_t> index;  ///< flat index of each element of the file's array, in C order
  };

  template <class T>
  ParameterMap(const Stack<T>& stack, const ReadoutLayout& readout);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  std::size_t size() const { return size_; }
  std::size_t readout_at() const { return readout_at_; }  ///< where those of the readout begin
  /// The parameter called `name`, or null.
  const Parameter* find(const std::string& name) const;
  /// Its names, for messages.
  std::vector<std::string> names() const;

  /// Values from arrays: every parameter must be there with its shape and finite elements of magnitude up to
  /// `largest`. Throws Error (data) with `file` as the place.
  std::vector<double> read(const Arrays& arrays, const std::string& file, double largest) const;
  /// Arrays named and shaped as in files.
  template <class T>
  Arrays write(const T* values) const;

 private:
  template <class T>
  void add_layer(const Stack<T>& stack, int l);
  void add_readout(const ReadoutLayout& readout);

  std::vector<Parameter> parameters_;
  std::size_t readout_at_, size_;
};

}  // namespace chronograd
