// SPDX-License-Identifier: Apache-2.0
#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"
#include "chronograd/version.hpp"
#include "figures/escaped.hpp"
#include "report/assets.hpp"
#include "report/figures.hpp"
#include "report/sections.hpp"
#include "report/verdict.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_networks = 6, largest_page = 1000000;

/// The best first; what has no final loss last.
void sort_by_loss(std::vector<RunGroup>& groups) {
  std::stable_sort(groups.begin(), groups.end(), [](const RunGroup& a, const RunGroup& b) {
    const bool has_a = std::isfinite(a.loss.mean), has_b = std::isfinite(b.loss.mean);
    return has_a != has_b ? has_a : has_a && a.loss.mean < b.loss.mean;
  });
}

/// Of a sweep, the best of each rule; else all groups.
std::vector<RunGroup> shown_of(const std::vector<RunGroup>& groups) {
  std::vector<RunGroup> shown;
  if (sweep_maps(groups).empty()) shown = groups;
  if (!shown.empty()) {
    sort_by_loss(shown);
    return shown;
  }
  std::map<std::string, std::size_t> variants;
  for (const std::size_t i : best_of_each_rule(groups)) {
    shown.push_back(groups[i]);
    shown.back().look = variant(look_of(groups[i].rule), variants[groups[i].rule]++);
  }
  sort_by_loss(shown);
  return shown;
}

/// Of a list of widths, [256.0,256.0,64.0]: `2 x 256, 64 units`.
std::string layers_text(const std::string& widths) {
  const Json json = json_of(widths);
  std::vector<std::pair<std::string, int>> layers;  // a width, and how many times in a row
  const auto add = [&](const Json& width) {
    if (!width.is_number()) return;
    const std::string text = number_text(width.get<double>());
    if (layers.empty() || layers.back().first != text) layers.emplace_back(text, 0);
    ++layers.back().second;
  };
  if (json.is_array())
    for (const Json& width : json) add(width);
  else
    add(json);
  std::string text;
  for (const auto& [width, count] : layers)
    text += (text.empty() ? "" : ", ") + (count > 1 ? std::to_string(count) + " x " : std::string()) + width;
  return text + " units";
}

/// `add, leaky with 32 units`, and what else all runs share.
std::string title_of(const std::vector<RunGroup>& groups) {
  const auto common = [&](const std::string& key) {
    const std::string value = groups.front().runs.front()->setting(key);
    const bool same = std::all_of(groups.begin(), groups.end(),
                                  [&](const RunGroup& g) { return g.runs.front()->setting(key) == value; });
    return same ? value : std::string();
  };
  const std::string task = common("task.name"), cell = common("model.cell"), units = common("model.hidden");
  std::string data = common("data.train");
  data = data.starts_with("data:") ? data.substr(5) : std::filesystem::path(data).stem().string();
  std::string title = !task.empty() ? task : !data.empty() ? data : "chronograd";
  if (!cell.empty()) title += ", " + cell + (units.empty() ? "" : " with " + units + " units");
  if (const std::string widths = common("net.widths"); !widths.empty()) title += ", a net of " + layers_text(widths);
  if (groups.size() == 1) title += ", " + groups.front().label;
  return title;
}

/// The colours of the page, light and dark, for style sheet and script.
std::string look_styles() {
  std::string light, dark, classes;
  std::vector<Look> all(looks().begin(), looks().end());
  all.push_back(quiet_look());
  for (const Look& look : all) {
    light += "--look-" + look.name + ":" + look.light + ";";
    dark += "--look-" + look.name + ":" + look.dark + ";";
    classes += ".look-" + look.name + "{--look:var(--look-" + look.name + ")}\n";
  }
  return ":root{" + light + "}\n@media screen and (prefers-color-scheme: dark){:root{" + dark + "}}\n" + classes;
}

std::string page_of(const ReportData& data, const Records& records, std::size_t networks) {
  const std::string title = title_of(data.shown);
  struct Part {
    const char* id;
    const char* name;
    std::string markup;
  };
  const Part parts[] = {{"curves", "Learning curves", curves_section(data)},
                        {"sweep", "Settings", sweep_section(data)},
                        {"alignment", "Alignment", alignment_section(data)},
                        {"interfaces", "Interfaces", interfaces_section(data)},
                        {"cost", "Cost", cost_section(data)},
                        {"networks", "Networks", network_section(data, networks)},
                        {"setup", "Configuration", setup_section(data)},
                        {"numbers", "Raw numbers", numbers_section(data)},
                        {"citations", "Citations", citations_section(data)}};
  std::string body = "<header><h1>" + escaped(title) + "</h1>\n<p class=\"soft\">" +
                     escaped(std::to_string(records.runs.size()) + (records.runs.size() == 1 ? " run" : " runs") +
                             ", chronograd " + version()) +
                     "</p>\n<nav aria-label=\"Sections\">";
  for (const Part& part : parts)
    if (!part.markup.empty()) body += std::string("<a href=\"#") + part.id + "\">" + part.name + "</a>\n";
  body += "</nav></header>\n<main>\n" + headline_section(data);
  for (const Part& part : parts) body += part.markup;
  body += "</main>\n";
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src "
      "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n";
  page += "<title>" + escaped(title) + "</title>\n<style>\n";
  page.append(assets::uplot_style()).append("\n").append(assets::report_style()).append("\n").append(look_styles());
  page += "</style>\n</head>\n<body>\n" + body + "<script>\n/*\nThe following script is uPlot 1.6.32.\n";
  page.append(assets::uplot_licence()).append("*/\n").append(assets::uplot_script());
  page.append("\n</script>\n<script>\n").append(assets::report_script()).append("</script>\n</body>\n</html>\n");
  return page;
}

