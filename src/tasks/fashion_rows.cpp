// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST read row by row: 28 steps of 28 pixels, ten classes.
#include <algorithm>

#include "tasks/fashion_files.hpp"

namespace chronograd::entries {
namespace {

class FashionRows final : public Task {
 public:
  explicit FashionRows(const Options& options) : every_row_(options.word("loss_at") == "all"), images_(options) {}

  int inputs() const override { return fashion::side; }
  int outputs() const override { return fashion::classes; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return fashion::side; }
  std::int64_t rows(Split split) const override { return images_.of(split).rows; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const fashion::Images& from = images_.of(split);
    const std::uint8_t* pixels = from.image(row) + t * fashion::side;
    const int label = from.labels[static_cast<std::size_t>(row)];
    for (int i = 0; i < steps * fashion::side; ++i) out.x[i] = pixels[i] / 255.0;
    std::fill_n(out.y, steps * fashion::classes, 0.0);
    for (int k = 0; k < steps; ++k) {
      out.y[k * fashion::classes + label] = 1;
      out.mask[k] = every_row_ || t + k == fashion::side - 1 ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override { return fashion::chance(); }
  std::string summary() const override { return "fashion_rows: " + images_.summary() + ", row by row"; }
  std::vector<std::string> files() const override { return images_.files(); }

 private:
  bool every_row_;
  fashion::Both images_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<FashionRows>(options);
}

constexpr Option options[] = {
    fashion::path_option,
    {.key = "loss_at",
     .type = OptionType::word,
     .fallback = "\"last\"",
     .help = "rows that the class is asked for at",
     .choices = "last|all"},
    fashion::train_rows_option,
    fashion::test_rows_option,
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
