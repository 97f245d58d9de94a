// SPDX-License-Identifier: Apache-2.0
// Constants of units and forms of cells, from the settings of [model].
#include <algorithm>
#include <string>

#include "chronograd/cell.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

/// One value a unit, from one number or a list of d.
std::vector<double> per_unit(const Options& model, const char* key, int units) {
  std::vector<double> values = model.numbers(key);
  if (values.size() == 1) values.assign(static_cast<std::size_t>(units), values[0]);
  if (values.size() != static_cast<std::size_t>(units))
    throw Error(Exit::usage, std::string("model.") + key,
                "got a list of " + std::to_string(values.size()) +
                    " numbers, allowed is one number or a list of model.hidden = " + std::to_string(units) + ".");
  return values;
}

/// alpha of every unit, from `alpha` or from `dt` and `tau`.
std::vector<double> rates_of(const Options& model, int units) {
  if (model.has("alpha")) {
    for (const char* other : {"tau", "dt"})
      if (model.given(other) && !(model.has(key_kappa) && other == std::string("dt")))
        throw Error(Exit::usage, "model.alpha",
                    std::string("got both alpha and ") + other + ", allowed is alpha, or dt and tau (alpha = dt/tau).");
    return per_unit(model, "alpha", units);
  }
  if (!model.has("tau")) {
    if (model.given("dt") && !model.has(key_kappa))
      throw Error(Exit::usage, "model.dt",
                  "got dt without tau, allowed is alpha, or dt and tau (alpha = dt/tau), or dt with "
                  "readout.tau_out.");
    return std::vector<double>(static_cast<std::size_t>(units), 1.0);
  }
  std::vector<double> rates = per_unit(model, "tau", units);
  const double dt = model.has("dt") ? model.number("dt") : 1;
  for (double& rate : rates) {
    if (rate < dt)
      throw Error(Exit::usage, "model.tau",
                  "got tau = " + std::to_string(rate) + " with dt = " + std::to_string(dt) +
                      ", allowed is tau >= dt (alpha = dt/tau <= 1).");
    rate = dt / rate;
  }
  return rates;
}

}  // namespace

void update_rates(const CellRecord&, const Options& model, int units, double* alpha) {
  const std::vector<double> rates = rates_of(model, units);
  std::copy(rates.begin(), rates.end(), alpha);
}

int activation_variant(const Options& model) {
  return static_cast<int>(activation_of("model.activation", model.word("activation")));
}

}  // namespace chronograd
