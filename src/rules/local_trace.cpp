// SPDX-License-Identifier: Apache-2.0
#include "rules/local_trace.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

std::size_t at(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

/// Calls f(gate, theta offset of its first row, distance between regressors in theta, block) for every gate.
template <class T, class F>
void each_gate(const Cell<T>& cell, const F& f) {
  const int d = cell.units();
  for (const Block& block : cell.blocks())
    for (int row = block.row; row < block.row + block.rows; row += d)
      f(row / d, block.at + static_cast<std::size_t>(row - block.row), block.rows, block);
}

}  // namespace

template <class T>
LocalTrace<T>::LocalTrace(const RuleSetup<T>& setup, Recurrent recurrent)
    : cell_(setup.stack.layer(0)), recurrent_(recurrent), streams_(setup.streams), scan_(setup.stack) {
  const int d = cell_.units(), S = cell_.states(), G = cell_.gates(), B = streams_;
  if (S > 2)
    throw Error(Exit::usage, "rule.name",
                std::string("local traces are written for cells of one or two states a unit, not for ") +
                    cell_.record().entry.name + ".");
  trace_.resize(at(B, S) * cell_.parameters());
  local_.resize(at(B, S * S * d));
  gain_.resize(at(B, S * G * d));
  before_.resize(at(B, S * d));
  credit_.resize(at(S, d));
  carry_.resize(at(S * S, d));
}

template <class T>
void LocalTrace<T>::begin() {
  trace_.zero();
  empty_ = true;
}

template <class T>
void LocalTrace<T>::state(Archive& archive) {
  std::int64_t empty = empty_;
  archive.number("empty", empty);
  empty_ = empty != 0;
  archive.array("trace", trace_.span());
}

template <class T>
void LocalTrace<T>::learn(Layers<T> layers, const Credit<T>& credit, T* grad) {
  const Segment<T>& segment = layers[0];
  if (segment.steps == 1 && !(segment.last && empty_)) return step(segment, credit.c, grad);
  const int B = streams_, d = cell_.units(), S = cell_.states();
  scan_.run(layers, 0, segment.steps, recurrent_, true, credit.c, empty_ ? nullptr : before_.data(), grad);
  if (!empty_)
    for (int b = 0; b < B; ++b) read(b, before_.data() + at(b, S * d), grad);
  if (!segment.last) advance(segment);
}

/// K = 1: decay, outer product and gradient in one pass over the trace.
template <class T>
void LocalTrace<T>::step(const Segment<T>& segment, const T* c, T* grad) {
  const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
  const Kernels<T>& loops = kernels<T>();
  cell_.linearise(segment, 0, recurrent_, local_.data(), gain_.data());
  for (int b = 0; b < streams_; ++b) {
    const T* z = segment.z.data() + at(b, cell_.ld());
    const T* local = local_.data() + at(b, S * S * d);
    const T* gain = gain_.data() + at(b, S * G * d);
    if (S == 2) std::copy_n(c + at(b, d), d, credit_.data());
    each_gate(cell_, [&](int g, std::size_t offset, int ld, const Block& block) {
      if (S == 1) {
        loops.trace_step(block.cols, d, local, gain + at(g, d), z + block.col, c + at(b, d), trace(b, 0) + offset, ld,
                         grad + offset, ld);
      } else {
        std::copy_n(gain + at(g, d), d, carry_.data());
        std::copy_n(gain + at(G + g, d), d, carry_.data() + d);
        loops.trace_step2(block.cols, d, local, carry_.data(), z + block.col, credit_.data(), d, trace(b, 0) + offset,
                          trace(b, 1) + offset, ld, grad + offset, ld);
      }
    });
  }
  empty_ = false;
}

