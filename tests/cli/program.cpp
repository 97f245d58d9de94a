// SPDX-License-Identifier: Apache-2.0
// What holds for the program as a whole: exit codes, one-line errors, output that cannot be written, start-up time.
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct UsageCase {
  const char* arguments;
  const char* error;  ///< the whole line begins so
};

TEST(Program, UsageErrorsExitWithTwoAndOneLine) {
  const UsageCase cases[] = {
      {"", "[chronograd] a verb is missing. See chronograd --help."},
      {"lst", "[chronograd] unknown verb lst, did you mean list?"},
      {"descirbe x", "[chronograd] unknown verb descirbe, did you mean describe?"},
      {"xyzzy", "[chronograd] unknown verb xyzzy. Verbs: list, describe"},
      {"--jason", "[chronograd] unknown argument --jason. Verbs: "},
      {"''", "[chronograd] unknown verb . Verbs: "},
      {"list --jsn", "[chronograd list] unknown argument --jsn, did you mean --json?"},
      {"list rules cells", "[chronograd list] unknown argument cells."},
      {"list rles", "[chronograd list] unknown name \"rles\", did you mean rules?"},
      {"list --json=3", "[chronograd list] --json takes no value, got --json=3."},
      {"describe", "[chronograd describe] KIND is required."},
      {"describe rules", "[chronograd describe] a name is missing. Names: "},
      {"describe cell", "[chronograd describe] a name is missing. Names: "},
      {"describe rnn", "[chronograd describe] unknown name \"rnn\", did you mean leaky?"},
      {"describe learning_rate",
       "[chronograd describe] unknown name learning_rate, did you mean optimizer.lr? See "
       "chronograd describe optimizer."},
      {"describe seed",
       "[chronograd describe] seed is a setting at the top, before all tables. See chronograd describe config."},
      {"describe lr", "[chronograd describe] lr is a setting of [optimizer]. See chronograd describe optimizer."},
      {"describe rlfo", "[chronograd describe] unknown name \"rlfo\", did you mean rflo?"},
      {"describe cell rflo", "[chronograd describe] unknown name \"rflo\""},
      {"describe ruls rflo", "[chronograd describe] unknown name \"ruls\", did you mean rules?"},
      {"describe config modl", "[chronograd describe config] unknown name \"modl\", did you mean model?"},
      {"\"$(printf 'a\\nb\\033[31m')\"", "[chronograd] unknown verb a?b?[31m."},
  };
  for (const UsageCase& c : cases) {
    const Outcome got = chronograd_run(c.arguments);
    EXPECT_THAT(got, ExitsWith(2)) << c.arguments;
    EXPECT_EQ(got.out, "") << c.arguments;
    EXPECT_THAT(got.err, StartsWith(c.error)) << c.arguments;
    EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << got.err;
  }
}

TEST(Program, HelpAndVersionGoToStandardOutput) {
  for (const char* arguments : {"--help", "-h", "help"}) {
    const Outcome got = chronograd_run(arguments);
    EXPECT_THAT(got, ExitsWith(0)) << arguments;
    EXPECT_EQ(got.err, "") << arguments;
    EXPECT_THAT(got.out, testing::AllOf(HasSubstr("Usage: chronograd VERB"), HasSubstr("\n  list "),
                                        HasSubstr("\n  describe ")));
  }
  const Outcome version = chronograd_run("--version");
  EXPECT_THAT(version, ExitsWith(0));
  EXPECT_THAT(version.out, testing::MatchesRegex("chronograd [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  const Outcome help = chronograd_run("list --help");
  EXPECT_THAT(help, ExitsWith(0));
  EXPECT_THAT(help.out, testing::AllOf(HasSubstr("chronograd list"), HasSubstr("--json"), HasSubstr("--quiet")));
}

TEST(Program, AReaderThatGoesAwayIsNoError) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);  // gone before the program writes
  constexpr int for_shell = 9;
  ASSERT_EQ(dup2(ends[1], for_shell), for_shell);
  const Outcome got = chronograd_run("describe config >&9");
  close(for_shell);
  close(ends[1]);
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
}

TEST(Program, OutputThatCannotBeWrittenIsAFileError) {
  for (const char* where : {">/dev/full", ">&-"}) {
    const Outcome got = chronograd_run(std::string("list ") + where);
    EXPECT_THAT(got, ExitsWith(4)) << where;
    EXPECT_THAT(got.err, StartsWith("[standard output] cannot be written: ")) << where;
  }
}

