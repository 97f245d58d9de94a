// SPDX-License-Identifier: Apache-2.0
// Constants of units and forms of cells, from the settings of [model].
#include <algorithm>
#include <cmath>
#include <string>

#include "base/text.hpp"
#include "cells/spiking.hpp"
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

/// Throws Error (usage) for a reset that no published value or reference gradient holds this cell to.
Reset reset_of(const Options& model) {
  const std::string &kind = model.word("reset"), &at = model.word("reset_at");
  if (kind == "threshold")
    throw Error(Exit::usage, "model.reset",
                "got \"threshold\" (a spike takes the raised threshold from v), allowed is subtract or zero: no "
                "published value or reference gradient holds the other. Take subtract, or beta = 0, where it is the "
                "same.");
  if (kind == "zero" && at == "next")
    throw Error(Exit::usage, "model.reset_at",
                "got \"next\" with model.reset = \"zero\", allowed is step: v is 0 before the next step's input, "
                "which is not lost. Write model.reset_at = \"step\".");
  return kind == "zero" ? Reset::zero : at == "step" ? Reset::step : Reset::next;
}

}  // namespace

void update_rates(const CellRecord&, const Options& model, int units, double* alpha) {
  const std::vector<double> rates = rates_of(model, units);
  std::copy(rates.begin(), rates.end(), alpha);
}

void spiking_constants(const CellRecord&, const Options& model, int units, double* constants) {
  const double dt = model.number("dt");
  auto set = [row = constants](const std::vector<double>& values) mutable {
    row = std::copy(values.begin(), values.end(), row);
  };
  const auto decays = [&](const char* key) {
    std::vector<double> values = per_unit(model, key, units);
    for (double& value : values) value = std::exp(-dt / value);
    return values;
  };
  const std::vector<double> decay = decays("tau_m"), threshold = per_unit(model, "v_th", units);
  set(decay);
  set(decays("tau_a"));
  set(per_unit(model, "beta", units));
  set(threshold);
  std::vector<double> zeta = decay, height = threshold, width = threshold, silent = per_unit(model, "n_ref", units);
  for (double& value : zeta) value = model.is_word("zeta") ? 1 - value : model.number("zeta");
  set(zeta);
  for (double& value : height) value = model.number("gamma") / value;
  set(model.has("height") ? per_unit(model, "height", units) : height);
  if (model.has("width")) width = per_unit(model, "width", units);
  for (double& value : width) value = 1 / value;
  set(width);
  for (const double value : silent)
    if (value != std::floor(value))
      throw Error(Exit::usage, "model.n_ref",
                  "got " + number_text(value) + ", allowed are whole numbers of steps, 0 or more.");
  set(silent);
}

int spiking_variant(const Options& model) {
  const std::string words = surrogate_words, &word = model.word("surrogate");
  const auto shape = std::count(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(words.find(word)), '|');
  return static_cast<int>(shape) + reset_form * static_cast<int>(reset_of(model)) +
         (model.word("reset_gradient") == "stop" ? reset_stopped : 0);
}

int activation_variant(const Options& model) {
  return static_cast<int>(activation_of("model.activation", model.word("activation")));
}

}  // namespace chronograd
