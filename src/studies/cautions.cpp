// SPDX-License-Identifier: Apache-2.0
#include "studies/cautions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "config/checker.hpp"

namespace chronograd {
namespace {

/// a, b and c
std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

/// True if no weight of the cell leads from one unit to another.
bool units_recur_alone(const std::string& cell) {
  CellLayout layout{};
  const auto& record = find_record<CellRecord>("model.cell", cell);
  record.layout(record, 2, 1, layout);
  return std::none_of(layout.parameters, layout.parameters + layout.parameter_count,
                      [](const CellLayout::Parameter& one) {
                        return one.role == CellLayout::Parameter::recurrent && one.cols > 0;  // a vector: a unit's own
                      });
}

/// True if a unit's state passes on to the next step through W_rec alone: leaky with alpha = 1.
bool keeps_nothing(const Options& model) {
  if (model.word("cell") != "leaky" || (model.has("train") && !model.words("train").empty())) return false;
  const auto all = [&](const char* key, double value) {
    const std::vector<double> numbers = model.numbers(key);
    return std::all_of(numbers.begin(), numbers.end(), [&](double number) { return number == value; });
  };
  if (model.has("alpha")) return all("alpha", 1);
  return !model.has("tau") || all("tau", model.number("dt"));
}

std::string text_of(const Options& table, const char* key) {
  if (!table.has(key)) return "";
  struct Text {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return number_text(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<double>& values) const {
      std::string text;
      for (const double value : values) text += number_text(value) + " ";
      return text;
    }
    std::string operator()(const std::vector<std::string>& values) const { return joined(values); }
  };
  return std::visit(Text{}, table.values().at(key));
}

/// The entry that a table names and the options that are its own, defaults included; without `left_out`.
std::string spelt(const Options& table, const Entry& entry, const std::set<std::string>& left_out) {
  std::string text = entry.name;
  const auto add = [&](std::span<const Option> options) {
    for (const Option& option : options)
      if (!left_out.contains(option.key)) text += std::string("; ") + option.key + "=" + text_of(table, option.key);
  };
  add(entry.options);
  if (table.has("synthesiser")) add(synthesiser_of(table).entry.options);
  return text;
}

std::string spelt(const Options& rule, const std::set<std::string>& left_out = {}) {
  return spelt(rule, find_record<RuleRecord>("rule.name", rule.word("name")).entry, left_out);
}

/// The rule whose memory is asked, wherever it is asked.
std::string memory_in_effect(const Config& config) {
  const Options &rule = config.table("rule"), &model = config.table("model");
  const std::string name = rule.word("name");
  const std::int64_t every = config.table("update").integer("every");
  const bool window = name == "tbptt" || name == "f_bptt" || name == "rolling_tbptt";
  if (window && (rule.has("L") ? rule.integer("L") : every) == 1) return "immediate";
  if (name == "tbptt" && !rule.has("L") && every == 0) return "rtrl";  // over whole rows it is bptt
  const bool one_layer = model.integer("layers") == 1, faded = rule.has("decay"),
             alone = one_layer && units_recur_alone(model.word("cell"));
  // Over whole rows, and where units recur with themselves alone, there is no matrix.
  if (name == "rtrl" && rule.word("influence") == "bf16" && every != 0 && !alone) return "rtrl; influence=bf16";
  if (name == "bptt" || name == "rtrl" || name == "sparse_rtrl") return "rtrl";
  const bool broadcast = !one_layer && name == "eprop" && rule.word("lower") == "broadcast";
  const bool local = !faded && (name == "rflo" || (name == "eprop" && !broadcast));
  if (faded && rule.number("decay") == 0) return "immediate";
  const bool traces = local || name == "snap";
  if (traces && alone && (name != "snap" || rule.word("pattern") == "unit")) return "rtrl";
  const Options& readout = config.table("readout");
  const bool filtered = readout.has("tau_out") && readout.number("tau_out") > 0;
  if (local) return keeps_nothing(model) && !filtered ? "immediate" : "rflo";
  // Under constant weights it is all the same when a window is charged.
  if (name == "f_bptt" && every == 0) return "rolling_tbptt; L=" + text_of(rule, "L");
  if (name == "dni_window" && !rule.has("L")) {
    if (every == 0 && rule.word("end") == "zero") return "rtrl";  // nothing follows the only window of a row
    Options same = rule;
    same.set("L", every, false);
    return spelt(same);
  }
  // block: steps taken at once, the same numbers
  return spelt(rule, {"block", "spread", "reach", "reach_by", "sure", "keep"});
}

/// The settings that every interface has.
std::string common_settings(const Options& interface) {
  std::string text;
  for (const Option& option : core_options("interface"))
    if (option.key != std::string("name"))
      text += std::string("; ") + option.key + "=" + text_of(interface, option.key);
  return text;
}

std::string spelt_interface(const Options& interface) {
  return spelt(interface, find_record<InterfaceRecord>("interface.name", interface.word("name")).entry, {}) +
         common_settings(interface);
}

/// An interface and the settings that its updates depend on.
std::string interface_in_effect(const Config& config) {
  const Options& interface = config.table("interface");
  const std::string name = interface.word("name");
  const bool delays = name == "delayed" || (name == "fdg" && interface.number("beta") == 1);
  if (name == "backprop" || ((delays || interface.integer("true_every") == 1) && interface.integer("lag") == 0))
    return "backprop";
  return delays ? "delayed" + common_settings(interface) : spelt_interface(interface);
}

}  // namespace

std::string rule_in_effect(const Config& config) {
  if (config.has("net")) return interface_in_effect(config);
  const Options& rule = config.table("rule");
  std::string memory = memory_in_effect(config);
  const bool reaches = memory != "rtrl" && rule.has("reach") && rule.integer("reach") > 0;
  if (reaches) memory += "; reach=" + text_of(rule, "reach") + " by " + rule.word("reach_by");
  if (reaches && rule.word("reach_by") == "roulette")
    memory += ", " + text_of(rule, "sure") + " sure, keep=" + text_of(rule, "keep");
  if (rule.has("whiten") && rule.number("whiten") > 0) memory += "; whiten=" + text_of(rule, "whiten");
  return memory;
}

std::vector<std::string> coinciding_rules(const std::vector<NamedConfig>& rows) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const NamedConfig*>> sets;
  for (const NamedConfig& row : rows) {
    const Options& rule = row.config.table("rule");  // empty in a feed-forward net
    std::string key = rule_in_effect(row.config) + "; every " + text_of(row.config.table("update"), "every");
    for (const char* common : {"feedback", "feedback_scale", "feedback_decay"}) key += "; " + text_of(rule, common);
    if (!sets.contains(key)) order.push_back(key);
    sets[key].push_back(&row);
  }
  std::vector<std::string> sentences;
  for (const std::string& key : order) {
    std::set<std::string> ways;
    std::vector<std::string> labels;
    for (const NamedConfig* row : sets[key]) {
      ways.insert(row->config.has("net") ? spelt_interface(row->config.table("interface"))
                                         : spelt(row->config.table("rule")));
      if (std::find(labels.begin(), labels.end(), row->label) == labels.end()) labels.push_back(row->label);
    }
    if (ways.size() > 1 && labels.size() > 1)
      sentences.push_back(list_of(labels) + one_rule +
                          ": with the same settings they learn the same, to rounding, and differ in "
                          "cost alone.");
  }
  return sentences;
}

