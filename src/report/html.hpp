// SPDX-License-Identifier: Apache-2.0
// Pieces of a page. Texts that are passed in are escaped here; what is named `markup` is not.
#pragma once

#include <string>
#include <vector>

#include "figures/figure.hpp"

namespace chronograd {

/// A section with a heading and an anchor.
std::string section(const std::string& id, const std::string& heading, const std::string& markup);
std::string paragraph(const std::string& text, const std::string& style = "");
std::string preformatted(const std::string& text);
/// What a reader opens when wanted.
std::string folded(const std::string& summary, const std::string& markup);
/// Figures side by side where there is room.
std::string grid(const std::string& markup);
/// A link that saves a text as a file of this name; the text is inside the link.
std::string download(const std::string& name, const std::string& type, const std::string& text);

/// One figure with its heading, and an explanation and its notes below. An interactive one also carries its data for
/// the script.
std::string figure_markup(const LineFigure& figure, const std::string& caption, bool interactive);
std::string figure_markup(const HeatFigure& figure, const std::string& caption);
std::string figure_markup(const TriangleFigure& figure, const std::string& caption);
std::string figure_markup(const PanelFigure& figure, const std::string& caption);
std::string figure_markup(const BarFigure& figure, const std::string& caption);

/// A sample of the look for tables.
std::string swatch(const Look& look);

/// A table of which each cell is text, the first of a row after `lead` markup. `cards`: on narrow screens each row is a
/// card of its own.
struct HtmlTable {
  std::vector<std::string> head;
  struct Row {
    std::string lead;
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  bool words = false;  ///< cells are words, not numbers
};
std::string table_markup(const HtmlTable& table, bool cards);

}  // namespace chronograd
