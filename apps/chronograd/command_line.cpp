// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"

namespace chronograd {

struct CommandLine::Parser {
  CLI::App app;
  std::string where;
  std::vector<std::string> flags = {"--help"};
  std::vector<std::string> bare = {"--help"};  // flags without a value

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(Exit::usage, where, what + " See " + where + " --help.");
  }

  CLI::Option* add(const std::string& flag, const std::string& value, CLI::Option* option) {
    flags.push_back(flag);
    option->type_name(value);
    return option;
  }
};

CommandLine::CommandLine(const std::string& verb, const std::string& summary) : parser_(std::make_unique<Parser>()) {
  parser_->where = "chronograd " + verb;
  parser_->app.description(summary);
  parser_->app.name(parser_->where);
  parser_->app.allow_extras();  // collected, so that the message can name the nearest flag
  parser_->app.set_help_flag("-h,--help", "print this text");
}

CommandLine::~CommandLine() = default;

namespace {

/// An empty word is a variable of the shell that was not set: as a folder it would be the root of all.
std::string refuse_nothing(const std::string& text) {
  return text.empty() ? "got an empty word, allowed is a value; leave it out for the default" : "";
}

}  // namespace

void CommandLine::argument(const std::string& name, std::string& target, const std::string& help, bool required) {
  parser_->app.add_option(name, target, help)->required(required)->type_name("")->check(refuse_nothing);
}

void CommandLine::arguments(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  parser_->app.add_option(name, target, help)->type_name("");
}

void CommandLine::option(const std::string& flag, const std::string& value, std::string& target,
                         const std::string& help, bool required) {
  parser_->add(flag, value, parser_->app.add_option(flag, target, help))->required(required)->check(refuse_nothing);
}

void CommandLine::option(const std::string& flag, const std::string& value, double& target, const std::string& help) {
  parser_->add(flag, value, parser_->app.add_option(flag, target, help))->check([](const std::string& text) {
    double number = 0;
    const bool finite = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
    return finite ? std::string() : "got \"" + text + "\", allowed is a number";
  });
}

void CommandLine::option(const std::string& flag, const std::string& value, std::int64_t& target, std::int64_t low,
                         std::int64_t high, const std::string& help) {
  parser_->add(flag, value, parser_->app.add_option(flag, target, help))->check([low, high](const std::string& text) {
    std::int64_t number = 0;
    const bool good = CLI::detail::lexical_cast(text, number) && number >= low && number <= high;
    return good ? std::string()
                : "got \"" + text + "\", allowed is a whole number in [" + std::to_string(low) + ", " +
                      std::to_string(high) + "]";
  });
}

void CommandLine::flag(const std::string& flag, bool& target, const std::string& help) {
  parser_->flags.push_back(flag);
  parser_->bare.push_back(flag);
  parser_->app.add_flag(flag, target, help);
}

std::vector<CommandLine::Declared> CommandLine::declared() const {
  std::vector<Declared> all;
  for (const CLI::Option* option : parser_->app.get_options()) {
    Declared one;
    one.is_flag = option->nonpositional();
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    if (!one.is_flag) one.names = {option->get_name(true)};
    if (one.is_flag && option->get_items_expected_max() > 0) one.value = option->get_type_name();
    one.many = !one.is_flag && option->get_items_expected_max() > 1;
    all.push_back(one);
  }
  return all;
}

std::string CommandLine::parse(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    for (const std::string& flag : parser_->bare)
      if (word.rfind(flag + "=", 0) == 0) parser_->refuse(flag + " takes no value, got " + word + ".");
  try {
    parser_->app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // it takes them from the back
  } catch (const CLI::CallForHelp&) {
    return parser_->app.help();
  } catch (const CLI::ParseError& error) {
    // What is unknown explains what is missing: it is said first.
    if (parser_->app.remaining_size() == 0) parser_->refuse(std::string(error.what()) + ".");
  }
  for (const std::string& word : parser_->app.remaining()) {
    if (word == "--") continue;
    const std::string flag = word.substr(0, word.find('='));
    const std::string near = word[0] == '-' ? nearest_name(flag, parser_->flags) : "";
    parser_->refuse("unknown argument " + word + (near.empty() ? "." : ", did you mean " + near + "?"));
  }
  return "";
}

}  // namespace chronograd
