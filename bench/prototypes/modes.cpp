// SPDX-License-Identifier: Apache-2.0
// The program chronograd with a rule and a task more, to judge what is not in the catalogue
// (docs/decisions/57-modes.md). modes(r): M ~ S + Q Z, the SnAp-1 trace S and r tracked modes of the rest, Q (d, r)
// with orthonormal columns, Z (r, p). With A = J Q, G = Z Z^T, Jo = J - diag J, C[l,i] = Z[l,i,:] . S[i,:], s[i] =
// |S[i,:]|^2 the next residual has the Gram matrix, over states,  K = A G A^T + A C Jo^T + Jo C^T A^T + Jo diag(s)
// Jo^T;  then
//   track = "step":  X = orth(A + eps Q),  Q' = orth(K X): one warm step of subspace iteration, K is never formed
//   track = "svd":   Q' = the r first eigenvectors of K: the best rank there is, a sketch of rank r
//   Z' = (Q'^T A) Z + (Q'^T Jo) S,  S' = diag(J) S + Mbar,  g = c S' + (c Q') Z'
// On one layer of the cell leaky, one stream.
#include <Eigen/Dense>

#include "chronograd/program.hpp"
#include "chronograd/random.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"
#include "rules/reach.hpp"

namespace cg = chronograd;
namespace {

template <class T>
class Modes final : public cg::Rule<T> {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Row = Eigen::Matrix<T, 1, Eigen::Dynamic>;
  using Given = Eigen::Map<const Matrix>;

 public:
  explicit Modes(const cg::RuleSetup<T>& setup)
      : cell_(setup.stack.layer(0)),
        d_(cell_.units()),
        columns_(cell_.columns()),
        r_(static_cast<int>(std::min<std::int64_t>(setup.options.integer("r"), d_))),
        svd_(setup.options.word("track") == "svd"),
        local_(1, d_),
        gain_(1, d_) {
    begin();
  }

  void learn(cg::Layers<T> layers, const cg::Credit<T>& credit, T* grad) override {
    const cg::Segment<T>& segment = layers[0];
    Eigen::Map<Matrix> g(grad, columns_, d_);
    for (int k = 0; k < segment.steps; ++k) {
      cell_.linearise(segment, k, cg::Recurrent::own, local_.data(), gain_.data());
      if (segment.cut[static_cast<std::size_t>(k)]) begin();
      track(segment.theta);
      s_ = s_.array().rowwise() * local_.array();
      s_.noalias() += Given(segment.z.data() + k * cell_.ld(), columns_, 1) * gain_;
      const Row c = Given(credit.c + k * d_, 1, d_), a = c * q_.transpose();
      g.array() += s_.array().rowwise() * c.array();
      for (int l = 0; l < r_; ++l) g += a[l] * mode(l);
    }
  }

  void begin() override {
    q_ = Matrix::Identity(r_, d_);
    z_ = Matrix::Zero(r_, columns_ * d_);
    s_ = Matrix::Zero(columns_, d_);
  }

  void state(cg::Archive& archive) override {
    archive.array("Q", {q_.data(), static_cast<std::size_t>(q_.size())});
    archive.array("Z", {z_.data(), static_cast<std::size_t>(z_.size())});
    archive.array("S", {s_.data(), static_cast<std::size_t>(s_.size())});
  }

 private:
  Eigen::Map<Matrix> mode(int l) { return {z_.data() + l * columns_ * d_, columns_, d_}; }

  /// Q and Z over a step; rows of q_ and a are the columns of Q and A, w[j,i] the weight from unit j to unit i.
  void track(const T* theta) {
    Matrix jo = Given(theta, d_, d_).array().rowwise() * gain_.array();  // transposed
    jo.diagonal().setZero();
    const Matrix a = q_ * jo + Matrix(q_.array().rowwise() * local_.array()), gram = z_ * z_.transpose();
    const Row s = s_.cwiseAbs2().colwise().sum();
    Matrix cross(r_, d_);
    for (int l = 0; l < r_; ++l) cross.row(l) = mode(l).cwiseProduct(s_).colwise().sum();
    if (svd_) {
      const Matrix half = jo.transpose() * cross.transpose() * a,
                   gram_of_rest =
                       a.transpose() * gram * a + half + half.transpose() + jo.transpose() * s.asDiagonal() * jo;
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram_of_rest.template cast<double>());
      q_ = solver.eigenvectors().rightCols(r_).transpose().template cast<T>();
    } else {
      const Matrix x = orthonormal(a + T(1e-3) * q_), to_a = x * a.transpose(), to_jo = x * jo.transpose();
      q_ = orthonormal((to_a * gram + to_jo * cross.transpose()) * a +
                       Matrix((to_a * cross).array() + to_jo.array().rowwise() * s.array()) * jo);
    }
    const Matrix turn = q_ * a.transpose(), fresh = q_ * jo.transpose();
    z_ = turn * z_;
    for (int l = 0; l < r_; ++l) mode(l).array() += s_.array().rowwise() * fresh.row(l).array();
  }

