// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_value.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "config/words.hpp"
#include "figures/screen.hpp"
#include "studies/job.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_jobs = 1000000;

/// Of rule.name: rule.
std::string table_of(const SweepAxis& axis) {
  return axis.key.substr(0, axis.key.find('.'));
}

/// A setting of a method must not be an axis, too: one of the two would be lost.
void refuse_set_twice(const std::vector<SweepAxis>& axes) {
  std::set<std::string> keys;
  for (const SweepAxis& axis : axes)
    if (!keys.insert(axis.key).second)
      throw Error(Exit::usage, axis.key, "is given twice. One axis has all its values.");
  for (const SweepAxis& axis : axes) {
    if (!names_method(axis.key)) continue;
    for (const Method& method : parse_methods(axis.key, axis.values, table_of(axis)))
      for (const std::string& key : keys)
        if (method.sets(key))
          throw Error(Exit::usage, axis.key,
                      "got " + quoted(method.word) + ", but " + key + " is an axis, too. Drop one of them.");
  }
}

}  // namespace

Config SweepPlan::base() const {
  std::vector<std::string> all = changes;
  if (!data_file.empty()) all.push_back(word_override("data.train", data_file));
  return Config::parse(config_text, config_name, all);
}

Method SweepPlan::method_of(const std::vector<std::string>& values) const {
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (names_method(axes[a].key)) return parse_method(axes[a].key, values[a], table_of(axes[a]));
  const Config config = base();
  return parse_method("method", method_name(config), method_table(config));
}

std::string SweepPlan::label(const std::vector<std::string>& values, bool short_keys) const {
  std::vector<std::string> parts;
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (names_method(axes[a].key))
      parts.insert(parts.begin(), values[a]);
    else if (axes[a].values.size() > 1)
      parts.push_back((short_keys ? axes[a].key.substr(axes[a].key.find('.') + 1) : axes[a].key) + "=" + values[a]);
  return joined(parts);
}

Config SweepPlan::at(const std::vector<std::string>& values) const {
  std::vector<std::string> changes_here, words;
  std::string method;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    words.push_back(axes[a].key + "=" + values[a]);
    if (names_method(axes[a].key))
      method = values[a];
    else
      changes_here.push_back(words.back());
  }
  try {
    const Config config = base();
    return (method.empty() ? config : config.with_method(method)).with(changes_here);
  } catch (const Error& error) {
    throw Error(error.code(), joined(words), error.what());
  }
}

std::vector<SweepJob> SweepPlan::jobs() const {
  std::vector<SweepJob> jobs;
  for (const auto& values : combinations(axes)) {
    std::string name;
    for (std::size_t a = 0; a < axes.size(); ++a)
      if (axes[a].values.size() > 1 || names_method(axes[a].key)) name += "_" + file_word(values[a]);
    for (const std::uint64_t seed : seeds) {
      const auto number = static_cast<int>(jobs.size());
      jobs.push_back({number, values, seed, fmt::format("runs/{:04}{}_seed{}", number, name.substr(0, 100), seed)});
    }
  }
  return jobs;
}

void check_plan(const SweepPlan& plan, const Arrays* parameters, std::vector<std::string>* notes) {
  refuse_set_twice(plan.axes);
  std::size_t count = plan.seeds.size();
  for (const SweepAxis& axis : plan.axes) {
    count *= axis.values.size();
    if (count > most_jobs)
      throw Error(Exit::usage, "sweep",
                  "got more than " + std::to_string(most_jobs) + " jobs. Give fewer values or seeds.");
  }
  // First all of them against the option tables, which is quick.
  std::vector<Config> configs;
  std::vector<std::string> labels;
  for (const auto& values : combinations(plan.axes)) {
    configs.push_back(plan.at(values).with({"seed=" + std::to_string(plan.seeds.at(0))}));
    labels.push_back("sweep: " + plan.label(values));
  }
  JobSettings settings;
  settings.parameters = parameters;
  settings.parameters_name = plan.parameters_file;
  check_jobs(settings, configs, labels, notes);
}

std::string plan_json(const SweepPlan& plan) {
  Json json = {{"version", plan.version},
               {"config", plan.config_name},
               {"changes", plan.changes},
               {"data", plan.data_file},
               {"parameters", plan.parameters_file},
               {"axes", Json::array()},
               {"seeds", plan.seeds},
               {"shards", plan.shards},
               {"jobs", plan.jobs().size()}};
  for (const SweepAxis& axis : plan.axes)
    json["axes"].push_back({{"key", axis.key}, {"text", axis.text}, {"values", axis.values}, {"drawn", axis.drawn}});
  return json.dump(2) + "\n";
}

std::string difference(const SweepPlan& a, const SweepPlan& b) {
  if (a.config_text != b.config_text) return "the configuration's text";
  if (a.changes != b.changes) return "the changes of the configuration";
  if (a.data_file != b.data_file) return "--data";
  if (a.parameters_file != b.parameters_file) return "--params";
  if (a.seeds != b.seeds) return "--seeds";
  if (a.shards != b.shards) return "the number of shards";
  if (a.axes.size() != b.axes.size()) return "the number of axes";
  for (std::size_t i = 0; i < a.axes.size(); ++i)
    if (a.axes[i].key != b.axes[i].key || a.axes[i].values != b.axes[i].values) return "the axis " + a.axes[i].key;
  return "";
}

}  // namespace chronograd
