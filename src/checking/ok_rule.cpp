// SPDX-License-Identifier: Apache-2.0
// Optimal Kronecker sums with given signs sigma. For each group of pre-activations (rows) that read the same regressors
// z (cols) the matrix X (cols, N S d rows) itself is kept, M[k,(i,j)] = X[j,(k,i)], without factors and bases:
//   X <- J X + z (x) G;  its rank is r + 1 at most. If it is r + 1 = N, with X = sum d_i p_i (x) q_i, d falling and the
//   last entry of each p_i not negative (the last that is not zero in all of them), mu the smallest index with
//   (N - mu) d_mu <= S = sum_{i>=mu} d_i, k = N - mu and z0_i = sqrt((S - k d_i) / S): X <- sum_{i<mu} d_i p_i (x) q_i
//   + (S/k) [sum_{i>=mu} p_i (x) q_i
//                                            - (sum_{i>=mu} sigma_i z0_i p_i) (x) (sum_{i>=mu} sigma_i z0_i q_i)]
// A group of r regressors or fewer is never reduced. Each group has r + 1 signs at every step, used or not.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "checking/groups.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

double inner(const Vector& x, const Vector& y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

/// X (rows, cols) = sum_i d_i p_i (x) q_i with orthonormal p and q, d falling: from X = sum_i e_i (x) (row i of X),
/// pairs of terms are turned against each other until the right vectors are orthogonal.
struct Decomposition {
  Decomposition(int rows, int cols, const Vector& X) : d(rows) {
    struct Term {
      Vector left, right;
    };
    std::vector<Term> terms;
    int last = rows - 1;
    while (last > 0 && norm(Vector(X.begin() + last * cols, X.begin() + (last + 1) * cols)) == 0) --last;
    for (int i = 0; i < rows; ++i) {
      terms.push_back({Vector(rows, 0.0), Vector(X.begin() + i * cols, X.begin() + (i + 1) * cols)});
      terms.back().left[i] = 1;
    }
    bool turned = true;
    for (int sweep = 0; turned && sweep < 60; ++sweep) {
      turned = false;
      for (int i = 0; i < rows; ++i)
        for (int j = i + 1; j < rows; ++j) {
          Vector &x = terms[i].right, &y = terms[j].right;
          const double xy = inner(x, y);
          if (std::fabs(xy) <= 4e-16 * norm(x) * norm(y)) continue;
          turned = true;
          const double half_angle = 0.5 * std::atan2(2 * xy, inner(x, x) - inner(y, y));
          const auto turn = [c = std::cos(half_angle), s = std::sin(half_angle)](Vector& a, Vector& b) {
            for (std::size_t k = 0; k < a.size(); ++k) {
              const double before = a[k];
              a[k] = c * before + s * b[k];
              b[k] = c * b[k] - s * before;
            }
          };
          turn(x, y);
          turn(terms[i].left, terms[j].left);
        }
    }
    std::sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return norm(a.right) > norm(b.right); });
    for (int i = 0; i < rows; ++i) {
      d[i] = norm(terms[i].right);
      const double sign = terms[i].left[last] < 0 ? -1 : 1;
      for (double& v : terms[i].left) v *= sign;
      for (double& v : terms[i].right) v *= d[i] > 0 ? sign / d[i] : 0;
      p.push_back(terms[i].left);
      q.push_back(terms[i].right);
    }
  }

  std::vector<Vector> p, q;
  Vector d;
};

/// X (left_size, right_size) of rank r + 1 at most, brought to rank r with the signs sigma [r + 1].
Vector reduced(int left_size, int right_size, int r, const Vector& sigma, const Vector& X) {
  if (std::min(left_size, right_size) <= r) return X;
  const Decomposition whole(left_size, right_size, X);
  const Vector& d = whole.d;
  if (d[r] <= 1e-12 * d[0]) return X;
  const int N = r + 1;
  const auto tail = [&](int from) { return std::accumulate(d.begin() + from, d.begin() + N, 0.0); };
  int mu = 0;  // counted from 0: N - mu becomes N - 1 - mu
  while (mu < N - 2 && (N - 1 - mu) * d[mu] > tail(mu)) ++mu;
  const int k = N - 1 - mu;
  const double S = tail(mu);
  Vector Y(X.size(), 0.0), left(left_size, 0.0), right(right_size, 0.0);
  const auto add = [&](double factor, const Vector& x, const Vector& y) {
    for (int i = 0; i < left_size; ++i)
      for (int j = 0; j < right_size; ++j) Y[i * right_size + j] += factor * x[i] * y[j];
  };
  for (int i = 0; i < N; ++i) add(i < mu ? d[i] : S / k, whole.p[i], whole.q[i]);
  for (int i = mu; i < N; ++i) {
    const double z0 = std::sqrt(std::max(S - k * d[i], 0.0) / S);
    for (int j = 0; j < left_size; ++j) left[j] += sigma[i] * z0 * whole.p[i][j];
    for (int j = 0; j < right_size; ++j) right[j] += sigma[i] * z0 * whole.q[i][j];
  }
  add(-S / k, left, right);
  return Y;
}

class Ok : public DenseRule {
 public:
  Ok(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : problem_(problem), layout_(layout), sign_(rule.sign), r_(rule.r), groups_(groups_of(layout)) {
    for (const Group& group : groups_)
      X_.emplace_back(problem.B, Vector(group.cols() * layout.width() * group.rows(), 0.0));
  }

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width();
    for (int b = 0; b < problem_.B; ++b) {
      const Vector J = step.linear[b].jacobian();
      int drawn = 0;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const Group& group = groups_[g];
        const int units = group.rows(), cols = group.cols(), size = width * units;
        Vector sigma(r_ + 1), &X = X_[g][b], next;
        for (double& sign : sigma) sign = sign_(b, step.t, drawn++);
        const Vector z = regressors_of(problem_, layout_, group, step, b), G = gain_of(layout_, group, step.linear[b]);
        for (int j = 0; j < cols; ++j) {
          const Vector slice =
              product(width, width, units, J, Vector(X.begin() + j * size, X.begin() + (j + 1) * size));
          for (int k = 0; k < size; ++k) next.push_back(slice[k] + z[j] * G[k]);
        }
        X = cols <= r_ ? next : reduced(cols, size, r_, sigma, next);
        for (int k = 0; k < width; ++k)
          for (int i = 0; i < units; ++i)
            for (int j = 0; j < cols; ++j)
              gradient[group.index[i][j]] += step.credit[b][k] * X[j * size + k * units + i];
      }
    }
  }

 private:
  const OracleProblem& problem_;
  const Layout& layout_;
  std::function<double(int, std::int64_t, int)> sign_;
  int r_;
  std::vector<Group> groups_;
  std::vector<std::vector<Vector>> X_;  // [groups][B]
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (!rule.sign) throw Error(Exit::usage, "rule.sign", "ok needs its signs.");
  if (rule.r < 1) throw Error(Exit::usage, "rule.r", "got " + std::to_string(rule.r) + ", allowed is 1 or more.");
  return std::make_unique<Ok>(problem, layout, rule);
}

constexpr DenseDefinition definitions[] = {{"ok", make}};

}  // namespace

std::span<const DenseDefinition> ok_rules() {
  return definitions;
}

}  // namespace chronograd::checking
