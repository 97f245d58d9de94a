// SPDX-License-Identifier: Apache-2.0
#include "experiment.hpp"

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>

#include "base/json_value.hpp"
#include "chronograd/error.hpp"
#include "config/words.hpp"

namespace chronograd {
namespace {

// Written by a signal's handler and read by every thread.
std::atomic<bool> stop_asked = false, begun = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int) {
  if (!begun) {
    constexpr char text[] = "\n[chronograd] interrupted before anything had begun.\n";
    static_cast<void>(!::write(STDERR_FILENO, text, sizeof text - 1));
    ::_exit(static_cast<int>(Exit::interrupted));
  }
  stop_asked = true;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void Experiment::declare(CommandLine& line, bool all_required) {
  line.argument("CONFIG", config_, "configuration file (TOML)");
  line.arguments("key=value", changes_, "changes to it, as rule.name=rtrl");
  line.option("--data", "FILE", data_, "data to use instead of the configuration's: data.train=FILE", false);
  line.option("--params", "FILE.npz", parameters_, "parameters to begin with", all_required);
}

Config Experiment::read() const {
  std::vector<std::string> changes = changes_;
  if (!data_.empty()) changes.push_back(word_override("data.train", data_));
  return Config::read(config_, changes);
}

std::string Experiment::name() const {
  return std::filesystem::path(config_).stem().string();
}

StopOnSignal::StopOnSignal() {
  stop_asked = begun = false;
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
}

StopOnSignal::~StopOnSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void StopOnSignal::begin() {
  begun = true;
}

bool StopOnSignal::asked() {
  return stop_asked;
}

std::string json_number(double value) {
  return std::isfinite(value) ? Json(value).dump() : "null";
}

std::string json_text(const std::string& text) {
  return Json(text).dump();
}

}  // namespace chronograd
