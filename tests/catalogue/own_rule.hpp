// SPDX-License-Identifier: Apache-2.0
// A learning rule as somebody else would write it, against the installed headers alone: rflo for one layer, in plain
// loops. With a fault it is wrong in one way.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"

namespace own {

enum class Fault {
  none,
  unnamed_state,  ///< its trace is not kept with its state
  no_reset,       ///< its trace goes on through a reset
  mixed_streams,  ///< every stream reads the mean of all traces
  late,           ///< a step's gradient comes with the next step
  restless,       ///< it learns without an error
  first_step,     ///< the first step of a segment has no gradient
  fickle          ///< no two runs are alike
};

/// A record may bring what its maker needs.
struct TracesRecord : chronograd::RuleRecord {
  Fault fault = Fault::none;
};

/// e_t = A_t e_{t-1} + B_t (x) z_t,  g = sum_t c_t e_t, with A what a unit keeps of itself.
template <class T>
class Traces final : public chronograd::Rule<T> {
 public:
  explicit Traces(const chronograd::RuleSetup<T>& setup)
      : fault_(static_cast<const TracesRecord&>(setup.record).fault),
        cell_(setup.stack.layer(0)),
        streams_(setup.streams) {
    if (setup.stack.layers() > 1)
      throw chronograd::Error(chronograd::Exit::usage, "model.layers",
                              "got " + std::to_string(setup.stack.layers()) + ", allowed is 1 with this rule.");
    const auto S = static_cast<std::size_t>(cell_.states()), G = static_cast<std::size_t>(cell_.gates()),
               d = static_cast<std::size_t>(cell_.units()), B = static_cast<std::size_t>(streams_);
    local_.resize(B * S * S * d);
    gain_.resize(B * S * G * d);
    trace_.resize(B * S * cell_.parameters());
    kept_.resize(S);
    held_.resize(cell_.parameters());
  }

  void learn(chronograd::Layers<T> layers, const chronograd::Credit<T>& credit, T* grad) override {
    const chronograd::Segment<T>& segment = layers[0];
    for (int k = 0; k < segment.steps; ++k) {
      cell_.linearise(segment, k, chronograd::Recurrent::none, local_.data(), gain_.data());
      flush(grad);
      for (int b = 0; b < streams_; ++b) grow(segment, k, b);
      if (fault_ == Fault::mixed_streams) mix();
      if (fault_ == Fault::first_step && k == 0) continue;
      for (int b = 0; b < streams_; ++b)
        read(credit.c + (k * streams_ + b) * cell_.shown_width(), b, fault_ == Fault::late ? held_.data() : grad);
    }
  }
  void flush(T* grad) override {
    for (std::size_t p = 0; p < held_.size(); ++p) grad[p] += std::exchange(held_[p], T(0));
  }
  void begin() override {
    trace_.assign(trace_.size(), T(0));
    if (fault_ == Fault::fickle) held_[0] = T(1e-9) * static_cast<T>(++runs_);
  }
  void state(chronograd::Archive& archive) override {
    if (fault_ != Fault::unnamed_state) archive.array("trace", trace_);
    archive.array("held", held_);
  }

 private:
  T* trace(int b, int s) {
    return trace_.data() + static_cast<std::size_t>(b * cell_.states() + s) * cell_.parameters();
  }
  /// Calls f with the unit, the pre-activation, the column and the index of every weight.
  template <class F>
  void each_weight(const F& f) const {
    for (int row = 0; row < cell_.rows(); ++row)
      for (int col = 0; col < cell_.columns(); ++col)
        if (cell_.exists(row, col)) f(row % cell_.units(), row / cell_.units(), col, cell_.index(row, col));
  }
  void grow(const chronograd::Segment<T>& segment, int k, int b) {
    const int S = cell_.states(), G = cell_.gates(), d = cell_.units();
    const T* local = local_.data() + b * S * S * d;
    const T* gain = gain_.data() + b * S * G * d;
    const T* z = segment.z.data() + static_cast<std::size_t>(k * streams_ + b) * static_cast<std::size_t>(cell_.ld());
    const bool cut = segment.cut[static_cast<std::size_t>(k * streams_ + b)] != 0;
    each_weight([&](int i, int g, int col, std::size_t p) {
      for (int r = 0; r < S; ++r) {
        T sum = gain[(r * G + g) * d + i] * z[col];
        for (int s = 0; s < S; ++s) sum += local[(r * S + s) * d + i] * trace(b, s)[p];
        if (cut && fault_ == Fault::no_reset) sum += trace(b, r)[p];
        kept_[static_cast<std::size_t>(r)] = sum;
      }
      for (int r = 0; r < S; ++r) trace(b, r)[p] = kept_[static_cast<std::size_t>(r)];
    });
  }
  void mix() {
    for (int s = 0; s < cell_.states(); ++s)
      for (std::size_t p = 0; p < cell_.parameters(); ++p) {
        T mean = 0;
        for (int b = 0; b < streams_; ++b) mean += trace(b, s)[p] / static_cast<T>(streams_);
        for (int b = 0; b < streams_; ++b) trace(b, s)[p] = mean;
      }
  }
  void read(const T* c, int b, T* grad) {
    each_weight([&](int i, int, int, std::size_t p) {
      for (int v = 0; v * cell_.units() < cell_.shown_width(); ++v)
        grad[p] += c[v * cell_.units() + i] * trace(b, cell_.shown() + v)[p];
      if (fault_ == Fault::restless) grad[p] += T(0.001) * trace(b, 0)[p];
    });
  }

  static inline int runs_ = 0;

  Fault fault_;
  const chronograd::Cell<T>& cell_;
  int streams_;
  std::vector<T> local_, gain_;
  std::vector<T> trace_;  ///< [B][S][parameters]
  std::vector<T> kept_, held_;
};

template <class T>
std::unique_ptr<chronograd::Rule<T>> make_traces(const chronograd::RuleSetup<T>& setup) {
  return std::make_unique<Traces<T>>(setup);
}

/// The record of it; it states neither memory nor time.
inline TracesRecord traces_record(const char* name = "my_rflo", Fault fault = Fault::none) {
  return {{.entry = {.name = name, .title = "local traces in plain loops", .formulae = "e_t = A_t e_{t-1} + D_t z_t"},
           .promise = chronograd::Promise::biased,
           .limit = "W_rec = 0",
           .past_facing = true,
           .make_float = make_traces<float>,
           .make_double = make_traces<double>},
          fault};
}

}  // namespace own
