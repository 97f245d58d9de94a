// SPDX-License-Identifier: Apache-2.0
#include "nets/layer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "math/functions.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

constexpr double epsilon = 1e-5, kept = 0.9;

template <class T>
void activate(Activation activation, std::size_t n, T* __restrict h) {
  if (activation == Activation::relu)
    for (std::size_t i = 0; i < n; ++i) h[i] = h[i] < T(0) ? T(0) : h[i];  // NaN stays
  if (activation == Activation::tanh)
    for (std::size_t i = 0; i < n; ++i) h[i] = tanh_of(h[i]);
}

/// d *= df/da, which h tells.
template <class T>
void through_activation(Activation activation, std::size_t n, const T* __restrict h, T* __restrict d) {
  if (activation == Activation::relu)
    for (std::size_t i = 0; i < n; ++i) d[i] = h[i] > T(0) ? d[i] : T(0);
  if (activation == Activation::tanh)
    for (std::size_t i = 0; i < n; ++i) d[i] *= T(1) - h[i] * h[i];
}

}  // namespace

template <class T>
Layer<T>::Layer(const LayerShape& shape, std::uint64_t seed) : shape_(shape) {
  const auto w = static_cast<std::size_t>(shape.outputs);
  const std::size_t numbers = area(shape.inputs, shape.outputs) + w * (shape.normalised ? 2 : 1);
  if (numbers > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error(Exit::usage, "net.widths",
                "got a layer of " + std::to_string(numbers) + " parameters, allowed are at most " +
                    std::to_string(std::numeric_limits<int>::max()) + ".");
  theta_.resize(numbers);
  const double deviation = std::sqrt((shape.activation == Activation::relu ? 2.0 : 1.0) / shape.inputs);
  for (std::size_t i = 0; i < w; ++i) {
    Random random(seed, Draw::parameters, static_cast<std::uint64_t>(shape.number), i);
    for (int j = 0; j < shape.inputs; ++j)
      theta_[area(j, shape.outputs) + i] = static_cast<T>(random.normal() * deviation);
  }
  if (!shape.normalised) return;
  std::fill_n(row(0), w, T(1));
  mean_.resize(w);
  variance_.resize(w);
  std::fill_n(variance_.data(), w, T(1));
  sums_.resize(2 * w);
}

template <class T>
std::size_t Layer<T>::weights() const {
  return area(shape_.inputs, shape_.outputs);
}

/// z from x W, which it is on entry, and h up to the activation.
template <class T>
void Layer<T>::normalise(int rows, Tape<T>& tape) {
  const auto w = static_cast<std::size_t>(shape_.outputs);
  reserve(tape.spread, w);
  sums_.zero();
  T* const __restrict mean = sums_.data(), * const __restrict variance = sums_.data() + w;
  T* const __restrict spread = tape.spread.data();
  const T one_over = T(1) / static_cast<T>(rows);
  for (int b = 0; b < rows; ++b) {
    const T* __restrict z = tape.z.data() + area(b, shape_.outputs);
    for (std::size_t i = 0; i < w; ++i) mean[i] += z[i];
  }
  for (std::size_t i = 0; i < w; ++i) mean[i] *= one_over;
  for (int b = 0; b < rows; ++b) {
    T* __restrict z = tape.z.data() + area(b, shape_.outputs);
    for (std::size_t i = 0; i < w; ++i) {
      z[i] -= mean[i];
      variance[i] += z[i] * z[i];
    }
  }
  const T keep = static_cast<T>(kept), fresh = static_cast<T>(1 - kept);
  for (std::size_t i = 0; i < w; ++i) {
    variance[i] *= one_over;
    spread[i] = T(1) / std::sqrt(variance[i] + static_cast<T>(epsilon));
    mean_[i] = keep * mean_[i] + fresh * mean[i];
    variance_[i] = keep * variance_[i] + fresh * variance[i];
  }
  const T* const __restrict gamma = row(0), * const __restrict beta = row(1);
  for (int b = 0; b < rows; ++b) {
    T* __restrict z = tape.z.data() + area(b, shape_.outputs);
    T* __restrict h = tape.h.data() + area(b, shape_.outputs);
    for (std::size_t i = 0; i < w; ++i) {
      z[i] *= spread[i];
      h[i] = gamma[i] * z[i] + beta[i];
    }
  }
}

template <class T>
void Layer<T>::forward(int rows, const T* x, Tape<T>& tape) {
  const int w = shape_.outputs;
  const std::size_t numbers = area(rows, w);
  reserve(tape.h, numbers);
  if (shape_.normalised) {
    reserve(tape.z, numbers);
    gemm(Op::none, Op::none, rows, w, shape_.inputs, x, shape_.inputs, theta_.data(), w, T(0), tape.z.data(), w);
    normalise(rows, tape);
  } else {
    for (int b = 0; b < rows; ++b) std::copy_n(row(0), w, tape.h.data() + area(b, w));
    gemm(Op::none, Op::none, rows, w, shape_.inputs, x, shape_.inputs, theta_.data(), w, T(1), tape.h.data(), w);
  }
  activate(shape_.activation, numbers, tape.h.data());
}

template <class T>
void Layer<T>::infer(int rows, const T* x, T* h) const {
  const int w = shape_.outputs;
  const auto units = static_cast<std::size_t>(w);
  gemm(Op::none, Op::none, rows, w, shape_.inputs, x, shape_.inputs, theta_.data(), w, T(0), h, w);
  std::vector<T> scale(units, T(1)), shift(row(0), row(0) + w);
  if (shape_.normalised)
    for (std::size_t i = 0; i < units; ++i) {
      scale[i] = row(0)[i] / std::sqrt(variance_[i] + static_cast<T>(epsilon));
      shift[i] = row(1)[i] - mean_[i] * scale[i];
    }
  for (int b = 0; b < rows; ++b)
    for (std::size_t i = 0; i < units; ++i) {
      T& a = h[area(b, w) + i];
      a = a * scale[i] + shift[i];
    }
  activate(shape_.activation, area(rows, w), h);
}

template <class T>
void Layer<T>::backward(int rows, const T* x, const Tape<T>& tape, T* d, T share, T* grad, T* dx) const {
  const int w = shape_.outputs, n = shape_.inputs;
  const auto units = static_cast<std::size_t>(w);
  through_activation(shape_.activation, area(rows, w), tape.h.data(), d);
  T* const of_rows = grad ? grad + weights() : nullptr;
  if (shape_.normalised) {
    sums_.zero();
    T* const __restrict sum = sums_.data(), * const __restrict with_z = sums_.data() + units;
    for (int b = 0; b < rows; ++b) {
      const T* const __restrict db = d + area(b, w), * const __restrict z = tape.z.data() + area(b, w);
      for (std::size_t i = 0; i < units; ++i) {
        sum[i] += db[i];
        with_z[i] += db[i] * z[i];
      }
    }
    if (of_rows)
      for (std::size_t i = 0; i < units; ++i) {
        of_rows[i] = share * with_z[i];
        of_rows[units + i] = share * sum[i];
      }
    const T one_over = T(1) / static_cast<T>(rows);
    for (std::size_t i = 0; i < 2 * units; ++i) sums_[i] *= one_over;
    const T* const __restrict gamma = row(0), * const __restrict spread = tape.spread.data();
    for (int b = 0; b < rows; ++b) {
      T* const __restrict db = d + area(b, w);
      const T* const __restrict z = tape.z.data() + area(b, w);
      for (std::size_t i = 0; i < units; ++i) db[i] = (db[i] - sum[i] - z[i] * with_z[i]) * (gamma[i] * spread[i]);
    }
  }
  if (dx) gemm(Op::none, Op::transposed, rows, n, w, d, w, theta_.data(), w, T(0), dx, n);
  if (!grad) return;
  if (share != T(1)) kernels<T>().scale(static_cast<int>(area(rows, w)), share, d);
  gemm(Op::transposed, Op::none, n, w, rows, x, n, d, w, T(0), grad, w);
  if (shape_.normalised) return;
  std::fill_n(of_rows, units, T(0));
  for (int b = 0; b < rows; ++b) kernels<T>().add(w, d + area(b, w), of_rows);
}

template <class T>
template <class Self>
auto Layer<T>::parts(Self& self) {
  const std::string number = std::to_string(self.shape_.number);
  using Part = std::pair<std::string, decltype(self.row(0))>;
  if (self.shape_.readout) return std::vector<Part>{{"b_y", self.row(0)}};
  if (!self.shape_.normalised) return std::vector<Part>{{"b" + number, self.row(0)}};
  return std::vector<Part>{{"gamma" + number, self.row(0)},
                           {"beta" + number, self.row(1)},
                           {"mean" + number, self.mean_.data()},
                           {"var" + number, self.variance_.data()}};
}

template <class T>
std::vector<std::string> Layer<T>::names() const {
  const std::string number = std::to_string(shape_.number);
  if (shape_.readout) return {"W_out", "b_y"};
  if (!shape_.normalised) return {"W" + number, "b" + number};
  return {"W" + number, "gamma" + number, "beta" + number, "mean" + number, "var" + number};
}

template <class T>
void Layer<T>::add_to(Arrays& arrays) const {
  const auto rows = static_cast<std::size_t>(shape_.outputs), cols = static_cast<std::size_t>(shape_.inputs);
  std::vector<T> W(weights());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) W[i * cols + j] = theta_[j * rows + i];
  arrays.insert_or_assign(names().front(), Array::of({rows, cols}, std::move(W)));
  for (const auto& [name, values] : parts(*this))
    arrays.insert_or_assign(name, Array::of({rows}, std::vector<T>(values, values + rows)));
}

