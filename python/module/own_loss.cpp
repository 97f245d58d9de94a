// SPDX-License-Identifier: Apache-2.0
// A loss that is written in Python, and the loss whose slope is given: what makes a network a layer of another program.
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>

#include "chronograd/loss.hpp"
#include "own.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {
namespace {

struct PythonLoss : LossRecord {
  PythonLoss(const py::dict& told, const py::object& functions) : LossRecord{}, own(told, functions) {
    entry = own.entry;
  }
  Own own;  ///< its work has value(y, target) and slope(y, target)
};

const Own& own_of(const LossRecord& record) {
  return static_cast<const PythonLoss&>(record).own;
}

double value(const LossRecord& record, int m, const double* y, const double* target) {
  const py::gil_scoped_acquire gil;
  try {
    return own_of(record).work.attr("value")(copy_of(y, {m}), copy_of(target, {m})).cast<double>();
  } catch (...) {
    Raised::caught();
    return std::numeric_limits<double>::quiet_NaN();
  }
}

void slope(const LossRecord& record, int m, const double* y, const double* target, double* dy) {
  const py::gil_scoped_acquire gil;
  try {
    const auto result = shaped<double>(std::string(record.entry.name) + ".slope",
                                       own_of(record).work.attr("slope")(copy_of(y, {m}), copy_of(target, {m})), {m},
                                       "dL/dy (outputs)");
    std::copy_n(result.data(), m, dy);
  } catch (...) {
    std::fill_n(dy, m, std::numeric_limits<double>::quiet_NaN());
    Raised::caught();
  }
}

/// `told` has the texts of Own, and output (an activation), takes_classes, positive_only.
void add_own_loss(const py::dict& told, const py::object& functions) {
  auto* const record = new PythonLoss(told, functions);  // see Own
  record->natural = activation_of("output", record->own.text(told, "output"));
  record->takes_classes = told["takes_classes"].cast<bool>();
  record->positive_only = told["positive_only"].cast<bool>();
  record->value = value;
  record->slope = slope;
  add_entry<LossRecord>(*record);
}

double product(const LossRecord&, int m, const double* y, const double* target) {
  double sum = 0;
  for (int k = 0; k < m; ++k) sum += y[k] * target[k];
  return sum;
}
void given(const LossRecord&, int m, const double*, const double* target, double* dy) {
  std::copy_n(target, m, dy);
}

const LossRecord given_slope = {
    .entry = {.name = "given_slope",
              .title = "the sum of outputs times given numbers",
              .formulae = "L = sum_k y_k y*_k,  dL/dy_k = y*_k",
              .text = "The target is the slope: what another program's loss says about the outputs."},
    .natural = Activation::identity,
    .value = product,
    .slope = given,
};

}  // namespace

void add_own_losses(py::module_& module) {
  module.def("add_loss", add_own_loss);
  module.def("add_given_slope", [] { add_entry<LossRecord>(given_slope); });
}

}  // namespace chronograd::python
