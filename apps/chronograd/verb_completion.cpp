// SPDX-License-Identifier: Apache-2.0
// chronograd completion: what shells ask for when a word is to be completed (completion.bash).
#include "base/json_value.hpp"
#include "completion.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

class Completion final : public Verb {
 public:
  const char* name() const override { return "completion"; }
  const char* summary() const override { return "for shells: the words that may come next on a command line"; }

  void declare(CommandLine& line) override {
    line.argument("LINE", line_, "a command line up to the cursor, as one word");
  }

  int run(const Common& common) override {
    const std::vector<std::string> words = completions(line_);
    std::string text;
    for (const std::string& word : words) text += word + "\n";
    print(common.json ? Json(words).dump() + "\n" : text);
    return 0;
  }

 private:
  std::string line_;
};

}  // namespace

std::unique_ptr<Verb> make_completion_verb() {
  return std::make_unique<Completion>();
}

}  // namespace chronograd
