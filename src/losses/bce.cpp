// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

// Targets of 0 and 1 drop the term whose factor is 0, also where its logarithm is infinite: 0 log 0 = 0.

double value(const LossRecord&, int m, const double* y, const double* target) {
  double loss = 0;
  for (int k = 0; k < m; ++k) {
    if (target[k] != 0) loss -= target[k] * std::log(y[k]);
    if (target[k] != 1) loss -= (1 - target[k]) * std::log1p(-y[k]);
  }
  return loss;
}

void slope(const LossRecord&, int m, const double* y, const double* target, double* dy) {
  for (int k = 0; k < m; ++k) {
    const double up = target[k] == 1 ? 0.0 : (1 - target[k]) / (1 - y[k]);
    dy[k] = target[k] == 0 ? up : up - target[k] / y[k];
  }
}

/// -log y = max(-a, 0) + s and -log(1 - y) = max(a, 0) + s with s = log(1 + e^-|a|): nothing cancels.
double natural_value(const LossRecord&, int m, const double* a, const double* /*y*/, const double* target) {
  double loss = 0;
  for (int k = 0; k < m; ++k) {
    const double s = std::log1p(std::exp(-std::fabs(a[k])));
    if (target[k] != 0) loss += target[k] * (std::max(-a[k], 0.0) + s);
    if (target[k] != 1) loss += (1 - target[k]) * (std::max(a[k], 0.0) + s);
  }
  return loss;
}

}  // namespace

namespace entries {
extern const LossRecord loss_bce;
const LossRecord loss_bce = {
    .entry =
        {.name = "bce",
         .title = "binary cross-entropy, output by output",
         .formulae = "L = -sum_k [y*_k log y_k + (1 - y*_k) log(1 - y_k)]\n"
                     "dL/dy_k = (1 - y*_k)/(1 - y_k) - y*_k/y_k",
         .text =
             "In nats. A sum over outputs, not a mean; targets in [0, 1]. Natural output: sigmoid, dL/da = y - y*. "
             "Outputs must "
             "lie in (0, 1): sigmoid or softmax. With softmax, pre-outputs that differ by more than 36 can round y to "
             "1 and make L infinite."},
    .natural = Activation::sigmoid,
    .positive_only = true,
    .fractions_only = true,
    .value = value,
    .slope = slope,
    .natural_value = natural_value,
};
}  // namespace entries
}  // namespace chronograd
