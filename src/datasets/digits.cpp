// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_digits;
const DatasetRecord dataset_digits = {
    .entry = {.name = "digits",
              .title = "handwritten digits of 8 x 8 pixels",
              .text = "1797 lines without a header: 64 pixels (0 to 16) row by row, then the digit. data.header = "
                      "false, data.steps = 8 or 64, data.targets = \"65\".",
              .cite = "kaynak1995methods"},
    .licence = "CC BY 4.0",
    .source = "E. Alpaydin, C. Kaynak (UCI Machine Learning Repository); packaged by scikit-learn and Debian",
    .file = "digits.csv.gz",
    .bytes = 57512,
    .sha256 = "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
    .client = DatasetRecord::Client::apt,
    .package = "python3-sklearn",
    .inside = "usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz",
};

}  // namespace chronograd::entries
