// SPDX-License-Identifier: Apache-2.0
// How a series is told from others: by colour, and for those who see few colours, by its mark and its dashes.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace chronograd {

inline namespace figures {

enum class Mark { circle, square, diamond, triangle, wedge };

/// The same for a rule in every figure and table.
struct Look {
  std::string name;   ///< word that style sheets and scripts know the colour by: the rule's name
  std::string light;  ///< #RRGGBB on white paper
  std::string dark;   ///< #RRGGBB on a dark screen
  Mark mark = Mark::circle;
  std::string dash;  ///< lengths as in stroke-dasharray, "" = solid
};

}  // namespace figures

/// The look of the rule that a word names: `tbptt(L=7)` has that of `tbptt`. A name that has no entry in the table
/// gets the look of an entry, chosen by its letters.
Look look_of(const std::string& rule);
/// The look of a thing that is no rule: the n-th of a small set of colours.
Look plain_look(std::size_t n);
/// What lines are held against, as targets: a grey that is no rule's.
Look quiet_look();
/// The same colour and mark with the n-th pattern of dashes (0 = as it was): variants of one rule.
Look variant(Look look, std::size_t n);
/// The table: one look for each rule of the literature that the program knows or may come to know.
std::span<const Look> looks();

/// Colour at `share` in [0, 1] of a scale from low to high, as #RRGGBB: dark blue to yellow, or, `diverging`, blue over
/// white to red. Lightness rises steadily along the first, so it also works without colours.
std::string shade(double share, bool diverging);
/// True if black text is easier to read on this colour than white.
bool is_light(const std::string& colour);

}  // namespace chronograd