/// grad += credit . trace of stream b; credit [S d].
template <class T>
void LocalTrace<T>::read(int b, const T* credit, T* grad) {
  const int d = cell_.units();
  for (int s = 0; s < cell_.states(); ++s)
    each_gate(cell_, [&](int, std::size_t offset, int ld, const Block& block) {
      kernels<T>().trace_read(block.cols, d, credit + at(s, d), trace(b, s) + offset, ld, grad + offset, ld);
    });
}

/// Takes the trace over a segment: e_K = (L_K ... L_1) e_0 + sum_k (L_K ... L_{k+1} B_k) (x) z_k, the sum as one
/// product.
template <class T>
void LocalTrace<T>::advance(const Segment<T>& segment) {
  const int B = streams_, K = segment.steps, d = cell_.units(), S = cell_.states(), G = cell_.gates();
  const Kernels<T>& loops = kernels<T>();
  const auto step_size = at(S, G * d);
  const std::size_t needed = at(B, K) * step_size + at(B, S * S * d);
  if (coefficients_.size() < needed) coefficients_.resize(needed);
  T* suffix = coefficients_.data() + at(B, K) * step_size;  // [B][S S d] L_K ... L_{k+1}
  for (int b = 0; b < B; ++b)
    for (int r = 0; r < S; ++r)
      for (int s = 0; s < S; ++s) std::fill_n(suffix + at(b * S * S + r * S + s, d), d, r == s ? T(1) : T(0));
  for (int k = K - 1; k >= 0; --k) {
    cell_.linearise(segment, k, recurrent_, local_.data(), gain_.data());
    for (int b = 0; b < B; ++b) {
      T* suf = suffix + at(b, S * S * d);
      T* out = coefficients_.data() + at(b * K + k, S) * at(G, d);
      const T* gain = gain_.data() + at(b, S * G * d);
      const T* local = local_.data() + at(b, S * S * d);
      for (int r = 0; r < S; ++r)
        for (int g = 0; g < G; ++g) {
          T* c = out + at(r * G + g, d);
          std::fill_n(c, d, T(0));
          for (int s = 0; s < S; ++s) loops.multiply_add(d, suf + at(r * S + s, d), gain + at(s * G + g, d), c);
        }
      if (S == 1) {
        loops.multiply(d, local, suf);
      } else {
        carry_.zero();
        for (int r = 0; r < S; ++r)
          for (int c = 0; c < S; ++c)
            for (int s = 0; s < S; ++s)
              loops.multiply_add(d, suf + at(r * S + s, d), local + at(s * S + c, d), carry_.data() + at(r * S + c, d));
        std::copy_n(carry_.data(), at(S * S, d), suf);
      }
    }
  }
  for (int b = 0; b < B; ++b) {
    const T* suf = suffix + at(b, S * S * d);
    if (!empty_)
      each_gate(cell_, [&](int, std::size_t offset, int ld, const Block& block) {
        if (S == 1) {
          loops.trace_decay(block.cols, d, suf, trace(b, 0) + offset, ld);
        } else {
          for (int j = 0; j < block.cols; ++j) {
            T* e0 = trace(b, 0) + offset + at(j, ld);
            T* e1 = trace(b, 1) + offset + at(j, ld);
            for (int i = 0; i < d; ++i) {
              const T x = e0[i], y = e1[i];
              e0[i] = suf[i] * x + suf[d + i] * y;
              e1[i] = suf[2 * d + i] * x + suf[3 * d + i] * y;
            }
          }
        }
      });
    for (int s = 0; s < S; ++s)
      for (const Block& block : cell_.blocks())
        gemm(Op::transposed, Op::none, block.cols, block.rows, K, segment.z.data() + at(b, cell_.ld()) + block.col,
             B * cell_.ld(), coefficients_.data() + at(b, K) * step_size + at(s * G, d) + block.row, S * G * d,
             empty_ ? T(0) : T(1), trace(b, s) + block.at, block.rows);
  }
  empty_ = false;
}

template class LocalTrace<float>;
template class LocalTrace<double>;

}  // namespace chronograd
