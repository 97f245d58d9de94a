// SPDX-License-Identifier: Apache-2.0
#include "formats/missing.hpp"

#include <cmath>

namespace chronograd {
namespace {

/// What holding one step's channels met.
struct Gaps {
  bool any = false;      ///< some number was missing
  bool nothing = false;  ///< and one of them had nothing before it to be held
};

/// Holds what is missing at step t; `fresh`: nothing before this step may be held.
Gaps hold(const Channels& channels, std::size_t t, bool fresh, std::uint8_t* seen) {
  Gaps gaps;
  if (channels.data == nullptr) return gaps;
  double* now = channels.data + t * channels.width;
  for (std::size_t j = 0; j < channels.width; ++j) {
    if (fresh) seen[j] = 0;
    if (!std::isnan(now[j])) {
      seen[j] = 1;
      continue;
    }
    gaps.any = true;
    if (seen[j] == 0) gaps.nothing = true;
    now[j] = seen[j] != 0 ? *(now + j - channels.width) : 0;
  }
  return gaps;
}

}  // namespace

Missing missing_of(const Options& data) {
  const std::string& word = data.word("nan");
  return word == "hold" ? Missing::hold : word == "skip" ? Missing::skip : Missing::refuse;
}

void fill_missing(Missing missing, std::size_t steps, Channels x, Channels y, double* mask, const std::uint8_t* reset) {
  std::vector<std::uint8_t> seen_x(x.width), seen_y(y.width);
  for (std::size_t t = 0; t < steps; ++t) {
    const bool fresh = t == 0 || (reset != nullptr && reset[t] != 0);
    const Gaps inputs = hold(x, t, fresh, seen_x.data()), targets = hold(y, t, fresh, seen_y.data());
    if (missing == Missing::skip ? inputs.any || targets.any : targets.nothing) mask[t] = 0;
  }
}

}  // namespace chronograd
