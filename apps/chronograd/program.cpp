// SPDX-License-Identifier: Apache-2.0
#include "chronograd/program.hpp"

#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"
#include "chronograd/version.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

std::string help_text(const std::vector<std::unique_ptr<Verb>>& verbs) {
  std::string text =
      "chronograd: temporal credit assignment in recurrent networks\n\nUsage: chronograd VERB [arguments]\n\nVerbs:\n";
  for (const auto& verb : verbs) {
    std::string name = verb->name();
    name.resize(12, ' ');
    text += "  " + name + verb->summary() + "\n";
  }
  return text +
         "\nAll verbs: --json, --quiet, --help. Also: chronograd --version.\n"
         "Exit codes: 0 done, 1 a check failed, 2 usage or configuration, 3 diverged, 4 data or file, 130 "
         "interrupted.\n";
}

int run(const std::vector<std::string>& words) {
  const auto verbs = make_verbs();
  if (words.empty()) throw Error(Exit::usage, "chronograd", "a verb is missing. See chronograd --help.");
  const std::string& word = words[0];
  if (word == "--help" || word == "-h" || word == "help") {
    print(help_text(verbs));
    return 0;
  }
  if (word == "--version") {
    print(std::string("chronograd ") + version() + "\n");
    return 0;
  }
  std::vector<std::string> names;
  for (const auto& verb : verbs) {
    names.emplace_back(verb->name());
    if (word != verb->name()) continue;
    Common common;
    common.command = {"chronograd"};
    common.command.insert(common.command.end(), words.begin(), words.end());
    CommandLine line(verb->name(), verb->summary());
    declare(*verb, line, common);
    const std::string help = line.parse({words.begin() + 1, words.end()});
    if (help.empty()) return verb->run(common);
    print(help);
    return 0;
  }
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  const std::string near = nearest_name(word, names);
  throw Error(Exit::usage, "chronograd",
              (word[0] == '-' ? "unknown argument " : "unknown verb ") + word +
                  (near.empty() ? "." : ", did you mean " + near + "?") + " Verbs: " + all + ".");
}

/// Runs and turns exceptions into one line and an exit code.
int guarded(int count, const char* const* words) {
  try {
    return run(std::vector<std::string>(words + (count > 0 ? 1 : 0), words + count));
  } catch (const Error& error) {
    print_error(error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    print_error("[chronograd] out of memory. A smaller model, batch or window needs less.");
    return static_cast<int>(Exit::data);
  } catch (const std::system_error& error) {
    print_error(std::string("[chronograd] the system refused: ") + error.what() + ".");
    return static_cast<int>(Exit::data);
  } catch (const std::exception& error) {
    print_error(std::string("[chronograd] a mistake in the program: ") + error.what() + ". Please report it.");
    return static_cast<int>(Exit::failed);
  }
}

}  // namespace

void declare(Verb& verb, CommandLine& line, Common& common) {
  verb.declare(line);
  line.flag("--json", common.json, "results as JSON");
  line.flag("--quiet", common.quiet, "no remarks, no progress");
}

int run_program(int count, const char* const* words) {
  return finish_output(guarded(count, words));
}

}  // namespace chronograd
