// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST, an image a step: 784 pixels, ten classes.
#include <algorithm>
#include <numeric>

#include "chronograd/random.hpp"
#include "tasks/fashion_files.hpp"

namespace chronograd::entries {
namespace {

using fashion::side;

constexpr int pixels = side * side;
// Of the pixels of the 60,000 training images, in [0, 1].
constexpr double pixel_mean = 0.2860, pixel_deviation = 0.3530;

/// What is done to an image: moved by (down, right) pixels, then mirrored.
struct Change {
  int down = 0, right = 0;
  bool mirrored = false;
};

class FashionImages final : public Task {
 public:
  FashionImages(const Options& options, std::uint64_t seed)
      : jitter_(static_cast<int>(options.integer("jitter"))),
        flip_(options.flag("flip")),
        mean_(options.flag("standardize") ? pixel_mean : 0),
        deviation_(options.flag("standardize") ? pixel_deviation : 1),
        seed_(seed),
        images_(options) {}

  int inputs() const override { return pixels; }
  int outputs() const override { return fashion::classes; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return 1; }
  std::int64_t rows(Split split) const override {
    return split == Split::train && changes() ? 0 : images_.of(split).rows;
  }

  void read(Split split, std::int64_t row, std::int64_t, int, const Steps& out) const override {
    const fashion::Images& from = images_.of(split);
    std::int64_t index = row;
    Change change;
    if (split == Split::train && changes()) {
      index = image_of(row);
      change = change_of(row);
    }
    const std::uint8_t* image = from.image(index);
    for (int i = 0; i < side; ++i)
      for (int j = 0; j < side; ++j) {
        const int y = i - change.down, x = (change.mirrored ? side - 1 - j : j) - change.right;
        const bool inside = y >= 0 && y < side && x >= 0 && x < side;
        const double pixel = inside ? image[y * side + x] / 255.0 : 0;
        out.x[i * side + j] = (pixel - mean_) / deviation_;
      }
    std::fill_n(out.y, fashion::classes, 0.0);
    out.y[from.labels[static_cast<std::size_t>(index)]] = 1;
    out.mask[0] = 1;
    out.reset[0] = 0;
  }

  std::vector<Reference> references() const override { return fashion::chance(); }
  std::string summary() const override {
    std::string text = "fashion_images: " + images_.summary();
    if (jitter_ > 0) text += ", moved by up to " + std::to_string(jitter_) + " pixels";
    return text + (flip_ ? ", half of them mirrored" : "");
  }
  std::vector<std::string> files() const override { return images_.files(); }

 private:
  bool changes() const { return jitter_ > 0 || flip_; }

  /// Of N rows one after another each has another image: number p of pass e has image (a p + b) mod N, a without a
  /// divisor in common with N, both drawn for the pass.
  std::int64_t image_of(std::int64_t row) const {
    const std::int64_t N = images_.train.rows, pass = row / N;
    Random random(seed_, Draw::data, static_cast<std::uint64_t>(pass), 1);
    const auto b = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(N)));
    std::int64_t a = 1;
    do a = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(N)));
    while (std::gcd(a, N) != 1);
    return (a * (row % N) + b) % N;
  }

  Change change_of(std::int64_t row) const {
    Random random(seed_, Draw::data, static_cast<std::uint64_t>(row), 2);
    const auto shift = [&] {
      return static_cast<int>(random.below(static_cast<std::uint64_t>(2 * jitter_ + 1))) - jitter_;
    };
    Change change;
    change.down = shift();
    change.right = shift();
    change.mirrored = flip_ && random.below(2) == 1;
    return change;
  }

  int jitter_;
  bool flip_;
  double mean_, deviation_;  ///< inputs are (pixel - mean) / deviation
  std::uint64_t seed_;
  fashion::Both images_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<FashionImages>(options, seed);
}

constexpr Option options[] = {
    fashion::path_option,
    fashion::train_rows_option,
    fashion::test_rows_option,
    {.key = "jitter",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 27,
     .unit = "pixels",
     .help =
         "training images are moved by up to so many, anew in every pass; what is left free is 0. With it, or flip, "
         "training rows have no fixed number: train.updates says how long a run is"},
    {.key = "flip",
     .type = OptionType::flag,
     .fallback = "false",
     .help = "half of the training images, other ones in every pass, are mirrored"},
    {.key = "standardize",
     .type = OptionType::flag,
     .fallback = "false",
     .help = "less the mean of all training pixels (0.2860), over their deviation (0.3530); what is left free by "
             "jitter is a black pixel"},
};

}  // namespace

extern const TaskRecord task_fashion_images;
const TaskRecord task_fashion_images = {
    .entry = {.name = "fashion_images",
              .title = "Fashion-MNIST, an image a step",
              .text = "Real images (60,000 + 10,000) of 784 pixels in [0, 1] unless standardised, ten classes; for "
                      "cross_entropy, and for feed-forward nets ([net]), which take a step for a sample.",
              .cite = "xiao2017fashion",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
