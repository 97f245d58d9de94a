// SPDX-License-Identifier: Apache-2.0
// Figures as plain data. Whoever has results fills one of these; the same data become a picture (to_svg), a table
// (to_csv) and, on a page, an interactive chart (to_json). None of them knows what a run is.
// The short names of the parts are in an inline namespace: it keeps them apart from others' and need not be written.
#pragma once

#include <string>
#include <vector>

#include "figures/look.hpp"
#include "figures/scale.hpp"

namespace chronograd {

inline namespace figures {

/// The size of a picture. Telephones show it about as it is, so that its letters can be read there; wide screens
/// enlarge it.
constexpr double figure_width = 400, figure_height = 280;

/// A line, or points, or both.
struct Series {
  std::string label;  ///< "" = not in the legend
  Look look;
  std::vector<double> x, y;       ///< of one length; NaN breaks the line
  std::vector<double> low, high;  ///< of a band about the line, or of error bars through the points; empty = none
  bool line = true;
  bool marks = false;
  bool ends = false;  ///< a cross at the first point and a ring at the last: for paths
  double width = 1.8;
};

/// A thin line behind: one seed of a series.
struct Thread {
  std::string label;
  Look look;
  std::vector<double> x, y;
  bool broken_off = false;  ///< a cross at its end: it diverged
};

/// A dashed line across the figure: a floor, chance, an optimum.
struct Level {
  std::string label;
  double y;
};

/// A dashed line down the figure: when something happened.
struct Moment {
  std::string label;
  double x;
};

/// Steps that do not count: shaded from x to x.
struct Shadow {
  double from, to;
};

struct LineFigure {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
  std::vector<Thread> threads;
  std::vector<Level> levels;
  std::vector<Moment> moments;
  std::vector<Shadow> shadows;
  std::vector<std::string> notes;                       ///< what is not drawn and why, in sentences: below the picture
  bool same_units = false;                              ///< a unit of x is as long as a unit of y: circles are round
  double width = figure_width, height = figure_height;  ///< higher by the lines of the legend after the first
};

/// Values on a grid. Rows run downwards.
struct HeatFigure {
  std::string title;
  Axis x, y;
  Axis value;  ///< what the colour shows; log: of its logarithm
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;          ///< [rows][columns]; NaN: nothing there
  std::vector<std::string> row_names;  ///< empty: numbered from 0
  std::vector<std::string> column_names;
  bool diverging = false;      ///< colours are centred on 0
  bool numbers = false;        ///< write each value into its cell
  bool whole_numbers = false;  ///< rounded to a whole number, and nothing where it is 0
  struct Place {
    std::size_t row, column;
  };
  std::vector<Place> marked;       ///< framed: the best
  std::vector<std::string> notes;  ///< as of a line figure
  double width = figure_width, height = figure_height;
};

/// Small maps side by side, with one scale of colours: of pairs of steps, of which the second is not before the first.
struct TriangleFigure {
  std::string title;
  Axis x, y;   ///< the second step, to the right; the first one, downwards
  Axis value;  ///< what the colour shows
  std::size_t steps = 0;
  struct Panel {
    std::string title;
    std::vector<double> values;  ///< [steps][steps], first by second; NaN and, where logarithms are shown, 0: nothing
    std::vector<double> beside;  ///< [steps] a column more, of what belongs to no second step; or empty
  };
  std::vector<Panel> panels;
  std::vector<std::string> notes;  ///< as of a line figure
  double width = figure_width;
};

/// Panels one above the other, over the same steps: lines, or events in rows.
struct PanelFigure {
  std::string title;
  Axis x;
  /// What happened at x in rows of a panel, each event a tick; rows are numbered downwards.
  struct Events {
    std::string label;  ///< "" = not in the legend
    Look look;
    struct Event {
      double x;
      std::size_t row;
    };
    std::vector<Event> events;
  };
  struct Panel {
    Axis y;
    std::size_t rows = 0;        ///< of events; 0: a panel of lines
    std::vector<Events> events;  ///< in a panel of lines they stand along its upper edge
    std::vector<Series> series;
    std::vector<Level> levels;
    double height = 80;
  };
  std::vector<Panel> panels;
  double first = 0, last = 1;  ///< the steps that are drawn, [first, last)
  std::vector<Shadow> shadows;
  std::vector<std::string> notes;  ///< as of a line figure
  double width = figure_width;
};

/// One bar a thing, with lengths from zero. A logarithmic axis has no zero, so lengths on it would mean nothing: there
/// each thing is a mark.
struct BarFigure {
  std::string title;
  Axis x;
  struct Bar {
    std::string label;
    Look look;
    double value;
    std::string text;  ///< beside its end; "" = the value
  };
  std::vector<Bar> bars;
  double width = figure_width;
};

/// y = factor x^exponent
struct PowerLaw {
  double factor, exponent;
  double operator()(double x) const;
};

/// Where a picture will stand.
enum class Setting {
  file,  ///< by itself: with its title and a white ground
  page,  ///< inside a page, which has the title and the colours
};

}  // namespace figures

std::string to_svg(const LineFigure& figure, Setting setting = Setting::file);
std::string to_svg(const HeatFigure& figure, Setting setting = Setting::file);
std::string to_svg(const TriangleFigure& figure, Setting setting = Setting::file);
std::string to_svg(const PanelFigure& figure, Setting setting = Setting::file);
std::string to_svg(const BarFigure& figure, Setting setting = Setting::file);

/// Columns series,x,y,low,high with a header; threads come after the series, then levels, which have no x, and moments,
/// which have no y.
std::string to_csv(const LineFigure& figure);

/// The values of y that the picture shows: all of the lines and levels, and of bands and threads what does not dwarf
/// them, so that a run that blew up does not hide the others. `log`: of an axis of that kind.
Extent y_extent(const LineFigure& figure, bool log);

/// For the script of the page: axes, ranges of y, series, threads, levels. No NaN: null.
std::string to_json(const LineFigure& figure);

/// Keeps at most `limit` points of a series: of each stretch of points those with the least and the largest y, so that
/// no peak is lost. The first and the last stay.
void thin_out(Series& series, std::size_t limit);
void thin_out(Thread& thread, std::size_t limit);

/// The line y = factor x^exponent through points by least squares of logarithms, for figures with two logarithmic
/// axes. Points that are not positive are left out; NaN for fewer than two.
PowerLaw fitted_power(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace chronograd
