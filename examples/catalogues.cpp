// SPDX-License-Identifier: Apache-2.0
// catalogues [RULE]: all learning rules by name, or what one of them computes and its settings.
#include <chronograd/error.hpp>
#include <chronograd/rule.hpp>
#include <iostream>

namespace {

void describe(const chronograd::RuleRecord& rule) {
  std::cout << rule.entry.title << "\n\n" << rule.entry.text << "\n\n";
  for (const chronograd::Option& option : rule.entry.options)
    std::cout << option.key << ": " << option.help << "; " << chronograd::allowed_text(option) << '\n';
}

}  // namespace

int main(int count, char** words) try {
  if (count > 1) {
    describe(chronograd::find_record<chronograd::RuleRecord>("RULE", words[1]));
    return 0;
  }
  for (const chronograd::RuleRecord* rule : chronograd::catalogue<chronograd::RuleRecord>())
    std::cout << rule->entry.name << ": " << rule->entry.title << '\n';
  return 0;
} catch (const chronograd::Error& error) {
  std::cerr << error.what() << '\n';
  return static_cast<int>(error.code());
}
