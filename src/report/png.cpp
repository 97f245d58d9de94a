// SPDX-License-Identifier: Apache-2.0
#include "report/png.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr const char* program = "rsvg-convert";

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Exit::data, program, what + " A name that ends in .svg needs no other program.");
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

/// Files without a name: what goes in, what comes out, what is said. The other program cannot wait for us, nor we for
/// it, as it could with pipes.
File nameless(const std::string& content = "") {
  File file(std::tmpfile());
  if (!file) refuse(std::string("needs a temporary file, which cannot be made: ") + std::strerror(errno) + ".");
  if (std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() || std::fflush(file.get()) != 0 ||
      ::lseek(::fileno(file.get()), 0, SEEK_SET) != 0)
    refuse(std::string("needs a temporary file, which cannot be written: ") + std::strerror(errno) + ".");
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  std::array<char, 16384> part{};
  ::lseek(::fileno(file), 0, SEEK_SET);
  for (ssize_t size = 0; (size = ::read(::fileno(file), part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(size));
  return text;
}

}  // namespace

std::string png_of(const std::string& svg) {
  const File in = nameless(svg), out = nameless(), said = nameless();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(said.get()), STDERR_FILENO);
  std::array<std::string, 3> words = {program, "--format=png", "--zoom=2"};  // from standard input
  std::array<char*, 4> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, program, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT) refuse("was not found. PNG needs it: install librsvg2-bin.");
  if (failed != 0) refuse(std::string("cannot be started: ") + std::strerror(failed) + ".");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) refuse(std::string("was lost: ") + std::strerror(errno) + ".");
  std::string png = content_of(out.get());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !png.starts_with("\x89PNG"))
    refuse("made no PNG: " + content_of(said.get()).substr(0, 200));
  return png;
}

}  // namespace chronograd
