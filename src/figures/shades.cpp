// SPDX-License-Identifier: Apache-2.0
#include "figures/shades.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace chronograd {
namespace {

constexpr int shade_levels = 48;  ///< colours of a picture
constexpr int bar_ticks = 4;
constexpr double bar_gap = 14, bar_width = 12, bar_label_size = 10, least_bar_room = 62;

}  // namespace

Shades::Shades(std::span<const double> values, bool log, bool diverging) : log_(log), diverging_(diverging) {
  Extent extent(log_);
  extent.add(values);
  if (extent.empty()) extent.add(1);
  low_ = extent.low();
  high_ = extent.high();
  if (diverging_) {
    high_ = std::max({std::fabs(low_), std::fabs(high_), 1e-300});
    low_ = -high_;
  } else if (!(high_ > low_)) {
    low_ = log_ ? low_ / 2 : low_ - std::max(1e-12, 0.1 * std::fabs(low_));
    high_ = log_ ? high_ * 2 : high_ + std::max(1e-12, 0.1 * std::fabs(high_));
  }
}

double Shades::share(double value) const {
  return log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
}

bool Shades::shows(double value) const {
  return std::isfinite(value) && (!log_ || value > 0);
}

void draw_picture(Drawing& drawing, std::span<const double> values, std::size_t columns, const Shades& shades,
                  const Area& area) {
  const std::size_t rows = values.size() / columns;
  const double w = area.width() / static_cast<double>(columns), h = area.height() / static_cast<double>(rows);
  std::map<int, std::vector<Drawing::Run>> by_level;
  for (std::size_t r = 0; r < rows; ++r) {
    const double y = area.top + h * (static_cast<double>(r) + 0.5);
    int before = -1;
    for (std::size_t c = 0; c < columns; ++c) {
      const double value = values[r * columns + c];
      const int level = shades.shows(value)
                            ? std::clamp(static_cast<int>(shades.share(value) * shade_levels), 0, shade_levels - 1)
                            : -1;
      if (level >= 0 && level == before)
        by_level[level].back().length += w;
      else if (level >= 0)
        by_level[level].push_back({area.left + w * static_cast<double>(c), y, w + 0.3});
      before = level;
    }
  }
  // A little larger than their cells, so that no seam of the ground shows between them.
  for (const auto& [level, runs] : by_level)
    drawing.runs(runs, h + 0.3, shade((level + 0.5) / shade_levels, shades.diverging()));
}

void draw_colour_bar(Drawing& drawing, const Axis& value, const Shades& shades, const Area& area, double width) {
  const double left = area.right + bar_gap, steps = 32, h = area.height() / steps;
  for (int i = 0; i < static_cast<int>(steps); ++i)
    drawing.cell({left, area.top + h * i}, bar_width, h + 0.4, shade(1 - (i + 0.5) / steps, shades.diverging()));
  const Scale scale = shades.scale(area.bottom, area.top);
  const std::vector<double> ticks = scale.ticks(bar_ticks);
  const std::vector<std::string> labels = scale.labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double y = scale.position(ticks[i]);
    drawing.line({left + bar_width, y}, {left + bar_width + 3, y}, Ink::axis);
    drawing.text({left + bar_width + 5, y + 4}, labels[i], Anchor::start, bar_label_size, Ink::soft_text);
  }
  drawing.text({width - 6, area.top - 6}, value.text(), Anchor::end, 10.5, Ink::soft_text);
}

double colour_bar_room(const Shades& shades) {
  const Scale bar = shades.scale(1, 0);
  return std::max(least_bar_room,
                  bar_gap + bar_width + 10 + labels_width(bar.labels(bar.ticks(bar_ticks)), bar_label_size));
}

}  // namespace chronograd
