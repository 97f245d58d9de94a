// SPDX-License-Identifier: Apache-2.0
// A project that adds a rule and a cell of its own to the installed library and holds the rule against all laws.
#include <chronograd/check.hpp>
#include <iostream>

#include "own_cell.hpp"
#include "own_rule.hpp"

int main() {
  const own::TracesRecord rule = own::traces_record();
  const chronograd::CellRecord cell = own::lstm_record();
  chronograd::add_entry<chronograd::RuleRecord>(rule);
  chronograd::add_entry(cell);
  bool broken = false;
  for (const chronograd::Law& law : chronograd::check_laws(
           chronograd::find_record<chronograd::RuleRecord>("rule", "my_rflo"), {.cell = cell.entry.name})) {
    broken |= law.verdict == chronograd::Law::Verdict::broken;
    std::cout << law.name << ' ' << law.measured << ' ' << law.tolerance << ' ' << law.why << '\n';
  }
  return broken ? 1 : 0;
}
