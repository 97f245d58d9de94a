// SPDX-License-Identifier: Apache-2.0
#include "decoupled/interface_tally.hpp"

#include <algorithm>
#include <cmath>

namespace chronograd {
namespace {

void sum(Likeness& to, const Likeness& more) {
  to.cosine += more.cosine;
  to.norm_ratio += more.norm_ratio;
  to.error += more.error;
}

}  // namespace

template <class T>
Likeness likeness(std::size_t n, const T* guess, const T* truth) {
  double product = 0, of_guess = 0, of_truth = 0, between = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto g = static_cast<double>(guess[i]), d = static_cast<double>(truth[i]);
    product += g * d;
    of_guess += g * g;
    of_truth += d * d;
    between += (g - d) * (g - d);
  }
  if (!(of_truth > 0) || !std::isfinite(of_truth) || !std::isfinite(of_guess)) return {};
  return {of_guess > 0 ? product / std::sqrt(of_guess * of_truth) : 0, std::sqrt(of_guess / of_truth),
          between / of_truth, true};
}

void InterfaceTally::used(std::int64_t lag) {
  lag_ += static_cast<double>(lag);
  ++uses_;
  largest_ = std::max(largest_, lag);
}

void InterfaceTally::compared(const Likeness& samples, const Likeness& weights) {
  if (!samples.known || !weights.known) return;
  ++compared_;
  sum(samples_, samples);
  sum(weights_, weights);
}

void InterfaceTally::add(const InterfaceTally& other) {
  wait_ += other.wait_;
  lag_ += other.lag_;
  uses_ += other.uses_;
  largest_ = std::max(largest_, other.largest_);
  compared_ += other.compared_;
  sum(samples_, other.samples_);
  sum(weights_, other.weights_);
}

InterfaceReport InterfaceTally::report(int layer) const {
  InterfaceReport report;
  report.layer = layer;
  report.wait = wait_;
  report.largest_lag = largest_;
  report.compared = compared_;
  if (uses_ > 0) report.lag = lag_ / static_cast<double>(uses_);
  if (compared_ == 0) return report;
  const auto count = static_cast<double>(compared_);
  report.cosine = samples_.cosine / count;
  report.norm_ratio = samples_.norm_ratio / count;
  report.error = samples_.error / count;
  report.weight_cosine = weights_.cosine / count;
  report.weight_norm_ratio = weights_.norm_ratio / count;
  report.weight_error = weights_.error / count;
  return report;
}

void InterfaceTally::state(Archive& archive) {
  archive.array("wait", {&wait_, 1});
  archive.array("lag", {&lag_, 1});
  archive.number("uses", uses_);
  archive.number("largest_lag", largest_);
  archive.number("compared", compared_);
  for (const auto& [name, values] : {std::pair("samples", &samples_), {"weights", &weights_}}) {
    archive.array(std::string(name) + "/cosine", {&values->cosine, 1});
    archive.array(std::string(name) + "/norm_ratio", {&values->norm_ratio, 1});
    archive.array(std::string(name) + "/error", {&values->error, 1});
  }
}

template Likeness likeness(std::size_t, const float*, const float*);
template Likeness likeness(std::size_t, const double*, const double*);

}  // namespace chronograd