template <class Figure>
void add_pictures(const std::vector<Figure>& figures, std::vector<std::string>& pictures) {
  for (const Figure& figure : figures) pictures.push_back(to_svg(figure));
}

/// By itself a picture has more room than on a page, so more panels stand side by side.
std::vector<TriangleFigure> widened(std::vector<TriangleFigure> figures) {
  for (TriangleFigure& figure : figures) figure.width = 1.6 * figure_width;
  return figures;
}

}  // namespace

std::string report_html(const Records& records, const std::vector<std::string>& words) {
  ReportData data;
  data.groups = group_runs(records);
  data.shown = shown_of(data.groups);
  data.warnings = warnings_of(data.shown, records);
  for (const std::string& edge : sweep_edges(data.groups)) data.warnings.push_back(edge);
  data.words = words;
  // Pictures of networks take most of the room: as many as fit.
  std::string page = page_of(data, records, most_networks);
  for (std::size_t count = most_networks; page.size() > largest_page && count > 0; --count)
    page = page_of(data, records, count - 1);
  return page;
}

const std::vector<PlotKind>& plot_kinds() {
  static const std::vector<PlotKind> kinds = {
      {"curves", "loss, accuracy and firing rate against time"},
      {"alignment", "cosine with watched rules and ratio of norms, all pairs, each parameter, angle of the feedback"},
      {"interfaces", "of feed-forward nets: guesses beside true gradients, staleness and waiting by layer"},
      {"credit",
       "what each rule charges to which step for which loss (watch.credit), its share of exact credit, each parameter"},
      {"cost", "time a step and memory of the rule"},
      {"pareto", "final loss against time a step and against alignment"},
      {"output", "outputs and targets of some rows, first run that ended well"},
      {"states", "units against steps"},
      {"spikes", "who fires when, voltages beside credit and traces, firing rates"},
      {"pca", "trajectories in the plane of the first two principal components"},
      {"eigenvalues", "of the recurrent weights before and after training"},
      {"sweep", "final loss by rule and swept setting"}};
  return kinds;
}

std::vector<std::string> plot_svg(const Records& records, const std::string& kind) {
  std::vector<std::string> names;
  for (const PlotKind& known : plot_kinds()) names.emplace_back(known.name);
  if (std::find(names.begin(), names.end(), kind) == names.end()) throw_unknown_name("--kind", kind, names);
  const std::vector<RunGroup> groups = group_runs(records), shown = shown_of(groups);
  std::vector<std::string> pictures;
  if (kind == "curves") add_pictures(learning_curves(shown), pictures);
  if (kind == "alignment") {
    add_pictures(alignment_curves(shown), pictures);
    add_pictures(alignment_maps(shown), pictures);
    add_pictures(parameter_alignment_curves(shown), pictures);
    add_pictures(feedback_angles(shown), pictures);
  }
  if (kind == "interfaces") {
    add_pictures(interface_figures(shown), pictures);
    add_pictures(interface_curves(shown), pictures);
  }
  if (kind == "credit") {
    add_pictures(widened(credit_maps(shown)), pictures);
    add_pictures(credit_shares(shown), pictures);
    add_pictures(widened(parameter_credit_maps(shown)), pictures);
  }
  if (kind == "cost") add_pictures(cost_bars(shown), pictures);
  if (kind == "pareto") add_pictures(pareto_figures(shown), pictures);
  if (kind == "sweep") add_pictures(sweep_maps(groups), pictures);
  for (const RunGroup& group : shown) {
    const RunRecord* run = group.shown();
    if (run == nullptr) continue;
    if (kind == "output") {
      add_pictures(output_lines(*run, group.look), pictures);
      add_pictures(output_maps(*run), pictures);
    }
    if (kind == "states") add_pictures(state_maps(*run), pictures);
    if (kind == "spikes") {
      add_pictures(spike_rasters(*run), pictures);
      add_pictures(voltage_figures(*run), pictures);
      add_pictures(firing_rates(*run), pictures);
    }
    if (kind == "pca") add_pictures(state_trajectories(*run), pictures);
    if (kind == "eigenvalues") add_pictures(spectra(*run, group.look), pictures);
  }
  if (pictures.empty())
    throw Error(Exit::data, "--kind",
                "got " + kind + ", but the runs have nothing to draw for it. See docs/report.md.");
  return pictures;
}

}  // namespace chronograd
