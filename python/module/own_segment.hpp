// SPDX-License-Identifier: Apache-2.0
// What a rule in Python sees of a segment: that of its layer, or of a whole stack with its layers. All arrays are
// copies, so that they may be kept.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "own.hpp"

namespace chronograd::python {

struct OwnCredit {
  py::object c, err, target;
  py::list further;
};

template <class T>
class OwnSegment {
 public:
  /// `whole`: of all layers, each of which is a segment of its own beside it.
  OwnSegment(const Stack<T>& stack, bool whole) : stack_(&stack), whole_(whole) {
    for (int l = 0; whole && l < stack.layers(); ++l) {
      single_.push_back(std::make_unique<Stack<T>>(stack, l));
      parts_.append(OwnSegment<T>(*single_.back(), false));
    }
  }

  OwnSegment(OwnSegment&&) noexcept = default;
  OwnSegment(const OwnSegment&) = delete;
  OwnSegment& operator=(OwnSegment&&) = delete;
  OwnSegment& operator=(const OwnSegment&) = delete;
  ~OwnSegment() = default;

  /// The segment is there for as long as it lives.
  class Open {
   public:
    Open(OwnSegment& segment, Layers<T> layers) : segment_(segment) { segment_.show(layers); }
    ~Open() { segment_.show({}); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    OwnSegment& segment_;
  };

  int steps() const { return there().steps; }
  int streams() const { return there().streams; }
  std::int64_t t0() const { return there().t0; }
  std::int64_t row() const { return there().pass; }
  bool last() const { return there().last; }
  /// The segments of the layers, bottom first.
  py::tuple layers() const {
    if (!whole_)
      throw Error(Exit::usage, "segment.layers",
                  "is there for rules of whole stacks. Give @cg.rule(..., layers=\"all\").");
    return py::tuple(parts_);
  }

  /// (K, B, columns): the regressors z = (h_prev, x, 1).
  py::array z() const { return rows(one().z.data(), cell().ld(), cell().columns()); }
  /// (K, B, H d): h after each step.
  py::array h() const { return rows(one().h, one().h_ld, cell().shown_width()); }
  /// (K, B): 1 where the stream begins anew.
  py::array cut() const { return copy_of(there().cut.data(), {steps(), streams()}); }

  /// (G, d, columns): the weights in u = W z, zero where there is none.
  py::array weights() const {
    const Segment<T>& segment = one();
    const int columns = cell().columns();
    py::array_t<T> dense({cell().gates(), cell().units(), columns});
    T* const to = dense.mutable_data();
    std::fill_n(to, dense.size(), T(0));
    for (const Block& block : cell().blocks())
      for (int j = 0; j < block.cols; ++j)
        for (int i = 0; i < block.rows; ++i)
          to[(block.row + i) * columns + block.col + j] =
              segment.theta[block.begin + static_cast<std::size_t>(i) +
                            static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(j)];
    return dense;
  }

  /// A (B, S, S, d) and B (B, S, G, d) of step k: s' = A s + B u; A without the recurrent weights, zero at a cut.
  py::tuple linearise(int k) const {
    const Segment<T>& segment = one();
    require_step(k);
    const int S = cell().states(), G = cell().gates(), d = cell().units(), B = streams();
    py::array_t<T> local({B, S, S, d}), gain({B, S, G, d});
    cell().linearise(segment, k, Recurrent::none, local.mutable_data(), gain.mutable_data());
    return py::make_tuple(local, gain);
  }

  /// J_k v: the change (B, S, d) of the states after step k that a change v (B, S, d) of those before it makes; of a
  /// stack (B, N, S, d).
  py::array push(int k, const py::object& v) const {
    require_step(k);
    const Plain<T> in = shaped<T>("push", v, shape(stack_->states()),
                                  whole_ ? "a change of the states (streams, layers, states, units)"
                                         : "a change of the states (streams, states, units)");
    py::array_t<T> out(shape(stack_->states()));
    stack_->push(layers_, k, in.data(), out.mutable_data());
    return out;
  }

  /// Of credit (B, S, d) on the states after step k: that on the states before it, and du (B, G, d) on the
  /// pre-activations; of a stack (B, N, S, d) and (B, N, G, d), with the credit that passes down inside of the step.
  py::tuple pull(int k, const py::object& credit) const {
    require_step(k);
    const Plain<T> in = shaped<T>("pull", credit, shape(stack_->states()),
                                  whole_ ? "credit on the states (streams, layers, states, units)"
                                         : "credit on the states (streams, states, units)");
    py::array_t<T> lambda(shape(stack_->states()), in.data()), du(shape(stack_->gates()));
    const auto B = static_cast<std::size_t>(streams()), width = static_cast<std::size_t>(stack_->shown_width());
    std::vector<T> q(B * width), q_prev(q.size());
    stack_->pull(layers_, k, Recurrent::full, lambda.mutable_data(), q.data(), du.mutable_data(), q_prev.data());
    // Where h is what is shown: else it is in lambda.
    if (stack_->shown() == stack_->top())
      for (std::size_t b = 0; b < B; ++b)
        for (std::size_t i = 0; i < width; ++i)
          lambda.mutable_data()[b * static_cast<std::size_t>(stack_->width()) +
                                static_cast<std::size_t>(stack_->top()) + i] += q_prev[b * width + i];
    return py::make_tuple(lambda, du);
  }

 private:
  const Segment<T>& there() const {
    if (layers_.empty())
      throw Error(Exit::usage, "segment", "was used after learn() had returned. Keep its arrays, which are copies.");
    return layers_[0];
  }
  /// What a layer alone has.
  const Segment<T>& one() const {
    const Segment<T>& segment = there();
    if (whole_)
      throw Error(Exit::usage, "segment",
                  "is that of a stack: z, h, W and linearise(k) are those of a layer. Example: segment.layers[0].z.");
    return segment;
  }
  void show(Layers<T> layers) {
    layers_ = layers;
    for (std::size_t l = 0; l < single_.size(); ++l)
      parts_[l].template cast<OwnSegment<T>&>().show(layers.empty() ? layers : layers.subspan(l, 1));
  }
  /// (B, each, d), of a stack (B, N, each, d).
  std::vector<py::ssize_t> shape(int each) const {
    if (whole_) return {streams(), stack_->layers(), each, stack_->units()};
    return {streams(), each, stack_->units()};
  }
  const Cell<T>& cell() const { return stack_->layer(0); }
  void require_step(int k) const {
    if (k < 0 || k >= steps())
      throw Error(Exit::usage, "segment",
                  "got the step " + std::to_string(k) + ", allowed is 0 to " + std::to_string(steps() - 1) + ".");
  }
  py::array rows(const T* from, int ld, int width) const {
    py::array_t<T> out({steps(), streams(), width});
    T* to = out.mutable_data();
    for (int row = 0; row < steps() * streams(); ++row)
      std::copy_n(from + std::size_t(row) * ld, width, to + std::size_t(row) * width);
    return out;
  }

  const Stack<T>* stack_;
  bool whole_;
  Layers<T> layers_;
  std::vector<std::unique_ptr<Stack<T>>> single_;
  py::list parts_;  ///< a segment for each of them
};

}  // namespace chronograd::python
