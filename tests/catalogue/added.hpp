// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/catalogue.hpp"
#include "chronograd/config.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// A record that is in its catalogue as long as this lives.
template <class Record>
class Added {
 public:
  explicit Added(const Record& record) : name_(record.entry.name) { add_entry(record); }
  ~Added() { remove_entry<Record>(name_); }
  Added(const Added&) = delete;
  Added& operator=(const Added&) = delete;

 private:
  std::string name_;
};

/// A small experiment in float64, changed by words.
inline Config small_config(const std::vector<std::string>& changes) {
  return Config::parse(
      "dtype = 'float64'\n[model]\ncell = 'leaky'\nhidden = 6\n[loss]\nname = 'mse'\n[rule]\nname = 'rflo'\n"
      "[optimizer]\nlr = 0.02\n[task]\nname = 'sine'\nlength = 20\n[train]\nupdates = 6\nbatch = 1\n",
      "test", changes);
}

inline RunResult trained(const Config& config) {
  return train(config, *make_task(config), {});
}

}  // namespace chronograd
