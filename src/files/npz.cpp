// SPDX-License-Identifier: Apache-2.0
#include "files/npz.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include "base/set_up.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "files/input_file.hpp"
#include "files/npy.hpp"
#include "files/open_zip.hpp"

namespace chronograd {
namespace {

constexpr const char* corrupt_hint = " The file is truncated, corrupt or no .npz file; write or copy it again.";

struct DiscardZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
using Zip = std::unique_ptr<zip_t, DiscardZip>;

struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Member = std::unique_ptr<zip_file_t, CloseMember>;

/// A member's name on one line, short enough for a message.
std::string printable(const std::string& name) {
  const std::string text = quoted(name);
  return text.substr(1, text.size() - 2);
}

/// The members of an open archive.
class Members {
 public:
  Members(Zip zip, std::string where) : zip_(std::move(zip)), where_(std::move(where)) {
    const zip_int64_t count = zip_get_num_entries(zip_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) names_.push_back(name_of(static_cast<zip_uint64_t>(i)));
    std::vector<std::string> sorted = names_;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end())
      throw Error(Exit::data, where_,
                  "got two arrays with the name " + quoted(*twice) + ", allowed is one." + corrupt_hint);
  }

  const std::vector<std::string>& names() const { return names_; }

  /// The array of a member. One without numbers has a refusal.
  Array read(std::size_t index) const {
    const std::string where = where_ + ": " + printable(names_[index]);
    const zip_uint64_t claim = size_of(index, where);
    const Member member(zip_fopen_index(zip_.get(), index, 0));
    if (!member) refuse(where, zip_strerror(zip_.get()));
    std::string bytes;
    extend(bytes, std::min<zip_uint64_t>(claim, longest_npy_header), member.get(), claim, where);
    Array other;
    if (!has_suffix_[index] && !has_npy_magic(bytes)) {
      other.refusal = "got a member that is no array, allowed are arrays of numbers. Write them with numpy.savez.";
      return other;
    }
    const NpyHeader header = read_npy_header(bytes, where);
    if (!header.is_number()) {
      other.refusal = header.refusal;
      return other;
    }
    check_npy_size(header, claim, where);  // before the rest is read: it may be anything but small
    extend(bytes, claim, member.get(), claim, where);
    check_end(member.get(), claim, where);
    return parse_npy(bytes, where);
  }

 private:
  [[noreturn]] static void refuse(const std::string& where, const std::string& got) {
    throw Error(Exit::data, where, "got '" + got + "', allowed is a member that can be read." + corrupt_hint);
  }

  std::string name_of(zip_uint64_t index) {
    const char* raw = zip_get_name(zip_.get(), index, 0);
    if (raw == nullptr) refuse(where_, zip_strerror(zip_.get()));
    std::string name = raw;
    constexpr std::string_view suffix = ".npy";
    const bool found =
        name.size() >= suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
    has_suffix_.push_back(found);
    if (found) name.resize(name.size() - suffix.size());
    if (name.empty())
      throw Error(Exit::data, where_,
                  "got an array without a name, allowed are arrays with one. Use numpy.savez(x=...).");
    return name;
  }

  zip_uint64_t size_of(std::size_t index, const std::string& where) const {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(zip_.get(), index, 0, &status) != 0) refuse(where, zip_strerror(zip_.get()));
    if ((status.valid & ZIP_STAT_SIZE) == 0) refuse(where, "no size");
    return status.size;
  }

  /// Reads on until there are `size` bytes. Memory grows with what is really there, never with the claim.
  static void extend(std::string& bytes, zip_uint64_t size, zip_file_t* member, zip_uint64_t claim,
                     const std::string& where) {
    constexpr zip_uint64_t block = zip_uint64_t{1} << 20U;
    while (bytes.size() < size) {
      const std::size_t before = bytes.size();
      set_up_progress("reading", where, static_cast<double>(before) / static_cast<double>(claim));
      const zip_uint64_t wanted = std::min(size - before, block);
      bytes.resize(before + wanted);
      const zip_int64_t got = zip_fread(member, bytes.data() + before, wanted);
      if (got < 0) refuse(where, zip_file_strerror(member));
      bytes.resize(before + static_cast<std::size_t>(got));
      if (got == 0)
        throw Error(Exit::data, where,
                    "got " + std::to_string(before) + " bytes where the archive claims " + std::to_string(claim) +
                        ", allowed are as many as claimed." + corrupt_hint);
    }
  }

