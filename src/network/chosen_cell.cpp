// SPDX-License-Identifier: Apache-2.0
#include "network/chosen_cell.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "chronograd/error.hpp"
#include "chronograd/readout_forms.hpp"
#include "network/rate_settings.hpp"

namespace chronograd {
namespace {

/// kappa = exp(-dt/tau_out) and zeta_out, for a filter of h; false where the readout has none.
bool set_filter(const Options& readout, Options& model) {
  const double tau = readout.has("tau_out") ? readout.number("tau_out") : 0;
  if (tau == 0) {
    if (readout.given("zeta_out"))
      throw Error(Exit::usage, "readout.zeta_out",
                  "got zeta_out without readout.tau_out, allowed is zeta_out with a tau_out above 0: it is the factor "
                  "of h in the filter f' = kappa f + zeta_out h'.");
    return false;
  }
  const double dt = model.has("dt") ? model.number("dt") : 1, kappa = std::exp(-dt / tau);
  const bool leak = !readout.has("zeta_out") || readout.is_word("zeta_out");
  model.set(key_kappa, kappa, false);
  model.set(key_zeta_out, leak ? 1 - kappa : readout.number("zeta_out"), false);
  return true;
}

/// The cell with the constants that model.train names as parameters: today the first one, or none.
const CellRecord* trained(const CellRecord* record, const Options& model) {
  const std::vector<std::string> names = model.has("train") ? model.words("train") : std::vector<std::string>{};
  for (const std::string& name : names) {
    if (record->trained == nullptr)
      throw Error(Exit::usage, "model.train",
                  "got " + name + ", but the cell " + record->entry.name + " has no constants that can learn.");
    if (name != record->constants[0])
      throw Error(Exit::usage, "model.train",
                  "got " + name + ", allowed is " + record->constants[0] + ", the constant of " + record->entry.name +
                      " that can learn.");
  }
  if (names.empty()) return record;
  if (names.size() > 1)
    throw Error(Exit::usage, "model.train", "got " + names[0] + " twice, allowed is each name once.");
  if (model.has("noise") && model.number("noise") > 0)
    throw Error(
        Exit::usage, "model.noise",
        "got noise together with model.train = [\"alpha\"], allowed is noise with fixed rates: its size is made "
        "of alpha.");
  return record->trained;
}

}  // namespace

std::vector<std::string> shared_constants(const Config& config) {
  const Options& model = config.table("model");
  if (!model.has("share")) return {};
  const std::vector<std::string> names = model.words("share"),
                                 learn = model.has("train") ? model.words("train") : std::vector<std::string>{};
  if (names.size() > 1)
    throw Error(Exit::usage, "model.share", "got " + names[0] + " twice, allowed is each name once.");
  for (const std::string& name : names)
    if (std::find(learn.begin(), learn.end(), name) == learn.end())
      throw Error(Exit::usage, "model.share",
                  "got " + name + ", which model.train does not name, allowed are constants that learn.");
  return names;
}

void require_recurrent(const Config& config, const std::string& what) {
  if (config.has("net"))
    throw Error(
        Exit::usage, "net",
        "got a feed-forward net, allowed for " + what +
            " is a recurrent one, [model]. What a net makes of data: chronograd eval RUN --data FILE --out FILE.npz.");
}

ChosenCell chosen_cell(const Config& config) {
  require_recurrent(config, "this");
  Options model = config.table("model");
  const CellRecord& plain = *trained(&find_record<CellRecord>("model.cell", model.word("cell")), model);
  std::shared_ptr<const CellRecord> record = cell_of(plain);
  if (set_filter(config.table("readout"), model)) record = filtered_cell(std::move(record));
  if (config.table("readout").flag("average")) record = averaged_cell(std::move(record));
  if (const RateSettings rates(config); rates.is(RateSettings::Average::filtered)) {
    if (model.has("noise") && model.number("noise") > 0)
      throw Error(
          Exit::usage, "regularise.average",
          "got \"filtered\" with model.noise, allowed is a filtered rate of states without noise. \"running\" goes "
          "with it.");
    record = rated_cell(std::move(record), rates.decay, static_cast<int>(model.integer("hidden")));
  }
  return {std::move(record), std::move(model)};
}

}  // namespace chronograd
