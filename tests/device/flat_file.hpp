// SPDX-License-Identifier: Apache-2.0
// Arrays of float64 in the form that flat.py writes: little endian, each after a line `NAME DIMENSIONS LENGTH...`.
#pragma once

#include <bit>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd::device {

static_assert(std::endian::native == std::endian::little);

inline Arrays read_flat(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read");
  Arrays arrays;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::size_t dimensions = 0, size = 1;
    words >> name >> dimensions;
    std::vector<std::size_t> shape(dimensions);
    for (std::size_t& length : shape) {
      words >> length;
      size *= length;
    }
    std::vector<double> numbers(size);
    file.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(size * sizeof(double)));
    if (!words || !file) throw std::runtime_error(path + " is cut at " + name);
    arrays.emplace(name, Array::of(shape, std::move(numbers)));
  }
  return arrays;
}

inline void write_flat(const std::string& path, const Arrays& arrays) {
  std::ofstream file(path, std::ios::binary);
  for (const auto& [name, array] : arrays) {
    file << name << ' ' << array.shape.size();
    for (const std::size_t length : array.shape) file << ' ' << length;
    file << '\n';
    for (std::size_t k = 0; k < array.size(); ++k) {
      const double number = array.at(k);
      file.write(reinterpret_cast<const char*>(&number), sizeof number);
    }
  }
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

}  // namespace chronograd::device
