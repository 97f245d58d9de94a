// SPDX-License-Identifier: Apache-2.0
#include "catalogue_view.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "chronograd/cell.hpp"
#include "chronograd/error.hpp"
#include "chronograd/exporter.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"
#include "config/notation.hpp"
#include "config/presets.hpp"
#include "runs/preset_hash.hpp"

namespace chronograd {
namespace {

std::string promise_text(const RuleRecord& rule) {
  switch (rule.promise) {
    case Promise::exact:
      return "exact: it is the gradient";
    case Promise::unbiased:
      return "unbiased: the mean over its random draws is the gradient";
    case Promise::biased:
      return std::string("biased") + (*rule.limit != '\0' ? "; exact when " + std::string(rule.limit) : "");
  }
  return "";
}

const char* window_text(Segments segments) {
  switch (segments) {
    case Segments::any:
      return "any: credit crosses the borders of update intervals";
    case Segments::interval:
      return "the update interval: credit does not cross its borders";
    case Segments::row:
      return "the whole row: needs update.every = \"trial\"";
  }
  return "";
}

/// The formula and what its less common letters mean; "-" where the rule states none.
std::string formula_text(const RuleRecord& rule, const char* stated, const char* unit) {
  if (*stated == '\0') return "-";
  std::string text = std::string(stated) + unit;
  for (const Symbol& symbol : symbols_of(rule.entry, {Formula(stated)}, cost_letters()))
    if (std::string("dnmKTpL").find(symbol.name) == std::string::npos)
      text += "; " + symbol.name + ": " + symbol.meaning;
  return text;
}

std::string per_step_text(const RuleRecord& rule) {
  if (rule.past_facing) return "with update.every = 1 a step's gradient is that of its own loss";
  const std::string text = "no: it looks into the future of a step";
  return *rule.lag == '\0' ? text : text + ", and is given " + rule.lag + " steps later";
}

std::vector<View> rules() {
  std::vector<View> views;
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    views.push_back({&rule->entry,
                     word_of(rule->promise),
                     {{"promise", promise_text(*rule)},
                      {"memory", formula_text(*rule, rule->memory, " numbers a stream")},
                      {"time", formula_text(*rule, rule->time,
                                            " multiplications a step and stream, beside forward pass and readout")},
                      {"window", window_text(rule->segments)},
                      {"per step", per_step_text(*rule)}},
                     rule});
  return views;
}

/// `3d` or `n`, read off the layout of a cell with d = 1009 units and n = 7 inputs.
std::string extent(int size) {
  constexpr int d = 1009, n = 7;
  if (size == n) return "n";
  return size == d ? "d" : std::to_string(size / d) + "d";
}

std::string parameters_text(const CellRecord& cell) {
  CellLayout layout;
  cell.layout(cell, 1009, 7, layout);
  std::string text;
  for (int i = 0; i < layout.parameter_count; ++i) {
    const CellLayout::Parameter& p = layout.parameters[i];
    text += (i > 0 ? ", " : "") + std::string(p.name) + " (" + extent(p.rows) +
            (p.cols > 0 ? "," + extent(p.cols) : "") + ")";
  }
  return text;
}

std::string states_text(const CellRecord& cell) {
  std::string text;
  for (const std::string& name : state_names(cell)) text += (text.empty() ? "" : ", ") + name;
  return std::to_string(cell.states) + (cell.states == 1 ? " number" : " numbers") + " a unit, in data " + text;
}

std::vector<View> cells() {
  std::vector<View> views;
  for (const CellRecord* cell : catalogue<CellRecord>())
    views.push_back({&cell->entry, "", {{"parameters", parameters_text(*cell)}, {"state", states_text(*cell)}}});
  return views;
}

std::vector<View> losses() {
  std::vector<View> views;
  for (const LossRecord* loss : catalogue<LossRecord>())
    views.push_back({&loss->entry,
                     "",
                     {{"output", std::string(name_of(loss->natural)) + " unless readout.activation says otherwise"},
                      {"targets", loss->takes_classes ? "m numbers, or a class in [0, m)" : "m numbers"}}});
  return views;
}

std::vector<View> formats() {
  std::vector<View> views;
  for (const FormatRecord* format : catalogue<FormatRecord>()) {
    std::string endings = format->endings;
    std::replace(endings.begin(), endings.end(), '|', ' ');
    views.push_back({&format->entry, endings, {{"endings", endings}}});
  }
  return views;
}

std::vector<View> exports() {
  std::vector<View> views;
  for (const ExporterRecord* exporter : catalogue<ExporterRecord>())
    views.push_back(
        {&exporter->entry, "", {{"file", std::string("RUN/") + exporter->file + " unless --out says otherwise"}}});
  return views;
}

std::vector<View> feedbacks() {
  std::vector<View> views;
  for (const FeedbackRecord* feedback : catalogue<FeedbackRecord>())
    views.push_back({&feedback->entry,
                     "",
                     {{"matrix", feedback->own_matrix ? "its own, B_feedback (d,m), given or drawn from the seed"
                                                      : "the transpose of W_out"},
                      {"learns", feedback->learns ? "yes" : "no"}}});
  return views;
}

/// With what they set, a setting a line of text.
std::vector<View> preset_views() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all;
    for (const Preset& preset : presets()) {
      std::string& text = all.emplace_back(preset.text);
      std::istringstream settings(preset_text(preset));
      for (std::string line; std::getline(settings, line);) text += "\n  " + line;
      text += "\nSHA-256 of these lines: " + preset_hash(preset);
    }
    return all;
  }();
  static const std::vector<Entry> entries = [] {
    std::vector<Entry> all;
    for (std::size_t i = 0; i < texts.size(); ++i)
      all.push_back({.name = presets()[i].name, .title = presets()[i].title, .text = texts[i].c_str()});
    return all;
  }();
  std::vector<View> views;
  for (const Entry& entry : entries) views.push_back({&entry, "", {}});
  return views;
}

