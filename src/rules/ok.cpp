// SPDX-License-Identifier: Apache-2.0
// Optimal Kronecker sums: the influence of a group of pre-activations that read the same regressors z is kept as a sum
// of at most r products u_l (x) A_l that equals it on average, M[k,(i,j)] ~ sum_l u_l[j] A_l[k,i]. Each step
//   A_l <- J A_l,  the term (z, G) joins them, G = ds/du of the group;  from r + 1 terms r others are made, unbiased
//   and of least variance (KroneckerReduction);  g_ij = sum_l (c A_l)_i u_l[j]
// A term one of whose factors is zero is dropped. A group of at most r regressors is kept whole, A_j for each of them:
//   A_j <- J A_j + z_j G
#include <algorithm>
#include <cmath>

#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/draws.hpp"
#include "rules/kronecker_reduction.hpp"
#include "rules/reach.hpp"
#include "rules/step_matrices.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Ok final : public Rule<T> {
 public:
  explicit Ok(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        r_(static_cast<int>(setup.options.integer("r"))),
        draws_(setup),
        step_(setup.stack, setup.streams),
        named_(named_in(setup.stack)),
        reduction_(most_products()) {
    std::size_t left = 0, right = 0;
    int rows = 0, cols = 0;
    for (std::size_t pair = 0; pair < stack_.blocks().size(); ++pair) {
      const StackBlock& block = stack_.blocks()[pair];
      const std::size_t terms = static_cast<std::size_t>(whole(pair) ? block.cols : r_), numbers = step_.numbers(block);
      u_at_.push_back(u_at_.back() + (whole(pair) ? 0 : area(r_, block.cols)));
      a_at_.push_back(a_at_.back() + terms * numbers);
      if (!whole(pair)) left = std::max(left, area(r_ + 1, block.cols));
      right = std::max(right, (terms + 1) * numbers);
      rows = std::max(rows, static_cast<int>(terms) * block.rows);
      cols = std::max(cols, block.cols);
    }
    u_.resize(area(streams_, 1) * u_at_.back());
    a_.resize(area(streams_, 1) * a_at_.back());
    terms_.assign(area(streams_, static_cast<int>(stack_.blocks().size())), 0);
    left_.resize(left);
    right_.resize(right);
    credit_.resize(static_cast<std::size_t>(rows));
    weights_.resize(area(r_at_most(), most_products()));
    dots_.resize(area(most_products(), 1));
    last_.resize(area(most_products(), 1));
    if (left == 0) return;  // no group is ever reduced: what would be drawn for them is not asked for
    sigma_.resize(area(r_ + 1, 1));
    nu_.resize(area(r_ + 1, static_cast<int>(stack_.blocks().size())));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      step_.linearise(layers, k);
      for (int b = 0; b < streams_; ++b) {
        step_.take(layers, credit, k, b);
        if (nu_.size() > 0) draws_.signs(layers[0].pass, layers[0].t0 + k, b, static_cast<int>(nu_.size()), nu_.data());
        const std::size_t pairs = stack_.blocks().size();
        for (std::size_t pair = 0; pair < pairs; ++pair) {
          const StackBlock& block = stack_.blocks()[pair];
          const T* z = stack_.regressors(layers, block, k, b);
          T *u = u_.data() + static_cast<std::size_t>(b) * u_at_.back() + u_at_[pair],
            *a = a_.data() + static_cast<std::size_t>(b) * a_at_.back() + a_at_[pair];
          if (whole(pair)) {
            advance_whole(block, z, a, grad);
          } else {
            std::int64_t& terms = terms_[static_cast<std::size_t>(b) * pairs + pair];
            terms = advance(pair, static_cast<int>(terms), z, nu_.data() + pair * sigma_.size(), u, a);
            read(block, static_cast<int>(terms), u, a, grad);
          }
        }
      }
    }
  }

  void begin() override {
    u_.zero();
    a_.zero();
    std::fill(terms_.begin(), terms_.end(), 0);
  }

  void state(Archive& archive) override {
    archive.array("u", u_.span());
    archive.array("A", a_.span());
    for (std::size_t i = 0; i < terms_.size(); ++i)
      archive.number(numbered(archive, "terms", static_cast<int>(i)), terms_[i]);
  }

 private:
  /// Regressors of a group that belong to a parameter with a name. Whoever asks what is charged to a step adds others,
  /// which must not change what the group is kept in.
  struct Named {
    int count = 0, last = 0;
  };
  static std::vector<Named> named_in(const Stack<T>& stack) {
    std::vector<Named> named;
    for (const StackBlock& block : stack.blocks()) {
      const CellLayout& layout = stack.layer(block.layer).layout();
      const int row = block.row - block.layer * stack.layer(block.layer).rows();
      std::vector<bool> has(static_cast<std::size_t>(block.cols));
      for (int p = 0; p < layout.parameter_count; ++p)
        for (int k = 0; k < layout.parameters[p].piece_count; ++k) {
          const Piece& piece = layout.parameters[p].pieces[k];
          if (piece.row >= row && piece.row < row + block.rows)
            std::fill_n(has.begin() + (piece.col - block.col), piece.cols, true);
        }
      Named& own = named.emplace_back();
      for (int j = 0; j < block.cols; ++j) {
        if (!has[static_cast<std::size_t>(j)]) continue;
        ++own.count;
        own.last = j;
      }
    }
    return named;
  }
  bool whole(std::size_t pair) const { return r_ >= named_[pair].count; }
  /// The largest number of terms that a group is kept in.
  int r_at_most() const {
    int most = 1;
    for (std::size_t pair = 0; pair < named_.size(); ++pair)
      if (!whole(pair)) most = std::max(most, r_);
    return most;
  }
  int most_products() const { return r_at_most() + 1; }

  void advance_whole(const StackBlock& block, const T* z, T* a, T* grad) {
    const Kernels<T>& loops = kernels<T>();
    const std::size_t numbers = step_.numbers(block);
    T* gain = right_.data() + static_cast<std::size_t>(block.cols) * numbers;
    step_.push(block, block.cols, a, right_.data());
    step_.gain(block, gain);
    std::copy_n(right_.data(), static_cast<std::size_t>(block.cols) * numbers, a);
    loops.outer_add(block.cols, static_cast<int>(numbers), z, gain, a, static_cast<int>(numbers));
    step_.read(block, block.cols, a, credit_.data());
    for (int j = 0; j < block.cols; ++j)
      loops.add(block.rows, credit_.data() + area(j, block.rows), grad + block.begin + area(j, block.rows));
  }

  /// Takes the sum of `terms` products over a step; returns how many there are then.
  int advance(std::size_t pair, int terms, const T* z, const T* nu, T* u, T* a) {
    const Kernels<T>& loops = kernels<T>();
    const StackBlock& block = stack_.blocks()[pair];
    const int cols = block.cols;
    const std::size_t numbers = step_.numbers(block);
    step_.push(block, terms, a, right_.data());
    step_.gain(block, right_.data() + static_cast<std::size_t>(terms) * numbers);
    std::copy_n(u, area(terms, cols), left_.data());
    std::copy_n(z, cols, left_.data() + area(terms, cols));
    int kept = 0;
    for (int l = 0; l <= terms; ++l) {
      const T *left = left_.data() + area(l, cols), *right = right_.data() + static_cast<std::size_t>(l) * numbers;
      if (loops.squared_norm(cols, left) == 0 || loops.squared_norm(static_cast<int>(numbers), right) == 0) continue;
      if (kept < l) {
        std::copy_n(left, cols, left_.data() + area(kept, cols));
        std::copy_n(right, numbers, right_.data() + static_cast<std::size_t>(kept) * numbers);
      }
      ++kept;
    }
    if (kept <= r_) {
      std::copy_n(left_.data(), area(kept, cols), u);
      std::copy_n(right_.data(), static_cast<std::size_t>(kept) * numbers, a);
      return kept;
    }
    reduce(named_[pair].last, cols, static_cast<int>(numbers), nu, u, a);
    return r_;
  }

  /// r products u, A of the r + 1 in left_ and right_; `last` is the last of their regressors that has a name; signs
  /// follow from it, or where it has never been anything but 0 (a unit below that is dead) from the one before.
  void reduce(int last, int cols, int numbers, const T* nu, T* u, T* a) {
    const int N = r_ + 1;
    reduction_.begin(N);
    orthogonalise(N, cols, left_.data(), &KroneckerReduction::left);
    orthogonalise(N, numbers, right_.data(), &KroneckerReduction::right);
    const auto left = [&](int i, int j) { return left_[area(i, cols) + static_cast<std::size_t>(j)]; };
    const auto silent = [&](int j) {
      for (int i = 0; i < N; ++i)
        if (left(i, j) != 0) return false;
      return true;
    };
    while (last > 0 && silent(last)) --last;
    for (int i = 0; i < N; ++i) {
      last_[static_cast<std::size_t>(i)] = left(i, last);
      sigma_[static_cast<std::size_t>(i)] = nu[i];
    }
    reduction_.reduce(last_.data(), sigma_.data(), sizeof(T) == sizeof(float) ? 1e-5 : 1e-12);
    combine(reduction_.left_weights(), cols, left_.data(), u);
    combine(reduction_.right_weights(), numbers, right_.data(), a);
  }

  /// x [N][length] <- Q with x = C^T Q, rows orthonormal (Gram and Schmidt's way, modified: to the accuracy of x times
  /// its condition number; C^T Q is x to the last digits whatever that is, and so is the mean of the reduction).
  void orthogonalise(int N, int length, T* x, double& (KroneckerReduction::*triangle)(int, int)) {
    const Kernels<T>& loops = kernels<T>();
    for (int i = 0; i < N; ++i) {
      T *row = x + area(i, length), *rest = row + length;
      const T size = std::sqrt(loops.squared_norm(length, row));
      (reduction_.*triangle)(i, i) = size;
      if (size > 0) loops.scale(length, 1 / size, row);
      if (i + 1 == N) break;
      const int more = N - 1 - i;
      loops.times_column(more, length, rest, length, row, T(0), dots_.data());
      for (int j = 0; j < more; ++j) {
        (reduction_.*triangle)(i, i + 1 + j) = dots_[static_cast<std::size_t>(j)];
        dots_[static_cast<std::size_t>(j)] *= -1;
      }
      loops.outer_add(more, length, dots_.data(), row, rest, length);
    }
  }

  /// to [r][length] = weights [r][N] x [N][length]
  void combine(const double* weights, int length, const T* x, T* to) {
    const int N = r_ + 1;
    for (std::size_t i = 0; i < area(r_, N); ++i) weights_[i] = static_cast<T>(weights[i]);
    gemm(Op::none, Op::none, r_, length, N, weights_.data(), N, x, length, T(0), to, length);
  }

  void read(const StackBlock& block, int terms, const T* u, const T* a, T* grad) {
    if (terms == 0) return;
    step_.read(block, terms, a, credit_.data());
    gemm(Op::transposed, Op::none, block.cols, block.rows, terms, u, block.cols, credit_.data(), block.rows, T(1),
         grad + block.begin, block.rows);
  }

  const Stack<T>& stack_;
  int streams_, r_;
  Draws draws_;
  StepMatrices<T> step_;
  std::vector<Named> named_;  ///< [groups]
  KroneckerReduction reduction_;
  std::vector<std::size_t> u_at_{0}, a_at_{0};  ///< where the factors of each group begin among those of a stream
  Buffer<T> u_, a_;                             ///< [B][groups] u [r][cols] (none of a whole group), A [r]: its rows
  std::vector<std::int64_t> terms_;             ///< [B][groups]
  Buffer<T> left_, right_;                      ///< the r + 1 terms of a step
  Buffer<T> credit_, weights_, dots_, nu_;
  Buffer<double> last_, sigma_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Ok<T>>(setup);
}

