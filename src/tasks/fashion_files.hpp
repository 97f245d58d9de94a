// SPDX-License-Identifier: Apache-2.0
// The files of Fashion-MNIST, as its tasks read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/task.hpp"

namespace chronograd::fashion {

constexpr int side = 28, classes = 10;

/// Images and labels of a split, those that a task uses.
struct Images {
  Array pixels;                      ///< (rows, 28, 28), bytes
  std::vector<std::uint8_t> labels;  ///< [rows]
  std::int64_t rows = 0;

  const std::uint8_t* image(std::int64_t row) const {
    return pixels.u8.data() + static_cast<std::size_t>(row) * side * side;
  }
};

/// Both splits, from the settings of `options`.
struct Both {
  explicit Both(const Options& settings);
  const Images& of(Split split) const { return split == Split::train ? train : test; }
  /// The files, for the record of a run.
  std::vector<std::string> files() const;
  /// `60000 + 10000 images of Fashion-MNIST (MIT licence)`
  std::string summary() const;

  std::string folder;
  Images train, test;
};

/// The cross-entropy of a guess among classes that are equally frequent, in nats.
std::vector<Reference> chance();

constexpr Option path_option = {
    .key = "path",
    .type = OptionType::word,
    .fallback = "\"/usr/share/datasets/fashion-mnist\"",
    .help = "folder of the four files, as the Debian package dataset-fashion-mnist has them"};

constexpr Option rows_option(const char* key) {
  return {.key = key,
          .type = OptionType::integer,
          .fallback = "0",
          .low = 0,
          .high = 1e9,
          .unit = "images",
          .help = "use the first ones only; 0: all"};
}
constexpr Option train_rows_option = rows_option("train_rows"), test_rows_option = rows_option("test_rows");

}  // namespace chronograd::fashion
