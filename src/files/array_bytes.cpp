// SPDX-License-Identifier: Apache-2.0
#include "files/array_bytes.hpp"

#include <cstring>
#include <stdexcept>

namespace chronograd {
namespace {

class BytesOut {
 public:
  void number(std::size_t value) { raw(&value, sizeof value); }
  void raw(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }
  template <class Number>
  void numbers(const std::vector<Number>& values) {
    number(values.size());
    raw(values.data(), values.size() * sizeof(Number));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class BytesIn {
 public:
  explicit BytesIn(const std::string& bytes) : bytes_(bytes) {}
  bool more() const { return at_ < bytes_.size(); }
  std::size_t number() {
    std::size_t value = 0;
    raw(&value, sizeof value);
    return value;
  }
  void raw(void* data, std::size_t size) {
    if (bytes_.size() - at_ < size) throw std::logic_error("arrays of another process are cut short");
    if (size > 0) std::memcpy(data, bytes_.data() + at_, size);
    at_ += size;
  }
  template <class Number>
  void numbers(std::vector<Number>& values) {
    values.resize(number());
    raw(values.data(), values.size() * sizeof(Number));
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

/// The one of an array's four vectors that holds its numbers.
template <class One, class Use>
void with_numbers(One& array, const Use& use) {
  switch (array.dtype) {
    case Dtype::f32:
      return use(array.f32);
    case Dtype::f64:
      return use(array.f64);
    case Dtype::i64:
      return use(array.i64);
    case Dtype::u8:
      return use(array.u8);
  }
}

}  // namespace

std::string bytes_of(const Arrays& arrays) {
  BytesOut out;
  for (const auto& [name, array] : arrays) {
    out.number(name.size());
    out.raw(name.data(), name.size());
    out.number(static_cast<std::size_t>(array.dtype));
    out.numbers(array.shape);
    with_numbers(array, [&](const auto& values) { out.numbers(values); });
  }
  return out.take();
}

Arrays arrays_of_bytes(const std::string& bytes) {
  Arrays arrays;
  BytesIn in(bytes);
  while (in.more()) {
    std::string name(in.number(), '\0');
    in.raw(name.data(), name.size());
    Array array;
    array.dtype = static_cast<Dtype>(in.number());
    in.numbers(array.shape);
    with_numbers(array, [&](auto& values) { in.numbers(values); });
    arrays.emplace(std::move(name), std::move(array));
  }
  return arrays;
}

}  // namespace chronograd