constexpr Option options[] = {
    {.key = "r",
     .type = OptionType::integer,
     .fallback = "4",
     .low = 1,
     .high = 1e6,
     .unit = "products",
     .help = "how many products the influence is kept as; the more, the less noise"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_ok;
const RuleRecord rule_ok = {
    .entry = {.name = "ok",
              .title = "OK, optimal Kronecker sum of r products",
              .formulae = "M[k,i,j] ~ sum_l v_l[j] A_l[k,i]\n"
                          "A_l <- J A_l,  g[i,j] = sum_l v_l[j] sum_k c[k] A_l[k,i]",
              .symbols = "v, A: factors of at most r products for a group of pre-activations that read the same "
                         "regressors\n"
                         "l: number of a product\n"
                         "k: number of a state",
              .text =
                  "Each step the product of z and ds/du joins them. From r + 1 products r others are made by singular "
                  "value decomposition and random signs: of all unbiased reductions the one of least variance. Its "
                  "mean over the signs is the exact gradient, through all layers of a stack; it is exact in the first "
                  "r steps of a row, and for r of at least the regressors of a group. Groups: leaky and lstm one a "
                  "layer, gru three.",
              .cite = "benzing2019optimal",
              .options = options},
    .promise = Promise::unbiased,
    .memory = "a F + Z",
    .time = "a F J / d + S R + 2 (C + 1)^2 a F / C + 2 a F + C p",
    .past_facing = true,
    .whitens = true,
    .look = "teal",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
