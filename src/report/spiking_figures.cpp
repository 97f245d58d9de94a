// SPDX-License-Identifier: Apache-2.0
// Figures of spiking networks at work, from the row that their run recorded: who fires when, voltages beside credit and
// traces, rates, and the outputs with what they decide.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <type_traits>
#include <utility>

#include "base/json_value.hpp"
#include "report/figures.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_inputs = 3;  ///< that are drawn as lines where inputs are no events
constexpr std::size_t most_outputs = 6;

/// An array (T, width) of the row.
struct ShownSteps {
  const Array* array = nullptr;
  std::size_t steps = 0, width = 0;
  double at(std::size_t t, std::size_t i) const { return array->at(t * width + i); }
};

ShownSteps steps_of(const Arrays& arrays, const std::string& name) {
  const auto found = arrays.find("row/" + name);
  if (found == arrays.end() || found->second.shape.empty() || found->second.shape.size() > 2 ||
      found->second.size() == 0)
    return {};
  const std::vector<std::size_t>& shape = found->second.shape;
  return {&found->second, shape[0], shape.size() == 2 ? shape[1] : 1};
}

struct SpikingRow {
  Arrays arrays;
  ShownSteps x, h, y, target, mask, v, threshold, credit, trace;
  std::vector<std::size_t> units;
  std::vector<std::int64_t> from;
  std::size_t d = 0;  ///< units of a layer
  bool complete() const {
    for (const ShownSteps* array : {&x, &h, &y, &target, &mask})
      if (array->array == nullptr || array->steps != h.steps) return false;
    for (const ShownSteps* array : {&v, &threshold, &credit, &trace})
      if (array->array == nullptr || array->steps != h.steps || array->width != units.size()) return false;
    return d > 0 && h.width % d == 0 && from.size() == units.size();
  }
};

SpikingRow row_in(const RunRecord& run) {
  SpikingRow row;
  if (auto arrays = run.arrays("sample.npz")) row.arrays = std::move(*arrays);
  const auto whole = [&](const char* name, auto& to) {
    if (const auto found = row.arrays.find(name); found != row.arrays.end())
      for (std::size_t k = 0; k < found->second.size(); ++k)
        to.push_back(static_cast<typename std::decay_t<decltype(to)>::value_type>(found->second.at(k)));
  };
  whole("row/units", row.units);
  whole("row/from", row.from);
  for (const auto& [name, to] : {std::pair{"x", &row.x},
                                 {"h", &row.h},
                                 {"y", &row.y},
                                 {"target", &row.target},
                                 {"mask", &row.mask},
                                 {"v", &row.v},
                                 {"threshold", &row.threshold},
                                 {"credit", &row.credit},
                                 {"trace", &row.trace}})
    *to = steps_of(row.arrays, name);
  if (const auto h = row.arrays.find("h"); h != row.arrays.end() && h->second.shape.size() == 3)
    row.d = h->second.shape[2];
  return row;
}

/// ShownSteps that do not count.
std::vector<Shadow> shadows_of(const ShownSteps& mask) {
  std::vector<Shadow> shadows;
  for (std::size_t t = 0; t < mask.steps; ++t) {
    if (mask.at(t, 0) != 0) continue;
    const auto x = static_cast<double>(t);
    if (!shadows.empty() && shadows.back().to == x)
      shadows.back().to = x + 1;
    else
      shadows.push_back({x, x + 1});
  }
  return shadows;
}

/// True where inputs are spikes: 0 and another number alone.
bool are_events(const ShownSteps& x) {
  double other = 0;
  for (std::size_t k = 0; k < x.array->size(); ++k) {
    const double value = x.array->at(k);
    if (value == 0) continue;
    if (other != 0 && value != other) return false;
    other = value;
  }
  return other > 0;
}

/// Adds the events of a column to a row.
void add_events(const ShownSteps& steps, std::size_t column, std::size_t row, PanelFigure::Events& to) {
  for (std::size_t t = 0; t < steps.steps; ++t)
    if (steps.at(t, column) > 0) to.events.push_back({static_cast<double>(t) + 0.5, row});
}

Series line_of(const ShownSteps& steps, std::size_t column, const std::string& label, const Look& look,
               double width = 1.6) {
  Series series;
  series.label = label;
  series.look = look;
  series.width = width;
  for (std::size_t t = 0; t < steps.steps; ++t) {
    series.x.push_back(static_cast<double>(t) + 0.5);
    series.y.push_back(steps.at(t, column));
  }
  return series;
}

PanelFigure panels_over(const SpikingRow& row, const std::string& title) {
  PanelFigure figure;
  figure.title = title;
  figure.x = {"step", "", false};
  figure.last = static_cast<double>(row.h.steps);
  figure.shadows = shadows_of(row.mask);
  return figure;
}

