// SPDX-License-Identifier: Apache-2.0
// Builds .npy, zip and gzip bytes by hand, true ones and lies.
#pragma once

#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

#include "files/files.hpp"

namespace chronograd::testing {

inline Bytef* zlib_bytes(const std::string& bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

/// bits: -15 for a raw deflate stream (zip), 31 for gzip.
inline std::string deflated(const std::string& bytes, int bits = -15) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
  std::string result(bytes.size() + bytes.size() / 100 + 100, '\0');
  stream.next_in = zlib_bytes(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = zlib_bytes(result);
  stream.avail_out = static_cast<uInt>(result.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

/// A .npy file with this dict and these elements.
inline std::string npy(const std::string& dict, const std::string& elements, int version = 1) {
  const std::string header = dict + "\n";
  return "\x93NUMPY" + little(static_cast<std::uint64_t>(version), 1) + little(0, 1) +
         little(header.size(), version == 1 ? 2 : 4) + header + elements;
}

inline std::string dict(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

struct ZipMember {
  std::string name, bytes;
  bool deflate = false;
  std::optional<std::uint64_t> claim = std::nullopt;  ///< the size in the directory, if not the true one
  std::uint32_t crc_flip = 0;
  unsigned method = 1000;  ///< if not the true one
  unsigned flags = 0;
  bool zip64 = false;  ///< sizes in the zip64 field
};

inline std::string zip(const std::vector<ZipMember>& members, std::uint32_t offset_lie = 0) {
  std::string file, directory;
  for (const ZipMember& member : members) {
    const std::string packed = member.deflate ? deflated(member.bytes) : member.bytes;
    const std::uint64_t size = member.claim.value_or(member.bytes.size());
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, zlib_bytes(member.bytes), static_cast<uInt>(member.bytes.size())) ^ member.crc_flip);
    const bool wide = member.zip64 || size > 0xfffffffeU;
    const unsigned method = member.method != 1000 ? member.method : member.deflate ? 8 : 0;
    const std::string extra = wide ? little(1, 2) + little(16, 2) + little(size, 8) + little(packed.size(), 8) : "";
    const std::string common = little(wide ? 45 : 20, 2) + little(member.flags, 2) + little(method, 2) + little(0, 2) +
                               little(0x21, 2) + little(crc, 4) + little(wide ? 0xffffffffU : packed.size(), 4) +
                               little(wide ? 0xffffffffU : size, 4) + little(member.name.size(), 2) +
                               little(extra.size(), 2);
    directory += "PK\x01\x02" + little(45, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 little(file.size() + offset_lie, 4) + member.name + extra;
    file += "PK\x03\x04" + common + member.name + extra + packed;
  }
  return file + directory + "PK\x05\x06" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
}

}  // namespace chronograd::testing
