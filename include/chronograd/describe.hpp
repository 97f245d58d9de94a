// SPDX-License-Identifier: Apache-2.0
// What the program's verb "describe" says, for other programs and modules.
#pragma once

#include <string>

#include "chronograd/export.hpp"

namespace chronograd {

/// All catalogues, JSON: a list of objects with `kind` (rule), `plural` (rules), the `table` and the `key` of the
/// configuration that name an entry, and `names`, own entries included.
CHRONOGRAD_API std::string catalogues_json();

/// An entry of a kind: what `describe KIND NAME` prints, with --json or without (and then without
/// colours). Throws Error (usage) with the nearest
/// name.
CHRONOGRAD_API std::string describe_json(const std::string& kind, const std::string& name);
CHRONOGRAD_API std::string describe_text(const std::string& kind, const std::string& name);

/// A table of the configuration ("": all of them), likewise; entries' own settings are not among them. Throws Error
/// (usage).
CHRONOGRAD_API std::string describe_settings_json(const std::string& table = "");
CHRONOGRAD_API std::string describe_settings_text(const std::string& table = "");

/// How figures draw a method (`rflo`, `tbptt(L=7)`), JSON: `light` and `dark`, its colour on paper and on a dark
/// screen, #RRGGBB; `mark`: circle, square, diamond, triangle or wedge; `dash` as in stroke-dasharray, "": solid.
CHRONOGRAD_API std::string look_json(const std::string& method);

}  // namespace chronograd