/// Units of a layer that have a colour together.
struct UnitKind {
  std::string name;
  Look look;
  std::vector<bool> members;  ///< [d]
};

/// Units that adapt and that do not, by model.beta: one number, or one for each; under model.dale those that excite
/// apart from those that inhibit. Without kinds that no unit is of.
std::vector<UnitKind> unit_kinds(const RunRecord& run, std::size_t d) {
  const Json beta = Json::read(run.setting("model.beta")), dale = Json::read(run.setting("model.dale"));
  const auto excitatory = dale.is_number() ? static_cast<std::size_t>(std::lround(dale.get<double>() * double(d))) : d;
  const auto adapts = [](const Json& one) { return one.is_number() && one.get<double>() > 0; };
  std::vector<bool> adapting;
  if (beta.is_array())
    for (const Json& one : beta) adapting.push_back(adapts(one));
  adapting.resize(d, !beta.is_array() && adapts(beta));
  std::vector<UnitKind> kinds = {{"LIF", plain_look(0), {}},
                                 {"ALIF", plain_look(1), {}},
                                 {"LIF", *find_look("magenta"), {}},
                                 {"ALIF", *find_look("gold"), {}}};
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const bool inhibits = k >= 2, adaptive = k % 2 == 1;
    if (dale.is_number()) kinds[k].name = (inhibits ? "inhibitory " : "excitatory ") + kinds[k].name;
    for (std::size_t i = 0; i < d; ++i)
      kinds[k].members.push_back((i >= excitatory) == inhibits && adapting[i] == adaptive);
  }
  std::erase_if(kinds,
                [](const UnitKind& kind) { return std::count(kind.members.begin(), kind.members.end(), true) == 0; });
  return kinds;
}

Look input_look() {
  return *find_look("pine");
}

PanelFigure::Panel input_panel(const SpikingRow& row) {
  PanelFigure::Panel panel;
  panel.y = {"input", "", false};
  if (are_events(row.x)) {
    panel.rows = row.x.width;
    panel.height = std::clamp(2.5 * static_cast<double>(row.x.width), 40.0, 110.0);
    panel.events = {{"", input_look(), {}}};
    for (std::size_t i = 0; i < row.x.width; ++i) add_events(row.x, i, i, panel.events[0]);
    return panel;
  }
  panel.height = 70;
  for (std::size_t i = 0; i < std::min(row.x.width, most_inputs); ++i)
    panel.series.push_back(line_of(row.x, i, "", variant(input_look(), i), 1.3));
  return panel;
}

/// The units of all layers, bottom first; each kind in its colour.
PanelFigure::Panel unit_panel(const SpikingRow& row, const RunRecord& run) {
  PanelFigure::Panel panel;
  panel.y = {"unit", "", false};
  panel.rows = row.h.width;
  panel.height = std::clamp(2.2 * static_cast<double>(row.h.width), 70.0, 230.0);
  for (UnitKind& kind : unit_kinds(run, row.d)) {
    PanelFigure::Events events{kind.name, kind.look, {}};
    for (std::size_t i = 0; i < row.h.width; ++i)
      if (kind.members[i % row.d]) add_events(row.h, i, i, events);
    panel.events.push_back(std::move(events));
  }
  return panel;
}

PanelFigure::Panel output_panel(const SpikingRow& row, bool classes) {
  PanelFigure::Panel panel;
  panel.y = {"output", "", false};
  panel.height = 80;
  for (std::size_t k = 0; k < std::min(row.y.width, most_outputs); ++k) {
    const bool named = classes || row.y.width > 1;
    if (!classes) panel.series.push_back(line_of(row.target, k, k == 0 ? "target" : "", variant(quiet_look(), k), 3.5));
    panel.series.push_back(
        line_of(row.y, k, named ? (classes ? "class " : "y ") + std::to_string(k) : "output", plain_look(k + 2)));
  }
  return panel;
}

/// What a row's outputs say where they decide together, and what it should be; "" where each step decides.
std::string decision_note(const SpikingRow& row, const RunRecord& run) {
  const std::string decide = run.setting("readout.decide");
  if (decide != "mean_output" && decide != "sum_softmax") return "";
  // The largest mean of a is the largest mean of log y: what softmax takes off is the same for all outputs of a step.
  std::vector<double> votes(row.y.width), wanted(row.y.width);
  for (std::size_t t = 0; t < row.y.steps; ++t)
    for (std::size_t k = 0; k < votes.size(); ++k) {
      const double y = row.y.at(t, k);
      votes[k] += row.mask.at(t, 0) * (decide == "sum_softmax" ? y : std::log(y));
      wanted[k] += row.mask.at(t, 0) * row.target.at(t, k);
    }
  const auto best = [](const std::vector<double>& values) {
    return std::max_element(values.begin(), values.end()) - values.begin();
  };
  return fmt::format("Decided: class {}. The target is class {}.", best(votes), best(wanted));
}

