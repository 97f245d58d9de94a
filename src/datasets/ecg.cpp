// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_ecg;
const DatasetRecord dataset_ecg = {
    .entry = {.name = "ecg",
              .title = "five minutes of an electrocardiogram",
              .text = "One array ecg of 108,000 samples at 360 Hz, MIT-BIH record 208, lead MLII; millivolts = (value "
                      "- 1024) / 200. data.inputs = \"ecg\", data.predict = 1, data.standardize = \"all\".",
              .cite = "moody2001impact"},
    .licence = "ODC-By 1.0",
    .source = "MIT-BIH Arrhythmia Database, PhysioNet; packaged by SciPy and Debian",
    .file = "ecg.npz",
    .bytes = 119035,
    .sha256 = "f20ad3365fb9b7f845d0e5c48b6fe67081377ee466c3a220b7f69f35c8958baf",
    .client = DatasetRecord::Client::apt,
    .package = "python3-scipy",
    .inside = "usr/lib/python3/dist-packages/scipy/misc/ecg.dat",
};

}  // namespace chronograd::entries
