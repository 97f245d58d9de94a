// SPDX-License-Identifier: Apache-2.0
#include "files/csv.hpp"

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 16U;
constexpr std::size_t longest_record = std::size_t{16} << 20U;  // bytes; a longer one is no table but something else

}  // namespace

CsvReader::CsvReader(std::string_view bytes, char separator, const std::string& where)
    : content_(bytes, where), separator_(separator), where_(where), block_(block_bytes) {
  skip_mark();
}

std::string_view CsvReader::cell(std::size_t index) const {
  const std::size_t start = index == 0 ? 0 : ends_.at(index - 1);
  return std::string_view(text_).substr(start, ends_.at(index) - start);
}

void CsvReader::refuse(std::size_t line, const std::string& what) const {
  throw Error(Exit::data, where_ + ":" + std::to_string(line), what);
}

int CsvReader::peek() {
  if (at_ == held_) {
    held_ = content_.read(block_.data(), block_.size());
    at_ = 0;
    if (held_ == 0) return end;
  }
  return block_[at_];
}

int CsvReader::get() {
  const int byte = peek();
  if (byte != end) ++at_;
  return byte;
}

/// UTF-8's byte order mark says nothing; UTF-16's says that the file cannot be read.
void CsvReader::skip_mark() {
  peek();
  const std::string_view start(static_cast<const char*>(static_cast<const void*>(block_.data())), held_);
  if (start.substr(0, 3) == "\xef\xbb\xbf") at_ = 3;
  if (start.substr(0, 2) == "\xff\xfe" || start.substr(0, 2) == "\xfe\xff")
    refuse(1, "got UTF-16, allowed is UTF-8 or another encoding that contains ASCII. Save it as CSV UTF-8.");
}

void CsvReader::append(int byte) {
  if (byte == 0) refuse(next_line_, "got a zero byte, allowed is text. Is this a binary file, or UTF-16?");
  if (text_.size() + ends_.size() >= longest_record)
    refuse(line_,
           "got a record of more than 16 MiB, allowed are shorter ones. Is a quote not closed, or the file no CSV?");
  text_ += static_cast<char>(byte);
}

/// Takes a byte that is neither quoted nor a newline.
void CsvReader::take(int byte, In& in) {
  if (byte == static_cast<unsigned char>(separator_)) {
    if (text_.size() + ends_.size() >= longest_record) append(separator_);  // refuses
    ends_.push_back(text_.size());
    in = In::start;
    return;
  }
  if (byte == '"') {
    if (in == In::bare)
      refuse(next_line_, "got a quote in the middle of cell " + std::to_string(ends_.size() + 1) +
                             ", allowed are quotes around the whole cell, and doubled ones inside.");
    if (in == In::quote) append(byte);
    if (in == In::start) opened_ = next_line_;
    in = In::quotes;
    return;
  }
  if (in == In::quote)
    refuse(next_line_, "got text behind the closing quote of cell " + std::to_string(ends_.size() + 1) +
                           ", allowed is the separator or the end of the line. Is data.separator right?");
  append(byte);
  in = In::bare;
}

bool CsvReader::next() {
  text_.clear();
  ends_.clear();
  line_ = next_line_;
  In in = In::start;
  for (;;) {
    const int byte = get();
    if (in == In::quotes) {
      if (byte == end) refuse(opened_, "got a quote that is not closed until the end of the file, allowed are pairs.");
      if (byte == '\n') ++next_line_;
      if (byte == '"')
        in = In::quote;
      else
        append(byte);
      continue;
    }
    const bool empty = ends_.empty() && in == In::start;
    if (byte == end) {
      if (empty) return false;
      break;
    }
    if (byte != '\n' && byte != '\r') {
      take(byte, in);
      continue;
    }
    if (byte == '\r' && peek() == '\n') get();
    ++next_line_;
    if (!empty) break;
    line_ = next_line_;
  }
  ends_.push_back(text_.size());
  return true;
}

}  // namespace chronograd