  /// Nothing may follow what the archive claims. libzip compares the checksum when it meets the end, so here.
  static void check_end(zip_file_t* member, zip_uint64_t claim, const std::string& where) {
    char extra = 0;
    const zip_int64_t got = zip_fread(member, &extra, 1);
    if (got < 0) refuse(where, zip_file_strerror(member));
    if (got > 0)
      throw Error(Exit::data, where,
                  "got more than the " + std::to_string(claim) +
                      " bytes that the archive claims, allowed are as many as claimed." + corrupt_hint);
  }

  Zip zip_;
  std::string where_;
  std::vector<std::string> names_;
  std::vector<bool> has_suffix_;
};

[[noreturn]] void refuse_archive(const std::string& where, zip_error_t* error) {
  const std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  throw Error(Exit::data, where, "got '" + text + "', allowed is a .npz file (a zip archive)." + corrupt_hint);
}

/// libzip takes no bytes at all for an archive without members, which would hide a copy that failed.
void refuse_empty(bool empty, const std::string& where) {
  if (empty) throw Error(Exit::data, where, std::string("got an empty file, allowed is a .npz file.") + corrupt_hint);
}

/// Opens the archive in `source` and takes it over.
Members open_source(zip_source_t* source, zip_error_t* error, const std::string& where) {
  if (source == nullptr) refuse_archive(where, error);
  Zip zip(open_zip(source, ZIP_RDONLY | ZIP_CHECKCONS, error));
  if (!zip) {
    zip_source_free(source);
    refuse_archive(where, error);
  }
  zip_error_fini(error);
  return {std::move(zip), where};
}

Members open_path(const std::string& path) {
  InputFile file = open_input(path);
  const bool empty = std::fgetc(file.get()) == EOF;
  std::rewind(file.get());
  refuse_empty(empty, path);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_filep_create(file.get(), 0, -1, &error);
  if (source != nullptr) static_cast<void>(file.release());  // the source closes it
  return open_source(source, &error, path);
}

Arrays read_all(const Members& archive, std::vector<std::string>* skipped) {
  Arrays arrays;
  if (skipped != nullptr) skipped->clear();
  for (std::size_t i = 0; i < archive.names().size(); ++i) {
    Array array = archive.read(i);
    if (array.refusal.empty())
      arrays.emplace(archive.names()[i], std::move(array));
    else if (skipped != nullptr)
      skipped->push_back(archive.names()[i]);
  }
  return arrays;
}

}  // namespace

Arrays read_npz(const std::string& path, std::vector<std::string>* skipped) {
  return read_all(open_path(path), skipped);
}

Arrays parse_npz(std::string_view bytes, const std::string& where, std::vector<std::string>* skipped) {
  refuse_empty(bytes.empty(), where);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  return read_all(open_source(source, &error, where), skipped);
}

Arrays read_arrays(const std::string& path) {
  const Members archive = open_path(path);
  Arrays arrays;
  for (std::size_t i = 0; i < archive.names().size(); ++i) arrays.emplace(archive.names()[i], archive.read(i));
  return arrays;
}

std::vector<std::string> npz_names(const std::string& path) {
  return open_path(path).names();
}

Array read_npz_array(const std::string& path, const std::string& name) {
  const Members archive = open_path(path);
  const auto& names = archive.names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error(Exit::data, path,
                "got no array " + quoted(name) + ", the file has: " + (names.empty() ? "none" : joined(names)) + ".");
  Array array = archive.read(static_cast<std::size_t>(found - names.begin()));
  if (!array.refusal.empty()) throw Error(Exit::data, path + ": " + printable(name), array.refusal);
  return array;
}

}  // namespace chronograd