  /// Rows made orthonormal one after the other; the old one in the place of a row of zeros.
  Matrix orthonormal(Matrix x) const {
    for (int l = 0; l < r_; ++l) {
      if (x.row(l).squaredNorm() == 0) x.row(l) = q_.row(l);
      x.row(l).normalize();
      for (int pass = 0; pass < 2; ++pass) {
        for (int m = 0; m < l; ++m) x.row(l) -= x.row(l).dot(x.row(m)) * x.row(m);
        x.row(l).normalize();
      }
    }
    return x;
  }

  const cg::Cell<T>& cell_;
  int d_, columns_, r_;
  bool svd_;
  Row local_, gain_;  ///< of a step: diag J, alpha f'
  Matrix q_, z_, s_;  ///< [r][d], [r][columns d], [columns][d], weights as in theta
};

template <class T>
std::unique_ptr<cg::Rule<T>> make_modes(const cg::RuleSetup<T>& setup) {
  return std::make_unique<Modes<T>>(setup);
}

/// Symbols to be said again when a cue comes, `shortest` to `longest` steps later.
class Recall final : public cg::Task {
 public:
  Recall(std::int64_t shortest, std::int64_t longest, std::uint64_t seed)
      : shortest_(shortest), frame_(longest + 1), seed_(seed) {}
  int inputs() const override { return symbols + 2; }
  int outputs() const override { return symbols; }
  bool classes() const override { return true; }
  std::int64_t length(cg::Split) const override { return 0; }
  std::int64_t rows(cg::Split) const override { return 0; }
  void read(cg::Split split, std::int64_t row, std::int64_t t, int steps, const cg::Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == cg::Split::test ? 1 : 0);
    for (int k = 0; k < steps; ++k) {
      cg::Random random(seed_, cg::Draw::data, stream, static_cast<std::uint64_t>((t + k) / frame_));
      const auto symbol = static_cast<int>(random.below(symbols));
      const std::int64_t now = (t + k) % frame_,
                         cue = shortest_ +
                               static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(frame_ - shortest_)));
      const int channel = now == 0 ? symbol : now == cue ? symbols + 1 : symbols;
      for (int i = 0; i < inputs(); ++i) out.x[k * inputs() + i] = i == channel ? 1 : 0;
      for (int i = 0; i < symbols; ++i) out.y[k * symbols + i] = i == symbol ? 1 : 0;
      out.mask[k] = now == cue ? 1 : 0;
      out.reset[k] = 0;
    }
  }
  std::vector<cg::Reference> references() const override { return {{"chance", std::log(double(symbols)), true}}; }
  std::string summary() const override { return "recall: a symbol again, at a cue"; }

 private:
  static constexpr int symbols = 4;
  std::int64_t shortest_, frame_;
  std::uint64_t seed_;
};

constexpr cg::Option rule_options[] = {
    {.key = "r", .type = cg::OptionType::integer, .fallback = "4", .low = 1, .high = 1e6, .help = "modes"},
    {.key = "track",
     .type = cg::OptionType::word,
     .fallback = "\"step\"",
     .help = "how Q is found",
     .choices = "step|svd"},
    cg::reach_option,
    cg::reach_by_option,
};
constexpr cg::Option task_options[] = {
    {.key = "shortest", .type = cg::OptionType::integer, .fallback = "8", .low = 1, .high = 1e6, .help = "delay"},
    {.key = "longest", .type = cg::OptionType::integer, .fallback = "12", .low = 1, .high = 1e6, .help = "delay"},
};

}  // namespace

int main(int count, char** words) {
  static const cg::RuleRecord modes = {
      .entry = {.name = "modes", .title = "SnAp-1 and modes of the rest", .options = rule_options},
      .promise = cg::Promise::biased,
      .past_facing = true,
      .make_float = cg::with_reach<float, make_modes<float>>,
      .make_double = cg::with_reach<double, make_modes<double>>};
  static const cg::TaskRecord recall = {
      .entry = {.name = "recall", .title = "a symbol again, at a cue", .options = task_options},
      .make = [](const cg::TaskRecord&, const cg::Options& options, std::uint64_t seed) -> std::unique_ptr<cg::Task> {
        return std::make_unique<Recall>(options.integer("shortest"), options.integer("longest"), seed);
      }};
  cg::add_entry(modes);
  cg::add_entry(recall);
  return cg::run_program(count, words);
}
