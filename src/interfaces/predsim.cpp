// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/sizes.hpp"
#include "chronograd/interface.hpp"
#include "math/gemm.hpp"
#include "nets/local_head.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "similarity",
     .type = OptionType::number,
     .fallback = "0.99",
     .low = 0,
     .high = 1,
     .help = "share b of the similarity loss, the rest being that of the prediction. 0: pred alone, 1: sim alone"},
    local_head::rate,
};

/// Rows without their mean, at length 1; a row that is constant stays zero.
template <class T>
class Directions {
 public:
  Directions(int rows, int width, const T* x) : rows_(rows), width_(width), unit_(x, x + area(rows, width)) {
    for (int b = 0; b < rows; ++b) {
      T* const u = row(b);
      T mean = 0, squares = 0;
      for (int i = 0; i < width; ++i) mean += u[i];
      mean /= static_cast<T>(width);
      for (int i = 0; i < width; ++i) {
        u[i] -= mean;
        squares += u[i] * u[i];
      }
      one_over_.push_back(squares > T(0) ? T(1) / std::sqrt(squares) : T(0));
      for (int i = 0; i < width; ++i) u[i] *= one_over_.back();
    }
  }
  /// S [rows][rows] of cosines, times `factor`, is added to `to`.
  void add_cosines(T factor, std::vector<T>& to) const {
    std::vector<T> S(area(rows_, rows_));
    gemm(Op::none, Op::transposed, rows_, rows_, width_, unit_.data(), width_, unit_.data(), width_, T(0), S.data(),
         rows_);
    for (std::size_t i = 0; i < S.size(); ++i) to[i] += factor * S[i];
  }
  /// The gradient by the rows, from the gradient E by their cosines, which is symmetric: 2 E u through length and mean.
  std::vector<T> through(const std::vector<T>& E) const {
    std::vector<T> d(unit_.size());
    gemm(Op::none, Op::none, rows_, width_, rows_, E.data(), rows_, unit_.data(), width_, T(0), d.data(), width_);
    for (int b = 0; b < rows_; ++b) {
      T* const to = d.data() + area(b, width_);
      const T* const u = unit_.data() + area(b, width_);
      T along = 0, mean = 0;
      for (int i = 0; i < width_; ++i) along += to[i] * u[i];
      for (int i = 0; i < width_; ++i) {
        to[i] = 2 * one_over_[static_cast<std::size_t>(b)] * (to[i] - along * u[i]);
        mean += to[i];
      }
      mean /= static_cast<T>(width_);
      for (int i = 0; i < width_; ++i) to[i] -= mean;
    }
    return d;
  }

 private:
  T* row(int b) { return unit_.data() + area(b, width_); }
  int rows_, width_;
  std::vector<T> unit_, one_over_;
};

template <class T>
class PredSim final : public Interface<T> {
 public:
  explicit PredSim(const InterfaceSetup& setup)
      : width_(setup.width),
        outputs_(setup.outputs),
        share_(static_cast<T>(setup.options.number("similarity"))),
        head_(setup, 0),
        map_({0, setup.width, setup.width, Activation::identity, false, false}, setup.seed),
        learner_(map_, local_head::optimizer_settings(setup.options.number("head_lr")), 0),
        grad_(map_.theta().size()) {}

  void guess(const Passed<T>& passed, T* g) override {
    std::fill_n(g, area(passed.rows, width_), T(0));
    if (share_ < T(1)) head_.learn(passed, T(1) - share_, g);
    if (share_ > T(0)) add_similarity(passed, g);
  }
  void learn(const Passed<T>& /*passed*/, const T* /*d*/) override {}
  void state(Archive& archive) override {
    Within head(archive, "head/"), map(archive, "map/");
    head_.state(head);
    map_.state(map);
    Within optimizer(map, "optimizer/");
    learner_.state(optimizer);
    archive.number("updates", updates_);
  }

 private:
  /// The loss is one of the whole batch, a mean over pairs: times the weight of the batch its gradient is that of
  /// samples, whose mean is taken afterwards.
  void add_similarity(const Passed<T>& passed, T* g) {
    const int B = passed.rows;
    map_.forward(B, passed.h, tape_);
    const Directions<T> shown(B, width_, tape_.h.data()), wanted(B, outputs_, passed.target);
    std::vector<T> E(area(B, B));
    shown.add_cosines(T(1), E);
    wanted.add_cosines(T(-1), E);
    T weight = 0;
    for (int b = 0; b < B; ++b) weight += passed.weight[b];
    if (weight == T(0)) return;
    // d|E|^2/B^2 by E, times that weight
    const T factor = 2 * share_ * weight / (static_cast<T>(B) * static_cast<T>(B));
    for (T& each : E) each *= factor;
    std::vector<T> d = shown.through(E), dh(area(B, width_));
    map_.backward(B, passed.h, tape_, d.data(), T(1) / weight, grad_.data(), dh.data());
    learner_.update(updates_++, map_.theta(), grad_.span());
    for (std::size_t i = 0; i < dh.size(); ++i) g[i] += dh[i];
  }

  int width_, outputs_;
  T share_;
  LocalHead<T> head_;
  Layer<T> map_;
  LayerUpdater<T> learner_;
  Buffer<T> grad_;
  Tape<T> tape_;
  std::int64_t updates_ = 0;
};

template <class T>
std::unique_ptr<Interface<T>> make(const InterfaceSetup& setup) {
  return std::make_unique<PredSim<T>>(setup);
}

}  // namespace

extern const InterfaceRecord interface_predsim;
const InterfaceRecord interface_predsim = {
    .entry = {.name = "predsim",
              .title = "two local losses of each group: of its prediction, and of which samples look alike",
              .formulae = "d_k = (1 - b) dL(R_k h_k, y*)/dh_k + b d|S(P_k h_k) - S(y*)|^2/dh_k",
              .symbols = "d_k: what group k learns from\n"
                         "b: share of the similarity loss\n"
                         "R_k: a linear readout of its own\n"
                         "P_k: a linear map of its own\n"
                         "S: cosines of all pairs of a batch's centred rows\n"
                         "h_k: output of group k",
              .text = "The similarity loss is a mean over pairs. As with local, nothing comes down.",
              .cite = "nokland2019training",
              .options = options},
    .guesses = true,
    .time = "3 q + u (3 w^2 + B (2 w + m)) - a w",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
