// SPDX-License-Identifier: Apache-2.0
#include "datasets/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "chronograd/error.hpp"
#include "files/input_file.hpp"

namespace chronograd {
namespace {

constexpr std::size_t longest_output = 2000;

/// What the child is to do between its start and the program: the folder and where its output goes.
class Actions {
 public:
  Actions(const std::string& folder, const std::string& log) {
    code_ = ::posix_spawn_file_actions_init(&actions_);
    ready_ = code_ == 0;
    add(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    add(::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    add(::posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO));
    add(::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()));
  }
  ~Actions() {
    if (ready_) ::posix_spawn_file_actions_destroy(&actions_);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  int code() const { return code_; }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void add(int code) {
    if (code_ == 0) code_ = code;
  }

  posix_spawn_file_actions_t actions_{};
  int code_ = 0;
  bool ready_ = false;
};

}  // namespace

ProgramResult run_program(const std::vector<std::string>& words, const std::string& folder) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string log = folder + "/log";
  const Actions actions(folder, log);
  pid_t child = 0;
  const int code = actions.code() != 0
                       ? actions.code()
                       : ::posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  if (code == ENOENT || code == EACCES) return {127, "no program " + words[0] + " was found"};
  if (code != 0)
    throw Error(Exit::data, words[0], "got '" + std::generic_category().message(code) + "' on starting it.");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw Error(Exit::data, words[0], "its end could not be waited for.");
  std::string output = read_file(log);
  if (output.size() > longest_output) output.erase(0, output.size() - longest_output);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

}  // namespace chronograd
