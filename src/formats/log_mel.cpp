// SPDX-License-Identifier: Apache-2.0
#include "formats/log_mel.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

namespace chronograd {
namespace {

constexpr std::size_t bins = mel::window / 2 + 1;

// Slaney's scale: 200/3 Hz a mel below 1 kHz, then 27 mels for each factor of 6.4.
constexpr double hertz_a_mel = 200.0 / 3, bend_hertz = 1000, bend_mel = bend_hertz / hertz_a_mel;
double log_step() {
  return std::log(6.4) / 27;
}
double mel_of(double hertz) {
  return hertz < bend_hertz ? hertz / hertz_a_mel : bend_mel + std::log(hertz / bend_hertz) / log_step();
}
double hertz_of(double mels) {
  return mels < bend_mel ? mels * hertz_a_mel : bend_hertz * std::exp((mels - bend_mel) * log_step());
}

std::vector<double> triangles() {
  std::vector<double> corners(mel::bands + 2), filters(mel::bands * bins);
  const double first = mel_of(mel::lowest), last = mel_of(mel::highest);
  for (std::size_t i = 0; i < corners.size(); ++i)
    corners[i] = hertz_of(first + (last - first) * static_cast<double>(i) / (mel::bands + 1));
  for (std::size_t j = 0; j < mel::bands; ++j)
    for (std::size_t k = 0; k < bins; ++k) {
      const double hertz = static_cast<double>(k) * mel::rate / mel::window;
      const double up = (hertz - corners[j]) / (corners[j + 1] - corners[j]),
                   down = (corners[j + 2] - hertz) / (corners[j + 2] - corners[j + 1]);
      filters[j * bins + k] = std::max(0.0, std::min(up, down)) * 2 / (corners[j + 2] - corners[j]);
    }
  return filters;
}

}  // namespace

struct LogMel::Transform {
  Eigen::FFT<double> fft{Eigen::default_fft_impl<double>(), Eigen::FFT<double>::HalfSpectrum};
  std::vector<double> frame = std::vector<double>(mel::window);
  std::vector<std::complex<double>> spectrum = std::vector<std::complex<double>>(bins);
};

LogMel::LogMel() : transform_(std::make_unique<Transform>()), shape_(mel::window), filters_(triangles()) {
  for (std::size_t i = 0; i < shape_.size(); ++i)
    shape_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / mel::window);
  for (std::size_t j = 0; j < mel::bands; ++j) {
    std::size_t first = 0, last = bins;
    while (first < bins && filters_[j * bins + first] == 0) ++first;
    while (last > first && filters_[j * bins + last - 1] == 0) --last;
    inside_.emplace_back(first, last);
  }
}

LogMel::~LogMel() = default;

std::vector<double> LogMel::of(std::span<const float> samples) {
  const auto count = static_cast<std::ptrdiff_t>(samples.size());
  const auto frames = static_cast<std::size_t>(mel::frames(static_cast<int>(count)));
  std::vector<double> out(frames * mel::bands), power(bins);
  for (std::size_t t = 0; t < frames; ++t) {
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(t) * mel::hop - mel::window / 2;
    for (std::ptrdiff_t i = 0; i < mel::window; ++i) {
      const std::ptrdiff_t at = first + i;
      const double sample = at >= 0 && at < count ? static_cast<double>(samples[static_cast<std::size_t>(at)]) : 0;
      transform_->frame[static_cast<std::size_t>(i)] = sample * shape_[static_cast<std::size_t>(i)];
    }
    transform_->fft.fwd(transform_->spectrum.data(), transform_->frame.data(), mel::window);
    for (std::size_t k = 0; k < bins; ++k) power[k] = std::norm(transform_->spectrum[k]);
    for (std::size_t j = 0; j < mel::bands; ++j) {
      double sum = 0;
      for (std::size_t k = inside_[j].first; k < inside_[j].second; ++k) sum += filters_[j * bins + k] * power[k];
      out[t * mel::bands + j] = sum;
    }
  }
  const double largest = *std::max_element(out.begin(), out.end());
  for (double& value : out) value = largest > 0 ? std::log1p(value / largest) : 0;
  return out;
}

void mel_slopes(std::span<const float> bands, std::size_t t, double* out) {
  constexpr std::size_t half = mel::slope_width / 2;
  constexpr double squares = half * (half + 1) * (2 * half + 1) / 3.0;  // sum of k^2 over -half ... half
  const std::size_t frames = bands.size() / mel::bands, middle = std::clamp(t, half, frames - 1 - half);
  for (std::size_t j = 0; j < mel::bands; ++j) {
    double sum = 0;
    for (std::size_t k = 1; k <= half; ++k)
      sum += static_cast<double>(k) * (static_cast<double>(bands[(middle + k) * mel::bands + j]) -
                                       static_cast<double>(bands[(middle - k) * mel::bands + j]));
    out[j] = sum / squares;
  }
}

}  // namespace chronograd
