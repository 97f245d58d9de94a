// SPDX-License-Identifier: Apache-2.0
// Heat maps: few named cells with their numbers, or many as a picture of states over time.
#include <algorithm>
#include <cmath>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"
#include "figures/frame.hpp"
#include "figures/shades.hpp"

namespace chronograd {
namespace {

constexpr std::size_t largest_with_cells = 400;  ///< above, cells of one colour are drawn as one path
constexpr double longest_upright = 90;           ///< pixels of a column's name that stands upright

std::string number_of(const HeatFigure& figure, double value) {
  if (!figure.whole_numbers) return readable(value);
  return value == 0 ? "" : std::to_string(std::lround(value));
}

/// One size for all numbers, by the longest; 0: there is no room for them.
double number_size(const HeatFigure& figure, const Shades& shades, double w, double h) {
  double size = std::min(11.0, h * 0.7);
  for (const double value : figure.values)
    if (shades.shows(value))
      size = std::min(size, 11.0 * (w - 4) / std::max(1.0, text_width(number_of(figure, value), 11)));
  return figure.numbers && size >= 6 ? size : 0;
}

/// Room below the map that names of columns take beyond a line, standing upright: where some would not fit side by
/// side.
double upright_room(const HeatFigure& figure, double w) {
  double longest = 0;
  for (const std::string& name : figure.column_names) longest = std::max(longest, text_width(name, 11));
  // An axis that is not named has what stands in parentheses on a second line.
  return figure.x.label.empty() || longest <= w - 4 ? 0 : std::min(longest, longest_upright) - 10;
}

void draw_cells(Drawing& drawing, const HeatFigure& figure, const Shades& shades, const Area& area) {
  const double w = area.width() / static_cast<double>(figure.columns),
               h = area.height() / static_cast<double>(figure.rows);
  const double size = number_size(figure, shades, w, h);
  for (std::size_t r = 0; r < figure.rows; ++r)
    for (std::size_t c = 0; c < figure.columns; ++c) {
      const double value = figure.values[r * figure.columns + c];
      const Point corner{area.left + w * static_cast<double>(c), area.top + h * static_cast<double>(r)};
      if (!shades.shows(value)) {
        drawing.shadow(corner, w, h);
        if (figure.numbers)
          drawing.text({corner.x + w / 2, corner.y + h / 2 + 4}, "–", Anchor::middle, 11, Ink::soft_text);
        continue;
      }
      const std::string colour = shades.colour(value);
      drawing.cell(corner, w, h, colour, readable(value));
      if (const std::string text = number_of(figure, value); size > 0 && !text.empty())
        drawing.text_on({corner.x + w / 2, corner.y + h / 2 + size * 0.36}, text, colour, size);
    }
}

/// Names in the middle of their rows or columns where they are given, else an axis of numbers.
void draw_names(Drawing& drawing, const HeatFigure& figure, const Area& area) {
  if (figure.row_names.empty()) {
    draw_y_axis(drawing, area, Scale(0, static_cast<double>(figure.rows), area.top, area.bottom, false), figure.y,
                false);
  } else {
    const double h = area.height() / static_cast<double>(figure.rows);
    for (std::size_t r = 0; r < figure.rows; ++r)
      drawing.text({area.left - 7, area.top + h * (static_cast<double>(r) + 0.5) + 4},
                   shortened(figure.row_names[r], area.left - 30, 11), Anchor::end, 11);
    drawing.upright_text({12, (area.top + area.bottom) / 2}, figure.y.text(), 11.5);
  }
  if (figure.column_names.empty()) {
    draw_x_axis(drawing, area, Scale(0, static_cast<double>(figure.columns), area.left, area.right, false), figure.x,
                false);
    return;
  }
  const double w = area.width() / static_cast<double>(figure.columns);
  if (const double room = upright_room(figure, w); room > 0) {
    for (std::size_t c = 0; c < figure.columns; ++c) {
      const std::string name = shortened(figure.column_names[c], longest_upright, 11);
      drawing.upright_text(
          {area.left + w * (static_cast<double>(c) + 0.5) + 4, area.bottom + 7 + text_width(name, 11) / 2}, name, 11);
    }
    drawing.text({(area.left + area.right) / 2, area.bottom + 32 + room}, figure.x.text(), Anchor::middle, 11.5);
    return;
  }
  double free_from = 0;
  for (std::size_t c = 0; c < figure.columns; ++c) {
    const double x = area.left + w * (static_cast<double>(c) + 0.5), room = std::max(w - 4, 40.0);
    std::vector<std::string> lines = {figure.column_names[c]};
    // snap(n=1) and snap(n=2) are told apart by what stands last: on a second line, where no name of the axis is.
    if (const std::size_t inside = lines[0].find('(');
        inside != std::string::npos && figure.x.label.empty() && text_width(lines[0], 11) > room) {
      lines.push_back(lines[0].substr(inside));
      lines[0].resize(inside);
    }
    double half = 0;
    for (std::string& line : lines) {
      line = shortened(line, room, 11);
      half = std::max(half, text_width(line, 11) / 2);
    }
    if (x - half < free_from) continue;
    for (std::size_t i = 0; i < lines.size(); ++i)
      drawing.text({x, area.bottom + 16 + 13 * static_cast<double>(i)}, lines[i], Anchor::middle, 11, Ink::soft_text);
    free_from = x + half + 3;
  }
  drawing.text({(area.left + area.right) / 2, area.bottom + 32}, figure.x.text(), Anchor::middle, 11.5);
}

}  // namespace

std::string to_svg(const HeatFigure& figure, Setting setting) {
  const bool named = !figure.row_names.empty();
  const Shades shades(figure.values, figure.value.log, figure.diverging);
  Area area{58, 0, figure.width - colour_bar_room(shades), 0};
  for (const std::string& name : figure.row_names)
    area.left = std::max(area.left, std::min(170.0, 30 + text_width(name, 11)));
  const double below =
      x_axis_height +
      upright_room(figure, area.width() / static_cast<double>(std::max<std::size_t>(1, figure.columns)));
  const double height =
      named ? std::min(600.0, 50 + 30 * static_cast<double>(std::max<std::size_t>(1, figure.rows)) + below)
            : figure.height;
  const bool noted = setting == Setting::file && !figure.notes.empty();
  Drawing drawing(figure.width, height + (noted ? notes_height(figure.width, figure.notes) + 6 : 0));
  const double head = draw_head(drawing, figure.width, figure.title, {}, setting);
  area.top = head + 18;
  area.bottom = height - below;
  if (figure.rows == 0 || figure.columns == 0 || figure.values.size() != figure.rows * figure.columns) {
    drawing.text({figure.width / 2, height / 2}, "no values", Anchor::middle);
    return drawing.finish(figure.title, "", setting == Setting::page);
  }
  if (figure.rows * figure.columns <= largest_with_cells)
    draw_cells(drawing, figure, shades, area);
  else
    draw_picture(drawing, figure.values, figure.columns, shades, area);
  const double w = area.width() / static_cast<double>(figure.columns),
               h = area.height() / static_cast<double>(figure.rows);
  for (const HeatFigure::Place& place : figure.marked) {
    // A cell that is too small to be framed gets a small box about its middle.
    const double wide = std::max(w - 4.5, 5.0), high = std::max(h - 4.5, 5.0);
    drawing.frame({area.left + w * (static_cast<double>(place.column) + 0.5) - wide / 2,
                   area.top + h * (static_cast<double>(place.row) + 0.5) - high / 2},
                  wide, high);
  }
  draw_names(drawing, figure, area);
  draw_colour_bar(drawing, figure.value, shades, area, figure.width);
  if (noted) draw_notes(drawing, figure.width, height + 8, figure.notes);
  return drawing.finish(figure.title, figure.value.text() + " by " + figure.y.label + " and " + figure.x.label,
                        setting == Setting::page);
}

}  // namespace chronograd
