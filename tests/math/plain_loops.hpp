// SPDX-License-Identifier: Apache-2.0
// What the tests of the hot loops share. The numbers are multiples of 1/2 in [-1, 1], for which every sum of the tests
// is exact in float32: results must be equal, whatever the order of additions.
#pragma once

#include <rapidcheck.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "every_isa.hpp"

namespace chronograd {

/// A matrix at some offset inside a buffer; the numbers around it and between its rows are NaN: a kernel that reads
/// them spoils its result, one that writes them is seen.
template <class T>
class Padded {
 public:
  Padded(std::mt19937& random, int rows, int cols, bool real = false) : rows_(rows), cols_(cols) {
    ld_ = cols + static_cast<int>(random() % 5);
    offset_ = 17 + random() % 19;
    data_.assign(offset_ + static_cast<std::size_t>(rows) * ld_ + 40, std::numeric_limits<T>::quiet_NaN());
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j)
        (*this)(i, j) = real ? std::uniform_real_distribution<T>(-1, 1)(random) : T(int(random() % 5) - 2) / T(2);
  }
  T* at() { return data_.data() + offset_; }
  int ld() const { return ld_; }
  T& operator()(int i, int j) { return data_[offset_ + static_cast<std::size_t>(i) * ld_ + j]; }
  T& operator[](int j) { return data_[offset_ + static_cast<std::size_t>(j)]; }

  /// Largest difference, relative to `scale`; infinity if NaN stands in one of the two alone.
  double distance(const Padded& other, double scale = 1) const {
    double worst = 0;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (std::isnan(data_[i]) != std::isnan(other.data_[i])) return std::numeric_limits<double>::infinity();
      if (!std::isnan(data_[i])) worst = std::fmax(worst, std::fabs(double(data_[i]) - double(other.data_[i])) / scale);
    }
    return worst;
  }

 private:
  int rows_, cols_, ld_;
  std::size_t offset_;
  std::vector<T> data_;
};

struct LoopSizes {
  int rows, cols;
  unsigned seed;
};

inline LoopSizes some_sizes() {
  return {*rc::gen::inRange(0, 45), *rc::gen::inRange(0, 150), *rc::gen::arbitrary<unsigned>()};
}

template <class T>
void each_table(const std::function<void(const Kernels<T>&)>& check) {
  for (Isa isa : runnable_isas()) {
    RC_LOG(std::string(name_of(isa)));
    check(*kernels_of<T>(isa));
  }
}

}  // namespace chronograd
