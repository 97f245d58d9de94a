// SPDX-License-Identifier: Apache-2.0
// `chronograd check --laws`: rules held against the laws that every rule keeps.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chronograd/check.hpp"

namespace chronograd {

/// One law on one problem.
struct LawRow {
  std::string rule, cell;
  int layers;
  std::uint64_t seed;
  Law law;
};

/// Every law for these rules on these cells (empty: all), in one layer and in two. Throws Error (usage) for unknown
/// names. `at` is told how many parts are done, of how many.
std::vector<LawRow> law_rows(const std::vector<std::string>& rules, const std::vector<std::string>& cells, int seeds,
                             std::uint64_t first_seed, Observer* observer);

bool any_broken(const std::vector<LawRow>& rows);

/// A line for each law of each rule, what was broken, and what the laws say.
std::string laws_text(const std::vector<LawRow>& rows);
std::string laws_json(const std::vector<LawRow>& rows);

}  // namespace chronograd
