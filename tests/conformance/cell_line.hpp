// SPDX-License-Identifier: Apache-2.0
// A cell with random weights, states and inputs, to be run step by step.
#pragma once

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "chronograd/cell.hpp"
#include "chronograd/config.hpp"
#include "conformance/kept_forms.hpp"

namespace chronograd::conformance {

/// A cell of the catalogue in one of its settings, or one of its twins.
struct CellKind {
  const CellRecord* record;
  std::string activation;  ///< of cells that have a choice
  std::string twin = {}, further = {};
  std::string name() const {
    return record->entry.name + (twin.empty() ? "" : "_" + twin) + (activation.empty() ? "" : "_" + activation);
  }
};
inline void PrintTo(const CellKind& kind, std::ostream* out) {
  *out << kind.name();
}

/// Every cell of the catalogue, with each activation that it can have, and its twins.
inline std::vector<CellKind> cell_kinds() {
  std::vector<CellKind> kinds;
  const auto add = [&](const CellRecord* record, const std::string& twin, const std::string& further = "") {
    if (record == nullptr) return;
    if (!has_option(record->entry, "activation")) {
      kinds.push_back({record, "", twin, further});
      return;
    }
    for (const char* activation : {"tanh", "sigmoid", "relu", "softplus", "identity"})
      kinds.push_back({record, activation, twin, further});
  };
  for (const CellRecord* record : catalogue<CellRecord>()) {
    for (const auto& [plain, name] : {std::pair(record, std::string()), {record->trained, "trained"}}) {
      if (plain == nullptr) continue;
      add(plain, name);
      add(filtered(*plain), name + "filtered");
      add(averaged(*plain), name + "averaged");
      add(averaged(*filtered(*plain)), name + "averaged_filter");
    }
    if (has_option(record->entry, "activation_at")) add(record, "inside", "activation_at = \"state\"\n");
  }
  return kinds;
}

/// Sizes around the widths of vector registers.
inline std::vector<int> awkward_sizes() {
  return {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65};
}

inline std::vector<double> normals(std::mt19937_64& source, std::size_t count, double scale) {
  std::vector<double> values(count);
  std::normal_distribution<double> normal(0, scale);
  for (double& v : values) v = normal(source);
  return values;
}

inline Config cell_config(const CellKind& kind, int d) {
  std::string text =
      "[model]\ncell = \"" + std::string(kind.record->entry.name) + "\"\nhidden = " + std::to_string(d) + "\n";
  if (!kind.activation.empty()) text += "activation = \"" + kind.activation + "\"\n";
  text += kind.further;
  if (has_option(kind.record->entry, "alpha")) {
    text += "alpha = [";
    for (int i = 0; i < d; ++i) text += (i > 0 ? ", " : "") + std::to_string(0.2 + 0.8 * (i % 7) / 6.0);
    text += "]\n";
  }
  return Config::parse(text + "[rule]\nname = \"rtrl\"\n[loss]\nname = \"mse\"\n", "test");
}

inline Options cell_settings(const CellKind& kind, int d) {
  Options model = cell_config(kind, d).table("model");
  model.set(key_kappa, 0.7, false);
  model.set(key_zeta_out, 0.4, false);
  return model;
}

/// K steps of B streams. The same numbers for every T.
template <class T>
struct CellLine {
  CellLine(const CellKind& kind, int d, int n, int B, int K, std::uint64_t seed, double input_scale = 1)
      : cell(*kind.record, cell_settings(kind, d), d, n) {
    std::mt19937_64 source(seed);
    cell.prepare(segment, K, B);
    for (const double v : normals(source, cell.parameters(), 1 / std::sqrt(d + 1.0)))
      theta.push_back(static_cast<T>(v));
    segment.theta = theta.data();
    for (int row = 0; row < K * B; ++row) {
      T* z = segment.z.data() + row * cell.ld();
      const auto x = normals(source, n, input_scale), h = normals(source, cell.shown_width(), 0.5);
      for (int j = 0; j < n; ++j) z[cell.layout().input_at + j] = static_cast<T>(x[j]);
      for (int i = 0; row < B && i < cell.shown_width(); ++i) z[i] = static_cast<T>(h[i]);
    }
    const auto hidden = normals(source, static_cast<std::size_t>(B) * cell.more(), 0.5);
    for (std::size_t i = 0; i < hidden.size(); ++i) segment.hidden[i] = static_cast<T>(hidden[i]);
    clear_carried();
    for (std::size_t i = 0; i < segment.weight.size(); ++i) segment.weight[i] = static_cast<T>(i % 3) / 2;
  }

  int width() const { return cell.states() * cell.units(); }
  /// State of all streams before the first step, [B][S d].
  std::vector<T> before() const {
    return gather([&](int b, int i) { return segment.z[b * cell.ld() + i]; }, segment.hidden.data(), 0);
  }
  /// State after step k.
  std::vector<T> after(int k) const {
    const int B = segment.streams;
    return gather([&](int b, int i) { return segment.h[(k * B + b) * segment.h_ld + i]; }, segment.hidden_after, k);
  }
  /// Sets the state before the first step and runs.
  std::vector<T> run(const std::vector<T>& state) {
    const int d = cell.shown_width();
    for (int b = 0; b < segment.streams; ++b) {
      std::copy_n(state.begin() + b * width(), d, segment.z.data() + b * cell.ld());
      std::copy_n(state.begin() + b * width() + d, width() - d, segment.hidden.data() + b * cell.more());
    }
    clear_carried();
    cell.forward(segment);
    return after(segment.steps - 1);
  }
  void cut(int k, int b) {
    segment.cut[k * segment.streams + b] = 1;
    segment.any_cut = true;
  }

  Cell<T> cell;
  Segment<T> segment;
  std::vector<T> theta;

 private:
  /// What takes no credit begins at zero.
  void clear_carried() {
    const int own = width() - cell.shown_width();
    for (int b = 0; b < segment.streams; ++b)
      std::fill_n(segment.hidden.data() + b * cell.more() + own, cell.more() - own, T(0));
  }
  template <class F>
  std::vector<T> gather(const F& h, const T* further, int k) const {
    const int d = cell.shown_width(), B = segment.streams;
    std::vector<T> state;
    for (int b = 0; b < B; ++b) {
      for (int i = 0; i < d; ++i) state.push_back(h(b, i));
      for (int i = 0; i < width() - d; ++i) state.push_back(further[(k * B + b) * cell.more() + i]);
    }
    return state;
  }
};

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

inline double largest(const std::vector<double>& a) {
  double most = 0;
  for (const double v : a) most = std::max(most, std::abs(v));
  return most;
}

}  // namespace chronograd::conformance
