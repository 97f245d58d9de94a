// SPDX-License-Identifier: Apache-2.0
#include "laws_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_value.hpp"
#include "checking/check.hpp"
#include "figures/screen.hpp"

namespace chronograd {
namespace {

using Verdict = Law::Verdict;

const char* word_of(Verdict verdict) {
  return verdict == Verdict::kept ? "kept" : verdict == Verdict::broken ? "broken" : "not applicable";
}

/// What one law came to for one rule, over cells, layers and seeds.
struct Summary {
  const LawRow* worst;
  int of = 0, broken = 0;
};

/// The larger measurement counts; one that is missing is the largest.
bool worse(const Law& a, const Law& b) {
  if (a.verdict != b.verdict) return a.verdict == Verdict::broken;
  return std::isnan(a.measured) || a.measured > b.measured;
}

std::vector<Summary> summaries(const std::vector<LawRow>& rows) {
  std::vector<Summary> list;
  for (const LawRow& row : rows) {
    auto found = std::find_if(list.begin(), list.end(), [&](const Summary& one) {
      return one.worst->rule == row.rule && one.worst->law.name == row.law.name;
    });
    if (found == list.end()) found = list.insert(list.end(), Summary{&row});
    if (worse(row.law, found->worst->law)) found->worst = &row;
    ++found->of;
    found->broken += row.law.verdict == Verdict::broken;
  }
  return list;
}

std::string number_text(const Law& law, double value, int digits) {
  if (law.verdict == Verdict::not_applicable) return "-";
  return value == 0 ? "0" : fmt::format("{:.{}e}", value, digits);
}

std::string failure_text(const LawRow& row) {
  return fmt::format("BROKEN {} on {}, layers {}, seed {}: {}\n       measured {:.2g}, tolerance {:.0e}. {}\n",
                     row.rule, row.cell, row.layers, row.seed, row.law.text, row.law.measured, row.law.tolerance,
                     row.law.why);
}

}  // namespace

std::vector<LawRow> law_rows(const std::vector<std::string>& rules, const std::vector<std::string>& cells, int seeds,
                             std::uint64_t first_seed, Observer* observer) {
  const auto rule_list = find_records<RuleRecord>("--rules", rules);
  const auto cell_list = find_records<CellRecord>("--cells", cells);
  const auto parts = static_cast<int>(rule_list.size() * cell_list.size());
  int done = 0;
  std::vector<LawRow> rows;
  for (const RuleRecord* rule : rule_list)
    for (const CellRecord* cell : cell_list) {
      for (const int layers : {1, 2})
        for (int s = 0; s < seeds; ++s) {
          const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(s);
          for (Law& law : check_laws(*rule, {.cell = cell->entry.name, .layers = layers, .seed = seed}))
            rows.push_back({rule->entry.name, cell->entry.name, layers, seed, std::move(law)});
        }
      checking::tell(observer, ++done, parts);
    }
  return rows;
}

bool any_broken(const std::vector<LawRow>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const LawRow& row) { return row.law.verdict == Verdict::broken; });
}

std::string laws_text(const std::vector<LawRow>& rows) {
  std::vector<std::vector<std::string>> cells = {{"rule", "law", "problems", "measured", "tolerance", "verdict"}};
  const std::vector<Summary> list = summaries(rows);
  for (const Summary& one : list) {
    const Law& law = one.worst->law;
    cells.push_back({one.worst->rule, law.name, std::to_string(one.of), number_text(law, law.measured, 1),
                     number_text(law, law.tolerance, 0),
                     one.broken > 0 ? fmt::format("BROKEN ({})", one.broken) : word_of(law.verdict)});
  }
  std::string text = table_text(cells) + "measured: the largest of all problems\n";
  for (const Summary& one : list)
    if (one.worst->rule == rows.front().rule) text += one.worst->law.name + ": " + one.worst->law.text + "\n";
  for (const Summary& one : list)
    if (one.worst->law.verdict == Verdict::not_applicable)
      text += one.worst->rule + ", " + one.worst->law.name + ": not applicable, " + one.worst->law.why + "\n";
  for (const LawRow& row : rows)
    if (row.law.verdict == Verdict::broken) text += failure_text(row);
  return text + (any_broken(rows) ? "some laws are broken\n" : "all laws are kept\n");
}

std::string laws_json(const std::vector<LawRow>& rows) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  Json list = Json::array();
  for (const LawRow& row : rows)
    list.push_back({{"rule", row.rule},
                    {"cell", row.cell},
                    {"layers", row.layers},
                    {"seed", row.seed},
                    {"law", row.law.name},
                    {"text", row.law.text},
                    {"verdict", word_of(row.law.verdict)},
                    {"measured", number(row.law.measured)},
                    {"tolerance", number(row.law.tolerance)},
                    {"why", row.law.why}});
  return Json({{"passed", !any_broken(rows)}, {"laws", std::move(list)}}).dump(2) + "\n";
}

}  // namespace chronograd
