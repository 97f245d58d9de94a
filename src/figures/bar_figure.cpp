// SPDX-License-Identifier: Apache-2.0
// Bars side by side, or marks on a logarithmic axis, one a line, each with its number.
#include <algorithm>
#include <cmath>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"
#include "figures/frame.hpp"

namespace chronograd {
namespace {

constexpr double line_height = 26, bar_height = 16, mark_radius = 5;

Scale bar_scale(const BarFigure& figure, double from, double to) {
  Extent extent(figure.x.log);
  for (const BarFigure::Bar& bar : figure.bars) extent.add(bar.value);
  if (extent.empty() || extent.high() <= 0) return {figure.x.log ? 0.1 : 0, 1, from, to, figure.x.log};
  if (!figure.x.log) return {0, extent.high() * 1.02, from, to, false};
  return {std::pow(10, std::floor(std::log10(extent.low() * 0.7))), extent.high() * 1.05, from, to, true};
}

}  // namespace

std::string to_svg(const BarFigure& figure, Setting setting) {
  const double head = head_height(figure.width, figure.title, {}, setting);
  const double height = head + 6 + line_height * static_cast<double>(figure.bars.size()) + x_axis_height + 4;
  Drawing drawing(figure.width, height);
  draw_head(drawing, figure.width, figure.title, {}, setting);
  double label = 40, number = 20;
  for (const BarFigure::Bar& bar : figure.bars) {
    label = std::max(label, std::min(190.0, 14 + text_width(bar.label, 11)));
    number = std::max(number, text_width(bar.text.empty() ? readable(bar.value) : bar.text, 11));
  }
  const Area area{label, head + 6, figure.width - number - 16, height - x_axis_height - 4};
  const Scale scale = bar_scale(figure, area.left, area.right);
  draw_x_axis(drawing, area, scale, figure.x);
  for (std::size_t i = 0; i < figure.bars.size(); ++i) {
    const BarFigure::Bar& bar = figure.bars[i];
    const double y = area.top + line_height * (static_cast<double>(i) + 0.5);
    const bool shown = scale.shows(bar.value);
    const double end = shown ? std::max(area.left, scale.position(bar.value)) : area.left;
    if (!figure.x.log) {
      drawing.rectangle({area.left, y - bar_height / 2}, end - area.left, bar_height, bar.look);
    } else {
      drawing.line({area.left, y}, {area.right, y}, Ink::grid);
      if (shown) drawing.mark({end, y}, bar.look, mark_radius);
    }
    drawing.text({area.left - 6, y + 4}, shortened(bar.label, label - 8, 11), Anchor::end, 11);
    drawing.text_over({end + (figure.x.log ? mark_radius + 5 : 5), y + 4},
                      bar.text.empty() ? readable(bar.value) : bar.text, Anchor::start, 11);
  }
  drawing.line({area.left, area.top}, {area.left, area.bottom}, Ink::axis);
  return drawing.finish(figure.title, figure.x.text(), setting == Setting::page);
}

}  // namespace chronograd
