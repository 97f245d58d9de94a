// SPDX-License-Identifier: Apache-2.0
#include "math/events.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/sizes.hpp"
#include "math/kernels.hpp"
#include "math/work.hpp"

namespace chronograd {
namespace {

constexpr int line = 64;             // bytes that are asked at once whether they are zero
constexpr std::int64_t one_in = 7;   // so many: more and a product is faster
constexpr std::int64_t unsure = 16;  // rows that may be denser by chance, as the last ones before the end are not

/// Whether `count` numbers from x on, no more than a line, have no bit set. (A zero with a sign counts as a number.)
template <class T>
bool all_zero(const T* x, int count) {
  std::uint64_t words[line / sizeof(std::uint64_t)] = {};
  if (count * static_cast<int>(sizeof(T)) == line)
    std::memcpy(words, x, line);  // of a size that the compiler knows: no call
  else
    std::memcpy(words, x, sizeof(T) * static_cast<std::size_t>(count));
  std::uint64_t any = 0;
  for (const std::uint64_t word : words) any |= word;
  return any == 0;
}

/// Calls visit(j, x[j]) for each number that is not zero.
template <class T, class Visit>
void each_event(int count, const T* x, const Visit& visit) {
  constexpr int numbers = line / static_cast<int>(sizeof(T));
  for (int from = 0; from < count; from += numbers) {
    const int end = std::min(count, from + numbers);
    if (all_zero(x + from, end - from)) continue;
    for (int j = from; j < end; ++j)
      if (x[j] != T(0)) visit(j, x[j]);
  }
}

/// A record states what a product multiplies; what is left out since it is zero counts as done.
void count_as_product(double multiplications, double done) {
  if (work::counting) work::add(multiplications - done);
}

}  // namespace

template <class T>
bool few_differ_from_zero(int rows, int cols, const T* a, int lda) {
  constexpr int numbers = line / static_cast<int>(sizeof(T));
  std::int64_t events = 0;
  for (int row = 0; row < rows; ++row) {
    const T* x = a + area(row, lda);
    std::int64_t in_row = 0;
    for (int from = 0; from < cols; from += numbers) {
      const int count = std::min(cols - from, numbers);
      if (all_zero(x + from, count)) continue;
      const auto here = std::count_if(x + from, x + from + count, [](T value) { return value != T(0); });
      in_row += here;
      if (here == numbers || in_row * 2 > cols) return false;  // of dense rows little is read
    }
    events += in_row;
    const std::int64_t counted = (row + 1 < rows ? row + 1 + unsure : rows) * std::int64_t{cols};
    if (events * one_in > counted) return false;
  }
  return true;
}

template <class T>
void add_events(int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
  const Kernels<T>& loops = kernels<T>();
  double done = 0;
  for (int row = 0; row < rows; ++row)
    each_event(inner, a + area(row, lda), [&](int j, T x) {
      loops.axpy(cols, x, b + area(j, ldb), c + area(row, ldc));
      done += cols;
    });
  count_as_product(static_cast<double>(rows) * cols * inner, done);
}

template <class T>
void add_transposed_events(int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
  const Kernels<T>& loops = kernels<T>();
  double done = 0;
  for (int i = 0; i < inner; ++i)
    each_event(rows, a + area(i, lda), [&](int j, T x) {
      loops.axpy(cols, x, b + area(i, ldb), c + area(j, ldc));
      done += cols;
    });
  count_as_product(static_cast<double>(rows) * cols * inner, done);
}

template bool few_differ_from_zero(int, int, const float*, int);
template bool few_differ_from_zero(int, int, const double*, int);
template void add_events(int, int, int, const float*, int, const float*, int, float*, int);
template void add_events(int, int, int, const double*, int, const double*, int, double*, int);
template void add_transposed_events(int, int, int, const float*, int, const float*, int, float*, int);
template void add_transposed_events(int, int, int, const double*, int, const double*, int, double*, int);

}  // namespace chronograd
