// SPDX-License-Identifier: Apache-2.0
// inflate() and not gzopen(): that one silently ignores what follows a gzip stream, and reads only from files.
#include "files/content.hpp"

#include <algorithm>
#include <cstring>

#include "base/set_up.hpp"
#include "chronograd/error.hpp"

namespace chronograd {

Content::Content(std::string_view bytes, const std::string& where) : rest_(bytes), size_(bytes.size()), where_(where) {
  zipped_ = starts_gzip();
  if (!zipped_) return;
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(&stream_, gzip_only) != Z_OK) refuse("no memory for unpacking");
}

Content::~Content() {
  if (zipped_) inflateEnd(&stream_);
}

std::size_t Content::read(unsigned char* target, std::size_t count) {
  set_up_progress("reading", where_,
                  1 - static_cast<double>(rest_.size()) / static_cast<double>(std::max<std::size_t>(1, size_)));
  return zipped_ ? inflate_some(target, count) : copy_some(target, count);
}

void Content::refuse(const std::string& got) const {
  throw Error(Exit::data, where_,
              "got " + got +
                  ", allowed is a complete file, plain or gzipped. The file is truncated "
                  "or corrupt; copy it again.");
}

std::size_t Content::copy_some(unsigned char* target, std::size_t count) {
  count = std::min(count, rest_.size());
  if (count > 0) std::memcpy(target, rest_.data(), count);
  rest_.remove_prefix(count);
  return count;
}

std::size_t Content::inflate_some(unsigned char* target, std::size_t count) {
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
void Content::next_stream() {
  if (rest_.empty()) {
    ended_ = true;
    return;
  }
  if (!starts_gzip()) refuse(std::to_string(rest_.size()) + " bytes after the end of the gzip stream");
  if (inflateReset(&stream_) != Z_OK) refuse("a gzip stream that cannot be unpacked");
}

}  // namespace chronograd
