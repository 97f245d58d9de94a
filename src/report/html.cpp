// SPDX-License-Identifier: Apache-2.0
#include "report/html.hpp"

#include <openssl/evp.h>

#include "figures/drawing.hpp"
#include "figures/escaped.hpp"

namespace chronograd {
namespace {

constexpr std::size_t chart_points = 24000, chart_thread_points = 16000, most_points = 2000;

/// JSON inside a page: no text of it can end the element that holds it.
std::string script_safe(const std::string& json) {
  std::string text;
  for (const char c : json) text += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return text;
}

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string figure_of(const std::string& title, const std::string& picture, const std::string& caption,
                      const std::string& json = "", const std::vector<std::string>& notes = {}) {
  std::string text = json.empty() ? "<figure>\n" : "<figure data-chart>\n";
  text += "<h3>" + escaped(title) + "</h3>\n<div class=\"still\">" + picture + "</div>\n";
  if (!json.empty())
    text += "<div class=\"live\"><div class=\"tools\"></div></div>\n<script type=\"application/json\">" +
            script_safe(json) + "</script>\n";
  std::string below = escaped(caption);
  for (const std::string& note : notes)
    below += (below.empty() ? "" : "<br>\n") + ("<span class=\"note\">" + escaped(note) + "</span>");
  if (!below.empty()) text += "<figcaption>" + below + "</figcaption>\n";
  return text + "</figure>\n";
}

}  // namespace

std::string section(const std::string& id, const std::string& heading, const std::string& markup) {
  if (markup.empty()) return "";
  return "<section id=\"" + escaped(id) + "\">\n<h2>" + escaped(heading) + "</h2>\n" + markup + "</section>\n";
}

std::string paragraph(const std::string& text, const std::string& style) {
  return (style.empty() ? "<p>" : "<p class=\"" + escaped(style) + "\">") + escaped(text) + "</p>\n";
}

std::string preformatted(const std::string& text) {
  return "<pre tabindex=\"0\">" + escaped(text) + "</pre>\n";
}

std::string folded(const std::string& summary, const std::string& markup) {
  return "<details><summary>" + escaped(summary) + "</summary>\n" + markup + "</details>\n";
}

std::string grid(const std::string& markup) {
  return markup.empty() ? "" : "<div class=\"grid\">\n" + markup + "</div>\n";
}

std::string download(const std::string& name, const std::string& type, const std::string& text) {
  return "<a download=\"" + escaped(name) + "\" href=\"data:" + escaped(type) + ";charset=utf-8;base64," +
         base64(text) + "\">" + escaped(name) + "</a>\n";
}

std::string figure_markup(const LineFigure& figure, const std::string& caption, bool interactive) {
  std::string json;
  if (interactive) {
    LineFigure thinned = figure;
    const auto share = [](std::size_t all, std::size_t count) {
      return std::min(most_points, std::max<std::size_t>(40, all / std::max<std::size_t>(1, count)));
    };
    for (Series& series : thinned.series) thin_out(series, share(chart_points, thinned.series.size()));
    for (Thread& thread : thinned.threads) thin_out(thread, share(chart_thread_points, thinned.threads.size()));
    json = to_json(thinned);
  }
  return figure_of(figure.title, to_svg(figure, Setting::page), caption, json, figure.notes);
}

std::string figure_markup(const HeatFigure& figure, const std::string& caption) {
  return figure_of(figure.title, to_svg(figure, Setting::page), caption, "", figure.notes);
}

std::string figure_markup(const TriangleFigure& figure, const std::string& caption) {
  return figure_of(figure.title, to_svg(figure, Setting::page), caption, "", figure.notes);
}

std::string figure_markup(const PanelFigure& figure, const std::string& caption) {
  return figure_of(figure.title, to_svg(figure, Setting::page), caption, "", figure.notes);
}

std::string figure_markup(const BarFigure& figure, const std::string& caption) {
  return figure_of(figure.title, to_svg(figure, Setting::page), caption);
}

std::string swatch(const Look& look) {
  Drawing drawing(22, 12);
  drawing.path({{0, 6}, {22, 6}}, look, 2);
  drawing.mark({11, 6}, look, 3.6);
  std::string svg = drawing.finish(look.name, "", true);
  return svg.insert(4, R"( class="swatch" aria-hidden="true")");
}

std::string table_markup(const HtmlTable& table, bool cards) {
  std::string text =
      std::string("<div class=\"scroll\"><table") +
      (cards ? table.words && table.head.size() == 2 ? " class=\"cards pairs\"" : " class=\"cards\"" : "") +
      ">\n<thead><tr>";
  for (const std::string& head : table.head)
    text += std::string(table.words ? "<th class=\"words\"" : "<th") + " scope=\"col\">" + escaped(head) + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (const HtmlTable::Row& row : table.rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      text += i == 0 ? "<th scope=\"row\">" + row.lead + escaped(row.cells[i]) + "</th>"

                     : std::string(table.words ? "<td class=\"words\"" : "<td") + " data-name=\"" +
                           escaped(table.head[i]) + "\">" + escaped(row.cells[i]) + "</td>";
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace chronograd
