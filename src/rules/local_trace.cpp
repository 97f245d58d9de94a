// SPDX-License-Identifier: Apache-2.0
#include "rules/local_trace.hpp"

#include <algorithm>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

constexpr int most_states = 6;  ///< of Kernels::trace_step_many

}  // namespace

template <class T>
LocalTrace<T>::LocalTrace(const RuleSetup<T>& setup, Recurrent recurrent)
    : cell_(setup.stack.layer(0)), recurrent_(recurrent), streams_(setup.streams), scan_(setup.stack) {
  const int d = cell_.units(), S = cell_.states(), G = cell_.gates(), B = streams_;
  const bool own_effect = recurrent == Recurrent::own && (cell_.recurrent() || cell_.record().self);
  first_ = cell_.record().h_carries || own_effect ? 0 : cell_.record().heads;
  kept_ = S - first_;
  if (kept_ > most_states)
    throw Error(Exit::usage, "rule.name",
                "local traces are written for up to " + std::to_string(most_states) +
                    " states a unit that carry something on, not for " + cell_.record().entry.name + ".");
  trace_.resize(area(B, kept_) * cell_.parameters());
  local_.resize(area(B, S * S * d));
  gain_.resize(area(B, S * G * d));
  before_.resize(area(B, S * d));
  read_.resize(area(kept_ + 1, d));
  carry_.resize(area(kept_ * kept_, d));
  fresh_.resize(area(kept_, d));
  zeros_.resize(std::max(area(kept_, d), static_cast<std::size_t>(cell_.columns())));
  charged_.reserve(static_cast<std::size_t>(S));
  if (setup.further) credit_.resize(area(S, d));
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
  if (segment.steps == 1 && !(segment.last && empty_)) return step(segment, credit, grad);
  const int B = streams_, d = cell_.units(), S = cell_.states();
  scan_.run(layers, 0, segment.steps, recurrent_, true, credit, empty_ ? nullptr : before_.data(), grad);
  if (!segment.last) return advance(segment, grad);
  if (!empty_)
    for (int b = 0; b < B; ++b) read(b, before_.data() + area(b, S * d), grad);
}

/// K = 1: decay, outer product and gradient in one pass over the trace.
template <class T>
void LocalTrace<T>::step(const Segment<T>& segment, const Credit<T>& credit, T* grad) {
  const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
  const Kernels<T>& loops = kernels<T>();
  cell_.linearise(segment, 0, recurrent_, local_.data(), gain_.data());
  for (int b = 0; b < streams_; ++b) {
    const T* z = segment.regressors() + area(b, cell_.ld());
    const T* local = local_.data() + area(b, S * S * d);
    const T* gain = gain_.data() + area(b, S * G * d);
    gather_credit(credit, b);
    if (S == 1) {
      each_gate(cell_, [&](int g, std::size_t offset, int ld, const Block& block) {
        loops.trace_step(block.cols, d, local, gain + area(g, d), z + block.col, charged_[0].q, trace(b, 0) + offset,
                         ld, grad + offset, ld);
      });
      continue;
    }
    // The gradient is c A e + c D z, with e from before the step and of A and D the rows of states that have credit.
    for (int s = 0; s < kept_; ++s) {
      charged(local + area(first_ + s, d), S, read_.data() + area(s, d));
      for (int r = 0; r < kept_; ++r)
        std::copy_n(local + area((first_ + r) * S + first_ + s, d), d, carry_.data() + area(r * kept_ + s, d));
    }
    each_gate(cell_, [&](int g, std::size_t offset, int ld, const Block& block) {
      T* direct = read_.data() + area(kept_, d);
      charged(gain + area(g, d), G, direct);
      for (int s = 0; s < kept_; ++s) std::copy_n(gain + area((first_ + s) * G + g, d), d, fresh_.data() + area(s, d));
      loops.trace_step_many(kept_, block.cols, d, carry_.data(), fresh_.data(), read_.data(), direct, z + block.col,
                            trace(b, 0) + offset, static_cast<std::ptrdiff_t>(cell_.parameters()), ld, grad + offset,
                            ld);
    });
  }
  empty_ = false;
}

/// Lists the states of stream b that have credit at the one step, with it.
template <class T>
void LocalTrace<T>::gather_credit(const Credit<T>& credit, int b) {
  const int d = cell_.units(), H = cell_.record().heads, S = cell_.states();
  charged_.clear();
  if (credit.further.empty()) {
    for (int v = 0; v < H; ++v) charged_.push_back({cell_.shown() + v, credit.c + area(b * H + v, d)});
    return;
  }
  credit_.zero();
  std::copy_n(credit.c + area(b, H * d), H * d, credit_.data() + area(cell_.shown(), d));
  for (const FurtherCredit<T>& further : credit.further)
    kernels<T>().add(d, row_of(further, 0, b, d), credit_.data() + area(further.state, d));
  for (int s = 0; s < S; ++s) charged_.push_back({s, credit_.data() + area(s, d)});
}

