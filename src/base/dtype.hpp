// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/config.hpp"

namespace chronograd {

/// act(float()) or act(double()): the type that a configuration computes in. `act` is a template of it, as
/// `[&]<class T>(T) { return Trainer<T>(config).run(); }`.
template <class Act>
auto with_dtype(const Config& config, const Act& act) {
  return config.table("").word("dtype") == "float64" ? act(double()) : act(float());
}

}  // namespace chronograd
