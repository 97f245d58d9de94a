// SPDX-License-Identifier: Apache-2.0
#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

double value(const LossRecord&, int m, const double* y, const double* target) {
  double sum = 0;
  for (int k = 0; k < m; ++k) sum += (y[k] - target[k]) * (y[k] - target[k]);
  return 0.5 * sum;
}

void slope(const LossRecord&, int m, const double* y, const double* target, double* dy) {
  for (int k = 0; k < m; ++k) dy[k] = y[k] - target[k];
}

double natural_value(const LossRecord& record, int m, const double* /*a*/, const double* y, const double* target) {
  return value(record, m, y, target);
}

}  // namespace

namespace entries {
extern const LossRecord loss_mse;
const LossRecord loss_mse = {
    .entry = {.name = "mse",
              .title = "half the squared error",
              .formulae = "L = 1/2 sum_k (y_k - y*_k)^2,  dL/dy_k = y_k - y*_k",
              .text = "A sum over outputs, not a mean. Natural output: identity, dL/da = y - y*. Any output activation "
                      "is allowed."},
    .natural = Activation::identity,
    .value = value,
    .slope = slope,
    .natural_value = natural_value,
};
}  // namespace entries
}  // namespace chronograd
