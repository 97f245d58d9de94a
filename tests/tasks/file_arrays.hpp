// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "formats/file_task.hpp"

namespace chronograd {

/// 0, 1, 2, ... scaled: every element is another number.
inline Array counting(std::vector<std::size_t> shape, double scale = 1) {
  std::size_t size = 1;
  for (std::size_t extent : shape) size *= extent;
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = scale * static_cast<double>(i);
  return Array::of(shape, values);
}

inline Array whole_numbers(std::vector<std::size_t> shape, std::vector<std::int64_t> values) {
  return Array::of(std::move(shape), std::move(values));
}

inline const FileNeeds mse{false, "mse", 0, 4};
inline const FileNeeds cross_entropy{true, "cross_entropy", 0, 4};
inline const FileNeeds bce{false, "bce", 0, 4};

inline std::unique_ptr<Task> file_task(const Arrays& arrays, const FileNeeds& needs = mse,
                                       std::vector<std::string>* notes = nullptr) {
  return make_file_task(arrays, "data.npz", nullptr, "", needs, notes);
}
inline std::unique_ptr<Task> file_task(const Arrays& train, Arrays test, const FileNeeds& needs,
                                       std::vector<std::string>* notes = nullptr) {
  return make_file_task(train, "data.npz", &test, "test.npz", needs, notes);
}

}  // namespace chronograd
