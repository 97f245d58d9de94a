// SPDX-License-Identifier: Apache-2.0
// Kronecker-factored RTRL and its reverse with given signs nu, for each group of pre-activations i (rows) that read the
// same regressors z_j (cols), over all states k of the stack:
//   kf_rtrl          A (cols), B (N S d, rows), one sign              M[k,(i,j)] = A_j B_ki
//     A <- rho0 A + nu rho1 z,  B <- J B / rho0 + nu G / rho1         rho1 = sqrt(|G| / |z|)
//   reverse_kf_rtrl  A (rows), B (N S d, cols), a sign for each row   M[k,(i,j)] = A_i B_kj
//     A <- rho0 A + rho1 nu,  B <- J B / rho0 + P / rho1              rho1 = sqrt(|P| / |nu|),  P = (G nu) (x) z
// with rho0 = sqrt(|J B| / |A|), from zero. A product with a factor of norm zero is zero itself and is left out.
// Absent weights count like others of value 0.
#include <cmath>

#include "checking/groups.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

/// A <- sum of a and c, B <- sum of b and d, each pair first brought to factors of the same norm.
void sum_of_two(const Vector& a, const Vector& b, const Vector& c, const Vector& d, Vector& A, Vector& B) {
  Vector first(a.size(), 0.0), second(b.size(), 0.0);
  const auto add = [&](const Vector& x, const Vector& y) {
    if (norm(x) == 0 || norm(y) == 0) return;
    const double rho = std::sqrt(norm(y) / norm(x));
    for (std::size_t i = 0; i < x.size(); ++i) first[i] += rho * x[i];
    for (std::size_t i = 0; i < y.size(); ++i) second[i] += y[i] / rho;
  };
  add(a, b);
  add(c, d);
  A = first;
  B = second;
}

class Kf : public DenseRule {
 public:
  Kf(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule, bool reverse)
      : problem_(problem), layout_(layout), sign_(rule.sign), reverse_(reverse), groups_(groups_of(layout)) {
    for (const Group& group : groups_) {
      const int left = reverse ? group.rows() : group.cols(), right = reverse ? group.cols() : group.rows();
      A_.emplace_back(problem.B, Vector(left, 0.0));
      B_.emplace_back(problem.B, Vector(layout.width() * right, 0.0));
    }
  }

  void learn(const DenseStep& step, Vector& gradient) override {
    for (int b = 0; b < problem_.B; ++b) {
      int drawn = 0;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const Group& group = groups_[g];
        Vector nu(reverse_ ? group.rows() : 1);
        for (double& sign : nu) sign = sign_(b, step.t, drawn++);
        advance(group, step, b, nu, A_[g][b], B_[g][b]);
        add_gradient(group, step.credit[b], A_[g][b], B_[g][b], gradient);
      }
    }
  }

 private:
  void advance(const Group& group, const DenseStep& step, int b, const Vector& nu, Vector& A, Vector& B) const {
    const int width = layout_.width(), units = group.rows(), cols = group.cols();
    const Vector z = regressors_of(problem_, layout_, group, step, b), G = gain_of(layout_, group, step.linear[b]),
                 carried = product(width, width, reverse_ ? cols : units, step.linear[b].jacobian(), B);
    if (reverse_) {
      const Vector P = product(width, 1, cols, product(width, units, 1, G, nu), z);
      sum_of_two(A, carried, nu, P, A, B);
    } else {
      Vector signed_z = z, signed_G = G;
      for (double& v : signed_z) v *= nu[0];
      for (double& v : signed_G) v *= nu[0];
      sum_of_two(A, carried, signed_z, signed_G, A, B);
    }
  }

  void add_gradient(const Group& group, const Vector& credit, const Vector& A, const Vector& B,
                    Vector& gradient) const {
    const int rows = group.rows(), cols = group.cols();
    for (int state = 0; state < layout_.width(); ++state)
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j) {
          const double M = reverse_ ? A[i] * B[state * cols + j] : A[j] * B[state * rows + i];
          gradient[group.index[i][j]] += credit[state] * M;
        }
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  std::function<double(int, std::int64_t, int)> sign_;
  bool reverse_;
  std::vector<Group> groups_;
  std::vector<std::vector<Vector>> A_, B_;  // [groups][B]
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (!rule.sign) throw Error(Exit::usage, "rule.sign", rule.name + " needs its signs.");
  return std::make_unique<Kf>(problem, layout, rule, rule.name == "reverse_kf_rtrl");
}

constexpr DenseDefinition definitions[] = {{"kf_rtrl", make}, {"reverse_kf_rtrl", make}};

}  // namespace

std::span<const DenseDefinition> kf_rules() {
  return definitions;
}

}  // namespace chronograd::checking
