// SPDX-License-Identifier: Apache-2.0
// Files of the repository that are part of the program. The texts are put into a source file when it is built.
#pragma once

#include <string_view>

namespace chronograd::assets {

std::string_view uplot_script();
std::string_view uplot_style();
std::string_view uplot_licence();
std::string_view report_script();
std::string_view report_style();
/// docs/references.bib
std::string_view references();

}  // namespace chronograd::assets
