// SPDX-License-Identifier: Apache-2.0
// Values as colours: the scale of a heat map, its cells, and the bar that says what a colour means.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "figures/drawing.hpp"
#include "figures/frame.hpp"
#include "figures/scale.hpp"

namespace chronograd {

inline namespace figures {

/// The colour of a value on a scale from the least to the largest of some; `log`: of its logarithm; `diverging`:
/// centred on 0.
class Shades {
 public:
  Shades(std::span<const double> values, bool log, bool diverging);

  double share(double value) const;
  /// False for NaN, infinity, and what a logarithm does not take.
  bool shows(double value) const;
  std::string colour(double value) const { return shade(share(value), diverging_); }
  Scale scale(double from, double to) const { return {low_, high_, from, to, log_}; }
  bool diverging() const { return diverging_; }

 private:
  bool log_, diverging_;
  double low_ = 0, high_ = 1;
};

}  // namespace figures

/// Values [rows][columns] as cells that fill the area, those of one colour as one path; none where nothing is shown.
void draw_picture(Drawing& drawing, std::span<const double> values, std::size_t columns, const Shades& shades,
                  const Area& area);
/// Right of the area, as high as it is, in a picture of this width.
void draw_colour_bar(Drawing& drawing, const Axis& value, const Shades& shades, const Area& area, double width);
/// The room that it needs there.
double colour_bar_room(const Shades& shades);

}  // namespace chronograd
