// SPDX-License-Identifier: Apache-2.0
// IDX images with labels, as MNIST and its successors have them: an image is a row, read by its lines or its pixels.
#include <algorithm>
#include <cmath>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"

namespace chronograd::entries {
namespace {

/// Bytes as in the file: as doubles they would take eight times the room.
struct Images {
  Array pixels, labels;
  std::size_t rows = 0;
};

Images read_images(const std::string& pixels, const std::string& labels) {
  Images images{read_idx(pixels), read_idx(labels), 0};
  const auto& shape = images.pixels.shape;
  if ((shape.size() != 2 && shape.size() != 3) || images.pixels.u8.empty())
    throw Error(Exit::data, pixels,
                "got shape " + images.pixels.shape_text() +
                    ", allowed is (N, height, width), or (N, T) for series, with N >= 1.");
  if (images.labels.shape != std::vector<std::size_t>{shape[0]})
    throw Error(Exit::data, labels,
                "got shape " + images.labels.shape_text() + ", allowed is (" + std::to_string(shape[0]) +
                    ",): a label for each image of " + pixels + ".");
  images.rows = shape[0];
  return images;
}

class IdxTask final : public Task {
 public:
  /// `inputs`: pixels of a step.
  IdxTask(Images train, Images test, int classes, std::size_t inputs, bool every_step, std::vector<std::string> files)
      : train_(std::move(train)),
        test_(std::move(test)),
        classes_(static_cast<std::size_t>(classes)),
        inputs_(inputs),
        every_step_(every_step),
        files_(std::move(files)) {}

  int inputs() const override { return static_cast<int>(inputs_); }
  int outputs() const override { return static_cast<int>(classes_); }
  bool classes() const override { return true; }
  std::int64_t length(Split split) const override { return static_cast<std::int64_t>(steps_of(of(split))); }
  std::int64_t rows(Split split) const override {
    const std::size_t count = of(split).rows;
    return count > 0 ? static_cast<std::int64_t>(count) : -1;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Images& from = of(split);
    const auto index = static_cast<std::size_t>(row), first = static_cast<std::size_t>(t),
               count = static_cast<std::size_t>(steps);
    const std::size_t length = steps_of(from);
    const std::uint8_t* pixels = from.pixels.u8.data() + (index * length + first) * inputs_;
    for (std::size_t i = 0; i < count * inputs_; ++i) out.x[i] = pixels[i] / 255.0;
    std::fill_n(out.y, count * classes_, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      out.y[k * classes_ + from.labels.u8[index]] = 1;
      out.mask[k] = every_step_ || first + k + 1 == length ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override {
    return {{"chance", std::log(static_cast<double>(classes_)), true}};
  }

  std::string summary() const override {
    std::string text = files_[0] + ": " + std::to_string(train_.rows) + " images, " + std::to_string(steps_of(train_)) +
                       " steps of " + std::to_string(inputs_) + ", " + std::to_string(classes_) + " classes";
    return test_.rows > 0 ? text + "; tested on " + std::to_string(test_.rows) : text;
  }
  std::vector<std::string> files() const override { return files_; }

 private:
  const Images& of(Split split) const { return split == Split::train ? train_ : test_; }
  std::size_t steps_of(const Images& images) const {
    return images.rows > 0 ? images.pixels.u8.size() / images.rows / inputs_ : 0;
  }

  Images train_, test_;
  std::size_t classes_, inputs_;
  bool every_step_;
  std::vector<std::string> files_;
};

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>*) {
  if (!needs.classes_allowed)
    throw Error(Exit::usage, "loss.name",
                "got " + needs.loss + " with labels, which are classes; allowed is cross_entropy.");
  if (data.has("test") != data.has("test_labels"))
    throw Error(Exit::usage, data.has("test") ? "data.test_labels" : "data.test",
                "is missing: images and labels go together.");
  std::vector<std::string> files = {data.word("train"), data.word("labels")};
  Images train = read_images(files[0], files[1]), test;
  if (data.has("test")) {
    files.insert(files.end(), {data.word("test"), data.word("test_labels")});
    test = read_images(files[2], files[3]);
    const auto &shape = test.pixels.shape, &beside = train.pixels.shape;  // (N, T) or (N, height, width)
    if (shape.size() != beside.size() || (shape.size() == 3 && shape[2] != beside[2]))
      throw Error(Exit::data, files[2],
                  "got shape " + test.pixels.shape_text() + " beside " + train.pixels.shape_text() + " in " + files[0] +
                      ", allowed are images of the same width, or series in both.");
  }
  int classes = needs.outputs;  // those of training where they are not known
  for (const auto& [part, file] : {std::pair{&train, files[1]}, {&test, files.back()}}) {
    if (part->rows == 0) continue;
    const int largest = *std::max_element(part->labels.u8.begin(), part->labels.u8.end());
    if (classes > 0 && largest >= classes)
      throw Error(Exit::data, file,
                  "got the label " + std::to_string(largest) + ", allowed are 0 ... " + std::to_string(classes - 1) +
                      ", the classes of " + (needs.outputs > 0 ? needs.known_from : files[1]) + ".");
    classes = std::max(classes, largest + 1);
  }
  const std::string as = data.has("read") ? data.word("read") : needs.samples ? "image" : "rows";
  const std::size_t pixels = train.pixels.u8.size() / train.rows,
                    lines = train.pixels.shape.size() == 3 ? train.pixels.shape[1] : pixels;
  if (as == "image" && test.rows > 0 && test.pixels.u8.size() / test.rows != pixels)
    throw Error(Exit::data, files[2],
                "got shape " + test.pixels.shape_text() + " beside " + train.pixels.shape_text() + " in " + files[0] +
                    ", allowed are images of the same size where a step is an image.");
  return std::make_unique<IdxTask>(std::move(train), std::move(test), classes,
                                   as == "image"  ? pixels
                                   : as == "rows" ? pixels / lines
                                                  : 1,
                                   data.word("loss_at") == "all", std::move(files));
}

constexpr Option options[] = {
    {.key = "labels",
     .type = OptionType::word,
     .help = "IDX file of the labels that go with data.train",
     .required = true},
    {.key = "test_labels", .type = OptionType::word, .help = "IDX file of the labels that go with data.test"},
    {.key = "validation_labels",
     .type = OptionType::word,
     .help = "those that go with data.validation, where it is a file"},
    {.key = "read",
     .type = OptionType::word,
     .help = "a step is a line of the image, one pixel after the other, or the whole image. Absent: rows; for a "
             "feed-forward net ([net]) image",
     .choices = "rows|pixels|image"},
    {.key = "loss_at",
     .type = OptionType::word,
     .fallback = "\"last\"",
     .help = "steps that the class is asked for at",
     .choices = "last|all"},
};

}  // namespace

extern const FormatRecord format_idx;
const FormatRecord format_idx = {
    .entry = {.name = "idx",
              .title = "images with labels, as MNIST has them",
              .text = "Unsigned bytes, plain or gzipped: images (N, height, width) or series (N, T), labels (N). "
                      "Inputs are in [0, 1]; for cross_entropy.",
              .options = options},
    .endings = "-ubyte|-ubyte.gz|.idx|.idx.gz",
    .make = make,
};

}  // namespace chronograd::entries
