// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "figures/look.hpp"

namespace chronograd {

inline namespace figures {

struct Point {
  double x, y;
};

/// Where text stands at its place.
enum class Anchor { start, middle, end };

/// The parts of a drawing that follow the reader's light or dark screen.
enum class Ink { text, soft_text, axis, grid };

/// An SVG picture that grows by one element a call. Lengths are user units, y points down. Every element has plain
/// colours of its own for viewers that know no style sheets, and classes by which a page may replace them (`ink-text`,
/// `stroke`, `fill`, `look-ink`). What is no finite number draws nothing.
class Drawing {
 public:
  Drawing(double width, double height) : width_(width), height_(height) {}

  void line(Point from, Point to, Ink ink, const std::string& dash = "");
  /// Pieces of a line; a point that is not finite ends one piece.
  void path(const std::vector<Point>& points, const Look& look, double width, double opacity = 1);
  /// Filled between `upper` and `lower`, two lines of the same length; both must be finite.
  void band(const std::vector<Point>& upper, const std::vector<Point>& lower, const Look& look);
  void mark(Point where, const Look& look, double radius, bool hollow = false);
  /// Upright lines of this length, downwards from each point, as one path.
  void ticks(const std::vector<Point>& tops, double length, const Look& look, double width);
  /// A small cross.
  void cross(Point where, const Look& look, double radius);
  void rectangle(Point corner, double width, double height, const Look& look);
  /// Of one colour in light and dark; `title` is shown where a pointer rests.
  void cell(Point corner, double width, double height, const std::string& colour, const std::string& title = "");
  /// Behind all: what is not of interest.
  void shadow(Point corner, double width, double height);
  /// The same, of any shape.
  void shadow(const std::vector<Point>& corners);
  /// A frame that is seen on every colour.
  void frame(Point corner, double width, double height);
  void text(Point where, const std::string& text, Anchor anchor = Anchor::start, double size = 11, Ink ink = Ink::text,
            bool bold = false);
  /// Soft text with a rim in the colour of the ground, so that it can be read across lines.
  void text_over(Point where, const std::string& text, Anchor anchor, double size);
  /// Reading upwards.
  void upright_text(Point where, const std::string& text, double size = 11);
  /// Text on a coloured ground.
  void text_on(Point where, const std::string& text, const std::string& ground, double size);
  /// Horizontal lines of one colour and thickness: (x, y, length) each. What heat maps are made of.
  struct Run {
    double x, y, length;
  };
  void runs(const std::vector<Run>& runs, double thickness, const std::string& colour);
  /// Until `end_clip`, nothing is drawn outside of the rectangle.
  void begin_clip(Point corner, double width, double height);
  void end_clip();

  /// The picture. `title` and `description` are for screen readers. A page brings its own ground and style sheet;
  /// a file has a white ground.
  std::string finish(const std::string& title, const std::string& description, bool in_page) const;

 private:
  std::string coordinates(Point where) const;
  double width_, height_;
  Point origin_{0, 0};
  std::string body_;
};

}  // namespace figures

/// About how wide a text of this size is.
double text_width(std::string_view text, double size);
/// A number with at most two decimals: the shortest that is still exact enough for a drawing.
std::string short_number(double value);

}  // namespace chronograd
