// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST read row by row: 28 steps of 28 pixels, ten classes.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

constexpr int side = 28, label_count = 10;

constexpr const char* pixels_suffix = "-images-idx3-ubyte.gz";
constexpr const char* labels_suffix = "-labels-idx1-ubyte.gz";

struct Images {
  Array pixels, labels;
  std::int64_t rows = 0;
};

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
  Images out{read(folder, split + pixels_suffix), read(folder, split + labels_suffix), 0};
  const auto& shape = out.pixels.shape;
  if (shape.size() != 3 || shape[0] == 0 || shape[1] != side || shape[2] != side ||
      out.labels.shape != std::vector<std::size_t>{shape[0]})
    throw Error(Exit::data, folder + ": " + split,
                "got images " + out.pixels.shape_text() + " and labels " + out.labels.shape_text() +
                    ", allowed are (N, 28, 28) and (N) with N >= 1.");
  for (std::size_t i = 0; i < out.labels.u8.size(); ++i)
    if (out.labels.u8[i] >= label_count)
      throw Error(Exit::data, folder + ": " + split,
                  "got the label " + std::to_string(out.labels.u8[i]) + " of image " + std::to_string(i) +
                      ", allowed are 0 ... 9.");
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

class FashionRows final : public Task {
 public:
  explicit FashionRows(const Options& options)
      : every_row_(options.word("loss_at") == "all"),
        folder_(options.word("path")),
        train_(images(folder_, "train", "train_rows", options.integer("train_rows"))),
        test_(images(folder_, "t10k", "test_rows", options.integer("test_rows"))) {}

  int inputs() const override { return side; }
  int outputs() const override { return label_count; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return side; }
  std::int64_t rows(Split split) const override { return of(split).rows; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Images& from = of(split);
    const std::uint8_t* pixels =
        from.pixels.u8.data() + static_cast<std::size_t>(row) * side * side + static_cast<std::size_t>(t) * side;
    const int label = from.labels.u8[static_cast<std::size_t>(row)];
    for (int i = 0; i < steps * side; ++i) out.x[i] = pixels[i] / 255.0;
    std::fill_n(out.y, steps * label_count, 0.0);
    for (int k = 0; k < steps; ++k) {
      out.y[k * label_count + label] = 1;
      out.mask[k] = every_row_ || t + k == side - 1 ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// The cross-entropy of a guess among classes that are equally frequent, in nats.
  std::vector<Reference> references() const override { return {{"chance", std::log(label_count), true}}; }

  std::string summary() const override {
    return "fashion_rows: " + std::to_string(train_.rows) + " + " + std::to_string(test_.rows) +
           " images of Fashion-MNIST (MIT licence), row by row";
  }
  std::vector<std::string> files() const override {
    std::vector<std::string> paths;
    for (const char* split : {"train", "t10k"})
      for (const char* suffix : {pixels_suffix, labels_suffix}) paths.push_back(folder_ + "/" + split + suffix);
    return paths;
  }

 private:
  const Images& of(Split split) const { return split == Split::train ? train_ : test_; }

  bool every_row_;
  std::string folder_;
  Images train_, test_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<FashionRows>(options);
}

constexpr Option options[] = {
    {.key = "path",
     .type = OptionType::word,
     .fallback = "\"/usr/share/datasets/fashion-mnist\"",
     .help = "folder of the four files, as the Debian package dataset-fashion-mnist has them"},
    {.key = "loss_at",
     .type = OptionType::word,
     .fallback = "\"last\"",
     .help = "rows that the class is asked for at",
     .choices = "last|all"},
    {.key = "train_rows",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "images",
     .help = "use the first ones only; 0: all"},
    {.key = "test_rows",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "images",
     .help = "use the first ones only; 0: all"},
};

}  // namespace

extern const TaskRecord task_fashion_rows;
const TaskRecord task_fashion_rows = {
    .entry = {.name = "fashion_rows",
              .title = "Fashion-MNIST read row by row",
              .text = "Real images (60,000 + 10,000), 28 steps of 28 pixels in [0, 1], ten classes asked for at the "
                      "last row; for cross_entropy.",
              .cite = "xiao2017fashion",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
