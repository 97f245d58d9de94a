// SPDX-License-Identifier: Apache-2.0
// Panels one above the other, over the same steps: lines, and events as ticks.
#include <algorithm>
#include <cmath>
#include <set>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"
#include "figures/frame.hpp"

namespace chronograd {
namespace {

constexpr double panel_gap = 14, largest_tick = 9, edge_tick = 7;
constexpr std::size_t panel_points = 500;  ///< of a line: more than that cannot be seen

/// Names in the order of the panels, each once.
std::vector<LegendEntry> panel_legend(const PanelFigure& figure) {
  std::vector<LegendEntry> legend;
  std::set<std::string> known;
  const auto add = [&](const std::string& label, const Look& look, bool line) {
    if (!label.empty() && known.insert(label).second) legend.push_back({label, look, line, !line, false});
  };
  for (const PanelFigure::Panel& panel : figure.panels) {
    for (const PanelFigure::Events& events : panel.events) add(events.label, events.look, false);
    for (const Series& series : panel.series) add(series.label, series.look, true);
  }
  return legend;
}

/// What a panel of lines shows.
Extent extent_of(const PanelFigure::Panel& panel) {
  Extent extent(panel.y.log);
  for (const Series& series : panel.series) extent.add(series.y);
  if (!extent.empty())
    for (const Level& level : panel.levels) extent.add(level.y);
  return extent;
}

/// An event is as high as its row, unless rows are so many that it could not be seen, or so few that it would be a bar.
void draw_events(Drawing& drawing, const PanelFigure::Panel& panel, const Area& area, const Scale& x) {
  const double row = panel.rows == 0 ? 0 : area.height() / static_cast<double>(panel.rows),
               tick = panel.rows == 0 ? edge_tick : std::clamp(0.8 * row, 1.2, largest_tick);
  for (const PanelFigure::Events& events : panel.events) {
    std::vector<Point> tops;
    for (const PanelFigure::Events::Event& event : events.events)
      tops.push_back({x.position(event.x),
                      panel.rows == 0 ? area.top : area.top + row * (static_cast<double>(event.row) + 0.5) - tick / 2});
    drawing.ticks(tops, tick, events.look, panel.rows == 0 ? 1.3 : 1);
  }
}

void draw_lines(Drawing& drawing, const PanelFigure::Panel& panel, const Area& area, const Scale& x, const Scale& y) {
  for (const Level& level : panel.levels)
    if (y.shows(level.y))
      drawing.line({area.left, y.position(level.y)}, {area.right, y.position(level.y)}, Ink::axis, "5 4");
  for (Series series : panel.series) {
    thin_out(series, panel_points);
    std::vector<Point> points;
    for (std::size_t i = 0; i < series.x.size(); ++i)
      points.push_back({x.position(series.x[i]), y.shows(series.y[i]) ? y.position(series.y[i]) : NAN});
    drawing.path(points, series.look, series.width);
  }
}

}  // namespace

std::string to_svg(const PanelFigure& figure, Setting setting) {
  const std::vector<LegendEntry> legend = panel_legend(figure);
  double bottom = head_height(figure.width, figure.title, legend, setting) + 6;
  for (const PanelFigure::Panel& panel : figure.panels) bottom += panel.height + panel_gap;
  const double height = bottom - panel_gap + x_axis_height;
  const bool noted = setting == Setting::file && !figure.notes.empty();
  Drawing drawing(figure.width, height + (noted ? notes_height(figure.width, figure.notes) + 6 : 0));
  double top = draw_head(drawing, figure.width, figure.title, legend, setting) + 6, left = 48;
  for (const PanelFigure::Panel& panel : figure.panels)
    if (panel.rows == 0)
      left = std::max(left, y_axis_width(extent_of(panel).scale(panel.height, 0), panel.height));
    else
      left =
          std::max(left, y_axis_width(Scale(0, static_cast<double>(panel.rows), 0, panel.height, false), panel.height));
  const Scale x(figure.first, std::max(figure.last, figure.first + 1), left, figure.width - 14, false);
  std::string shown;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const PanelFigure::Panel& panel = figure.panels[i];
    const Area area{left, top, figure.width - 14, top + panel.height};
    const bool events = panel.rows > 0, lowest = i + 1 == figure.panels.size();
    for (const Shadow& shadow : figure.shadows) {
      const double from = std::max(area.left, x.position(shadow.from)),
                   to = std::min(area.right, x.position(shadow.to));
      if (to > from) drawing.shadow({from, area.top}, to - from, area.height());
    }
    const Scale y = events ? Scale(0, static_cast<double>(panel.rows), area.top, area.bottom, false)
                           : extent_of(panel).scale(area.bottom, area.top + (panel.events.empty() ? 0 : edge_tick + 3));
    draw_y_axis(drawing, area, y, panel.y, !events);
    if (lowest)
      draw_x_axis(drawing, area, x, figure.x, false);
    else
      drawing.line({area.left, area.bottom}, {area.right, area.bottom}, Ink::axis);
    drawing.begin_clip({area.left, area.top}, area.width(), area.height());
    if (!events) draw_lines(drawing, panel, area, x, y);
    draw_events(drawing, panel, area, x);
    drawing.end_clip();
    for (const Level& level : panel.levels)
      if (y.shows(level.y))
        drawing.text_over({area.right - 4, y.position(level.y) - 4}, level.label, Anchor::end, 10.5);
    top += panel.height + panel_gap;
    shown += (shown.empty() ? "" : ", ") + panel.y.text();
  }
  if (noted) draw_notes(drawing, figure.width, height + 8, figure.notes);
  return drawing.finish(figure.title, shown + " against " + figure.x.text(), setting == Setting::page);
}

}  // namespace chronograd
