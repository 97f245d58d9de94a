// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zip.h>

namespace chronograd {

/// zip_open_from_source() for any thread. libzip 1.7 notes on its first call, without a lock, what it asks of a source;
/// a thread that calls meanwhile is told that its archive is read-only.
zip_t* open_zip(zip_source_t* source, int flags, zip_error_t* error);

}  // namespace chronograd
