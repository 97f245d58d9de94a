// SPDX-License-Identifier: Apache-2.0
#include "figures/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "figures/scale.hpp"

namespace chronograd {

std::string bytes_text(double bytes) {
  if (!std::isfinite(bytes)) return "–";
  if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.3g} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.3g} MB", bytes / 1e6);
  return fmt::format("{:.3g} GB", bytes / 1e9);
}

std::string estimate_text(const Estimate& estimate) {
  const double mean = estimate.mean, half = estimate.half_width;
  if (!std::isfinite(mean)) return "–";
  const double size = std::fabs(mean);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) {
    const std::string text = readable(mean);
    return std::isfinite(half) ? text + " ± " + readable(half, 2) : text;
  }
  // Two digits of the half width say how many of the mean count.
  const double precision = std::isfinite(half) && half > 0 ? half : std::max(size, 1e-4) * 1e-2;
  const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(precision))), 0, 6);
  std::string text = fmt::format("{:.{}f}", mean, decimals);
  if (std::isfinite(half)) text += fmt::format(" ± {:.{}f}", half, decimals);
  return text;
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  static_cast<void>(std::strtod(text.c_str(), &end));
  return !text.empty() && *end == '\0';
}

std::string short_setting(const std::string& value) {
  return is_number(value) ? fmt::format("{:.3g}", std::strtod(value.c_str(), nullptr)) : value;
}

std::string spaced_count(double count) {
  if (!std::isfinite(count)) return "–";
  std::string digits = fmt::format("{:.0f}", count), text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += "\u202f";
    text += digits[i];
  }
  return text;
}

}  // namespace chronograd
