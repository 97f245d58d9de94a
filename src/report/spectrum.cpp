// SPDX-License-Identifier: Apache-2.0
#include "report/spectrum.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace chronograd {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

Eigen::VectorXd with_sign(Eigen::VectorXd direction) {
  Eigen::Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  if (direction[largest] < 0) direction = -direction;
  return direction;
}

}  // namespace

std::vector<std::complex<double>> eigenvalues(const std::vector<double>& matrix, std::size_t n) {
  if (n == 0 || matrix.size() != n * n || !all_finite(matrix)) return {};
  const Eigen::Map<const Matrix> map(matrix.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(map, false);
  if (solver.info() != Eigen::Success) return {};
  std::vector<std::complex<double>> values(solver.eigenvalues().begin(), solver.eigenvalues().end());
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return std::abs(a) > std::abs(b); });
  return values;
}

PrincipalComponents principal_components(const std::vector<double>& points, std::size_t count, std::size_t size) {
  PrincipalComponents out;
  if (count < 2 || size == 0 || points.size() != count * size || !all_finite(points)) return out;
  const Eigen::Map<const Matrix> map(points.data(), static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(size));
  const Matrix centred = map.rowwise() - map.colwise().mean();
  const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(count);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  if (solver.info() != Eigen::Success) return out;
  const double total = std::max(covariance.trace(), 1e-300);
  const Eigen::Index last = covariance.rows() - 1;
  const auto coordinates = [&](Eigen::Index which) {
    const Eigen::VectorXd along = centred * with_sign(solver.eigenvectors().col(which));
    return std::vector<double>(along.begin(), along.end());
  };
  out.first = coordinates(last);
  out.first_share = std::max(0.0, solver.eigenvalues()[last]) / total;
  if (last > 0) {
    out.second = coordinates(last - 1);
    out.second_share = std::max(0.0, solver.eigenvalues()[last - 1]) / total;
  } else {
    out.second.assign(count, 0);
  }
  return out;
}

}  // namespace chronograd
