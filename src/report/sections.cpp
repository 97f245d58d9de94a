// SPDX-License-Identifier: Apache-2.0
#include "report/sections.hpp"

#include <algorithm>

#include "base/json_value.hpp"
#include "figures/escaped.hpp"
#include "report/citations.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/tables.hpp"
#include "report/verdict.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_csv_bytes = 150000;

template <class Figure, class... More>
std::string all(const std::vector<Figure>& figures, const More&... more) {
  std::string text;
  for (const Figure& figure : figures) text += figure_markup(figure, more...);
  return text;
}

bool several_seeds(const ReportData& data) {
  return std::any_of(data.shown.begin(), data.shown.end(), [](const RunGroup& group) { return group.runs.size() > 1; });
}

std::string seeds_caption(const ReportData& data) {
  return several_seeds(data)
             ? "Mean over the seeds that did not diverge (geometric on a logarithmic axis), band: its 95 % "
               "interval, as "
               "far as the axis has values; thin: single seeds, a cross where one diverged."
             : "One seed.";
}

/// Output, states and spectrum of one trained network.
std::string network(const RunGroup& group) {
  const RunRecord* run = group.shown();
  if (run == nullptr) return "";
  std::string figures = all(output_lines(*run, group.look),
                            std::string("Test data (training data where there are none) under the trained weights. "
                                        "Shaded steps do not count."),
                            false);
  figures += all(output_maps(*run), std::string("The first rows of the test data under the trained weights."));
  figures += all(confusion_maps(*run), std::string("All test data under the trained weights; –: no such target."));
  const std::string spiking =
      all(spike_rasters(*run), std::string("Test data (training data where there are none) under the trained weights. "
                                           "Shaded steps do not count.")) +
      all(voltage_figures(*run), std::string("The same row. What e-prop adds to a gradient is the product of the two "
                                             "lower lines.")) +
      all(firing_rates(*run), std::string("The same row."), false);
  figures = spiking + figures;
  // States that are spikes are in the raster.
  if (spiking.empty()) figures += all(state_maps(*run), std::string("The same rows."));
  figures += all(state_trajectories(*run), std::string("Cross: first step; ring: last one drawn."), false);
  figures += all(spectra(*run, group.look),
                 std::string("Hollow: before training; filled: after. On the circle, one step neither shrinks nor "
                             "stretches."),
                 false);
  if (figures.empty()) return "";
  return "<h3 class=\"network\">" + swatch(group.look) + escaped(group.label + ", seed " + run->setting("seed")) +
         "</h3>\n" + grid(figures);
}

/// A word as the shell reads it back.
std::string shell_word(const std::string& word) {
  constexpr const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

/// The command that a run was made by; "" if it is not recorded.
std::string command_text(const RunRecord& run) {
  const Json words = Json::read(run.surrounding("command"));
  std::vector<std::string> list;
  if (words.is_array())
    for (const Json& word : words)
      if (word.is_string()) list.push_back(word.get<std::string>());
  return command_line(list);
}

}  // namespace

std::string headline_section(const ReportData& data) {
  std::string markup = paragraph(verdict_text(data.shown), "verdict");
  if (!data.warnings.empty()) {
    markup += "<div class=\"warnings\" role=\"note\"><strong>Mind</strong><ul>\n";
    for (const std::string& warning : data.warnings) markup += "<li>" + escaped(warning) + "</li>\n";
    markup += "</ul></div>\n";
  }
  markup += table_markup(headline_table(data.shown, criterion_for(data.shown)), true);
  if (data.shown.front().runs.front()->is_net())
    markup += paragraph(
        "Loss and accuracy: mean ± 95 % interval (Student's t) over the seeds that did not diverge. Updates: until the "
        "mean curve is there. µs a sample: training time, median. Memory: what the interfaces keep.",
        "soft");
  else
    markup += paragraph(
        "Loss and accuracy: mean ± 95 % interval (Student's t) over the seeds that did not diverge. Steps: time steps "
        "of "
        "a "
        "stream until the mean curve is there. µs a step: training time a step and stream, median. Memory: what the "
        "rule "
        "keeps for all streams. Cosine: of the rule's gradient with the exact one, mean along the run.",
        "soft");
  return "<section id=\"result\">\n" + markup + "</section>\n";
}

std::string curves_section(const ReportData& data) {
  return section("curves", "Learning curves",
                 grid(all(learning_curves(data.shown),
                          seeds_caption(data) + " Dashed: what can be reached by chance, without memory, or at best, "
                                                "where the task knows it. Dotted: when a rule was deprived of "
                                                "something (ablate_at, freeze_at).",
                          true)));
}

