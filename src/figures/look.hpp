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
  std::string name;   ///< word that rules' records, style sheets and scripts know it by
  std::string light;  ///< #RRGGBB on white paper
  std::string dark;   ///< #RRGGBB on a dark screen
  Mark mark = Mark::circle;
  std::string dash;  ///< lengths as in stroke-dasharray, "" = solid
};

}  // namespace figures

/// The look of this name, or null.
const Look* find_look(const std::string& name);
/// The look of the rule that a word names, as its record says: `tbptt(L=7)` has that of `tbptt`. A rule whose record
/// says nothing, or that is not in the catalogue, has one that is chosen by the letters of its name.
Look look_of(const std::string& rule);
/// The look of a thing that is no rule: the n-th of a small set of colours.
Look plain_look(std::size_t n);
/// What lines are held against, as targets: a grey that is no rule's.
Look quiet_look();
/// The same colour and mark with the n-th pattern of dashes (0 = as it was): variants of one rule.
Look variant(Look look, std::size_t n);
/// All of them; no two rules of the program have the same.
std::span<const Look> looks();

/// Colour at `share` in [0, 1] of a scale from low to high, as #RRGGBB: dark blue to yellow, or, `diverging`, blue over
/// white to red. Lightness rises steadily along the first, so it also works without colours.
std::string shade(double share, bool diverging);
/// True if black text is easier to read on this colour than white.
bool is_light(const std::string& colour);

}  // namespace chronograd
