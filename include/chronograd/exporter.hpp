// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"

namespace chronograd {

/// A kind of file for other programs, made of what a run recorded.
struct CHRONOGRAD_API ExporterRecord {
  Entry entry;
  const char* file;  ///< its name in the folder of the run, where the user gives none
  /// The bytes of the file, from the run in the folder `run` (docs/run-directory.md). Remarks go to `observer`. Throws
  /// Error (data) for a folder that lacks what is needed, Error (usage) for a network that the file cannot hold.
  std::string (*make)(const ExporterRecord& record, const std::string& run, Observer& observer);
};

template <>
CHRONOGRAD_API std::span<const ExporterRecord* const> catalogue<ExporterRecord>();

}  // namespace chronograd
