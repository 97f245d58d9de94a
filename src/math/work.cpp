// SPDX-License-Identifier: Apache-2.0
#include "math/work.hpp"

#include <cassert>

#include "math/kernel_tables.hpp"

namespace chronograd {
namespace work {
namespace {
double total = 0;
}
bool counting = false;
void add(double multiplications) {
  total += multiplications;
}
}  // namespace work

namespace {

template <class T>
const Kernels<T>& plain() {
  static const Kernels<T>& table = *kernels_of<T>(active_isa());
  return table;
}

/// Calls the active table's `member` and counts `each` multiplications for every number, or every number of a matrix.
template <auto member, int each, class T, class Result, class... Rest>
Result counted_vector(int n, Rest... rest) {
  work::add(double(each) * n);
  return (plain<T>().*member)(n, rest...);
}
template <auto member, int each, class T, class Result, class... Rest>
Result counted_matrix(int rows, int cols, Rest... rest) {
  work::add(double(each) * rows * cols);
  return (plain<T>().*member)(rows, cols, rest...);
}

template <auto member, int each, class T, class Result, class... Rest>
void wrap_vector(Result (*&entry)(int, Rest...)) {
  entry = counted_vector<member, each, T, Result, Rest...>;
}
template <auto member, int each, class T, class Result, class... Rest>
void wrap_matrix(Result (*&entry)(int, int, Rest...)) {
  entry = counted_matrix<member, each, T, Result, Rest...>;
}

template <class T>
Kernels<T> counting_table() {
  using K = Kernels<T>;
  K k = plain<T>();
  wrap_vector<&K::scale, 1, T>(k.scale);
  wrap_vector<&K::axpy, 1, T>(k.axpy);
  wrap_vector<&K::axpy_pair, 2, T>(k.axpy_pair);
  wrap_vector<&K::multiply, 1, T>(k.multiply);
  wrap_vector<&K::multiply_add, 1, T>(k.multiply_add);
  wrap_vector<&K::dot, 1, T>(k.dot);
  wrap_vector<&K::squared_norm, 1, T>(k.squared_norm);
  wrap_matrix<&K::row_times, 1, T>(k.row_times);
  wrap_matrix<&K::far_row_times, 1, T>(k.far_row_times);
  wrap_matrix<&K::times_column, 1, T>(k.times_column);
  wrap_matrix<&K::outer_add, 1, T>(k.outer_add);
  wrap_matrix<&K::trace_step, 3, T>(k.trace_step);
  k.trace_step_many = [](int states, int rows, int cols, const T* carry, const T* gain, const T* read, const T* direct,
                         const T* x, T* e, std::ptrdiff_t between, int lde, T* g, int ldg) {
    work::add(double(states + 1) * (states + 1) * rows * cols);
    plain<T>().trace_step_many(states, rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
  };
  k.influence_step = [](const InfluenceTile<T>& tile) {
    double each = 0;
    for (const int* run = tile.runs; run != tile.runs_end; run += 2) each += double(run[0] + 1) * run[1];
    work::add(each * tile.width);
    plain<T>().influence_step(tile);
  };
  wrap_matrix<&K::rank_one_step, 4, T>(k.rank_one_step);
  wrap_matrix<&K::trace_read, 1, T>(k.trace_read);
  return k;
}

}  // namespace

template <class T>
const Kernels<T>& counting_kernels() {
  static const Kernels<T> table = counting_table<T>();
  return table;
}
template const Kernels<float>& counting_kernels();
template const Kernels<double>& counting_kernels();

WorkCount::WorkCount() {
  assert(!work::counting);
  work::total = 0;
  work::counting = true;
}
WorkCount::~WorkCount() {
  work::counting = false;
}
double WorkCount::multiplications() const {
  return work::total;
}

}  // namespace chronograd
