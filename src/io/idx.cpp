// SPDX-License-Identifier: Apache-2.0
// inflate() and not gzopen(): that one silently ignores what follows a gzip stream, and reads only from files.
#include "io/idx.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "chronograd/error.hpp"
#include "io/input_file.hpp"
#include "io/shape.hpp"

namespace chronograd {
namespace {

constexpr const char* copy_hint = " The file is truncated or corrupt; copy it again.";

/// The content of a plain or gzipped file, a piece at a time.
class Content {
 public:
  Content(std::string_view bytes, const std::string& where) : rest_(bytes), where_(where) {
    zipped_ = starts_gzip();
    if (!zipped_) return;
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) refuse("no memory for unpacking");
  }
  ~Content() {
    if (zipped_) inflateEnd(&stream_);
  }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  /// Fills `target` with the next bytes and returns how many there were, less only at the end.
  std::size_t read(unsigned char* target, std::size_t count) {
    return zipped_ ? inflate_some(target, count) : copy_some(target, count);
  }

 private:
  bool starts_gzip() const { return rest_.substr(0, 2) == "\x1f\x8b"; }

  [[noreturn]] void refuse(const std::string& got) const {
    throw Error(Exit::data, where_, "got " + got + ", allowed is a complete IDX file, plain or gzipped." + copy_hint);
  }

  std::size_t copy_some(unsigned char* target, std::size_t count) {
    count = std::min(count, rest_.size());
    if (count > 0) std::memcpy(target, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

  std::size_t inflate_some(unsigned char* target, std::size_t count) {
    constexpr std::size_t largest = std::size_t{1} << 30U;  // zlib counts in 32 bits
    std::size_t done = 0;
    while (done < count && !ended_) {
      const std::size_t in = std::min(rest_.size(), largest), out = std::min(count - done, largest);
      // zlib only reads its input, though its type says so only when ZLIB_CONST is defined.
      stream_.next_in = static_cast<Bytef*>(static_cast<void*>(const_cast<char*>(rest_.data())));
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = target + done;
      stream_.avail_out = static_cast<uInt>(out);
      const int code = inflate(&stream_, Z_NO_FLUSH);
      rest_.remove_prefix(in - stream_.avail_in);
      done += out - stream_.avail_out;
      if (code == Z_STREAM_END)
        next_stream();
      else if (code == Z_BUF_ERROR && rest_.empty())
        refuse("a gzip stream that ends too early");
      else if (code != Z_OK)
        refuse(std::string("a broken gzip stream (") + (stream_.msg != nullptr ? stream_.msg : zError(code)) + ")");
    }
    return done;
  }

  /// A gzip file may be several streams in a row; anything else after the first does not belong there.
  void next_stream() {
    if (rest_.empty()) {
      ended_ = true;
      return;
    }
    if (!starts_gzip()) refuse(std::to_string(rest_.size()) + " bytes after the end of the gzip stream");
    if (inflateReset(&stream_) != Z_OK) refuse("a gzip stream that cannot be unpacked");
  }

  std::string_view rest_;
  const std::string& where_;
  z_stream stream_{};
  bool zipped_ = false;
  bool ended_ = false;
};

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