/// The same in the letters of interfaces, all of which are told.
std::string interface_time(const char* stated, const char* of) {
  if (*stated == '\0') return "-";
  std::string text = std::string(stated) + " multiply-adds a sample" + of;
  const std::set<std::string> used = Formula(stated).symbols();
  for (const Symbol& symbol : interface_letters())
    if (used.contains(symbol.name)) text += "; " + symbol.name + ": " + symbol.meaning;
  return text;
}

std::vector<View> interfaces() {
  std::vector<View> views;
  for (const InterfaceRecord* one : catalogue<InterfaceRecord>())
    views.push_back({&one->entry,
                     "",
                     {{"waits", !one->listens   ? "for nothing: nothing comes down"
                                : !one->guesses ? "for the gradient from above"
                                                : "not: it learns from a guess, and later from what comes down"},
                      {"lag", one->lags ? "any: interface.lag batches" : "0"},
                      {"time", interface_time(one->time, ", beside those of backprop")}}});
  return views;
}

std::vector<View> synthesisers() {
  std::vector<View> views;
  for (const SynthesiserRecord* one : catalogue<SynthesiserRecord>())
    views.push_back({&one->entry, "", {{"time", interface_time(one->time, " to guess and to learn between layers")}}});
  return views;
}

template <class Record>
std::vector<View> plain() {
  std::vector<View> views;
  for (const Record* record : catalogue<Record>()) views.push_back({&record->entry, "", {}});
  return views;
}

const char* default_text(const Option& option) {
  if (option.required) return "required";
  return *option.fallback != '\0' ? option.fallback : "-";
}

}  // namespace

const char* word_of(Promise promise) {
  return promise == Promise::exact ? "exact" : promise == Promise::unbiased ? "unbiased" : "biased";
}

const char* word_of(Segments segments) {
  return segments == Segments::any ? "any" : segments == Segments::interval ? "interval" : "row";
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"rule", "rules", "rule", "name", rules},
      {"cell", "cells", "model", "cell", cells},
      {"interface", "interfaces", "interface", "name", interfaces},
      {"task", "tasks", "task", "name", plain<TaskRecord>},
      {"loss", "losses", "loss", "name", losses},
      {"optimizer", "optimizers", "optimizer", "name", plain<OptimizerRecord>},
      {"feedback", "feedback", "rule", "feedback", feedbacks},
      {"synthesiser", "synthesisers", "rule", "synthesiser", synthesisers},
      {"format", "formats", "data", "format", formats},
      {"export", "exports", "", "", exports, "chronograd export RUN --to"},
      {"preset", "presets", "rule", "name", preset_views},
  };
  return all;
}

const Kind& find_kind(const std::string& where, const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (name == kind.name || name == kind.plural) return kind;
    names.emplace_back(kind.plural);
  }
  throw_unknown_name(where, name, names);
}

std::string wrapped(const std::string& text, const std::string& indent, std::size_t width) {
  std::string result;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, newline - at);
    at = newline + 1;
    while (indent.size() + line.size() > width) {
      const std::size_t blank = line.rfind(' ', width - indent.size());
      if (blank == std::string::npos || blank == 0) break;
      result += indent + line.substr(0, blank) + "\n";
      line.erase(0, blank + 1);
    }
    result += line.empty() ? "\n" : indent + line + "\n";
  }
  return result;
}

std::string options_text(std::span<const Option> options) {
  std::size_t key = 3, fallback = 7;
  for (const Option& option : options) {
    key = std::max(key, std::string(option.key).size());
    fallback = std::max(fallback, std::string(default_text(option)).size());
  }
  std::string text;
  for (const Option& option : options) {
    std::string line = "  " + std::string(option.key);
    line.resize(2 + key + 2, ' ');
    line += default_text(option);
    line.resize(2 + key + 2 + fallback + 2, ' ');
    text += line + allowed_text(option) + "\n" + wrapped(option.help, std::string(6, ' '));
  }
  return text;
}

}  // namespace chronograd
