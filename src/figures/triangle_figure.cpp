// SPDX-License-Identifier: Apache-2.0
// Triangles of pairs of steps, side by side.
#include <algorithm>
#include <cmath>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"
#include "figures/frame.hpp"
#include "figures/shades.hpp"

namespace chronograd {
namespace {

constexpr double triangle_left = 48, triangle_gap = 14, least_panel = 84, panel_name_size = 10.5, panel_name_line = 13,
                 highest_bar = 190, beside_gap = 0.7, beside_width = 1.6;  ///< the last two in cells

/// In one line, or settings in brackets on a second one.
std::vector<std::string> panel_name(const std::string& title, double width) {
  const std::size_t inside = title.find('(');
  if (inside == std::string::npos || text_width(title, panel_name_size) <= width)
    return {shortened(title, width, panel_name_size)};
  return {shortened(title.substr(0, inside), width, panel_name_size),
          shortened(title.substr(inside), width, panel_name_size)};
}

/// Where the panels stand: in as few rows as fit, all of about the same length.
struct PanelPlaces {
  std::size_t in_a_row;
  double side, cell, top, line;  ///< of a triangle, of a step; the first row's, and the distance of two

  PanelPlaces(const TriangleFigure& figure, double bar_room, double from) {
    const double room = figure.width - triangle_left - bar_room;
    const std::size_t most = std::max<std::size_t>(
                          1, static_cast<std::size_t>((room + triangle_gap) / (least_panel + triangle_gap))),
                      count = std::max<std::size_t>(1, figure.panels.size()), rows = (count + most - 1) / most;
    in_a_row = (count + rows - 1) / rows;
    const double wide = (room + triangle_gap) / static_cast<double>(in_a_row) - triangle_gap,
                 cells = static_cast<double>(figure.steps);
    const bool beside = std::any_of(figure.panels.begin(), figure.panels.end(),
                                    [](const TriangleFigure::Panel& panel) { return !panel.beside.empty(); });
    cell = wide / (cells + (beside ? beside_gap + beside_width : 0));
    side = cells * cell;
    std::size_t lines = 1;
    for (const TriangleFigure::Panel& panel : figure.panels)
      lines = std::max(lines, panel_name(panel.title, wide).size());
    wide_ = wide;
    top = from + panel_name_line * static_cast<double>(lines);
    line = side + panel_name_line * static_cast<double>(lines) + 12;
  }
  Area of(std::size_t panel) const {
    const double left = triangle_left + (wide_ + triangle_gap) * static_cast<double>(panel % in_a_row),
                 at = top + line * static_cast<double>(panel / in_a_row);
    return {left, at, left + side, at + side};
  }
  double wide() const { return wide_; }

 private:
  double wide_;
};

/// The pairs that there are.
std::vector<Point> outline(const Area& area, std::size_t steps) {
  const double cell = area.width() / static_cast<double>(steps);
  std::vector<Point> corners = {{area.right, area.top}, {area.left, area.top}};
  for (std::size_t i = 1; i <= steps; ++i) {
    const double at = cell * static_cast<double>(i);
    corners.push_back({area.left + at - cell, area.top + at});
    corners.push_back({area.left + at, area.top + at});
  }
  return corners;
}

void draw_panel(Drawing& drawing, const TriangleFigure& figure, const TriangleFigure::Panel& panel,
                const Shades& shades, const PanelPlaces& places, const Area& area) {
  const std::vector<std::string> name = panel_name(panel.title, places.wide());
  for (std::size_t i = 0; i < name.size(); ++i)
    drawing.text({area.left, area.top - 5 - panel_name_line * static_cast<double>(name.size() - 1 - i)}, name[i],
                 Anchor::start, panel_name_size);
  drawing.shadow(outline(area, figure.steps));
  draw_picture(drawing, panel.values, figure.steps, shades, area);
  if (panel.beside.empty()) return;
  const Area column{area.right + beside_gap * places.cell, area.top,
                    area.right + (beside_gap + beside_width) * places.cell, area.bottom};
  drawing.shadow({column.left, column.top}, column.width(), column.height());
  draw_picture(drawing, panel.beside, 1, shades, column);
}

}  // namespace

std::string to_svg(const TriangleFigure& figure, Setting setting) {
  std::vector<double> all;
  for (const TriangleFigure::Panel& panel : figure.panels) {
    all.insert(all.end(), panel.values.begin(), panel.values.end());
    all.insert(all.end(), panel.beside.begin(), panel.beside.end());
  }
  const Shades shades(all, figure.value.log, false);
  const double head = head_height(figure.width, figure.title, {}, setting), bar_top = head + 16;
  const PanelPlaces places(figure, colour_bar_room(shades), bar_top);
  const std::size_t count = figure.panels.size(), in_a_row = places.in_a_row;
  const Area last = places.of(count == 0 ? 0 : count - 1);
  const double bottom = last.bottom, height = bottom + x_axis_height;
  const bool noted = setting == Setting::file && !figure.notes.empty();
  Drawing drawing(figure.width, height + (noted ? notes_height(figure.width, figure.notes) + 6 : 0));
  draw_head(drawing, figure.width, figure.title, {}, setting);
  if (count == 0 || figure.steps == 0) {
    drawing.text({figure.width / 2, height / 2}, "no values", Anchor::middle);
    return drawing.finish(figure.title, "", setting == Setting::page);
  }
  const double steps = static_cast<double>(figure.steps);
  double right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Area area = places.of(i);
    right = std::max(right, area.left + places.wide());
    draw_panel(drawing, figure, figure.panels[i], shades, places, area);
    if (i % in_a_row == 0) draw_y_axis(drawing, area, Scale(0, steps, area.top, area.bottom, false), {}, false);
    if (i + in_a_row >= count) draw_x_axis(drawing, area, Scale(0, steps, area.left, area.right, false), {}, false);
  }
  drawing.upright_text({12, (places.top + bottom) / 2}, figure.y.text(), 11.5);
  drawing.text({(triangle_left + right) / 2, bottom + 32}, figure.x.text(), Anchor::middle, 11.5);
  const Area bar{triangle_left, bar_top, right, std::min(bottom, bar_top + highest_bar)};
  draw_colour_bar(drawing, figure.value, shades, bar, figure.width);
  if (noted) draw_notes(drawing, figure.width, height + 8, figure.notes);
  return drawing.finish(figure.title, figure.value.text() + " by " + figure.y.label + " and " + figure.x.label,
                        setting == Setting::page);
}

}  // namespace chronograd
