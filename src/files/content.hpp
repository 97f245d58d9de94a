// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace chronograd {

/// The content of a plain or gzipped file that lies in memory, a piece at a time: what is unpacked takes no more room
/// than the reader asks for, whatever a file claims.
class Content {
 public:
  /// `where` stands for the file in messages; both must outlive the object.
  Content(std::string_view bytes, const std::string& where);
  ~Content();
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  /// Fills `target` with the next bytes and returns how many there were, less only at the end. Throws Error (data) for
  /// a gzip stream that is broken, ends too early, or is followed by something else.
  std::size_t read(unsigned char* target, std::size_t count);

 private:
  bool starts_gzip() const { return rest_.substr(0, 2) == "\x1f\x8b"; }
  [[noreturn]] void refuse(const std::string& got) const;
  std::size_t copy_some(unsigned char* target, std::size_t count);
  std::size_t inflate_some(unsigned char* target, std::size_t count);
  void next_stream();

  std::string_view rest_;
  std::size_t size_;  ///< of all bytes
  const std::string& where_;
  z_stream stream_{};
  bool zipped_ = false;
  bool ended_ = false;
};

}  // namespace chronograd
