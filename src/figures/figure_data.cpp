// SPDX-License-Identifier: Apache-2.0
// Figures as numbers: tables, the data of interactive charts, fewer points, fitted powers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/json_value.hpp"
#include "figures/figure.hpp"

namespace chronograd {
namespace {

std::string quoted_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string field(double value) {
  return std::isfinite(value) ? fmt::format("{:.7g}", value) : "";
}

/// Five digits are more than a screen shows.
Json numbers(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double value : values)
    out.push_back(std::isfinite(value) ? Json(std::strtod(fmt::format("{:.5g}", value).c_str(), nullptr)) : Json());
  return out;
}

/// Positions of a kept subset: of each stretch the first, the least and the largest.
std::vector<std::size_t> kept(const std::vector<double>& y, std::size_t limit) {
  std::vector<std::size_t> keep;
  const std::size_t stretches = std::max<std::size_t>(1, (limit - 1) / 2);
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t from = s * y.size() / stretches, to = (s + 1) * y.size() / stretches;
    if (from >= to) continue;
    std::size_t least = from, largest = from;
    for (std::size_t i = from; i < to; ++i) {
      if (y[i] < y[least] || std::isnan(y[least])) least = i;
      if (y[i] > y[largest] || std::isnan(y[largest])) largest = i;
    }
    keep.insert(keep.end(), {std::min(least, largest), std::max(least, largest)});
  }
  keep.front() = 0;
  keep.push_back(y.size() - 1);
  keep.erase(std::unique(keep.begin(), keep.end()), keep.end());
  return keep;
}

void keep_only(std::vector<double>& values, const std::vector<std::size_t>& keep) {
  if (values.empty()) return;
  std::vector<double> out;
  for (const std::size_t i : keep) out.push_back(values[i]);
  values = std::move(out);
}

}  // namespace

void thin_out(Series& series, std::size_t limit) {
  if (series.x.size() <= limit || limit < 4) return;
  const std::vector<std::size_t> keep = kept(series.y, limit);
  for (auto* values : {&series.x, &series.y, &series.low, &series.high}) keep_only(*values, keep);
}

void thin_out(Thread& thread, std::size_t limit) {
  if (thread.x.size() <= limit || limit < 4) return;
  const std::vector<std::size_t> keep = kept(thread.y, limit);
  for (auto* values : {&thread.x, &thread.y}) keep_only(*values, keep);
}

std::string to_csv(const LineFigure& figure) {
  std::string text = "series,x,y,low,high\n";
  const auto add = [&](const std::string& label, double x, double y, double low, double high) {
    text += quoted_field(label) + "," + field(x) + "," + field(y) + "," + field(low) + "," + field(high) + "\n";
  };
  for (const Series& series : figure.series)
    for (std::size_t i = 0; i < series.x.size(); ++i)
      add(series.label, series.x[i], series.y[i], series.low.empty() ? NAN : series.low[i],
          series.high.empty() ? NAN : series.high[i]);
  for (const Thread& thread : figure.threads)
    for (std::size_t i = 0; i < thread.x.size(); ++i) add(thread.label, thread.x[i], thread.y[i], NAN, NAN);
  for (const Level& level : figure.levels) add(level.label, NAN, level.y, NAN, NAN);
  for (const Moment& moment : figure.moments) add(moment.label, moment.x, NAN, NAN, NAN);
  return text;
}

std::string to_json(const LineFigure& figure) {
  Json json = {{"title", figure.title},
               {"x", {{"label", figure.x.text()}, {"log", figure.x.log}}},
               {"y", {{"label", figure.y.text()}, {"log", figure.y.log}}},
               {"series", Json::array()},
               {"threads", Json::array()},
               {"levels", Json::array()},
               {"moments", Json::array()}};
  // Both kinds of axis can be chosen on a page; null: it would show nothing.
  for (const bool log : {false, true}) {
    const Extent range = y_extent(figure, log);
    json["range"][log ? "log" : "linear"] = range.empty() ? Json() : numbers({range.low(), range.high()});
  }
  for (const Series& series : figure.series) {
    Json item = {{"label", series.label}, {"look", series.look.name}, {"dash", series.look.dash}, {"line", series.line},
                 {"marks", series.marks}, {"x", numbers(series.x)},   {"y", numbers(series.y)}};
    if (!series.low.empty()) {
      item["low"] = numbers(series.low);
      item["high"] = numbers(series.high);
    }
    json["series"].push_back(item);
  }
  for (const Thread& thread : figure.threads)
    json["threads"].push_back(
        {{"label", thread.label}, {"look", thread.look.name}, {"x", numbers(thread.x)}, {"y", numbers(thread.y)}});
  for (const Level& level : figure.levels) json["levels"].push_back({{"label", level.label}, {"y", level.y}});
  for (const Moment& moment : figure.moments) json["moments"].push_back({{"label", moment.label}, {"x", moment.x}});
  return json.dump();
}

double PowerLaw::operator()(double x) const {
  return factor * std::pow(x, exponent);
}

PowerLaw fitted_power(const std::vector<double>& x, const std::vector<double>& y) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    if (!(x[i] > 0) || !(y[i] > 0) || !std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    const double a = std::log(x[i]), b = std::log(y[i]);
    n += 1;
    sx += a;
    sy += b;
    sxx += a * a;
    sxy += a * b;
  }
  const double spread = n * sxx - sx * sx;
  if (n < 2 || !(spread > 1e-12 * n * sxx)) return {NAN, NAN};
  const double exponent = (n * sxy - sx * sy) / spread;
  return {std::exp((sy - exponent * sx) / n), exponent};
}

}  // namespace chronograd
