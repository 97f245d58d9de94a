// SPDX-License-Identifier: Apache-2.0
#include "formats/row_numbers.hpp"

#include <utility>

namespace chronograd {
namespace {

template <class N>
void copy(const ArrayView& view, std::size_t b, std::size_t t, std::size_t steps, double* out) {
  const auto* row = static_cast<const std::byte*>(view.data) + static_cast<std::ptrdiff_t>(b) * view.stride[0];
  const std::size_t width = view.shape[2];
  for (std::size_t k = t; k < t + steps; ++k) {
    const std::byte* at = row + static_cast<std::ptrdiff_t>(k) * view.stride[1];
    for (std::size_t i = 0; i < width; ++i, at += view.stride[2])
      *out++ = static_cast<double>(*reinterpret_cast<const N*>(at));
  }
}

}  // namespace

RowNumbers::RowNumbers(std::vector<double> values, std::vector<std::size_t> shape) {
  auto own = std::make_shared<const std::vector<double>>(std::move(values));
  view_ = ArrayView::of(own->data(), std::move(shape));
  owner_ = std::move(own);
}

void RowNumbers::read(std::size_t b, std::size_t t, std::size_t steps, double* out) const {
  switch (view_.type) {
    case ArrayView::Type::f32:
      return copy<float>(view_, b, t, steps, out);
    case ArrayView::Type::f64:
      return copy<double>(view_, b, t, steps, out);
    case ArrayView::Type::i32:
      return copy<std::int32_t>(view_, b, t, steps, out);
    case ArrayView::Type::i64:
      return copy<std::int64_t>(view_, b, t, steps, out);
    case ArrayView::Type::u8:
      return copy<std::uint8_t>(view_, b, t, steps, out);
  }
}

}  // namespace chronograd