/// Processor time of a command in seconds, the least of some: others use the machine, too.
double processor_time(const std::string& command) {
  const auto spent = [] {
    rusage children{};
    getrusage(RUSAGE_CHILDREN, &children);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(children.ru_utime) + seconds(children.ru_stime);
  };
  double least = 1e9;
  for (int i = 0; i < 10; ++i) {
    const double before = spent();
    shell(command);
    least = std::min(least, spent() - before);
  }
  return least;
}

// What is slow beside a shell that runs a program is slow on every machine.
TEST(Program, StartsQuickly) {
#ifndef NDEBUG
  GTEST_SKIP() << "this build is for finding faults, not for speed";
#endif
  const double program_alone = processor_time(program + " list"), least = processor_time("env true");
  EXPECT_LT(program_alone, 20 * least);
}

/// What the program writes to a terminal.
std::string on_terminal(const std::vector<std::string>& arguments, bool no_color) {
  int terminal = -1;
  winsize size{24, 100, 0, 0};
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    if (no_color)
      setenv("NO_COLOR", "1", 1);
    else
      unsetenv("NO_COLOR");
    std::vector<char*> words;
    std::string name = "chronograd";
    words.push_back(name.data());
    std::vector<std::string> own = arguments;
    for (std::string& word : own) words.push_back(word.data());
    words.push_back(nullptr);
    execv(CHRONOGRAD_PROGRAM, words.data());
    _exit(127);
  }
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t size_read = 0; (size_read = read(terminal, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(size_read));
  close(terminal);
  waitpid(child, nullptr, 0);
  return text;
}

TEST(Program, ColoursAreForTerminalsThatWantThem) {
  EXPECT_THAT(on_terminal({"list", "cells"}, false), HasSubstr("\x1b[1mcells\x1b[0m"));
  EXPECT_THAT(on_terminal({"list", "cells"}, true),
              testing::AllOf(HasSubstr("cells"), testing::Not(HasSubstr("\x1b"))));
  EXPECT_THAT(chronograd_run("list").out, testing::Not(HasSubstr("\x1b")));
}

TEST(Progress, IsDrawnOnATerminalAndLeavesTheResult) {
  const Folder folder;
  const std::string config = write_experiment(folder, 3000);
  const std::string text = on_terminal({"train", config, "--out", folder / "run"}, true);
  EXPECT_THAT(text, HasSubstr("rflo  seed 0  "));
  EXPECT_THAT(text, HasSubstr(" steps/s  "));
  EXPECT_THAT(text, HasSubstr("\x1b[1A\r\x1b[Jdone after 3000 updates: loss "));
  EXPECT_THAT(text, testing::Not(HasSubstr("\x1b[1m")));
  EXPECT_THAT(on_terminal({"train", config, "--out", folder / "coloured"}, false), HasSubstr("\x1b[1mrflo  seed 0"));
}

TEST(Progress, StaysOffStandardOutput) {
  const Folder folder;
  const std::string compare = "compare '" + write_experiment(folder, 3000) + "' --rules rflo,immediate --seeds 0,1";
  const Outcome plain = chronograd_run(compare);
  EXPECT_THAT(plain, ExitsWith(0));
  EXPECT_THAT(plain.out,
              testing::AllOf(StartsWith("All rules share one learning rate"), HasSubstr("\n\nrule       test loss")));
  EXPECT_THAT(plain.err, HasSubstr("rflo, seed 1: done, loss "));
  EXPECT_THAT(plain.err, testing::Not(HasSubstr("\x1b")));
  const Outcome quiet = chronograd_run(compare + " --quiet");
  EXPECT_THAT(quiet.out,
              testing::AllOf(StartsWith("All rules share one learning rate"), HasSubstr("\n\nrule       test loss")));
  EXPECT_EQ(quiet.err, "");
  const Outcome json = chronograd_run(compare + " --json");
  EXPECT_EQ(nlohmann::json::parse(json.out)["rules"].size(), 2U);
  std::istringstream lines(json.err);
  int finished = 0;
  for (std::string line; std::getline(lines, line);) finished += nlohmann::json::parse(line)["event"] == "finished";
  EXPECT_EQ(finished, 6);
  EXPECT_EQ(chronograd_run(compare + " --json --quiet").err, "");
}

}  // namespace
}  // namespace chronograd
