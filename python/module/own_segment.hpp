// SPDX-License-Identifier: Apache-2.0
// What a rule in Python sees of a segment. All arrays are copies, so that they may be kept.
#pragma once

#include <cstddef>
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
  explicit OwnSegment(const Stack<T>& stack) : stack_(&stack) {}

  /// The segment is there for as long as it lives.
  class Open {
   public:
    Open(OwnSegment& segment, Layers<T> layers) : segment_(segment) { segment_.layers_ = layers; }
    ~Open() { segment_.layers_ = {}; }
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

  /// (K, B, columns): the regressors z = (h_prev, x, 1).
  py::array z() const { return rows(there().z.data(), cell().ld(), cell().columns()); }
  /// (K, B, H d): h after each step.
  py::array h() const { return rows(there().h, there().h_ld, cell().shown_width()); }
  /// (K, B): 1 where the stream begins anew.
  py::array cut() const { return copy_of(there().cut.data(), {steps(), streams()}); }

  /// (G, d, columns): the weights in u = W z, zero where there is none.
  py::array weights() const {
    const int columns = cell().columns();
    py::array_t<T> dense({cell().gates(), cell().units(), columns});
    T* const to = dense.mutable_data();
    std::fill_n(to, dense.size(), T(0));
    for (const Block& block : cell().blocks())
      for (int j = 0; j < block.cols; ++j)
        for (int i = 0; i < block.rows; ++i)
          to[(block.row + i) * columns + block.col + j] =
              there().theta[block.begin + static_cast<std::size_t>(i) +
                            static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(j)];
    return dense;
  }

  /// A (B, S, S, d) and B (B, S, G, d) of step k: s' = A s + B u; A without the recurrent weights, zero at a cut.
  py::tuple linearise(int k) const {
    require_step(k);
    const int S = cell().states(), G = cell().gates(), d = cell().units(), B = streams();
    py::array_t<T> local({B, S, S, d}), gain({B, S, G, d});
    cell().linearise(there(), k, Recurrent::none, local.mutable_data(), gain.mutable_data());
    return py::make_tuple(local, gain);
  }

  /// J_k v: the change (B, S, d) of the states after step k that a change v (B, S, d) of those before it makes.
  py::array push(int k, const py::object& v) const {
    require_step(k);
    const py::ssize_t B = streams(), S = cell().states(), d = cell().units();
    const Plain<T> in = shaped<T>("push", v, {B, S, d}, "a change of the states (streams, states, units)");
    py::array_t<T> out({B, S, d});
    stack_->push(layers_, k, in.data(), out.mutable_data());
    return out;
  }

  /// Of credit (B, S, d) on the states after step k: that on the states before it, and du (B, G, d) on the
  /// pre-activations.
  py::tuple pull(int k, const py::object& credit) const {
    require_step(k);
    const py::ssize_t B = streams(), S = cell().states(), G = cell().gates(), d = cell().units();
    const Plain<T> in = shaped<T>("pull", credit, {B, S, d}, "credit on the states (streams, states, units)");
    py::array_t<T> lambda({B, S, d}, in.data()), du({B, G, d});
    const auto width = static_cast<std::size_t>(stack_->shown_width());
    std::vector<T> q(static_cast<std::size_t>(B) * width), q_prev(q.size());
    stack_->pull(layers_, k, Recurrent::full, lambda.mutable_data(), q.data(), du.mutable_data(), q_prev.data());
    if (cell().shown() == 0)  // else it is in lambda
      for (py::ssize_t b = 0; b < B; ++b)
        for (std::size_t i = 0; i < width; ++i)
          lambda.mutable_data()[b * S * d + static_cast<py::ssize_t>(i)] +=
              q_prev[static_cast<std::size_t>(b) * width + i];
    return py::make_tuple(lambda, du);
  }

 private:
  const Segment<T>& there() const {
    if (layers_.empty())
      throw Error(Exit::usage, "segment", "was used after learn() had returned. Keep its arrays, which are copies.");
    return layers_[0];
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
  Layers<T> layers_;
};

}  // namespace chronograd::python
