// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace chronograd {

/// The SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  /// `where` stands for the bytes in messages and must outlive the object. All functions throw Error (data) where
  /// libcrypto fails.
  explicit Sha256(const std::string& where);
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits, what `sha256sum` prints. Once, at the end.
  std::string text();

 private:
  void require(bool good) const;

  struct Context;
  std::unique_ptr<Context> context_;
  const std::string& where_;
};

/// The SHA-256 of a file's bytes as 64 lower-case hexadecimal digits, what `sha256sum` prints. Throws Error (data).
std::string sha256_of_file(const std::string& path);

}  // namespace chronograd
