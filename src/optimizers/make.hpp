// SPDX-License-Identifier: Apache-2.0
// What the optimisers share. Each keeps its numbers in the type of the parameters and moves all of them with one call
// of a kernel, which also zeroes the gradient.
#pragma once

#include <limits>
#include <string>

#include "chronograd/buffer.hpp"
#include "chronograd/error.hpp"
#include "chronograd/optimizer.hpp"

namespace chronograd {

/// The maker of an optimiser class template for a record.
template <template <class> class Kind, class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerRecord&, const Options& options, std::size_t n) {
  if (n > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error(Exit::usage, "model.hidden",
                "got " + std::to_string(n) + " parameters, allowed are at most " +
                    std::to_string(std::numeric_limits<int>::max()) + ". Use fewer units.");
  return std::make_unique<Kind<T>>(options, n);
}

/// The factor by which a running mean is kept, as T. It must stay below 1, or the mean never learns: in float32 that
/// excludes numbers that round to 1.
template <class T>
T kept_fraction(const Options& options, const std::string& key) {
  const T value = static_cast<T>(options.number(key));
  if (!(value >= T(0) && value < T(1)))
    throw Error(Exit::usage, "optimizer." + key,
                "got a number that is 1 in " + std::string(sizeof(T) == sizeof(float) ? "float32" : "float64") +
                    ", allowed is a number in [0, 1).");
  return value;
}

/// The number that keeps a division by a root of 0 finite, as T: parameters without a gradient must not become NaN.
template <class T>
T positive_size(const Options& options, const std::string& key) {
  const T value = static_cast<T>(options.number(key));
  if (!(value > T(0)))
    throw Error(Exit::usage, "optimizer." + key,
                "got a number that is 0 in " + std::string(sizeof(T) == sizeof(float) ? "float32" : "float64") +
                    ", allowed is a number in (0, inf).");
  return value;
}

}  // namespace chronograd
