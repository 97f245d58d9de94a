// SPDX-License-Identifier: Apache-2.0
// Random small problems for oracles and tests.
#pragma once

#include <cstdint>
#include <string>

#include "checking/oracle.hpp"

namespace chronograd::checking {

/// What a random problem is like; an empty word or a size of 0 is drawn as well.
struct RandomOptions {
  std::string cell = {};        ///< else one of those that the oracles know
  std::string activation = {};  ///< of a cell that has a choice
  std::string loss = {};
  std::string output = {};  ///< among those that the loss can take
  int layers = 1;
  int d = 0, n = 0, m = 0, B = 0, T = 0;  ///< drawn: d 1-6, n 1-4, m 1-4, B 1-3, T 1-12
  bool masked = false;                    ///< weights of losses in {0, 0.5, 1}
  bool resets = false;                    ///< each step with probability 0.15
  bool initial_state = false;             ///< h0, c0
  bool weighted = false;                  ///< a factor for each stream
  bool sparse = false;         ///< half of the recurrent weights absent (and exactly 0), a quarter of the input's
  bool feedback = false;       ///< a random feedback matrix
  bool noise = false;          ///< cells with update rates only, on the state or on the input
  bool filtered = false;       ///< a leaky readout
  bool average = false;        ///< a mean output
  bool trained = false;        ///< cells with update rates: they are parameters, without noise
  bool silent = false;         ///< alif: some units cannot fire for a while after a spike
  bool stopped = false;        ///< alif: reset_gradient = "stop"
  std::string shape = {};      ///< alif: of psi
  std::string reset = "next";  ///< alif: next, step, zero
  bool inside = false;         ///< rtu: activation_at = "state"
  double gain = 1.2;           ///< recurrent weights have variance gain^2 / d
};

/// The problem of this seed: the same numbers at every call.
OracleProblem random_problem(std::uint64_t seed, const RandomOptions& options = {});

/// Options of which each flag is drawn.
RandomOptions random_options(std::uint64_t seed);

/// Signs for uoro that depend on (seed, stream, step, state number) only.
std::function<double(int, std::int64_t, int)> random_signs(std::uint64_t seed);

}  // namespace chronograd::checking
