// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/interface.hpp"
#include "losses/output.hpp"
#include "nets/group.hpp"

namespace chronograd {

namespace local_head {

/// Of everything that learns by a loss of its own at an interface.
constexpr Option rate = {.key = "head_lr",
                         .type = OptionType::number,
                         .fallback = "3e-3",
                         .low = 0,
                         .help = "rate of the readouts at the interfaces, which learn by Adam"};
/// [optimizer] as it would be for them: adam at that rate.
Options optimizer_settings(double lr);

}  // namespace local_head

/// A readout of a group's own, linear or with one hidden layer of relu, which learns by the net's loss.
template <class T>
class LocalHead {
 public:
  /// `hidden`: units of the hidden layer; 0: none.
  LocalHead(const InterfaceSetup& setup, int hidden);
  /// Adds `factor` times the gradient of the samples' losses to g [B][w]; then the head learns by as much.
  void learn(const Passed<T>& passed, T factor, T* g);
  void state(Archive& archive);

 private:
  int width_;
  Output<T> output_;
  Group<T> layers_;
  Pass<T> pass_;
  std::int64_t updates_ = 0;
  std::vector<T> y_, err_, dh_;
  std::vector<double> kept_;
};

}  // namespace chronograd