/// out [d] = the sum over states with credit of it times their factors, which lie `distance` rows of d apart.
template <class T>
void LocalTrace<T>::charged(const T* factors, int distance, T* out) const {
  const int d = cell_.units();
  for (const Charged& one : charged_) {
    const T* factor = factors + area(one.state * distance, d);
    if (&one == charged_.data()) {
      std::copy_n(one.q, d, out);
      kernels<T>().multiply(d, factor, out);
    } else {
      kernels<T>().multiply_add(d, one.q, factor, out);
    }
  }
}

/// grad += credit . trace of stream b; credit [S d], none on states without a trace.
template <class T>
void LocalTrace<T>::read(int b, const T* credit, T* grad) {
  const int d = cell_.units();
  for (int s = 0; s < kept_; ++s)
    each_gate(cell_, [&](int, std::size_t offset, int ld, const Block& block) {
      kernels<T>().trace_read(block.cols, d, credit + area(first_ + s, d), trace(b, s) + offset, ld, grad + offset, ld);
    });
}

/// Takes the trace over a segment: e_K = (A_K ... A_1) e_0 + sum_k (A_K ... A_{k+1} D_k) (x) z_k, the sum as one
/// product. Rows and columns of A that belong to a state without a trace are left out: its column is zero. And grad +=
/// before . e_0.
template <class T>
void LocalTrace<T>::advance(const Segment<T>& segment, T* grad) {
  const int B = streams_, K = segment.steps, d = cell_.units(), S = cell_.states(), G = cell_.gates(), kept = kept_;
  const Kernels<T>& loops = kernels<T>();
  const auto step_size = area(kept, G * d);
  const std::size_t needed = area(B, K) * step_size + area(B, kept * kept * d);
  if (coefficients_.size() < needed) coefficients_.resize(needed);
  T* suffix = coefficients_.data() + area(B, K) * step_size;  // [B][kept kept][d] A_K ... A_{k+1}
  for (int b = 0; b < B; ++b)
    for (int r = 0; r < kept; ++r)
      for (int s = 0; s < kept; ++s)
        std::fill_n(suffix + area(b * kept * kept + r * kept + s, d), d, r == s ? T(1) : T(0));
  for (int k = K - 1; k >= 0; --k) {
    cell_.linearise(segment, k, recurrent_, local_.data(), gain_.data());
    for (int b = 0; b < B; ++b) {
      T* suf = suffix + area(b, kept * kept * d);
      T* out = coefficients_.data() + area(b * K + k, kept) * area(G, d);
      const T* gain = gain_.data() + area(b, S * G * d) + area(first_ * G, d);
      const T* local = local_.data() + area(b, S * S * d) + area(first_ * S + first_, d);
      for (int r = 0; r < kept; ++r)
        for (int g = 0; g < G; ++g) {
          T* c = out + area(r * G + g, d);
          std::fill_n(c, d, T(0));
          for (int s = 0; s < kept; ++s)
            loops.multiply_add(d, suf + area(r * kept + s, d), gain + area(s * G + g, d), c);
        }
      if (kept == 1) {
        loops.multiply(d, local, suf);
      } else {
        carry_.zero();
        for (int r = 0; r < kept; ++r)
          for (int c = 0; c < kept; ++c)
            for (int s = 0; s < kept; ++s)
              loops.multiply_add(d, suf + area(r * kept + s, d), local + area(s * S + c, d),
                                 carry_.data() + area(r * kept + c, d));
        std::copy_n(carry_.data(), area(kept * kept, d), suf);
      }
    }
  }
  // A stream's regressors side by side: B rows apart they would compete for few places in the cache.
  const int ld = cell_.ld();
  if (B > 1 && regressors_.size() < area(K, ld)) regressors_.resize(area(K, ld));
  for (int b = 0; b < B; ++b) {
    if (!empty_)
      read_and_decay(b, before_.data() + area(b, S * d) + area(first_, d), suffix + area(b, kept * kept * d), grad);
    const T* z = segment.regressors();
    if (B > 1) {
      for (int k = 0; k < K; ++k) std::copy_n(z + area(k * B + b, ld), ld, regressors_.data() + area(k, ld));
      z = regressors_.data();
    }
    for (int s = 0; s < kept; ++s)
      for (const Block& block : cell_.blocks())
        gemm(Op::transposed, Op::none, block.cols, block.rows, K, z + block.col, ld,
             coefficients_.data() + area(b, K) * step_size + area(s * G, d) + block.row, kept * G * d,
             empty_ ? T(0) : T(1), trace(b, s) + block.begin, block.rows);
  }
  empty_ = false;
}

/// grad += credit . e, then e <- A e for stream b, in one pass: a step of the trace with nothing new. credit [kept][d],
/// decay [kept kept][d]: A.
template <class T>
void LocalTrace<T>::read_and_decay(int b, const T* credit, const T* decay, T* grad) {
  each_gate(cell_, [&](int, std::size_t offset, int ld, const Block& block) {
    kernels<T>().trace_step_many(kept_, block.cols, cell_.units(), decay, zeros_.data(), credit, zeros_.data(),
                                 zeros_.data(), trace(b, 0) + offset, static_cast<std::ptrdiff_t>(cell_.parameters()),
                                 ld, grad + offset, ld);
  });
}

template class LocalTrace<float>;
template class LocalTrace<double>;

}  // namespace chronograd
