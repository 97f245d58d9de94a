// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/sizes.hpp"
#include "base/step_ring.hpp"
#include "chronograd/archive.hpp"
#include "chronograd/stack.hpp"

namespace chronograd {

/// Which weights the products of a kept step are made with.
enum class KeptWeights {
  of_then,  ///< those that the step ran under: a copy is kept with each step
  of_now    ///< those of the segment at hand, or others that the rule keeps: see use() and under()
};

/// Steps that a rule needs after their segment is gone: what Stack's products of each need, in slots that the rule
/// numbers. Owned by the rule, saved and restored with it.
template <class T>
class KeptSteps {
 public:
  /// `whitened`: the gradient takes whitened regressors of the steps.
  KeptSteps(const Stack<T>& stack, int slots, int streams, KeptWeights weights, bool whitened = false)
      : stack_(stack), slots_(slots), streams_(streams) {
    stack_.prepare(layers_, slots, streams);
    if (whitened) stack_.keep_whitened(layers_);
    if (weights == KeptWeights::of_then) weights_.resize(static_cast<std::size_t>(slots) * stack_.parameters());
  }

  /// Copies step k of a segment to a slot.
  void keep(Layers<T> layers, int k, int slot) {
    stack_.keep(layers, k, layers_, slot);
    for (Segment<T>& segment : layers_) segment.any_cut |= layers[0].any_cut;
    if (weights_.size() > 0) std::copy_n(layers[0].theta, stack_.parameters(), weights(slot));
  }
  /// KeptWeights::of_now: the products of all slots take these weights from now on.
  void use(Layers<T> layers) { stack_.use_weights(layers_, layers); }
  /// What products of the step in `slot` are asked of; with KeptWeights::of_then until the next call.
  Layers<T> step(int slot) { return weights_.size() > 0 ? under(weights(slot)) : all(); }
  /// What products of any step are asked of under these weights of the whole stack; until the next call.
  Layers<T> under(const T* theta) {
    for (int l = 0; l < stack_.layers(); ++l)
      stack_.layer(l).use_weights(layers_[static_cast<std::size_t>(l)], theta + stack_.theta_at(l));
    return layers_;
  }
  /// All slots, for what takes no weights.
  Layers<T> all() const { return layers_; }
  /// Nothing that is kept now is asked for again.
  void clear() {
    for (Segment<T>& segment : layers_) segment.any_cut = false;
  }

  void state(Archive& archive) {
    const int d = stack_.shown_width(), rows = slots_ * streams_, more = stack_.more();
    for (int l = 0; l < stack_.layers(); ++l) {
      Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
      const Cell<T>& cell = stack_.layer(l);
      const std::string name = archive.named() ? "kept" + std::to_string(l) + "." : "";
      visit_rows<T>(archive, name + "h", segment.z.data(), rows, d, cell.ld());
      visit_rows<T>(archive, name + "x", segment.z.data() + cell.layout().input_at, rows, cell.inputs(), cell.ld());
      if (more > 0) visit_rows<T>(archive, name + "hidden", segment.hidden.data(), rows, more, more);
      if (segment.kept_whitened.size() > 0) archive.array(name + "whitened", segment.kept_whitened.span());
      archive.array(name + "tape", segment.tape.span());
      visit_rows<T>(archive, name + "cut", segment.cut.data(), rows, 1, 1);
      segment.any_cut = std::find(segment.cut.data(), segment.cut.data() + rows, 1) != segment.cut.data() + rows;
    }
    if (weights_.size() > 0) archive.array("kept_weights", weights_.span());
  }

 private:
  T* weights(int slot) { return weights_.data() + static_cast<std::size_t>(slot) * stack_.parameters(); }

  const Stack<T>& stack_;
  int slots_, streams_;
  std::vector<Segment<T>> layers_;
  Buffer<T> weights_;  ///< [slots][parameters], or empty
};

}  // namespace chronograd
