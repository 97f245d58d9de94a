// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/run_group.hpp"

namespace chronograd {

/// The BibTeX entries that the rules, cells, tasks and other entries of these runs cite, in the order of
/// docs/references.bib.
std::string citations_of(const std::vector<RunGroup>& groups);

/// The entries of a BibTeX text whose keys are asked for, each as it stands there.
std::string entries_of(const std::string& bibliography, const std::vector<std::string>& keys);

}  // namespace chronograd
