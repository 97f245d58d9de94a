// SPDX-License-Identifier: Apache-2.0
// Files of another version of the program.
#pragma once

#include <string>

#include "chronograd/error.hpp"
#include "chronograd/version.hpp"
#include "config/raw.hpp"

namespace chronograd {

/// Refuses settings whose `version` is newer than this program: before what it does not know in them, because that
/// they are newer explains it. Throws Error (usage).
void require_known_version(const Settings& settings);

/// What `read` returns. Where it throws an Error about a record that another version wrote, the message names both;
/// `written_by` is "" where that is not known.
template <class Read>
auto naming_versions(const std::string& written_by, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (written_by.empty() || written_by == version()) throw;
    throw error.with("It was written by chronograd " + written_by + ", this is chronograd " + version() + ".");
  }
}

}  // namespace chronograd
