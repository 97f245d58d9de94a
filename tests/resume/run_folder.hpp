// SPDX-License-Identifier: Apache-2.0
// Runs of the program that are stopped, and what must be the same afterwards.
#pragma once

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/run_program.hpp"

namespace chronograd {

using nlohmann::json;

constexpr const char* small_run =
    "[model]\ncell='leaky'\nhidden=8\n[loss]\nname='cross_entropy'\n[rule]\nname='rflo'\n[update]\nevery=1\n[task]\n"
    "name='add'\n[train]\nupdates=3000\nreport_every=1\ncheckpoint_every=100\ntest_steps=100\n";

/// Writes the configuration into the folder; returns the words `train CONFIG`.
inline std::string train_words(const Folder& folder, const std::string& text = small_run) {
  std::ofstream(folder / "c.toml") << text;
  return "train '" + (folder / "c.toml").string() + "' --quiet ";
}

inline std::string out_words(const std::filesystem::path& path) {
  return " --out '" + path.string() + "' ";
}

/// The program in a process of its own.
class Process {
 public:
  /// Its words are dropped, or written to the file `said`.
  explicit Process(const std::string& arguments, const std::string& said = "/dev/null") : pid_(fork()) {
    if (pid_ != 0) return;
    const std::string command = "exec " + program + " " + arguments + " >'" + said + "' 2>&1";
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (pid_ <= 0) return;
    send(SIGKILL);
    wait();
  }
  void send(int signal) const { kill(pid_, signal); }
  bool running() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
  }
  /// True if it has a handler for this signal; false, too, once it has ended.
  bool catches(int signal) const {
    std::istringstream status(read_text("/proc/" + std::to_string(pid_) + "/status"));
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigCgt:")) return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1)) & 1U;
    return false;
  }
  /// Waits until `done` holds: what a test relies on, not how long it takes. False if the process ends without it. The
  /// limit is for one that hangs.
  template <class F>
  bool comes_to(const F& done) const {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(10);
    while (std::chrono::steady_clock::now() < limit) {
      const bool ended = !running();  // asked before: what it did last counts
      if (done()) return true;
      if (ended) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  /// Exit code; 128 + signal where one ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

inline std::size_t lines_in(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// True once the run would be gone on with, and not begun anew.
inline bool has_checkpoint(const std::filesystem::path& run) {
  const auto checkpoints = run / "checkpoint";
  if (!std::filesystem::exists(checkpoints)) return false;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints))
    if (entry.path().filename().string().starts_with("update-")) return true;
  return false;
}

/// How many updates a run is given that is to be stopped amid: twice as many at each attempt, for a machine on which
/// the test comes late to a run of a few of them. Up to 20,480,000.
constexpr int first_updates = 20000, most_attempts = 11;
inline int updates_of(int attempt) {
  return first_updates << attempt;
}

inline std::vector<json> without_times(const std::string& lines) {
  std::vector<json> out;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    out.push_back(json::parse(line));
    out.back().erase("seconds");
  }
  return out;
}

/// Two folders of runs hold the same, times apart.
inline void expect_same_run(const std::filesystem::path& found, const std::filesystem::path& expected) {
  EXPECT_EQ(read_text(found / "params.npz"), read_text(expected / "params.npz"));
  EXPECT_EQ(without_times(read_text(found / "metrics.jsonl")), without_times(read_text(expected / "metrics.jsonl")));
  json a = json::parse(read_text(found / "summary.json")), b = json::parse(read_text(expected / "summary.json"));
  for (const char* key : {"seconds", "cpu_seconds", "us_per_step", "us_per_step_cpu"}) {
    a.erase(key);
    b.erase(key);
  }
  EXPECT_EQ(a, b);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(found))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".chronograd-")) << entry.path();
}

}  // namespace chronograd
