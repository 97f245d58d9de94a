// SPDX-License-Identifier: Apache-2.0
// Lines with bands, points with error bars, paths.
#include <algorithm>
#include <cmath>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"
#include "figures/frame.hpp"

namespace chronograd {
namespace {

/// Points of a line as thick as a pixel or two need no more.
constexpr std::size_t drawn_points = 400, drawn_thread_points = 160;

struct Scales {
  Scale x, y;
  Point at(double px, double py) const {
    return {x.shows(px) ? x.position(px) : NAN, y.shows(py) ? y.position(py) : NAN};
  }
};

Extent x_extent(const LineFigure& figure) {
  Extent extent(figure.x.log);
  for (const Series& series : figure.series) extent.add(series.x);
  for (const Thread& thread : figure.threads) extent.add(thread.x);
  return extent;
}

/// Makes a unit as long in both directions by widening one of them.
void equalise(Scales& scales, const Area& area) {
  const double x_units = (scales.x.high() - scales.x.low()) / area.width();
  const double y_units = (scales.y.high() - scales.y.low()) / area.height();
  const double units = std::max(x_units, y_units);
  const double x_middle = (scales.x.high() + scales.x.low()) / 2, y_middle = (scales.y.high() + scales.y.low()) / 2;
  scales.x =
      Scale(x_middle - units * area.width() / 2, x_middle + units * area.width() / 2, area.left, area.right, false);
  scales.y =
      Scale(y_middle - units * area.height() / 2, y_middle + units * area.height() / 2, area.bottom, area.top, false);
}

void draw_thread(Drawing& drawing, const Scales& scales, Thread thread) {
  thin_out(thread, drawn_thread_points);
  std::vector<Point> points;
  for (std::size_t i = 0; i < thread.x.size(); ++i) points.push_back(scales.at(thread.x[i], thread.y[i]));
  Look thin = thread.look;
  thin.dash.clear();
  drawing.path(points, thin, 0.8, 0.4);
  if (thread.broken_off && !points.empty()) drawing.cross(points.back(), thread.look, 4);
}

void draw_band(Drawing& drawing, const Scales& scales, const Series& series) {
  std::vector<Point> upper, lower;
  const auto flush = [&] {
    drawing.band(upper, lower, series.look);
    upper.clear();
    lower.clear();
  };
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const Point high = scales.at(series.x[i], series.high[i]);
    Point low = scales.at(series.x[i], series.low[i]);
    if (std::isnan(low.y) && !std::isnan(high.y) && std::isfinite(series.low[i]))
      low = {high.x, scales.y.position(scales.y.low())};  // below what a logarithm shows
    if (!std::isfinite(high.y) || !std::isfinite(low.y)) {
      flush();
      continue;
    }
    upper.push_back(high);
    lower.push_back(low);
  }
  flush();
}

void draw_series(Drawing& drawing, const Scales& scales, const Series& series) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < series.x.size(); ++i) points.push_back(scales.at(series.x[i], series.y[i]));
  if (series.line) drawing.path(points, series.look, series.width);
  if (!series.line || series.marks)
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!series.line && !series.high.empty() && std::isfinite(series.high[i])) {
        Look solid = series.look;
        solid.dash.clear();
        Point high = scales.at(series.x[i], series.high[i]), low = scales.at(series.x[i], series.low[i]);
        if (std::isnan(low.y)) low = {high.x, scales.y.position(scales.y.low())};
        drawing.path({low, high}, solid, 1.2);
      }
      drawing.mark(points[i], series.look, 3.6, !series.line && series.ends);
    }
  if (series.line && series.ends && !points.empty()) {
    drawing.cross(points.front(), series.look, 4.5);
    drawing.mark(points.back(), series.look, 4.5, true);
  }
}

void draw_levels(Drawing& drawing, const Scales& scales, const Area& area, std::vector<Level> levels) {
  std::sort(levels.begin(), levels.end(), [](const Level& a, const Level& b) { return a.y > b.y; });
  double last = -100;
  for (const Level& level : levels) {
    if (!scales.y.shows(level.y)) continue;
    const double y = scales.y.position(level.y);
    drawing.line({area.left, y}, {area.right, y}, Ink::axis, "5 4");
    // Above its line, unless it would sit on the one before.
    const double text_y = std::max(y - 4, last + 12);
    drawing.text_over({area.right - 4, text_y}, level.label, Anchor::end, 10.5);
    last = text_y;
  }
}

