// SPDX-License-Identifier: Apache-2.0
// Figures of a network at work, from the sample that its run recorded: outputs, states, spectrum.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "report/figures.hpp"
#include "report/spectrum.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_lines = 3, most_units = 64, most_drawn_steps = 120, most_trials = 6, most_path_points = 300,
                      largest_spectrum = 512;

/// An array of the sample as (rows, steps, width).
struct Rows {
  const Array* array = nullptr;
  std::size_t rows = 0, steps = 0, width = 0;
  double at(std::size_t b, std::size_t t, std::size_t i) const { return array->at((b * steps + t) * width + i); }
};

Rows rows_of(const Arrays& arrays, const std::string& name) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) return {};
  const std::vector<std::size_t>& shape = found->second.shape;
  if (shape.size() < 2 || shape.size() > 3 || found->second.size() == 0) return {};
  return {&found->second, shape[0], shape[1], shape.size() == 3 ? shape[2] : 1};
}

/// How many whole rows fit; at least one, which may be cut.
std::size_t row_count(const Rows& rows) {
  return std::clamp<std::size_t>(most_drawn_steps / rows.steps, 1, rows.rows);
}
/// All steps of a row, or the first of a long one.
std::size_t step_count(const Rows& rows) {
  return rows.steps <= most_drawn_steps ? rows.steps : most_drawn_steps / 2;
}

struct Sample {
  Arrays arrays;
  Rows y, target, mask;
  bool complete() const {
    return y.array != nullptr && target.array != nullptr && mask.array != nullptr && y.rows == target.rows &&
           y.steps == target.steps && y.width == target.width && mask.rows == y.rows && mask.steps == y.steps;
  }
};

Sample sample_in(const RunRecord& run) {
  Sample sample;
  if (auto arrays = run.arrays("sample.npz")) sample.arrays = std::move(*arrays);
  sample.y = rows_of(sample.arrays, "y");
  sample.target = rows_of(sample.arrays, "target");
  sample.mask = rows_of(sample.arrays, "mask");
  return sample;
}

/// The square blocks of a recurrent weight array in a file, with their names: one for W_rec, one a gate for gru, lstm.
struct SquareBlock {
  std::string name;
  std::vector<double> values;
  std::size_t size;
};

std::vector<SquareBlock> square_blocks(const std::string& name, const Array& array) {
  if (array.shape.size() != 2 || array.shape[1] == 0 || array.shape[0] % array.shape[1] != 0) return {};
  const std::size_t d = array.shape[1], gates = array.shape[0] / d;
  const std::string letters = gates == 3 ? "rzn" : gates == 4 ? "ifgo" : "";
  std::vector<SquareBlock> blocks;
  for (std::size_t g = 0; g < gates; ++g) {
    SquareBlock block{
        gates == 1 ? name : name + ", gate " + (letters.empty() ? std::to_string(g) : letters.substr(g, 1)), {}, d};
    for (std::size_t i = 0; i < d * d; ++i) block.values.push_back(array.at(g * d * d + i));
    blocks.push_back(block);
  }
  return blocks;
}

Series eigenvalue_points(const SquareBlock& block, const std::string& label, const Look& look, bool hollow) {
  Series series;
  series.label = label;
  series.look = look;
  series.look.dash.clear();
  series.line = false;
  series.ends = hollow;
  for (const std::complex<double>& value : eigenvalues(block.values, block.size)) {
    series.x.push_back(value.real());
    series.y.push_back(value.imag());
  }
  return series;
}

}  // namespace

std::vector<LineFigure> output_lines(const RunRecord& run, const Look& look) {
  const Sample sample = sample_in(run);
  if (!sample.complete() || sample.y.width > most_lines) return {};
  std::vector<LineFigure> figures;
  const std::size_t rows = row_count(sample.y), steps = step_count(sample.y);
  for (std::size_t i = 0; i < sample.y.width; ++i) {
    LineFigure figure;
    figure.title = "Output and target" + (sample.y.width > 1 ? ", y[" + std::to_string(i) + "]" : std::string());
    figure.x = {rows > 1 ? "step, rows side by side" : "step", "", false};
    figure.y = {"output", "", false};
    Series target, output;
    target.label = "target";
    target.look = quiet_look();
    target.width = 4.5;
    output.label = "output";
    output.look = look;
    output.look.dash.clear();
    for (std::size_t b = 0; b < rows; ++b) {
      for (std::size_t t = 0; t < steps; ++t) {
        const auto x = static_cast<double>(b * steps + t);
        for (Series* series : {&target, &output}) series->x.push_back(x);
        target.y.push_back(sample.target.at(b, t, i));
        output.y.push_back(sample.y.at(b, t, i));
        if (sample.mask.at(b, t, 0) != 0) continue;
        if (!figure.shadows.empty() && figure.shadows.back().to == x - 0.5)
          figure.shadows.back().to = x + 0.5;
        else
          figure.shadows.push_back({x - 0.5, x + 0.5});
      }
      if (b + 1 == rows) continue;
      for (Series* series : {&target, &output}) {  // a gap between trials
        series->x.push_back(static_cast<double>((b + 1) * steps) - 0.5);
        series->y.push_back(NAN);
      }
    }
    figure.series = {target, output};
    figures.push_back(figure);
  }
  return figures;
}