std::string untuned_rate(const std::vector<Method>& methods, const std::vector<Config>& configs) {
  if (methods.size() < 2 ||
      std::any_of(methods.begin(), methods.end(), [](const Method& one) { return one.sets("optimizer.lr"); }))
    return "";
  const double rate = configs.front().table("optimizer").number("lr");
  for (const Config& config : configs)
    if (config.table("optimizer").number("lr") != rate) return "";
  return "All " + std::string(configs.front().has("net") ? "interfaces" : "rules") +
         " share one learning rate, optimizer.lr = " + number_text(rate) +
         ", which was tuned for none of them: the order may show the rate, not the rules. A sweep and --rates-from "
         "give each rule its own.";
}

std::string unequal_amounts(const std::vector<AmountOfData>& rows) {
  const AmountOfData *least = nullptr, *most = nullptr;
  for (const AmountOfData& row : rows) {
    if (row.most == 0) continue;
    if (least == nullptr || row.least < least->least) least = &row;
    if (most == nullptr || row.most > most->most) most = &row;
  }
  if (least == nullptr || static_cast<double>(most->most) <= 1.01 * static_cast<double>(least->least)) return "";
  const auto steps = [](const AmountOfData& row) {
    return row.least == row.most ? std::to_string(row.least)
                                 : std::to_string(row.least) + " to " + std::to_string(row.most);
  };
  constexpr std::size_t most_named = 8;
  std::vector<std::string> parts;
  for (const AmountOfData& row : rows)
    if (row.most > 0 && (rows.size() <= most_named || &row == least || &row == most))
      parts.push_back(row.label + " saw " + steps(row) + (parts.empty() ? " steps" : ""));
  return unequal_data + list_of(parts) + ". Their losses do not rank them; train.steps gives every rule as many.";
}

std::string nothing_learnt(double loss, const Reference& floor, std::int64_t steps) {
  if (!(loss > floor.value)) return "";
  return "nothing learnt yet" + (steps > 0 ? ": " + std::to_string(steps) + " steps end" : std::string(": it ends")) +
         fmt::format(" at {:.4g}, above {} ({:.4g})", loss, floor.name, floor.value);
}

}  // namespace chronograd
