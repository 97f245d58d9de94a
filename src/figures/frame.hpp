// SPDX-License-Identifier: Apache-2.0
// What stands around the data: title, legend, axes with their ticks and names.
#pragma once

#include <string>
#include <vector>

#include "figures/drawing.hpp"
#include "figures/figure.hpp"

namespace chronograd {

inline namespace figures {

/// The rectangle of the data.
struct Area {
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// One entry of a legend.
struct LegendEntry {
  std::string label;
  Look look;
  bool line, mark, hollow;
};

}  // namespace figures

/// Draws the title (where the picture is a file) and the legend in lines as wide as the picture; returns the height
/// that they took.
double draw_head(Drawing& drawing, double width, const std::string& title, const std::vector<LegendEntry>& legend,
                 Setting setting);
/// The same height without drawing.
double head_height(double width, const std::string& title, const std::vector<LegendEntry>& legend, Setting setting);

/// Ticks, grid lines and the name of the x axis below the area, likewise of the y axis left of it.
void draw_x_axis(Drawing& drawing, const Area& area, const Scale& scale, const Axis& axis, bool grid = true);
void draw_y_axis(Drawing& drawing, const Area& area, const Scale& scale, const Axis& axis, bool grid = true);

/// Room that the numbers and the name of a y axis need, in an area of this height.
double y_axis_width(const Scale& scale, double height);
/// Room that these numbers need beside a bar of colours.
double labels_width(const std::vector<std::string>& labels, double size);
/// Room below the area for an x axis.
constexpr double x_axis_height = 40;

/// Sentences in lines as wide as the picture, the first at this height: what stands below a picture that is a file.
void draw_notes(Drawing& drawing, double width, double top, const std::vector<std::string>& notes);
/// The height that they take.
double notes_height(double width, const std::vector<std::string>& notes);

/// The text cut to fit a width, with an ellipsis where something was cut.
std::string shortened(const std::string& text, double width, double size);

}  // namespace chronograd
