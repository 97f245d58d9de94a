// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <list>
#include <memory>

#include "base/text.hpp"
#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "files/atomic_file.hpp"
#include "files/npy.hpp"
#include "files/open_zip.hpp"

namespace chronograd {
namespace {

/// libzip's archive in memory; every failure names the path.
class ZipInMemory {
 public:
  explicit ZipInMemory(const std::string& path) : path_(path) {
    zip_error_init(&error_);
    store_ = zip_source_buffer_create(nullptr, 0, 0, &error_);
    if (store_ != nullptr) zip_ = open_zip(store_, ZIP_CREATE | ZIP_TRUNCATE, &error_);
    if (zip_ == nullptr) {
      const std::string text = zip_error_strerror(&error_);
      release();
      refuse(text);
    }
    zip_source_keep(store_);  // zip_close gives up its hold, and the bytes are still needed
  }
  ~ZipInMemory() {
    if (zip_ != nullptr) zip_discard(zip_);
    release();
  }
  ZipInMemory(const ZipInMemory&) = delete;
  ZipInMemory& operator=(const ZipInMemory&) = delete;

  /// Adds a stored member made of two pieces, which must stay where they are until write_to().
  void add(const std::string& name, std::string_view first, std::string_view second) {
    std::array<zip_buffer_fragment_t, 2> pieces{};
    pieces[0] = {bytes_of(first), first.size()};
    pieces[1] = {bytes_of(second), second.size()};
    zip_source_t* source = zip_source_buffer_fragment(zip_, pieces.data(), pieces.size(), 0);
    if (source == nullptr) refuse(zip_strerror(zip_));
    const zip_int64_t index = zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      refuse(std::string(zip_strerror(zip_)) + " for the array " + quoted(name));
    }
    const auto member = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t midnight = 0, first_day = 0x21;  // 1980-01-01: the same arrays always give the same bytes
    if (zip_set_file_compression(zip_, member, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip_, member, midnight, first_day, 0) != 0)
      refuse(zip_strerror(zip_));
  }

  void write_to(AtomicFile& file) {
    if (zip_close(zip_) != 0) refuse(zip_strerror(zip_));
    zip_ = nullptr;
    if (zip_source_open(store_) != 0) refuse(zip_error_strerror(zip_source_error(store_)));
    std::string block(std::size_t{1} << 20U, '\0');
    for (;;) {
      const zip_int64_t got = zip_source_read(store_, block.data(), block.size());
      if (got < 0) refuse(zip_error_strerror(zip_source_error(store_)));
      if (got == 0) break;
      file.write(std::string_view(block.data(), static_cast<std::size_t>(got)));
    }
    zip_source_close(store_);
  }

 private:
  static zip_uint8_t* bytes_of(std::string_view piece) {
    // libzip only reads the pieces, though its type does not say so.
    return static_cast<zip_uint8_t*>(static_cast<void*>(const_cast<char*>(piece.data())));
  }

  [[noreturn]] void refuse(const std::string& got) const {
    throw Error(Exit::data, path_, "got '" + got + "' on making the archive. Nothing was changed.");
  }

  void release() {
    if (store_ != nullptr) zip_source_free(store_);
    zip_error_fini(&error_);
  }

  const std::string& path_;
  zip_error_t error_{};
  zip_source_t* store_ = nullptr;
  zip_t* zip_ = nullptr;
};

}  // namespace

void write_npz(const std::string& path, const Arrays& arrays) {
  AtomicFile file(path);
  if (arrays.empty()) {  // libzip makes no file without members; this is the end record of an archive that has none
    file.write(std::string_view("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22));
    file.commit();
    return;
  }
  std::list<std::string> headers;
  ZipInMemory zip(path);
  for (const auto& [name, array] : arrays) {
    if (name.empty() || name.find('\0') != std::string::npos)
      throw Error(Exit::data, path, "got an array named " + quoted(name) + ", allowed is a name without NUL bytes.");
    headers.push_back(npy_header_of(array, path + ": " + name));
    zip.add(name + ".npy", headers.back(), npy_elements_of(array));
  }
  zip.write_to(file);
  file.commit();
}

}  // namespace chronograd
