// SPDX-License-Identifier: Apache-2.0
#include "files/tar.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "files/content.hpp"

namespace chronograd {
namespace {

constexpr std::size_t block = 512;
using Header = std::array<unsigned char, block>;

class TarReader {
 public:
  TarReader(std::string_view archive, const std::string& where) : content_(archive, where), where_(where) {}

  void read(const std::function<void(const std::string&, std::string_view)>& file) {
    Header header{};
    for (;;) {
      if (content_.read(header.data(), block) != block)
        refuse("an archive that ends without its last blocks, which are zero", "a complete one");
      if (std::all_of(header.begin(), header.end(), [](unsigned char byte) { return byte == 0; })) return;
      if (octal(header, 148, 8) != checksum(header)) refuse("a header with a wrong checksum", "a tar archive");
      const std::string name = name_of(header), bytes = held(octal(header, 124, 12), name);
      const unsigned char kind = header[156];
      if (kind == '0' || kind == 0)
        file(name, bytes);
      else if (kind == 'x' || kind == 'g')
        require_plain(bytes);
      else if (kind != '5')
        refuse(quoted(name) + ", which is no plain file", "plain files and folders, with names of up to 255 characters",
               " Unpack it and give the folder.");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& got, const std::string& allowed,
                           const char* hint = " The file is truncated or corrupt; copy it again.") const {
    throw Error(Exit::data, where_, "got " + got + ", allowed is " + allowed + "." + hint);
  }

  /// Text of a field, up to its first zero byte.
  static std::string text(const Header& header, std::size_t at, std::size_t size) {
    const auto first = header.begin() + static_cast<std::ptrdiff_t>(at),
               last = first + static_cast<std::ptrdiff_t>(size);
    return {first, std::find(first, last, 0)};
  }

  std::size_t octal(const Header& header, std::size_t at, std::size_t size) const {
    const std::string digits = trimmed(text(header, at, size));
    if (digits.empty() || digits.find_first_not_of("01234567") != std::string::npos)
      refuse("a header whose numbers are not octal", "a tar archive of files below 8 GiB");
    return std::stoull(digits, nullptr, 8);  // at most 12 digits
  }

  /// The sum of the header's bytes, those of the checksum itself taken as spaces.
  static std::size_t checksum(const Header& header) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < block; ++i) sum += i >= 148 && i < 156 ? ' ' : header[i];
    return sum;
  }

  std::string name_of(const Header& header) const {
    std::string name = text(header, 0, 100);
    const std::string prefix = text(header, 345, 155);
    if (text(header, 257, 6) == "ustar" && !prefix.empty()) name = prefix + "/" + name;
    return name.starts_with("./") ? name.substr(2) : name;
  }

  /// The content of a file, and what fills its last block up. Memory grows with what is there, not with the claim.
  std::string held(std::size_t size, const std::string& name) {
    std::string bytes;
    constexpr std::size_t piece = std::size_t{1} << 20U;
    while (bytes.size() < size) {
      const std::size_t before = bytes.size(), wanted = std::min(size - before, piece);
      bytes.resize(before + wanted);
      if (content_.read(reinterpret_cast<unsigned char*>(bytes.data()) + before, wanted) != wanted)
        refuse("a header of " + quoted(name) + " that claims " + std::to_string(size) + " bytes",
               "no more than what follows");
    }
    Header rest{};
    const std::size_t filling = (block - size % block) % block;
    if (content_.read(rest.data(), filling) != filling) refuse("an archive that ends within a block", "a complete one");
    return bytes;
  }

  /// Extended headers say more about the next file. Times and owners do not matter; its name, size and kind do.
  void require_plain(const std::string& bytes) const {
    for (const char* key : {" path=", " size=", " linkpath=", " GNU.sparse"})
      if (bytes.find(key) != std::string::npos)
        refuse("an extended header with" + std::string(key), "names of up to 255 characters and files below 8 GiB",
               " Unpack it and give the folder.");
  }

  Content content_;
  const std::string& where_;
};

}  // namespace

void each_in_tar(std::string_view archive, const std::string& where,
                 const std::function<void(const std::string& name, std::string_view bytes)>& file) {
  TarReader(archive, where).read(file);
}

}  // namespace chronograd
