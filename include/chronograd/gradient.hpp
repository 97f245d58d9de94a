// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

struct GradientRequest {
  bool per_step = false;  ///< past-facing rules with update.every = 1: the gradient that each step adds
  bool inputs = false;    ///< exact rules: dL/dx and dL/dh0
  bool states = false;    ///< the states behind h, too
  Signs signs = {};       ///< for tests that enumerate, see RuleSetup
  /// Asked after each segment whether to go on: the parts of a Position are steps. Null: nobody.
  Observer* observer = nullptr;
};

/// The gradient of all rows of a task's training split, side by side, under frozen weights: segments as `update` says,
/// every rule, sum over steps and streams, what a rule holds back until the end of the row included. Returns arrays
/// named as in files: each parameter's gradient; `loss`; `loss_t` (B,T), the terms that make up `loss`; `h` (B,T,d) and
/// `y` (B,T,m) after the output activation; on request `grad_t/NAME` (T,...), `grad/x` (B,T,n), `grad/h0` (B,d)
/// (lstm also `grad/c0`, and so on), and the states (B,T,d) by their names in data without the 0: `c` of lstm; `v`,
/// `a`, `threshold` (what v was held against) and `psi` of alif; `f` of a filtered readout; in stacks those of all
/// layers and their h as `h_l0`, `h_l1`, ... Losses are not normalised unless the configuration says so. In padding
/// (steps after the last one of a row, or before a reset, that has a loss) `h` and `y` are what the network makes of
/// what stands there, which changes nothing else. Throws Error; a result that is not finite is one (diverged), and so
/// is a stop (interrupted).
CHRONOGRAD_API Arrays gradient(const Config& config, const Task& task, const Arrays& parameters,
                               const std::string& parameters_name, const GradientRequest& request = {});

}  // namespace chronograd
