// SPDX-License-Identifier: Apache-2.0
// chronograd stream, as users run it.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "chronograd/array.hpp"
#include "chronograd/learner.hpp"
#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* config_text =
    "[model]\ncell = 'gru'\nhidden = 6\n[rule]\nname = 'rflo'\n[update]\nevery = 3\n[loss]\nname = 'mse'\n"
    "[optimizer]\nname = 'adam'\nlr = 0.01\n";

class Stream : public testing::Test {
 protected:
  Stream() { write("net.toml", config_text); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// One line: two inputs and the target of `delay` lines before.
  static std::string line(int t, int delay = 0) {
    if (t % 17 == 16) return "reset\n";
    const std::string x = std::to_string(std::sin(0.3 * t)) + "," + std::to_string(2 + std::cos(0.2 * t));
    return t % 5 == 3 ? x + ",\n" : x + "," + std::to_string(std::sin(0.3 * (t - delay - 2))) + "\n";
  }
  static std::string lines(int from, int to, int delay = 0) {
    std::string text;
    for (int t = from; t < to; ++t) text += line(t, delay);
    return text;
  }
  Outcome run(const std::string& input, const std::string& arguments) const {
    write("in", input);
    return shell("cd '" + path("") + "' && " + program + " stream net.toml --inputs 2 --outputs 1 " + arguments +
                 " < in");
  }

  const Folder folder_;
};

TEST_F(Stream, prints_what_a_learner_predicts) {
  const Outcome outcome = run(lines(0, 100), "");
  ASSERT_THAT(outcome, ExitsWith(0));
  Learner<float> net(Config::read(path("net.toml")), {.inputs = 2, .outputs = 1});
  std::string expected;
  int targets = 0;
  for (int t = 0; t < 100; ++t) {
    const std::string text = line(t);
    if (text == "reset\n") {
      net.reset(0);
      continue;
    }
    float x[2], y = 0;
    const int fields = std::sscanf(text.c_str(), "%f,%f,%f", &x[0], &x[1], &y);
    const float out = net.predict(x)[0];
    char number[32];
    *std::to_chars(number, number + sizeof(number), out).ptr = '\0';
    expected += std::string(number) + "\n";
    if (fields == 3) {
      net.learn({&y, 1});
      ++targets;
    }
  }
  EXPECT_EQ(outcome.out, expected);
  EXPECT_THAT(outcome.err, HasSubstr(std::to_string(targets) + " targets"));
}

TEST_F(Stream, goes_on_from_its_state) {
  for (const std::string options : {"", "--delay 4", "--scale running", "rule.name=tbptt update.every=7", "--no-learn",
                                    "--delay 2 dtype=float64"}) {
    SCOPED_TRACE(options);
    std::filesystem::remove(folder_ / "a.npz");
    std::filesystem::remove(folder_ / "b.npz");
    const Outcome whole = run(lines(0, 200, 4), options + " --state a.npz");
    ASSERT_THAT(whole, ExitsWith(0));
    std::string parts;
    for (const auto& [from, to] : {std::pair{0, 50}, {50, 117}, {117, 200}}) {
      const Outcome part = run(lines(from, to, 4), options + " --state b.npz");
      ASSERT_THAT(part, ExitsWith(0));
      parts += part.out;
    }
    EXPECT_EQ(parts, whole.out);
    EXPECT_EQ(read_text(folder_ / "a.npz"), read_text(folder_ / "b.npz"));
  }
}

/// A pipe into the program and one out of it.
class Process {
 public:
  explicit Process(const std::string& command) {
    EXPECT_EQ(pipe(in_), 0);
    EXPECT_EQ(pipe(out_), 0);
    process_ = fork();
    if (process_ == 0) {
      dup2(in_[0], 0);
      dup2(out_[1], 1);
      for (const int file : {in_[0], in_[1], out_[0], out_[1]}) close(file);
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    close(in_[0]);
    close(out_[1]);
  }
  ~Process() {
    close(out_[0]);
    if (in_[1] >= 0) close(in_[1]);
  }
  void send(const std::string& text) {
    EXPECT_EQ(::write(in_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// What comes until there are so many lines, or the end.
  std::string lines(int count) {
    std::string text;
    char byte = 0;
    while (count > 0 && read(out_[0], &byte, 1) == 1) {
      text += byte;
      if (byte == '\n') --count;
    }
    return text;
  }
  void signal(int number) const { kill(process_, number); }
  int wait() const {
    int status = 0;
    waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  int in_[2] = {-1, -1}, out_[2] = {-1, -1};
  pid_t process_ = -1;
};

TEST_F(Stream, answers_each_line_before_the_next_one_comes) {
  Process process("cd '" + path("") + "'; exec " + program + " stream net.toml --inputs 2 --outputs 1 --quiet");
  for (int t = 0; t < 5; ++t) {
    process.send(line(t));
    EXPECT_THAT(process.lines(1), testing::EndsWith("\n")) << t;
  }
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 130);
}

TEST_F(Stream, that_is_stopped_is_gone_on_with) {
  for (const int signal : {SIGTERM, SIGINT}) {
    std::filesystem::remove(folder_ / "a.npz");
    std::filesystem::remove(folder_ / "b.npz");
    const Outcome whole = run(lines(0, 16) + lines(17, 33), "--state a.npz");
    ASSERT_THAT(whole, ExitsWith(0));
    Process process("cd '" + path("") + "'; exec " + program +
                    " stream net.toml --inputs 2 --outputs 1 --quiet --state b.npz");
    process.send(lines(0, 10));
    const std::string before = process.lines(10);
    process.signal(signal);
    EXPECT_EQ(process.wait(), 130);
    EXPECT_THAT(process.lines(1), IsEmpty());
    const Outcome rest = run(lines(10, 16) + lines(17, 33), "--state b.npz");
    EXPECT_EQ(before + rest.out, whole.out);
    EXPECT_EQ(read_text(folder_ / "a.npz"), read_text(folder_ / "b.npz"));
  }
}

TEST_F(Stream, refuses_a_bad_line_with_its_number) {
  const Outcome whole = run(lines(0, 10), "--state a.npz");
  const Outcome bad = run(lines(0, 10) + "1,x\n" + lines(10, 20), "--state b.npz");
  ASSERT_THAT(bad, ExitsWith(4));
  EXPECT_THAT(bad.err, HasSubstr("[stdin: line 11] got \"x\" as input 2"));
  EXPECT_EQ(bad.out, whole.out) << "what came before it was answered";
  EXPECT_EQ(read_text(folder_ / "a.npz"), read_text(folder_ / "b.npz"));
  EXPECT_THAT(run("1,2,3,4\n", "").err, HasSubstr("[stdin: line 1] got more than 3 fields"));
}

TEST_F(Stream, tells_of_what_it_cannot_write) {
  const Outcome full = run(lines(0, 10), "> /dev/full");
  EXPECT_THAT(full, ExitsWith(4));
  EXPECT_THAT(full.err, HasSubstr("[standard output] cannot be written"));
  const Outcome state = run(lines(0, 10), "--state nowhere/s.npz");
  EXPECT_THAT(state, ExitsWith(4));
  EXPECT_THAT(state.err, HasSubstr("[nowhere/s.npz]"));
  EXPECT_THAT(state.out, IsEmpty()) << "it is known before the first step";
}

TEST_F(Stream, of_records_is_that_of_lines) {
  const std::vector<std::vector<float>> steps = {{0.5F, 1, 0.25F}, {-0.5F, 2, NAN}, {NAN, NAN, NAN}, {1, 1, 1}};
  std::string records;
  for (const auto& step : steps) records.append(reinterpret_cast<const char*>(step.data()), sizeof(float) * 3);
  const Outcome binary = run(records, "--format f32"), text = run("0.5,1,0.25\n-0.5,2\nreset\n1,1,1\n", "");
  ASSERT_THAT(binary, ExitsWith(0));
  ASSERT_EQ(binary.out.size(), 3 * sizeof(float));
  std::string as_text;
  for (std::size_t k = 0; k < 3; ++k) {
    float number = 0;
    std::memcpy(&number, binary.out.data() + k * sizeof(float), sizeof(float));
    char digits[32];
    as_text.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
    as_text += '\n';
  }
  EXPECT_EQ(as_text, text.out);
  EXPECT_THAT(run(records + "ab", "--format f32").err, HasSubstr("[stdin: record 5] got 2 bytes and the end"));
}

TEST_F(Stream, that_diverges_says_so_and_keeps_the_state_of_its_start) {
  run(lines(0, 10), "--state a.npz optimizer.lr=1e30 optimizer.name=sgd");
  const Outcome outcome = run(lines(0, 100), "optimizer.lr=1e30 optimizer.name=sgd --state c.npz");
  ASSERT_THAT(outcome, ExitsWith(3));
  EXPECT_THAT(outcome.err, HasSubstr("NaN"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "c.npz"));
}

TEST_F(Stream, refuses_what_does_not_fit) {
  const auto err = [&](const std::string& arguments) {
    const Outcome outcome = run("", arguments);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(err("rule.name=bptt update.every=trial"), HasSubstr("[rule.name] got bptt"));
  EXPECT_THAT(err("--format json"), HasSubstr("[--format] got json, allowed is csv, f32"));
  EXPECT_THAT(err("--scale 3"), HasSubstr("[--scale] got 3, allowed is running"));
  ASSERT_THAT(run(lines(0, 9), "--state a.npz"), ExitsWith(0));
  EXPECT_THAT(err("--state a.npz --scale running"), HasSubstr("[--scale]"));
  EXPECT_THAT(err("--state a.npz --delay 1"), HasSubstr("delay"));
  EXPECT_THAT(err("--state a.npz optimizer.lr=0.5"), HasSubstr("optimizer.lr"));
  const Outcome sizes = shell("cd '" + path("") + "' && " + program + " stream net.toml < /dev/null");
  EXPECT_THAT(sizes, ExitsWith(2));
  EXPECT_THAT(sizes.err, HasSubstr("[--inputs] is missing"));
}

TEST_F(Stream, predicts_with_a_run) {
  const std::string train = program +
                            " train net.toml task.name=add task.length=20 rule.name=bptt update.every=trial "
                            "train.updates=3 --out run --quiet";
  const Outcome outcome =
      shell("cd '" + path("") + "' && " + train + " && printf '1,0\\n0,1\\n' | " + program + " stream run --no-learn");
  ASSERT_THAT(outcome, ExitsWith(0));
  EXPECT_THAT(outcome.out, HasSubstr("\n"));
  EXPECT_THAT(outcome.err, HasSubstr("2 steps, 0 targets, 0 updates"));
}

/// Memory does not grow with the number of lines: a long stream takes no more of it than a short one.
TEST_F(Stream, takes_constant_memory) {
  const auto peak = [&](int count) {
    const Outcome outcome = shell("cd '" + path("") + "' && awk 'BEGIN { for (i = 0; i < " + std::to_string(count) +
                                  "; ++i) print \"0.5,0.25,1\" }' | " + program +
                                  " stream net.toml --inputs 2 --outputs 1 --quiet | wc -l");
    EXPECT_THAT(outcome.out, HasSubstr(std::to_string(count)));
    rusage usage{};  // the largest of all that have ended so far
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_maxrss;
  };
  const long few = peak(1000);
  EXPECT_LT(peak(300000), few + 4096) << "kB";
}

}  // namespace
}  // namespace chronograd
