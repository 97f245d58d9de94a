// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "files/content.hpp"

namespace chronograd {

/// The records of a CSV file (RFC 4180), plain or gzipped, one after another: cells in quotes may hold separators,
/// newlines and doubled quotes; lines end in LF, CRLF or CR, the last one may end without; a UTF-8 byte order mark and
/// empty lines are passed over. Memory grows with the longest record, not with the file.
class CsvReader {
 public:
  /// `where` stands for the file in messages. It and the bytes must outlive the reader.
  CsvReader(std::string_view bytes, char separator, const std::string& where);

  /// Goes to the next record; false after the last one. Throws Error (data), which names the line, for a quote that
  /// is not closed or stands inside a bare cell, text behind a closing quote, zero bytes, UTF-16, a record of more than
  /// 16 MiB, and for a gzip stream that is broken.
  bool next();

  std::size_t size() const { return ends_.size(); }  ///< cells of the record, at least 1
  std::string_view cell(std::size_t index) const;    ///< without its quotes; valid until the next record
  std::size_t line() const { return line_; }         ///< the line that the record starts on, from 1

  /// "file:17", for messages about the record.
  std::string place() const { return where_ + ":" + std::to_string(line_); }

 private:
  static constexpr int end = -1;
  enum class In { start, bare, quotes, quote };  ///< where in a cell; `quote`: behind a quote that may close it

  int peek();
  int get();
  void skip_mark();
  void append(int byte);
  void take(int byte, In& in);
  [[noreturn]] void refuse(std::size_t line, const std::string& what) const;

  Content content_;
  char separator_;
  const std::string& where_;
  std::vector<unsigned char> block_;
  std::size_t at_ = 0, held_ = 0;  ///< in block_
  std::string text_;               ///< all cells of the record
  std::vector<std::size_t> ends_;  ///< of each cell in text_
  std::size_t line_ = 0, next_line_ = 1, opened_ = 0;
};

}  // namespace chronograd
