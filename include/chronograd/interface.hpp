// SPDX-License-Identifier: Apache-2.0
// Interfaces: what a group of layers of a feed-forward net ([net]) learns from while the gradient from above is not
// there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "chronograd/archive.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"
#include "chronograd/loss.hpp"

namespace chronograd {

struct InterfaceRecord;

/// What an interface is made for: the place where the output h of a group of layers becomes the input of the next.
struct InterfaceSetup {
  const InterfaceRecord& record;
  int width;               ///< w: numbers of h
  int outputs;             ///< m: numbers of a target
  const LossRecord& loss;  ///< of the net, for who makes predictions of its own
  Activation activation;   ///< of those predictions
  const Options& options;  ///< the table [interface]
  std::uint64_t seed;      ///< where first weights are drawn from; another one for each interface of a net
};

/// A batch at an interface.
template <class T>
struct Passed {
  int rows;         ///< B
  const T* h;       ///< [B][w]
  const T* target;  ///< [B][m]
  const T* weight;  ///< [B], of each sample's loss
};

/// What a group learns from before the gradient from above has come, and what it learns from that gradient. Gradients
/// are those of each sample's own loss, d_b = dL_b/dh_b, never divided by B.
template <class T>
class CHRONOGRAD_API Interface {
 public:
  virtual ~Interface() = default;
  /// g [B][w]: the gradient of the samples, as far as it is known without what lies above.
  virtual void guess(const Passed<T>& passed, T* g) = 0;
  /// Whether the group is to learn from the guess; what goes down is made of it in any case.
  virtual bool trusted() const { return true; }
  /// Learns from d [B][w]: the true gradient, or the target in its place that came from above.
  virtual void learn(const Passed<T>& passed, const T* d) = 0;
  /// Visits all that it must keep.
  virtual void state(Archive& archive) = 0;
};

struct CHRONOGRAD_API InterfaceRecord {
  Entry entry;
  bool guesses = false;  ///< a gradient is there at once, by guess(): a group learns without waiting
  bool listens = false;  ///< gradients come down from the group above
  bool lags = false;     ///< interface.lag may be more than 0: they may come that many batches later
  /// Multiply-adds of a sample at one interface, beside those of back-propagation: a formula in the letters of
  /// interfaces (docs/notation.md). "": not stated.
  const char* time = "";
  /// Null where there is nothing to guess or to learn.
  std::unique_ptr<Interface<float>> (*make_float)(const InterfaceSetup& setup) = nullptr;
  std::unique_ptr<Interface<double>> (*make_double)(const InterfaceSetup& setup) = nullptr;
};

template <>
CHRONOGRAD_API std::span<const InterfaceRecord* const> catalogue<InterfaceRecord>();

/// Calls the record's maker for T; null where it has none.
template <class T>
std::unique_ptr<Interface<T>> make_interface(const InterfaceSetup& setup) {
  const auto make = [&] {
    if constexpr (sizeof(T) == sizeof(float))
      return setup.record.make_float;
    else
      return setup.record.make_double;
  }();
  return make == nullptr ? nullptr : make(setup);
}

}  // namespace chronograd