/// Labels of moments at one place stand below each other.
void draw_moments(Drawing& drawing, const Scales& scales, const Area& area, const std::vector<Moment>& moments) {
  double text_y = area.top + 10;
  for (const Moment& moment : moments) {
    if (!(moment.x >= scales.x.low() && moment.x <= scales.x.high())) continue;
    const double x = scales.x.position(moment.x);
    const bool right = x > (area.left + area.right) / 2;
    drawing.line({x, area.top}, {x, area.bottom}, Ink::axis, "2 3");
    drawing.text_over({right ? x - 4 : x + 4, text_y}, moment.label, right ? Anchor::end : Anchor::start, 10.5);
    text_y += 12;
  }
}

}  // namespace

Extent y_extent(const LineFigure& figure, bool log) {
  Extent extent(log);
  for (const Series& series : figure.series) extent.add(series.y);
  const Extent lines = extent;
  const double size = std::max(std::fabs(lines.low()), std::fabs(lines.high()));
  const double reach = std::max(lines.high() - lines.low(), 0.1 * size);
  const auto add = [&](double y) {
    if (lines.empty() || (y < lines.high() + reach && y > lines.low() - reach)) extent.add(y);
  };
  // An interval of two seeds can be many times as wide as all lines together.
  for (const Series& series : figure.series) {
    std::for_each(series.low.begin(), series.low.end(), add);
    std::for_each(series.high.begin(), series.high.end(), add);
  }
  for (const Thread& thread : figure.threads) std::for_each(thread.y.begin(), thread.y.end(), add);
  if (!extent.empty())  // levels alone are nothing to see
    for (const Level& level : figure.levels) extent.add(level.y);
  return extent;
}

std::string to_svg(const LineFigure& figure, Setting setting) {
  std::vector<LegendEntry> legend;
  for (const Series& series : figure.series)
    if (!series.label.empty())
      legend.push_back(
          {series.label, series.look, series.line, !series.line || series.marks, !series.line && series.ends});

  // A long legend does not take the room of the lines.
  const auto head_of = [&](std::size_t entries) {
    return head_height(figure.width, figure.title,
                       {legend.begin(), legend.begin() + static_cast<std::ptrdiff_t>(entries)}, setting);
  };
  const double height = figure.height + head_of(legend.size()) - head_of(std::min<std::size_t>(1, legend.size()));
  const bool noted = setting == Setting::file && !figure.notes.empty();  // a page says it below its picture
  Drawing drawing(figure.width, height + (noted ? notes_height(figure.width, figure.notes) + 6 : 0));
  const double head = draw_head(drawing, figure.width, figure.title, legend, setting);
  Area area{0, head + 6, figure.width - 14, height - x_axis_height};
  const Extent ys = y_extent(figure, figure.y.log);
  area.left = y_axis_width(ys.scale(area.bottom, area.top), area.height());
  const auto fitted = [&] {
    Scales scales{x_extent(figure).scale(area.left, area.right, figure.x.log || figure.same_units ? 0.04 : 0.01),
                  ys.scale(area.bottom, area.top)};
    if (figure.same_units) equalise(scales, area);
    return scales;
  };
  area.left = y_axis_width(fitted().y, area.height());  // equal units may have other numbers
  const Scales scales = fitted();

  for (const Shadow& shadow : figure.shadows) {
    const double from = std::max(area.left, scales.x.position(shadow.from)),
                 to = std::min(area.right, scales.x.position(shadow.to));
    if (to > from) drawing.shadow({from, area.top}, to - from, area.height());
  }
  draw_x_axis(drawing, area, scales.x, figure.x);
  draw_y_axis(drawing, area, scales.y, figure.y);
  if (ys.empty())
    drawing.text({(area.left + area.right) / 2, (area.top + area.bottom) / 2}, "no values", Anchor::middle);

  drawing.begin_clip({area.left, area.top}, area.width(), area.height());
  for (const Thread& thread : figure.threads) draw_thread(drawing, scales, thread);
  std::vector<Series> thinned = figure.series;
  for (Series& series : thinned) thin_out(series, drawn_points);
  for (const Series& series : thinned)
    if (series.line && !series.high.empty()) draw_band(drawing, scales, series);
  for (const Series& series : thinned) draw_series(drawing, scales, series);
  drawing.end_clip();
  draw_levels(drawing, scales, area, figure.levels);
  draw_moments(drawing, scales, area, figure.moments);
  if (noted) draw_notes(drawing, figure.width, height + 8, figure.notes);
  return drawing.finish(figure.title, figure.y.text() + " against " + figure.x.text(), setting == Setting::page);
}

}  // namespace chronograd