std::string alignment_section(const ReportData& data) {
  std::string figures = all(alignment_curves(data.shown),
                            "Of the hidden weights' gradient, on the same trajectory. " + seeds_caption(data), true);
  figures += all(alignment_maps(data.shown),
                 std::string("Of the hidden weights' gradients on the same trajectory, mean along the run."));
  const std::string under = "Under the trained weights, mean over rows of the training data. One seed.";
  figures += all(credit_maps(data.shown), under);
  figures += all(credit_shares(data.shown), under, true);
  figures += all(
      feedback_angles(data.shown),
      std::string("90°: the feedback has nothing to do with the forward weights; 0°: it is their transpose."), true);
  figures += all(further_curves(data.shown), seeds_caption(data), true);
  std::string markup = grid(figures);
  const std::string parameters = all(parameter_alignment_curves(data.shown), seeds_caption(data), true);
  if (!parameters.empty()) markup += folded("Each parameter by itself", grid(parameters));
  return section("alignment", "Alignment", markup);
}

std::string interfaces_section(const ReportData& data) {
  std::string markup = grid(all(interface_figures(data.shown), std::string(), true));
  if (!markup.empty())
    markup =
        paragraph(
            "Means along the run, by the layer below the interface; cosine, norm and error over those batches that "
            "were compared when the true gradient came. " +
                std::string(several_seeds(data) ? "Bands: the 95 % interval of the seeds that did not diverge."
                                                : "One seed."),
            "soft") +
        markup;
  const std::string curves = all(interface_curves(data.shown), seeds_caption(data), true);
  if (!curves.empty()) markup += folded("Each interface by itself, along the run", grid(curves));
  return section("interfaces", "Interfaces", markup);
}

std::string cost_section(const ReportData& data) {
  std::string figures = all(cost_bars(data.shown), std::string());
  figures +=
      all(pareto_figures(data.shown),
          std::string(
              "Bars: 95 % interval of the loss. Low and left: good and cheap; low and far right: good and aligned."),
          false);
  return section("cost", "Cost", grid(figures));
}

std::string sweep_section(const ReportData& data) {
  const std::vector<HeatFigure> maps = sweep_maps(data.groups);
  if (maps.empty()) return "";
  return section(
      "sweep", "Settings that were tried",
      grid(all(
          maps,
          std::string("Mean over the seeds that did not diverge; framed: the best of each row; –: "
                      "no loss (diverged, not measured or not run). All other sections show the best of each rule."))) +
          folded("All combinations", table_markup(headline_table(data.groups, criterion_for(data.groups)), true)));
}

std::string network_section(const ReportData& data, std::size_t most) {
  std::string markup;
  std::size_t count = 0;
  for (const RunGroup& group : data.shown) {
    if (count == most) {
      markup += paragraph("Further networks are not drawn; give their runs alone.", "soft");
      break;
    }
    const std::string one = network(group);
    count += !one.empty();
    markup += one;
  }
  return section("networks", "The trained networks", markup);
}

std::string setup_section(const ReportData& data) {
  const RunRecord& first = *data.shown.front().runs.front();
  std::string markup;
  const HtmlTable differences = difference_table(data.shown);
  if (data.shown.size() > 1 && !differences.rows.empty())
    markup += "<h3>Settings that differ</h3>\n" + table_markup(differences, true);
  markup += "<h3>Environment and data</h3>\n" + table_markup(environment_table(data.groups), true);
  std::vector<std::string> commands;
  for (const RunGroup& group : data.groups)
    for (const RunRecord* run : group.all())
      if (const std::string text = command_text(*run);
          !text.empty() && std::find(commands.begin(), commands.end(), text) == commands.end())
        commands.push_back(text);
  std::string repeat;
  for (std::size_t i = 0; i < std::min<std::size_t>(commands.size(), 20); ++i) repeat += commands[i] + "\n";
  if (commands.size() > 20) repeat += "# and " + std::to_string(commands.size() - 20) + " more\n";
  markup += folded("Configuration as given, of " + first.path, preformatted(first.config));
  markup += folded("Every setting, defaults included, of " + first.path, preformatted(first.resolved));
  std::string rules;
  for (const RunGroup& group : data.shown)
    if (rules.find(group.rule) == std::string::npos) rules += (rules.empty() ? "" : ",") + group.rule;
  if (!first.is_net()) repeat += "chronograd check --rules " + rules + "    # that the rules compute what they claim\n";
  if (const std::string command = command_line(data.words); !command.empty()) repeat += command + "    # this page\n";
  markup += "<h3>The commands, to make it again</h3>\n" + preformatted(repeat);
  return section("setup", "Configuration and environment", markup);
}

std::string numbers_section(const ReportData& data) {
  bool thinned = false;
  const std::string lines = lines_csv(data.groups, most_csv_bytes, thinned);
  std::string markup = "<p class=\"downloads\">" + download("runs.csv", "text/csv", runs_csv(data.groups)) +
                       download("lines.csv", "text/csv", lines) + "</p>\n";
  markup += paragraph(thinned ? "lines.csv has some of the lines of each run; all are in its metrics.jsonl."
                              : "lines.csv has all lines of all runs.",
                      "soft");
  return section("numbers", "Raw numbers", markup);
}

std::string citations_section(const ReportData& data) {
  const std::string entries = citations_of(data.groups);
  return entries.empty() ? ""
                         : section("citations", "Citations",
                                   preformatted(entries) + "<p class=\"downloads\">" +
                                       download("references.bib", "application/x-bibtex", entries) + "</p>\n");
}

}  // namespace chronograd
