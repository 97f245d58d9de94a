// SPDX-License-Identifier: Apache-2.0
#include "experiment_words.hpp"

#include <filesystem>

#include "config/words.hpp"

namespace chronograd {

void ExperimentWords::declare(CommandLine& line, bool all_required) {
  line.argument("CONFIG", config_, "configuration file (TOML)");
  line.arguments("key=value", changes_, "changes to it, as rule.name=rtrl");
  line.option("--data", "FILE", data_, "data to use instead of the configuration's: data.train=FILE", false);
  line.option("--params", "FILE.npz", parameters_, "parameters to begin with", all_required);
}

Config ExperimentWords::read() const {
  std::vector<std::string> changes = changes_;
  if (!data_.empty()) changes.push_back(word_override("data.train", data_));
  return Config::read(config_, changes);
}

std::string ExperimentWords::name() const {
  return std::filesystem::path(config_).stem().string();
}

}  // namespace chronograd
