// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/rule.hpp"
#include "rules/backward_scan.hpp"

namespace chronograd {

/// A backward scan over each segment that remembers nothing: bptt (the segment is the row), tbptt (it is a window) and
/// immediate (no credit is carried).
template <class T>
class SegmentScan final : public Rule<T> {
 public:
  SegmentScan(const RuleSetup<T>& setup, bool temporal) : scan_(setup.stack), temporal_(temporal) {}

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    scan_.run(layers, 0, layers[0].steps, temporal_ ? Recurrent::full : Recurrent::none, temporal_, credit, nullptr,
              grad);
  }
  void begin() override {}
  void state(Archive&) override {}

 private:
  BackwardScan<T> scan_;
  bool temporal_;
};

template <class T, bool temporal>
std::unique_ptr<Rule<T>> make_segment_scan(const RuleSetup<T>& setup) {
  return std::make_unique<SegmentScan<T>>(setup, temporal);
}

}  // namespace chronograd
