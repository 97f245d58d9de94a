// SPDX-License-Identifier: Apache-2.0
#include "tasks/fashion_files.hpp"

#include <cmath>
#include <filesystem>
#include <system_error>

#include "chronograd/error.hpp"

namespace chronograd::fashion {
namespace {

constexpr const char* pixels_suffix = "-images-idx3-ubyte.gz";
constexpr const char* labels_suffix = "-labels-idx1-ubyte.gz";

Array read(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    throw Error(Exit::data, path,
                "there is no such file in " + folder +
                    ". The Debian package dataset-fashion-mnist installs it; task.path names another folder.");
  return read_idx(path);
}

Images images(const std::string& folder, const std::string& split, const char* key, std::int64_t limit) {
  Images out{read(folder, split + pixels_suffix), {}, 0};
  const Array labels = read(folder, split + labels_suffix);
  const auto& shape = out.pixels.shape;
  if (shape.size() != 3 || shape[0] == 0 || shape[1] != side || shape[2] != side ||
      labels.shape != std::vector<std::size_t>{shape[0]})
    throw Error(Exit::data, folder + ": " + split,
                "got images " + out.pixels.shape_text() + " and labels " + labels.shape_text() +
                    ", allowed are (N, 28, 28) and (N) with N >= 1.");
  for (std::size_t i = 0; i < labels.u8.size(); ++i)
    if (labels.u8[i] >= classes)
      throw Error(Exit::data, folder + ": " + split,
                  "got the label " + std::to_string(labels.u8[i]) + " of image " + std::to_string(i) +
                      ", allowed are 0 ... 9.");
  out.labels.assign(labels.u8.begin(), labels.u8.end());
  out.rows = static_cast<std::int64_t>(shape[0]);
  if (limit > out.rows)
    throw Error(Exit::usage, std::string("task.") + key,
                "got " + std::to_string(limit) + ", allowed is 0 (all) ... " + std::to_string(out.rows) + ".");
  if (limit > 0 && limit < out.rows) {
    out.rows = limit;
    out.pixels.u8.resize(static_cast<std::size_t>(limit) * side * side);
    out.pixels.u8.shrink_to_fit();
  }
  return out;
}

}  // namespace

Both::Both(const Options& settings)
    : folder(settings.word("path")),
      train(images(folder, "train", "train_rows", settings.integer("train_rows"))),
      test(images(folder, "t10k", "test_rows", settings.integer("test_rows"))) {}

std::vector<std::string> Both::files() const {
  std::vector<std::string> paths;
  for (const char* split : {"train", "t10k"})
    for (const char* suffix : {pixels_suffix, labels_suffix}) paths.push_back(folder + "/" + split + suffix);
  return paths;
}

std::string Both::summary() const {
  return std::to_string(train.rows) + " + " + std::to_string(test.rows) + " images of Fashion-MNIST (MIT licence)";
}

std::vector<Reference> chance() {
  return {{"chance", std::log(classes), true}};
}

}  // namespace chronograd::fashion
