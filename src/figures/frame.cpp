// SPDX-License-Identifier: Apache-2.0
#include "figures/frame.hpp"

#include <algorithm>
#include <sstream>

#include "figures/escaped.hpp"

namespace chronograd {
namespace {

constexpr double tick_size = 11, name_size = 11.5, title_size = 13.5, note_size = 10.5, legend_line = 17,
                 note_line = 15, swatch = 24;

int y_tick_count(double height) {
  return std::clamp(static_cast<int>(height / 34), 2, 8);
}

/// Places of the legend's entries: from the left, a new line where the width ends.
std::vector<Point> legend_places(double width, const std::vector<LegendEntry>& legend) {
  std::vector<Point> places;
  double x = 8, y = 0;
  for (const LegendEntry& entry : legend) {
    const double wide = swatch + 6 + text_width(entry.label, tick_size) + 14;
    if (x > 8 && x + wide > width) {
      x = 8;
      y += legend_line;
    }
    places.push_back({x, y});
    x += wide;
  }
  return places;
}

/// The notes in lines that fit, broken between words.
std::vector<std::string> note_lines(double width, const std::vector<std::string>& notes) {
  std::vector<std::string> lines;
  for (const std::string& note : notes) {
    lines.emplace_back();
    std::istringstream words(note);
    for (std::string word; words >> word;) {
      const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
      if (!lines.back().empty() && text_width(longer, note_size) > width - 16)
        lines.push_back(word);
      else
        lines.back() = longer;
    }
  }
  return lines;
}

}  // namespace

double head_height(double width, const std::string& title, const std::vector<LegendEntry>& legend, Setting setting) {
  double height = 8;
  if (setting == Setting::file && !title.empty()) height += 20;
  const std::vector<Point> places = legend_places(width, legend);
  if (!places.empty()) height += places.back().y + legend_line + 3;
  return height;
}

double draw_head(Drawing& drawing, double width, const std::string& title, const std::vector<LegendEntry>& legend,
                 Setting setting) {
  double y = 8;
  if (setting == Setting::file && !title.empty()) {
    drawing.text({8, y + 13}, shortened(title, width - 16, title_size), Anchor::start, title_size, Ink::text, true);
    y += 20;
  }
  const std::vector<Point> places = legend_places(width, legend);
  for (std::size_t i = 0; i < legend.size(); ++i) {
    const Point where{places[i].x, y + places[i].y + 8};
    if (legend[i].line) drawing.path({where, {where.x + swatch, where.y}}, legend[i].look, 2);
    if (legend[i].mark) drawing.mark({where.x + swatch / 2, where.y}, legend[i].look, 3.5, legend[i].hollow);
    drawing.text({where.x + swatch + 5, where.y + 4}, shortened(legend[i].label, width - swatch - 24, tick_size),
                 Anchor::start, tick_size);
  }
  return head_height(width, title, legend, setting);
}

double labels_width(const std::vector<std::string>& labels, double size) {
  double widest = 0;
  for (const std::string& label : labels) widest = std::max(widest, text_width(label, size));
  return widest;
}

double y_axis_width(const Scale& scale, double height) {
  return 30 + labels_width(scale.labels(scale.ticks(y_tick_count(height))), tick_size);
}

void draw_x_axis(Drawing& drawing, const Area& area, const Scale& scale, const Axis& axis, bool grid) {
  // As many numbers as fit beside each other.
  std::vector<double> ticks;
  std::vector<std::string> labels;
  for (int wanted = 8; wanted >= 2; --wanted) {
    ticks = scale.ticks(wanted);
    labels = scale.labels(ticks);
    double widest = 0, gap = area.width();
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      widest = std::max(widest, text_width(labels[i], tick_size));
      if (i > 0) gap = std::min(gap, scale.position(ticks[i]) - scale.position(ticks[i - 1]));
    }
    if (widest + 8 <= gap) break;
  }
  double free_from = area.left - 20;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double x = scale.position(ticks[i]);
    if (grid) drawing.line({x, area.top}, {x, area.bottom}, Ink::grid);
    drawing.line({x, area.bottom}, {x, area.bottom + 4}, Ink::axis);
    const double half = text_width(labels[i], tick_size) / 2;
    if (x - half < free_from) continue;
    drawing.text({x, area.bottom + 16}, labels[i], Anchor::middle, tick_size, Ink::soft_text);
    free_from = x + half + 4;
  }
  drawing.line({area.left, area.bottom}, {area.right, area.bottom}, Ink::axis);
  drawing.text({(area.left + area.right) / 2, area.bottom + 32}, axis.text(), Anchor::middle, name_size);
}

void draw_y_axis(Drawing& drawing, const Area& area, const Scale& scale, const Axis& axis, bool grid) {
  const std::vector<double> ticks = scale.ticks(y_tick_count(area.height()));
  const std::vector<std::string> labels = scale.labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double y = scale.position(ticks[i]);
    if (grid) drawing.line({area.left, y}, {area.right, y}, Ink::grid);
    drawing.line({area.left - 4, y}, {area.left, y}, Ink::axis);
    drawing.text({area.left - 7, y + 4}, labels[i], Anchor::end, tick_size, Ink::soft_text);
  }
  drawing.line({area.left, area.top}, {area.left, area.bottom}, Ink::axis);
  drawing.upright_text({12, (area.top + area.bottom) / 2}, shortened(axis.text(), area.height() + 30, name_size),
                       name_size);
}

double notes_height(double width, const std::vector<std::string>& notes) {
  return note_line * static_cast<double>(note_lines(width, notes).size());
}

void draw_notes(Drawing& drawing, double width, double top, const std::vector<std::string>& notes) {
  for (const std::string& line : note_lines(width, notes)) {
    drawing.text({8, top}, shortened(line, width - 16, note_size), Anchor::start, note_size, Ink::soft_text);
    top += note_line;
  }
}

std::string shortened(const std::string& text, double width, double size) {
  if (text_width(text, size) <= width) return text;
  std::string cut = text;
  while (!cut.empty() && text_width(cut, size) + size > width) {
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xc0U) == 0x80U) cut.pop_back();
    if (!cut.empty()) cut.pop_back();
  }
  return cut + "…";
}

}  // namespace chronograd