std::vector<HeatFigure> output_maps(const RunRecord& run) {
  const Sample sample = sample_in(run);
  if (!sample.complete() || sample.y.width <= most_lines) return {};
  const std::size_t rows = row_count(sample.y), steps = step_count(sample.y),
                    m = std::min<std::size_t>(sample.y.width, 64);
  HeatFigure figure;
  figure.title = "Outputs; framed: the target";
  figure.x = {rows > 1 ? "step, rows side by side" : "step", "", false};
  figure.y = {"output", "", false};
  figure.value = {"y", "", false};
  figure.rows = m;
  figure.columns = rows * steps;
  figure.values.resize(figure.rows * figure.columns);
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t t = 0; t < steps; ++t) {
      std::size_t wanted = 0;
      for (std::size_t i = 0; i < m; ++i) {
        figure.values[i * figure.columns + b * steps + t] = sample.y.at(b, t, i);
        if (sample.target.at(b, t, i) > sample.target.at(b, t, wanted)) wanted = i;
      }
      if (sample.mask.at(b, t, 0) != 0 && sample.target.at(b, t, wanted) > 0 && figure.marked.size() < most_drawn_steps)
        figure.marked.push_back({wanted, b * steps + t});
    }
  return {figure};
}

std::vector<HeatFigure> state_maps(const RunRecord& run) {
  const auto arrays = run.arrays("sample.npz");
  if (!arrays) return {};
  const Rows h = rows_of(*arrays, "h");
  if (h.array == nullptr) return {};
  const std::size_t rows = row_count(h), steps = step_count(h);
  HeatFigure figure;
  figure.rows = std::min(h.width, most_units);
  figure.columns = rows * steps;
  figure.title = figure.rows < h.width ? fmt::format("States of the first {} of {} units", figure.rows, h.width)
                                       : "States of all units";
  figure.x = {rows > 1 ? "step, rows side by side" : "step", "", false};
  figure.y = {"unit", "", false};
  figure.value = {"h", "", false};
  for (std::size_t i = 0; i < figure.rows; ++i)
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t t = 0; t < steps; ++t) figure.values.push_back(h.at(b, t, i));
  // Rates that are never negative are a matter of more or less, others of plus and minus.
  figure.diverging = std::any_of(figure.values.begin(), figure.values.end(), [](double v) { return v < 0; });
  return {figure};
}

std::vector<LineFigure> state_trajectories(const RunRecord& run) {
  const auto arrays = run.arrays("sample.npz");
  if (!arrays) return {};
  const Rows h = rows_of(*arrays, "h");
  if (h.array == nullptr) return {};
  std::vector<double> points;
  for (std::size_t i = 0; i < h.array->size(); ++i) points.push_back(h.array->at(i));
  const PrincipalComponents plane = principal_components(points, h.rows * h.steps, h.width);
  if (plane.first.empty()) return {};
  LineFigure figure;
  figure.title = "States in the plane of their first two principal components";
  figure.x = {fmt::format("component 1: {:.0f} % of the variance", 100 * plane.first_share), "", false};
  figure.y = {fmt::format("component 2: {:.0f} %", 100 * plane.second_share), "", false};
  const std::size_t steps = step_count(h);
  const std::size_t trials = std::clamp<std::size_t>(most_path_points / steps, 1, std::min(h.rows, most_trials));
  for (std::size_t b = 0; b < trials; ++b) {
    Series path;
    if (trials > 1) path.label = "row " + std::to_string(b);
    path.look = plain_look(b);
    path.ends = true;
    path.width = 1.3;
    for (std::size_t t = 0; t < steps; ++t) {
      path.x.push_back(plane.first[b * h.steps + t]);
      path.y.push_back(plane.second[b * h.steps + t]);
    }
    figure.series.push_back(path);
  }
  figure.height = 340;
  return {figure};
}

std::vector<LineFigure> spectra(const RunRecord& run, const Look& look) {
  const auto trained = run.arrays("params.npz");
  const auto sample = run.arrays("sample.npz");
  std::vector<LineFigure> figures;
  if (!trained) return figures;
  for (const auto& [name, array] : *trained) {
    if (!name.starts_with("W_rec") && !name.starts_with("weight_hh")) continue;
    if (name.ends_with("_mask") || array.shape.size() != 2 || array.shape[1] > largest_spectrum) continue;
    const std::vector<SquareBlock> after = square_blocks(name, array);
    std::vector<SquareBlock> before;
    if (sample && sample->contains("initial/" + name)) before = square_blocks(name, sample->at("initial/" + name));
    for (std::size_t i = 0; i < after.size(); ++i) {
      LineFigure figure;
      figure.title = "Eigenvalues of " + after[i].name;
      figure.x = {"real part", "", false};
      figure.y = {"imaginary part", "", false};
      figure.same_units = true;
      figure.height = 370;
      Series circle;
      circle.look = quiet_look();
      circle.width = 1.2;
      for (int k = 0; k <= 120; ++k) {
        circle.x.push_back(std::cos(k * std::numbers::pi / 60));
        circle.y.push_back(std::sin(k * std::numbers::pi / 60));
      }
      figure.series.push_back(circle);
      if (i < before.size()) {
        Look soft = plain_look(4);
        if (look.name == soft.name) soft = plain_look(1);
        soft.mark = look.mark;
        figure.series.push_back(eigenvalue_points(before[i], "before training", soft, true));
      }
      figure.series.push_back(eigenvalue_points(after[i], "after training", look, false));
      figures.push_back(figure);
    }
  }
  return figures;
}

}  // namespace chronograd
