// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/run_record.hpp"

namespace chronograd {

/// One self-contained page about runs: no network access, complete without scripts, light and dark, printable. Texts
/// from files are escaped, and a policy in the page forbids it to load anything. `words`: the command that makes it.
std::string report_html(const Records& records, const std::vector<std::string>& words);

/// Figures as files: `kind` is one of plot_kinds().
struct PlotKind {
  const char* name;
  const char* help;
};
const std::vector<PlotKind>& plot_kinds();
/// The figures of a kind as SVG, most important first. Throws Error (usage) for an unknown kind, Error (data) where the
/// runs do not have what it shows.
std::vector<std::string> plot_svg(const Records& records, const std::string& kind);

}  // namespace chronograd
