// SPDX-License-Identifier: Apache-2.0
#include "files/idx.hpp"

#include <algorithm>
#include <array>

#include "chronograd/error.hpp"
#include "files/content.hpp"
#include "files/input_file.hpp"
#include "files/shape.hpp"

namespace chronograd {
namespace {

constexpr const char* copy_hint = " The file is truncated or corrupt; copy it again.";

std::vector<std::size_t> read_shape(Content& content, const std::string& where) {
  const auto word = [&] {
    std::array<unsigned char, 4> bytes{};
    if (content.read(bytes.data(), bytes.size()) != bytes.size())
      throw Error(Exit::data, where,
                  std::string("got a file that ends inside its IDX header, allowed is a complete file.") + copy_hint);
    return bytes;
  };
  const auto start = word();
  if (start[0] != 0 || start[1] != 0)
    throw Error(Exit::data, where,
                "got a file that does not start with two zero bytes, allowed is an IDX file, plain or gzipped. "
                "Files of images as published with MNIST have this format.");
  if (start[2] != 0x08)
    throw Error(Exit::data, where,
                "got IDX elements of type " + std::to_string(start[2]) +
                    ", allowed is 8 (unsigned bytes). Write other types as .npz.");
  if (start[3] < 1 || start[3] > max_dimensions)
    throw Error(
        Exit::data, where,
        "got " + std::to_string(start[3]) + " dimensions, allowed are 1 to " + std::to_string(max_dimensions) + ".");
  std::vector<std::size_t> shape;
  for (unsigned k = 0; k < start[3]; ++k) {
    std::size_t extent = 0;
    for (const unsigned char byte : word()) extent = extent * 256 + byte;  // big-endian
    shape.push_back(extent);
  }
  return shape;
}

}  // namespace

Array parse_idx(std::string_view bytes, const std::string& where) {
  Content content(bytes, where);
  Array array;
  array.dtype = Dtype::u8;
  array.shape = read_shape(content, where);
  const auto claim = product(array.shape);
  const auto refuse = [&](const std::string& claimed, const std::string& held) {
    throw Error(Exit::data, where,
                "got a header that claims " + claimed + " bytes (shape " + array.shape_text() + "), allowed are the " +
                    held + " that follow it." + copy_hint);
  };
  if (!claim) refuse("more than 2^64", "bytes");
  constexpr std::size_t block = std::size_t{1} << 20U;  // memory grows with what is there, not with the claim
  while (array.u8.size() < *claim) {
    const std::size_t before = array.u8.size(), wanted = std::min(*claim - before, block);
    array.u8.resize(before + wanted);
    const std::size_t got = content.read(array.u8.data() + before, wanted);
    if (got < wanted) refuse(std::to_string(*claim), std::to_string(before + got));
  }
  unsigned char extra = 0;
  if (content.read(&extra, 1) != 0) refuse(std::to_string(*claim), "exactly as many");
  return array;
}

Array read_idx(const std::string& path) {
  return parse_idx(read_file(path), path);
}

}  // namespace chronograd