std::string source_name(std::int64_t from, std::size_t d) {
  if (from < 0) return "no weight that anything comes by";
  const auto column = static_cast<std::size_t>(from);
  return column < d ? fmt::format("the weight from unit {}", column)
                    : fmt::format("the weight from input {}", column - d);
}

}  // namespace

std::vector<PanelFigure> spike_rasters(const RunRecord& run) {
  const SpikingRow row = row_in(run);
  if (!row.complete()) return {};
  PanelFigure figure = panels_over(row, "Spikes and outputs of a row");
  const bool classes = run.setting("loss.name") == "cross_entropy" && row.y.width > 1;
  figure.panels = {input_panel(row), unit_panel(row, run), output_panel(row, classes)};
  if (const std::string note = decision_note(row, run); !note.empty()) figure.notes.push_back(note);
  if (row.h.width > row.d)
    figure.notes.push_back(
        fmt::format("Units of {} layers of {}, the lowest layer above.", row.h.width / row.d, row.d));
  if (!are_events(row.x) && row.x.width > most_inputs)
    figure.notes.push_back(fmt::format("The first {} of {} inputs.", most_inputs, row.x.width));
  if (row.y.width > most_outputs)
    figure.notes.push_back(fmt::format("The first {} of {} outputs.", most_outputs, row.y.width));
  return {figure};
}

std::vector<PanelFigure> voltage_figures(const RunRecord& run) {
  const SpikingRow row = row_in(run);
  if (!row.complete()) return {};
  const std::vector<UnitKind> kinds = unit_kinds(run, row.d);
  const std::size_t top = row.h.width - row.d;
  std::vector<PanelFigure> figures;
  for (std::size_t k = 0; k < row.units.size(); ++k) {
    const std::size_t unit = row.units[k];
    if (unit >= row.d) return {};
    const UnitKind& kind =
        *std::find_if(kinds.begin(), kinds.end(), [&](const UnitKind& one) { return one.members[unit]; });
    PanelFigure figure = panels_over(row, fmt::format("Unit {} ({}): voltage, credit and a trace", unit, kind.name));
    PanelFigure::Panel voltage, credit, trace;
    voltage.y = {"v", "", false};
    voltage.height = 110;
    voltage.series = {line_of(row.v, k, "v", kind.look, 1.3),
                      line_of(row.threshold, k, "threshold", plain_look(3), 1.3)};
    voltage.events = {{"spike", *find_look("ink"), {}}};
    add_events(row.h, top + unit, 0, voltage.events[0]);
    credit.y = {"c", "", false};
    credit.height = 70;
    credit.levels = {{"", 0}};
    credit.series = {line_of(row.credit, k, "learning signal", plain_look(2), 1.3)};
    trace.y = {"e", "", false};
    trace.height = 70;
    trace.levels = {{"", 0}};
    trace.series = {line_of(row.trace, k, "eligibility trace", plain_look(4), 1.3)};
    figure.panels = {voltage, credit, trace};
    figure.notes.push_back("The trace is that of " + source_name(row.from[k], row.d) + ".");
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> firing_rates(const RunRecord& run) {
  const SpikingRow row = row_in(run);
  if (!row.complete()) return {};
  LineFigure figure;
  figure.title = "Firing rates of the row, in order";
  figure.x = {"unit by rank", "", false};
  figure.y = {"spikes a step", "", false};
  double sum = 0;
  for (const UnitKind& kind : unit_kinds(run, row.d)) {
    std::vector<double> rates;
    for (std::size_t i = 0; i < row.h.width; ++i) {
      if (!kind.members[i % row.d]) continue;
      double count = 0;
      for (std::size_t t = 0; t < row.h.steps; ++t) count += row.h.at(t, i) > 0 ? 1 : 0;
      rates.push_back(count / static_cast<double>(row.h.steps));
      sum += rates.back();
    }
    std::sort(rates.begin(), rates.end(), std::greater<>());
    Series series;
    series.label = kind.name;
    series.look = kind.look;
    series.marks = rates.size() <= 60;
    for (std::size_t i = 0; i < rates.size(); ++i) series.x.push_back(static_cast<double>(i));
    series.y = std::move(rates);
    figure.series.push_back(std::move(series));
  }
  figure.levels.push_back({"mean", sum / static_cast<double>(row.h.width)});
  if (const auto target = run.rate_target()) figure.levels.push_back({"target", *target});
  return {figure};
}

}  // namespace chronograd
