// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// Activations of outputs; the first five are also those of the leaky cell.
enum class Activation { identity, tanh, sigmoid, relu, softplus, softmax };

/// The activation called `name`; throws Error (usage) for another word.
CHRONOGRAD_API Activation activation_of(const std::string& where, const std::string& name);
CHRONOGRAD_API const char* name_of(Activation activation);

struct LossRecord;

/// A loss L(y, y*) of one step of one stream, m numbers each. Its functions get the record: one that is
/// derived from LossRecord brings what they need.
struct CHRONOGRAD_API LossRecord {
  Entry entry;
  Activation natural;           ///< that of outputs where none is named; with natural_value, dL/da = y - y* under it
  bool takes_classes = false;   ///< integer targets in [0, m) are allowed beside m numbers
  bool positive_only = false;   ///< y must lie in (0, inf): only softmax, sigmoid and softplus outputs are allowed
  bool fractions_only = false;  ///< y must lie in (0, 1): only softmax and sigmoid outputs are allowed
  /// L(y, y*) in general.
  double (*value)(const LossRecord& record, int m, const double* y, const double* target);
  /// dL/dy_k in general.
  void (*slope)(const LossRecord& record, int m, const double* y, const double* target, double* dy);
  /// L under the natural activation, from the pre-outputs a and y = g(a): without overflow or cancellation. Null: there
  /// is no activation for which dL/da = y - y*, value and slope serve for all.
  double (*natural_value)(const LossRecord& record, int m, const double* a, const double* y,
                          const double* target) = nullptr;
};

template <>
CHRONOGRAD_API std::span<const LossRecord* const> catalogue<LossRecord>();

}  // namespace chronograd
