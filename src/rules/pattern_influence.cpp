// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_influence.hpp"

#include <algorithm>
#include <string>

#include "chronograd/isa.hpp"
#include "math/kernels.hpp"
#include "math/work.hpp"

namespace chronograd {
namespace {

constexpr std::size_t nowhere = ~std::size_t{0};
constexpr std::size_t line_bytes = 64;
constexpr std::size_t gap_share = 128;  // a gap of less than a line is less than this part of a block

std::size_t at(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

/// Columns of the tiles of a block: whole vectors, all tiles alike. A tile is as wide as the loops over it have
/// registers for, unless its rows would not lie in the nearest cache together.
template <class T>
std::size_t tile_columns(std::size_t rows, std::size_t columns) {
  constexpr std::size_t cache = 24 << 10, most_vectors = 5;
  const std::size_t vector = (active_isa() == Isa::avx512 ? 64 : active_isa() == Isa::avx2 ? 32 : 16) / sizeof(T);
  const std::size_t fit = cache / (rows * sizeof(T)) / vector;
  const std::size_t widest = std::clamp<std::size_t>(fit, 2, most_vectors) * vector,
                    tiles = (columns + widest - 1) / widest;
  return ((columns + tiles - 1) / tiles + vector - 1) / vector * vector;
}

}  // namespace

template <class T>
PatternInfluence<T>::PatternInfluence(const RuleSetup<T>& setup, InfluencePattern pattern, bool exact)
    : stack_(setup.stack),
      streams_(setup.streams),
      pattern_(std::move(pattern)),
      exact_(exact),
      scan_(setup.stack),
      influence_(static_cast<std::size_t>(setup.streams)),
      zero_(static_cast<std::size_t>(setup.streams), 1) {
  const int S = stack_.states(), all = stack_.layers() * streams_ * S;
  cut_into_tiles();
  local_.resize(at(all * S, stack_.units()));
  gain_.resize(at(all * stack_.gates(), stack_.units()));
  values_.resize(pattern_.values);
  read_.resize(pattern_.columns.size());
  state_credit_.resize(static_cast<std::size_t>(stack_.width()));
  row_credit_.resize(state_credit_.size());
}

template <class T>
void PatternInfluence<T>::cut_into_tiles() {
  constexpr std::size_t line = line_bytes / sizeof(T);
  const auto S = static_cast<std::size_t>(stack_.states());
  std::size_t entries = 0, terms = 0, largest = 0;
  own_.reserve(pattern_.columns.size() * S);
  for (std::size_t g = 0; g < pattern_.groups.size(); ++g) {
    const InfluencePattern::Group& group = pattern_.groups[g];
    const std::size_t rows = group.rows.size();
    // Blocks begin on a cache line, unless the gaps would count.
    if (rows * (group.end_column - group.first_column) >= gap_share * line)
      entries = (entries + line - 1) / line * line;
    const std::size_t widest = tile_columns<T>(rows, group.end_column - group.first_column);
    for (std::size_t c = group.first_column; c < group.end_column; c += widest) {
      const std::size_t columns = std::min(widest, group.end_column - c);
      tiles_.push_back({static_cast<int>(g), static_cast<int>(columns), entries, c});
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t s = 0; s < S; ++s) {
          const int row = group.own_rows[(c - group.first_column + j) * S + s];
          own_.push_back(row < 0 ? nowhere : entries + static_cast<std::size_t>(row) * columns + j);
        }
      entries += rows * columns;
    }
    term_at_.push_back(terms);
    terms += group.carried.value.size() + group.passed_up.value.size();
    largest = std::max(largest, rows * ((widest + line - 1) / line * line));
  }
  for (Buffer<T>& m : influence_) m.resize(entries);
  terms_.resize(terms);
  scratch_.resize(largest);
}

template <class T>
void PatternInfluence<T>::begin() {
  for (Buffer<T>& m : influence_) m.zero();
  std::fill(zero_.begin(), zero_.end(), std::uint8_t{1});
}

template <class T>
void PatternInfluence<T>::state(Archive& archive) {
  for (std::size_t b = 0; b < influence_.size(); ++b) {
    std::int64_t zero = zero_[b];
    archive.number("zero" + std::to_string(b), zero);
    zero_[b] = zero != 0;
    archive.array("M" + std::to_string(b), influence_[b].span());
  }
}

template <class T>
void PatternInfluence<T>::learn(Layers<T> layers, const Credit<T>& credit, T* grad) {
  const int B = streams_, steps = layers[0].steps;
  const bool none_before = std::all_of(zero_.begin(), zero_.end(), [](std::uint8_t zero) { return zero != 0; });
  if (exact_ && layers[0].last && none_before && steps > 1) {
    // The whole row lies in this segment: M is needed neither before nor after it.
    scan_.run(layers, 0, steps, Recurrent::full, true, credit.c, nullptr, grad);
    return;
  }
  for (int k = 0; k < steps; ++k) {
    for (int l = 0; l < stack_.layers(); ++l) {
      stack_.layer(l).linearise(layers[static_cast<std::size_t>(l)], k, Recurrent::own, local_.data() + local_at(l, 0),
                                gain_.data() + gain_at(l, 0));
    }
    for (int b = 0; b < B; ++b) {
      const auto stream = static_cast<std::size_t>(b);
      if (layers[0].cut[at(k, B) + stream] && !zero_[stream]) {
        influence_[stream].zero();
        zero_[stream] = 1;
      }
      step(layers, k, b, credit.c + at(k * B + b, stack_.units()), grad);
      zero_[stream] = 0;
    }
  }
}

/// M <- P o (J M + Mbar) and grad += c M for one stream.
template <class T>
void PatternInfluence<T>::step(Layers<T> layers, int k, int b, const T* c, T* grad) {
  const bool carries = zero_[static_cast<std::size_t>(b)] == 0, one_layer = stack_.layers() == 1;
  const int S = stack_.states(), d = stack_.units();
  if (carries || !one_layer) jacobian(layers[0].theta, b);
  if (!carries) read_.zero();
  for (int i = 0; i < d; ++i) state_credit_[static_cast<std::size_t>(stack_.top()) + at(i, S)] = c[i];
  if (work::counting) work::add(static_cast<double>(S + 2) * static_cast<double>(pattern_.columns.size()));
  T* m = influence_[static_cast<std::size_t>(b)].data();
  for (const Tile& tile : tiles_) {
    const int l = pattern_.groups[static_cast<std::size_t>(tile.group)].layer;
    const Cell<T>& cell = stack_.layer(l);
    const T* z = layers[static_cast<std::size_t>(l)].z.data() + at(k * streams_ + b, cell.ld());
    const T* gain = gain_.data() + gain_at(l, b);
    if (carries) multiply(tile, m + tile.at);
    add_immediate(tile, z, gain, m);
    if (!one_layer) pass_up(tile, m + tile.at);
    const std::size_t end = tile.first_column + static_cast<std::size_t>(tile.columns);
    for (std::size_t column = tile.first_column; column < end; ++column) {
      const InfluencePattern::Column& weight = pattern_.columns[column];
      // What was read in passing lacks the immediate influence; in a stack nothing was read in passing.
      grad[weight.theta] += one_layer ? read_[column] + c[weight.unit] * gain[weight.row] * z[weight.z] : read_[column];
    }
  }
}

/// The values of J that the pattern names, and from them those of each block's terms. The local factors have a unit's
/// own weights in them.
template <class T>
void PatternInfluence<T>::jacobian(const T* theta, int b) {
  const int d = stack_.units(), S = stack_.states(), G = stack_.gates();
  T* value = values_.data();
  for (int l = 0; l < stack_.layers(); ++l) {
    const T* local = local_.data() + local_at(l, b);
    for (int i = 0; i < d; ++i)
      for (int s = 0; s < S * S; ++s) *value++ = local[at(s, d) + static_cast<std::size_t>(i)];
  }
  for (const InfluencePattern::Connection& connection : pattern_.connections) {
    const T* gain = gain_.data() + gain_at(connection.to / d, b) + connection.to % d;
    for (int s = 0; s < S; ++s) {
      T sum = 0;
      for (std::size_t w = connection.first_weight; w < connection.end_weight; ++w) {
        const InfluencePattern::Weight& weight = pattern_.weights[w];
        sum += gain[at(s * G + weight.gate, d)] * theta[weight.theta];
      }
      values_[connection.value_at + static_cast<std::size_t>(s)] = sum;
    }
  }
  T* term = terms_.data();
  for (const InfluencePattern::Group& group : pattern_.groups)
    for (const InfluencePattern::Terms* terms : {&group.carried, &group.passed_up})
      for (const int v : terms->value) *term++ = values_[static_cast<std::size_t>(v)];
}

/// M <- J M without what passes up the layers, and read_ <- c M.
template <class T>
void PatternInfluence<T>::multiply(const Tile& tile, T* m) {
  const InfluencePattern::Group& group = pattern_.groups[static_cast<std::size_t>(tile.group)];
  const std::size_t rows = group.rows.size();
  if (tile.first_column == group.first_column)
    for (std::size_t a = 0; a < rows; ++a) row_credit_[a] = state_credit_[static_cast<std::size_t>(group.rows[a])];
  kernels<T>().influence_step(static_cast<int>(rows), tile.columns, group.carried.start.data(),
                              group.carried.source.data(),
                              terms_.data() + term_at_[static_cast<std::size_t>(tile.group)], row_credit_.data(), m,
                              scratch_.data(), read_.data() + tile.first_column);
}

/// M += Mbar within the layer: the weights into a unit move that unit's states alone.
template <class T>
void PatternInfluence<T>::add_immediate(const Tile& tile, const T* z, const T* gain, T* m) {
  const auto S = static_cast<std::size_t>(stack_.states());
  const std::size_t rows = at(stack_.gates(), stack_.units()),
                    end = tile.first_column + static_cast<std::size_t>(tile.columns);
  const std::size_t* own = own_.data() + tile.first_column * S;
  for (std::size_t column = tile.first_column; column < end; ++column, own += S) {
    const InfluencePattern::Column& weight = pattern_.columns[column];
    const T* slope = gain + weight.row;
    for (std::size_t s = 0; s < S; ++s)
      if (own[s] != nowhere) m[own[s]] += slope[s * rows] * z[weight.z];
  }
}

/// Adds to the rows of each layer what the rows of the layer below have become, and read_ <- c M.
template <class T>
void PatternInfluence<T>::pass_up(const Tile& tile, T* m) {
  const Kernels<T>& loops = kernels<T>();
  const InfluencePattern::Group& group = pattern_.groups[static_cast<std::size_t>(tile.group)];
  const InfluencePattern::Terms& terms = group.passed_up;
  const T* value = terms_.data() + term_at_[static_cast<std::size_t>(tile.group)] + group.carried.value.size();
  const auto row = [&](int a) { return m + at(a, tile.columns); };
  T* read = read_.data() + tile.first_column;
  std::fill_n(read, tile.columns, T(0));
  for (int a = 0; a < static_cast<int>(group.rows.size()); ++a) {
    const auto place = static_cast<std::size_t>(a);
    for (auto e = static_cast<std::size_t>(terms.start[place]); e < static_cast<std::size_t>(terms.start[place + 1]);
         ++e)
      loops.axpy(tile.columns, value[e], row(terms.source[e]), row(a));
    const T credit = state_credit_[static_cast<std::size_t>(group.rows[place])];
    if (group.rows[place] >= stack_.top()) loops.axpy(tile.columns, credit, row(a), read);
  }
}

template class PatternInfluence<float>;
template class PatternInfluence<double>;

}  // namespace chronograd
