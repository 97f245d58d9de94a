// SPDX-License-Identifier: Apache-2.0
#include "checking/dense_net.hpp"

#include <numeric>

#include "checking/functions.hpp"

namespace chronograd::checking {
namespace {

constexpr double epsilon = 1e-5, kept = 0.9;

using Vars = std::vector<Var>;

std::size_t at(int row, int width, int i) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(i);
}

class NetOnTape {
 public:
  explicit NetOnTape(const DenseNet& net) : net_(net) {
    for (const auto& [name, values] : net.parameters)
      if (!name.starts_with("mean") && !name.starts_with("var"))
        for (const double value : values) parameters_[name].emplace_back(value, tape_);
  }

  DenseGradient run() {
    Vars h(net_.x.begin(), net_.x.end());
    int below = net_.inputs;
    for (std::size_t l = 0; l < net_.widths.size(); ++l) {
      const std::string number = std::to_string(l + 1);
      const int width = net_.widths[l];
      Vars a = product(h, below, width, parameters_.at("W" + number));
      if (net_.normalised)
        normalise(a, width, number);
      else
        shift(a, width, parameters_.at("b" + number));
      for (Var& one : a) one = apply(net_.activation, one);
      h = std::move(a);
      below = width;
    }
    Vars a = product(h, below, net_.outputs, parameters_.at("W_out"));
    shift(a, net_.outputs, parameters_.at("b_y"));
    const Var loss = objective(a);
    result_.loss = loss.value;
    const Vector adjoint = tape_.sweep(loss.node);
    for (const auto& [name, variables] : parameters_)
      for (const Var& one : variables) result_.gradient[name].push_back(adjoint[static_cast<std::size_t>(one.node)]);
    return std::move(result_);
  }

 private:
  Vars product(const Vars& h, int below, int width, const Vars& W) const {
    Vars a(at(net_.rows, width, 0));
    for (int b = 0; b < net_.rows; ++b)
      for (int i = 0; i < width; ++i)
        for (int j = 0; j < below; ++j)
          a[at(b, width, i)] = a[at(b, width, i)] + W[at(i, below, j)] * h[at(b, below, j)];
    return a;
  }

  void shift(Vars& a, int width, const Vars& by) const {
    for (int b = 0; b < net_.rows; ++b)
      for (int i = 0; i < width; ++i) a[at(b, width, i)] = a[at(b, width, i)] + by[static_cast<std::size_t>(i)];
  }

  void normalise(Vars& a, int width, const std::string& number) {
    const Vars &gamma = parameters_.at("gamma" + number), &beta = parameters_.at("beta" + number);
    Vector &means = result_.running["mean" + number], &variances = result_.running["var" + number];
    means = net_.parameters.at("mean" + number);
    variances = net_.parameters.at("var" + number);
    const double rows = net_.rows;
    for (int i = 0; i < width; ++i) {
      const auto unit = static_cast<std::size_t>(i);
      Var mean = 0.0, variance = 0.0;
      for (int b = 0; b < net_.rows; ++b) mean = mean + a[at(b, width, i)] / rows;
      for (int b = 0; b < net_.rows; ++b) {
        const Var away = a[at(b, width, i)] - mean;
        variance = variance + away * away / rows;
      }
      const Var deviation = sqrt(variance + epsilon);
      for (int b = 0; b < net_.rows; ++b)
        a[at(b, width, i)] = gamma[unit] * ((a[at(b, width, i)] - mean) / deviation) + beta[unit];
      means[unit] = kept * means[unit] + (1 - kept) * mean.value;
      variances[unit] = kept * variances[unit] + (1 - kept) * variance.value;
    }
  }

  Var objective(const Vars& a) const {
    const double divisor = net_.mean ? std::accumulate(net_.weight.begin(), net_.weight.end(), 0.0) : 1;
    Var sum = 0.0;
    const int m = net_.outputs;
    for (int b = 0; b < net_.rows; ++b) {
      const Vars y = output_of(net_.output, Vars(a.begin() + at(b, m, 0), a.begin() + at(b + 1, m, 0)));
      Vector values, slopes(static_cast<std::size_t>(m));
      for (const Var& one : y) values.push_back(one.value);
      const double* const target = net_.target.data() + at(b, m, 0);
      Var loss = net_.loss.value(net_.loss, m, values.data(), target);
      net_.loss.slope(net_.loss, m, values.data(), target, slopes.data());
      for (std::size_t k = 0; k < y.size(); ++k) loss = loss + slopes[k] * (y[k] - values[k]);
      sum = sum + net_.weight[static_cast<std::size_t>(b)] / divisor * loss;
    }
    return sum;
  }

  const DenseNet& net_;
  checking::Tape tape_;
  std::map<std::string, Vars> parameters_;
  DenseGradient result_{};
};

}  // namespace

DenseGradient gradient_of(const DenseNet& net) {
  return NetOnTape(net).run();
}

}  // namespace chronograd::checking
