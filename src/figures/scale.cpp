// SPDX-License-Identifier: Apache-2.0
#include "figures/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace chronograd {
namespace {

std::string superscript(int exponent) {
  constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(exponent))) text += digits[c - '0'];
  return text;
}

/// Differences of what an axis holds stay in the range of doubles.
constexpr double most_shown = 8e307, least_shown = 1e-300;

/// `1.5×10⁻⁷`, and `10⁻⁷` for a mantissa of one.
std::string scientific(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, std::max(0, digits - 1));
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') != std::string::npos) {
    mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.back() == '.') mantissa.pop_back();
  }
  std::string power = "10" + superscript(std::stoi(text.substr(e + 1)));
  if (mantissa == "1") return power;
  if (mantissa == "-1") return "−" + power;
  if (mantissa[0] == '-') mantissa = "−" + mantissa.substr(1);
  return mantissa + "×" + power;
}

std::string plain(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find_first_not_of("-0.") == std::string::npos && text[0] == '-') text.erase(0, 1);
  if (text[0] == '-') text = "−" + text.substr(1);
  return text;
}

/// 1, 2 or 5 times a power of ten.
bool is_power_step(double value) {
  const double mantissa = value / std::pow(10, std::floor(std::log10(value) + 1e-9));
  return std::fabs(mantissa - 1) < 1e-6 || std::fabs(mantissa - 2) < 1e-6 || std::fabs(mantissa - 5) < 1e-6;
}

/// The logarithm of a / b, both positive, also where the quotient leaves the range of doubles.
double log_ratio(double a, double b) {
  const double ratio = a / b;
  return std::isnormal(ratio) ? std::log(ratio) : std::log(a) - std::log(b);
}

double round_step(double width, int wanted) {
  const double rough = width / std::max(1, wanted);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

}  // namespace

Scale::Scale(double low, double high, double from, double to, bool log)
    : low_(low), high_(high), from_(from), to_(to), log_(log) {}

double Scale::position(double value) const {
  const double share = log_ ? log_ratio(value, low_) / log_ratio(high_, low_) : (value - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

bool Scale::shows(double value) const {
  return std::isfinite(value) && (!log_ || value > 0);
}

std::vector<double> Scale::ticks(int wanted) const {
  std::vector<double> ticks;
  const double slack = 1e-9;
  if (log_ && high_ / low_ > 3) {
    const int first = static_cast<int>(std::ceil(std::log10(low_) - slack)),
              last = static_cast<int>(std::floor(std::log10(high_) + slack));
    const int stride = std::max(1, (last - first + wanted) / std::max(1, wanted));
    // Where fewer are wanted those between powers go first: in a wide range they are what powers have no room for.
    const bool between = stride == 1 && high_ / low_ < 1000 && (last <= first || wanted > last - first + 1);
    for (int power = first - 1; power <= last; ++power)
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double tick = factor * std::pow(10, power);
        const bool kept = factor == 1 ? power % stride == 0 : between;
        if (kept && tick >= low_ * (1 - slack) && tick <= high_ * (1 + slack)) ticks.push_back(tick);
      }
    if (ticks.size() > 1) return ticks;
    ticks.clear();  // too few in a narrow range: equal steps say more
  }
  const double step = round_step(high_ - low_, wanted);
  const double first = std::ceil(low_ / step - 1e-6), last = std::floor(high_ / step + 1e-6);
  for (double k = first; k <= last && ticks.size() < 100; ++k) ticks.push_back(k * step);
  return ticks;
}

std::vector<std::string> Scale::labels(std::span<const double> ticks) const {
  double largest = 0, least_gap = INFINITY;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    largest = std::max(largest, std::fabs(ticks[i]));
    if (i > 0) least_gap = std::min(least_gap, ticks[i] - ticks[i - 1]);
  }
  std::vector<std::string> labels;
  const double plain_below = largest < 1e4 * (1 - 1e-9) ? 1e4 : 1e3;  // 1000 beside 10⁴ would be read as two kinds
  const bool powers = log_ && high_ / low_ > 3 && std::all_of(ticks.begin(), ticks.end(), is_power_step);
  for (const double tick : ticks) {
    if (powers)
      labels.push_back(tick < plain_below * (1 - 1e-9) && tick > 1e-3 ? readable(tick, 1) : scientific(tick, 1));
    else if (tick != 0 && (largest >= 1e6 || largest < 1e-3))
      labels.push_back(scientific(
          tick, 1 + std::max(0, static_cast<int>(std::ceil(std::log10(std::fabs(tick) / least_gap) - 1e-9)))));
    else
      labels.push_back(plain(tick, std::isfinite(least_gap)
                                       ? std::max(0, -static_cast<int>(std::floor(std::log10(least_gap) + 1e-9)))
                                       : 2));
  }
  return labels;
}

void Extent::add(double value) {
  if (!std::isfinite(value) || (log_ && value <= 0)) return;
  value = std::clamp(value, log_ ? least_shown : -most_shown, most_shown);
  low_ = empty_ ? value : std::min(low_, value);
  high_ = empty_ ? value : std::max(high_, value);
  empty_ = false;
}

Scale Extent::scale(double from, double to, double margin) const {
  if (empty_) return {log_ ? 0.1 : 0, 1, from, to, log_};
  double low = low_, high = high_;
  if (log_) {
    if (high / low < 1.0001) return {low / 2, high * 2, from, to, true};
    const double factor = std::exp(margin * log_ratio(high, low));
    return {std::max(low / factor, least_shown / 10), std::min(high * factor, 2 * most_shown), from, to, true};
  }
  const double size = std::max(std::fabs(low), std::fabs(high));
  if (high - low <= 1e-9 * size || size == 0) {
    const double half = size > 0 ? 0.1 * size : 1;
    low -= half;
    high += half;
  }
  const double wider = margin * (high - low);
  return {low - wider, high + wider, from, to, false};
}

std::string readable(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::fabs(value);
  if (value == 0) return "0";
  if (size >= 9.9995e5 || size < 9.9995e-4) return scientific(value, digits);
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::string text = plain(value, std::max(0, digits - before));
  return text;
}

}  // namespace chronograd
