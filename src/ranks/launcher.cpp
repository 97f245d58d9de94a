// SPDX-License-Identifier: Apache-2.0
#include "ranks/launcher.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "chronograd/error.hpp"
#include "ranks/deadline.hpp"

namespace chronograd {
namespace {

constexpr const char* module_file = "libchronograd_mpi.so";
constexpr double first_one_tells = 1;  // s that other ranks leave it

/// The number in an environment variable; -1 where there is none.
int number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  int number = -1;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
  return number;
}

/// The folder of the library, or of the program that holds it.
std::filesystem::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&launcher), &info) == 0 || info.dli_fname == nullptr) return ".";
  return std::filesystem::absolute(info.dli_fname).parent_path();
}

[[noreturn]] void refuse_module(const std::string& why) {
  throw Error(Exit::usage, "--ranks",
              "got ranks, but MPI cannot be loaded (" + why +
                  "). Install Open MPI (Debian: libopenmpi-dev openmpi-bin; tools/setup.sh mpi) and build again, or "
                  "leave the word out and start one process.");
}

void* open_module() {
  const std::filesystem::path beside = own_folder() / module_file;
  // Open MPI's own parts look for its names among all that are loaded.
  constexpr int how = RTLD_NOW | RTLD_GLOBAL;
  if (void* module = dlopen(beside.c_str(), how)) return module;
  const char* const first = dlerror();
  const std::string why = std::filesystem::exists(beside) && first != nullptr
                              ? first
                              : std::string(module_file) + " is not beside the library";
  if (void* module = dlopen(module_file, how)) return module;
  refuse_module(why);
}

template <class Function>
Function* function_of(void* module, const char* name) {
  void* const found = dlsym(module, name);
  if (found == nullptr) refuse_module(std::string(module_file) + " has no function " + name);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

Launcher launcher() {
  struct Kind {
    const char *name, *tasks, *number;
  };
  // mpirun inside a job of Slurm sets both kinds: what is nearer to the process comes first.
  for (const Kind& kind : {Kind{"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                           {"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
                           {"a launcher of processes", "PMI_SIZE", "PMI_RANK"}})
    if (const int tasks = number_in(kind.tasks); tasks > 0)
      return {kind.name, tasks, std::max(0, number_in(kind.number))};
  if (std::getenv("SLURM_STEP_ID") != nullptr)
    if (const int tasks = number_in("SLURM_NTASKS"); tasks > 0)
      return {"srun", tasks, std::max(0, number_in("SLURM_PROCID"))};
  return {};
}

void refuse_copies(const std::string& what) {
  const Launcher by = launcher();
  if (by.tasks > 1)
    throw Error(Exit::usage, "chronograd " + what,
                "got " + std::to_string(by.tasks) + " processes from " + by.name +
                    ", each of which would do all of it. Give --ranks, and they share it; or start one.");
}

std::unique_ptr<World> open_world(double timeout) {
  void* const module = open_module();
  if (function_of<LinksVersion>(module, links_version_function)() != links_version)
    refuse_module(std::string(module_file) + " belongs to another version");
  const Launcher by = launcher();
  std::unique_ptr<Links> links;
  {
    const double others = by.number > 0 ? first_one_tells : 0;
    const Deadline deadline(timeout + others, "[--ranks] got no answer from all of the " + std::to_string(by.tasks) +
                                                  " processes within --timeout: one was killed, stopped or lost "
                                                  "before MPI had begun. Nothing was done.");
    links.reset(function_of<MakeLinks>(module, links_function)());
  }
  if (!links) refuse_module("MPI did not begin");
  if (links->size() != by.tasks)
    throw Error(Exit::usage, "--ranks",
                "got " + std::to_string(by.tasks) + " processes from " + by.name + ", of which MPI sees " +
                    std::to_string(links->size()) +
                    ": this launcher and this MPI do not know each other. Start with that MPI's mpirun; with srun give "
                    "--mpi=pmix, or what `srun --mpi=list` shows.");
  return std::make_unique<World>(std::move(links), timeout);
}

}  // namespace chronograd
