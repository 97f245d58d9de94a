// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include "rules/kept_steps.hpp"

namespace chronograd {

/// The last steps, with the weights of then, for products with them, and as segments that a rule can be shown later.
/// Saved and restored with the rule that owns them.
template <class T>
class LaterSteps {
 public:
  /// At most `capacity` steps are kept, and segments of `longest` of them shown. Segments that are kept are as long,
  /// but for the last one of a row, or `longest` is 1.
  LaterSteps(const Stack<T>& stack, int capacity, int longest, int streams, bool whitened)
      : stack_(stack),
        streams_(streams),
        ring_(capacity),
        kept_(stack, capacity, streams, KeptWeights::of_now, whitened),
        sets_((capacity + longest - 1) / longest + (longest > 1 ? 1 : 0)) {
    const int rows = capacity * stack_.layers() * streams;
    after_.resize(area(rows, stack_.shown_width() + stack_.more()));
    if (stack_.noisy()) xi_.resize(area(rows, stack_.units()));
    weights_.resize(static_cast<std::size_t>(sets_) * stack_.parameters());
    set_of_.assign(static_cast<std::size_t>(capacity), 0);
    stack_.prepare(shown_, longest, streams);
    if (whitened) stack_.keep_whitened(shown_);
    if (shown_[0].weight.size() > 0) weight_.resize(area(capacity, streams));
    h_.resize(area(stack_.layers() * longest * streams, stack_.shown_width()));
    further_.resize(area(stack_.layers() * longest * streams, stack_.more()));
    shown_xi_.resize(xi_.size() > 0 ? area(stack_.layers() * longest * streams, stack_.units()) : 0);
  }

  const StepRing& ring() const { return ring_; }
  /// The steps to be kept are of this segment from now on.
  void begin_segment(Layers<T> layers) {
    set_ = (set_ + 1) % sets_;
    std::copy_n(layers[0].theta, stack_.parameters(), weights(set_));
  }
  /// Keeps step k of the segment. The ring must not be full.
  void keep(Layers<T> layers, int k) {
    const int B = streams_, shown = stack_.shown_width(), more = stack_.more(), d = stack_.units();
    const int slot = ring_.push();
    kept_.keep(layers, k, slot);
    set_of_[static_cast<std::size_t>(slot)] = set_;
    next_t_ = layers[0].t0 + k + 1;
    pass_ = layers[0].pass;
    if (weight_.size() > 0) std::copy_n(layers[0].weight.data() + area(k, B), B, weight_.data() + area(slot, B));
    for (int l = 0; l < stack_.layers(); ++l) {
      const Segment<T>& segment = layers[static_cast<std::size_t>(l)];
      T* to = after(slot, l);
      for (int b = 0; b < B; ++b) to = std::copy_n(segment.h + area(k * B + b, segment.h_ld), shown, to);
      std::copy_n(segment.hidden_after + area(k * B, more), area(B, more), to);
      if (segment.xi) std::copy_n(segment.xi + area(k * B, d), area(B, d), noise(slot, l));
    }
  }
  /// What products of the step in `slot` are asked of, until the next call.
  Layers<T> step(int slot) { return kept_.under(weights(set_of(slot))); }
  /// All slots, for what takes no weights.
  Layers<T> all() const { return kept_.all(); }

  /// The oldest steps as a segment, at most `most` of them; they are kept no longer. Until the next call.
  Layers<T> take(int most) {
    const int oldest = ring_.slot(ring_.count() - 1), set = set_of(oldest);
    int steps = 0;
    while (steps < most && set_of(ring_.slot(ring_.count() - 1 - steps)) == set) ++steps;
    const Layers<T> layers = step(oldest);
    stack_.use_weights(shown_, layers);
    for (int k = 0; k < steps; ++k) show(layers, ring_.slot(ring_.count() - 1 - k), k, steps);
    for (Segment<T>& segment : shown_) {
      segment.steps = steps;
      segment.t0 = next_t_ - ring_.count();
      segment.pass = pass_;
      segment.any_cut = layers[0].any_cut;
    }
    for (int k = 0; k < steps; ++k) ring_.drop_oldest();
    return shown_;
  }
  void clear() {
    ring_.clear();
    kept_.clear();
  }

  void state(Archive& archive) {
    ring_.state(archive);
    kept_.state(archive);
    archive.number("kept_set", set_);
    for (std::size_t slot = 0; slot < set_of_.size(); ++slot)
      archive.number(numbered(archive, "kept_set_of", static_cast<int>(slot)), set_of_[slot]);
    archive.array("kept_weights", weights_.span());
    archive.array("kept_after", after_.span());
    if (xi_.size() > 0) archive.array("kept_xi", xi_.span());
    if (weight_.size() > 0) archive.array("kept_weight", weight_.span());
  }

 private:
  int set_of(int slot) const { return static_cast<int>(set_of_[static_cast<std::size_t>(slot)]); }
  T* weights(std::int64_t set) { return weights_.data() + static_cast<std::size_t>(set) * stack_.parameters(); }
  /// Of layer l in a slot: the state after the step, h [B][H d], then [B][more]; and its noise [B][d].
  T* after(int slot, int l) {
    return after_.data() + area((slot * stack_.layers() + l) * streams_, stack_.shown_width() + stack_.more());
  }
  T* noise(int slot, int l) { return xi_.data() + area((slot * stack_.layers() + l) * streams_, stack_.units()); }

  /// Copies the step in `slot` to step k of the `steps` that are shown.
  void show(Layers<T> layers, int slot, int k, int steps) {
    const int B = streams_, shown = stack_.shown_width(), more = stack_.more(), d = stack_.units();
    stack_.keep(layers, slot, shown_, k);
    for (int l = 0; l < stack_.layers(); ++l) {
      Segment<T>& segment = shown_[static_cast<std::size_t>(l)];
      T *h = h_.data() + area(l * steps * B, shown), *further = further_.data() + area(l * steps * B, more);
      segment.h = h;
      segment.h_ld = shown;
      segment.hidden_after = further;
      std::copy_n(after(slot, l), area(B, shown), h + area(k * B, shown));
      std::copy_n(after(slot, l) + area(B, shown), area(B, more), further + area(k * B, more));
      if (weight_.size() > 0) std::copy_n(weight_.data() + area(slot, B), B, segment.weight.data() + area(k, B));
      if (xi_.size() == 0) continue;
      T* xi = shown_xi_.data() + area(l * steps * B, d);
      segment.xi = xi;
      std::copy_n(noise(slot, l), area(B, d), xi + area(k * B, d));
    }
  }

  const Stack<T>& stack_;
  int streams_;
  StepRing ring_;
  KeptSteps<T> kept_;
  std::int64_t sets_;                 ///< sets of weights that are kept
  std::int64_t set_ = 0;              ///< that of the segment at hand
  std::vector<std::int64_t> set_of_;  ///< of each slot
  std::int64_t next_t_ = 0, pass_ = 0;
  Buffer<T> weights_;     ///< [sets][parameters]
  Buffer<T> after_, xi_;  ///< [slots][N], see after() and noise()
  Buffer<T> weight_;      ///< [slots][B] what the step counts in a mean output
  std::vector<Segment<T>> shown_;
  /// Of the segment shown: [N][steps][B][H d], [N][steps][B][more], [N][steps][B][d].
  Buffer<T> h_, further_, shown_xi_;
};

}  // namespace chronograd