template <class T>
void Layer<T>::take_from(const Arrays& arrays, const std::string& file) {
  const auto rows = static_cast<std::size_t>(shape_.outputs), cols = static_cast<std::size_t>(shape_.inputs);
  const auto find = [&](const std::string& name, const std::vector<std::size_t>& shape) -> const Array& {
    Array wanted;
    wanted.shape = shape;
    const auto entry = arrays.find(name);
    if (entry == arrays.end())
      throw Error(Exit::data, file, "has no array " + name + ", needed is one of shape " + wanted.shape_text() + ".");
    if (entry->second.shape != shape || !entry->second.refusal.empty())
      throw Error(Exit::data, file + ": " + name,
                  "got shape " + entry->second.shape_text() + ", allowed is " + wanted.shape_text() + ".");
    for (std::size_t i = 0; i < entry->second.size(); ++i)
      if (!std::isfinite(static_cast<T>(entry->second.at(i))))
        throw Error(Exit::data, file + ": " + name,
                    "got NaN, infinity or a number beyond the dtype, allowed are finite numbers.");
    return entry->second;
  };
  const Array& W = find(names().front(), {rows, cols});
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) theta_[j * rows + i] = static_cast<T>(W.at(i * cols + j));
  for (const auto& [name, values] : parts(*this)) {
    const Array& array = find(name, {rows});
    for (std::size_t i = 0; i < rows; ++i) values[i] = static_cast<T>(array.at(i));
  }
}

template <class T>
void Layer<T>::state(Archive& archive) {
  archive.array("theta", theta_.span());
  if (!shape_.normalised) return;
  archive.array("mean", mean_.span());
  archive.array("variance", variance_.span());
}

template class Layer<float>;
template class Layer<double>;

}  // namespace chronograd
