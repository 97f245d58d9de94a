// SPDX-License-Identifier: Apache-2.0
#include "fuzz/entries.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "io/idx.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/shape.hpp"

namespace chronograd {
namespace {

bool is_filled(const Array& array) {
  const std::size_t held = array.f32.size() + array.f64.size() + array.i64.size() + array.u8.size();
  const std::size_t typed = array.dtype == Dtype::f32   ? array.f32.size()
                            : array.dtype == Dtype::f64 ? array.f64.size()
                            : array.dtype == Dtype::i64 ? array.i64.size()
                                                        : array.u8.size();
  return product(array.shape) == held && typed == held && array.shape.size() <= max_dimensions;
}

template <class Read>
bool is_safe(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    const std::string_view text = error.what();
    return error.code() == Exit::data && text.substr(0, 2) == "[f" && text.find_first_of("\n\x1b") == text.npos;
  }
}

}  // namespace

bool npy_is_safe(std::string_view bytes) {
  return is_safe([&] { return is_filled(parse_npy(bytes, "f")); });
}

bool npz_is_safe(std::string_view bytes) {
  return is_safe([&] {
    const Arrays arrays = parse_npz(bytes, "f");
    return std::all_of(arrays.begin(), arrays.end(), [](const auto& item) { return is_filled(item.second); });
  });
}

bool idx_is_safe(std::string_view bytes) {
  return is_safe([&] { return is_filled(parse_idx(bytes, "f")); });
}

}  // namespace chronograd
