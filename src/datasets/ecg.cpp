// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_ecg;
const DatasetRecord dataset_ecg = {
    {"ecg",
     "five minutes of an electrocardiogram",
     "One array ecg of 108,000 samples at 360 Hz, MIT-BIH record 208, lead MLII; millivolts = (value - 1024) / 200. "
     "data.inputs = \"ecg\", data.predict = 1, data.standardize = \"all\".",
     "moody2001impact",
     {}},
    "ODC-By 1.0",
    "MIT-BIH Arrhythmia Database, PhysioNet; packaged by SciPy and Debian",
    "ecg.npz",
    119035,
    "f20ad3365fb9b7f845d0e5c48b6fe67081377ee466c3a220b7f69f35c8958baf",
    DatasetRecord::Client::apt,
    "python3-scipy",
    "usr/lib/python3/dist-packages/scipy/misc/ecg.dat"};

}  // namespace chronograd::entries
