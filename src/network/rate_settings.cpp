// SPDX-License-Identifier: Apache-2.0
#include "network/rate_settings.hpp"

#include <cmath>
#include <string>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

RateSettings::Average average_of(const std::string& word) {
  if (word == "batch") return RateSettings::Average::batch;
  if (word == "running") return RateSettings::Average::running;
  if (word == "filtered") return RateSettings::Average::filtered;
  return RateSettings::Average::trial;
}

}  // namespace

RateSettings::RateSettings(const Config& config) {
  const Options &settings = config.table("regularise"), &model = config.table("model");
  if (settings.has("rate_cost")) cost = settings.number("rate_cost");
  if (!on()) return;
  const std::string word = settings.has("average") ? settings.word("average") : "trial";
  average = average_of(word);
  if (!settings.has("rate_target"))
    throw Error(Exit::usage, "regularise.rate_target",
                "is missing beside regularise.rate_cost. Give the rate that units are to have, in spikes a step: 0.01 "
                "is 10 Hz at steps of 1 ms.");
  target = settings.number("rate_target");
  if (by_row() && config.table("update").integer("every") != 0)
    throw Error(
        Exit::usage, "regularise.average",
        "got \"" + word + "\" with update.every = " + std::to_string(config.table("update").integer("every")) +
            R"(, allowed is update.every = "trial": weights stay as they are until the rate of a row is known. )"
            R"("running" and "filtered" go with any interval.)");
  if (by_row()) {
    if (settings.has("rate_tau"))
      throw Error(Exit::usage, "regularise.rate_tau",
                  "got a time constant with regularise.average = \"" + word +
                      "\", allowed is one with \"running\" or \"filtered\".");
    return;
  }
  if (!settings.has("rate_tau"))
    throw Error(Exit::usage, "regularise.rate_tau",
                "is missing beside regularise.average = \"" + word + "\": the time constant of the average, in ms.");
  const double dt = model.has("dt") ? model.number("dt") : 1;
  decay = std::exp(-dt / settings.number("rate_tau"));
}

}  // namespace chronograd
