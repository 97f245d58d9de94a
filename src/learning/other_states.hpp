// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "network/readout.hpp"

namespace chronograd {

/// The losses that the segment at hand would have if the network had been in other states, by a readout of its own, for
/// which memory is taken when it is first asked.
template <class T>
class OtherStates final : public Losses<T> {
 public:
  /// For segments of up to `longest` steps of `streams` streams. `network` must outlive it.
  OtherStates(const Network<T>& network, int streams, int longest)
      : network_(network), streams_(streams), longest_(longest) {}

  /// What the losses of the segment at hand depend on beside the states; valid while it is asked.
  struct AtHand {
    int steps = 0;
    const Weights<T>* weights = nullptr;
    const T* divisor = nullptr;                                     ///< [K][B] of mean outputs, else null
    const T *target = nullptr, *mask = nullptr, *weight = nullptr;  ///< as Readout::judge takes them
  };
  void look_at(const AtHand& segment) { segment_ = segment; }

  double sum(const T* shown, int ld) override {
    if (!readout_) readout_ = std::make_unique<Readout<T>>(network_, streams_, longest_);
    readout_->read(*segment_.weights, segment_.steps, shown, ld, segment_.divisor);
    return readout_->judge(segment_.target, segment_.mask, segment_.weight);
  }

 private:
  const Network<T>& network_;
  int streams_, longest_;
  AtHand segment_;
  std::unique_ptr<Readout<T>> readout_;
};

}  // namespace chronograd
