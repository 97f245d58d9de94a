// SPDX-License-Identifier: Apache-2.0
// A project that uses the installed library: prints its version and the names of its rules.
#include <chronograd/rule.hpp>
#include <chronograd/version.hpp>
#include <iostream>

int main() {
  std::cout << chronograd::version() << '\n';
  for (const auto* rule : chronograd::catalogue<chronograd::RuleRecord>()) std::cout << rule->entry.name << '\n';
}
