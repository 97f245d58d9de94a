// SPDX-License-Identifier: Apache-2.0
#include "files/open_zip.hpp"

namespace chronograd {
namespace {

/// Opens an archive that nobody needs.
bool call_once() {
  zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (source == nullptr) return false;
  zip_t* zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  if (zip != nullptr)
    zip_discard(zip);
  else
    zip_source_free(source);
  return zip != nullptr;
}

}  // namespace

zip_t* open_zip(zip_source_t* source, int flags, zip_error_t* error) {
  static const bool called = call_once();  // others wait here for the first
  static_cast<void>(called);               // without memory the next call fails, too, and says so
  return zip_open_from_source(source, flags, error);
}

}  // namespace chronograd
