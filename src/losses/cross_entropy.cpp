// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

// A target of 0 drops its term, also where log y is infinite: 0 log 0 = 0.

double value(const LossRecord&, int m, const double* y, const double* target) {
  double loss = 0;
  for (int k = 0; k < m; ++k)
    if (target[k] != 0) loss -= target[k] * std::log(y[k]);
  return loss;
}

void slope(const LossRecord&, int m, const double* y, const double* target, double* dy) {
  for (int k = 0; k < m; ++k) dy[k] = target[k] == 0 ? 0.0 : -target[k] / y[k];
}

/// -log y_k = (top - a_k) + log(1 + rest): two terms that are never negative, so nothing cancels.
double natural_value(const LossRecord&, int m, const double* a, const double* /*y*/, const double* target) {
  const double* top = std::max_element(a, a + m);
  double rest = 0;
  for (const double* other = a; other != a + m; ++other)
    if (other != top) rest += std::exp(*other - *top);
  const double log_sum = std::log1p(rest);
  double loss = 0;
  for (int k = 0; k < m; ++k)
    if (target[k] != 0) loss += target[k] * ((*top - a[k]) + log_sum);
  return loss;
}

}  // namespace

namespace entries {
extern const LossRecord loss_cross_entropy;
const LossRecord loss_cross_entropy = {
    .entry = {.name = "cross_entropy",
              .title = "cross-entropy with a class or a distribution",
              .formulae = "L = -sum_k y*_k log y_k,  dL/dy_k = -y*_k/y_k",
              .text =
                  "In nats. The target is a class or m numbers >= 0, in files a distribution. Natural output: softmax, "
                  "dL/da = (sum_k y*_k) y - y*, which is y - y* for a class or a distribution. Outputs must be "
                  "positive: softmax, sigmoid or softplus."},
    .natural = Activation::softmax,
    .takes_classes = true,
    .positive_only = true,
    .value = value,
    .slope = slope,
    .natural_value = natural_value,
};
}  // namespace entries
}  // namespace chronograd
