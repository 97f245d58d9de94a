// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_digits;
const DatasetRecord dataset_digits = {
    {"digits",
     "handwritten digits of 8 x 8 pixels",
     "1797 lines without a header: 64 pixels (0 to 16) row by row, then the digit. data.header = false, data.steps = 8 "
     "or 64, data.targets = \"65\".",
     "kaynak1995methods",
     {}},
    "CC BY 4.0",
    "E. Alpaydin, C. Kaynak (UCI Machine Learning Repository); packaged by scikit-learn and Debian",
    "digits.csv.gz",
    57512,
    "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
    DatasetRecord::Client::apt,
    "python3-sklearn",
    "usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"};

}  // namespace chronograd::entries
