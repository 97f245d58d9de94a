// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_influence.hpp"

#include <algorithm>
#include <string>

#include "math/work.hpp"

namespace chronograd {
namespace {

/// Vectors of the widest tile: as many as the loops over it have registers for, unless its rows would not lie in the
/// nearest cache together.
template <class T>
std::size_t widest_tile(std::size_t rows, std::size_t lanes) {
  constexpr std::size_t cache = 32 << 10, most = 6;
  return std::clamp<std::size_t>(cache / (rows * lanes * sizeof(T)), 2, most);
}

}  // namespace

template <class T>
PatternInfluence<T>::PatternInfluence(const RuleSetup<T>& setup, InfluencePattern pattern, bool exact)
    : stack_(setup.stack),
      streams_(setup.streams),
      pattern_(std::move(pattern)),
      jacobian_(setup.stack, pattern_, setup.streams),
      exact_(exact),
      scan_(setup.stack),
      influence_(static_cast<std::size_t>(setup.streams)) {
  cut_into_tiles();
  values_.resize(pattern_.values);
  state_credit_.resize(static_cast<std::size_t>(stack_.width()));
  row_credit_.resize(state_credit_.size());
}

template <class T>
void PatternInfluence<T>::cut_into_tiles() {
  const auto lanes = static_cast<std::size_t>(kernels<T>().lanes);
  std::size_t terms = 0, read = 0;
  std::vector<std::pair<std::size_t, int>> weights;  // theta, place in read_
  for (std::size_t g = 0; g < pattern_.groups.size(); ++g) {
    const InfluencePattern::Group& group = pattern_.groups[g];
    terms = std::max(terms, group.carried.value.size());
    blocks_.push_back({states_.size(), value_of_.size(), runs_.size()});
    // Whole vectors, as many in each tile as can be.
    const std::size_t vectors = (group.end_column - group.first_column + lanes - 1) / lanes,
                      most = widest_tile<T>(group.rows.size(), lanes), tiles = (vectors + most - 1) / most;
    const int stride = static_cast<int>((vectors + tiles - 1) / tiles * lanes);
    states_.insert(states_.end(), group.rows.begin(), group.rows.end());
    value_of_.insert(value_of_.end(), group.carried.value.begin(), group.carried.value.end());
    for (const int row : group.carried.source) source_.push_back(row * stride);
    for (std::size_t a = 0, same = 0; a < group.rows.size(); a += same) {
      const auto count = [&](std::size_t row) { return group.carried.start[row + 1] - group.carried.start[row]; };
      for (same = 1; a + same < group.rows.size() && count(a + same) == count(a); ++same) {
      }
      runs_.insert(runs_.end(), {count(a), static_cast<int>(same)});
    }
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t first = group.first_column + vectors * t / tiles * lanes,
                        end = std::min(group.first_column + vectors * (t + 1) / tiles * lanes, group.end_column);
      Tile tile{};
      tile.group = static_cast<int>(g);
      tile.columns = static_cast<int>(end - first);
      tile.width = static_cast<int>((end - first + lanes - 1) / lanes * lanes);
      tile.stride = stride;
      tile.begin = entries_;
      tile.read_at = read;
      tile.first_column = first;
      add_spans(tile);
      tiles_.push_back(tile);
      const std::size_t numbers = area(static_cast<int>(group.rows.size()), stride);
      entries_ += numbers;
      gap_ = std::max(gap_, numbers);
      for (std::size_t c = first; c < end; ++c)
        weights.emplace_back(pattern_.columns[c].theta, static_cast<int>(read + c - first));
      read += static_cast<std::size_t>(tile.width);
    }
  }
  blocks_.push_back({states_.size(), value_of_.size(), runs_.size()});
  std::sort(weights.begin(), weights.end());
  constexpr std::size_t long_run = 8;
  for (std::size_t w = 0, count = 0; w < weights.size(); w += count) {
    const auto [theta, place] = weights[w];
    for (count = 1; w + count < weights.size() && weights[w + count].first == theta + count; ++count) {
    }
    if (count >= long_run) gradient_.push_back({theta, places_.size(), static_cast<int>(count)});
    for (std::size_t i = 0; i < count; ++i) {
      if (count >= long_run)
        places_.push_back(weights[w + i].second);
      else
        apart_.push_back({static_cast<int>(theta + i), weights[w + i].second});
    }
  }
  // What is written should not meet what is read in the same sets of the cache.
  gap_ += 5 * 64 / sizeof(T);
  for (Influence& m : influence_) m.numbers.resize(entries_ + gap_);
  terms_.resize(terms);
  read_.resize(read);
  z_.resize(read);
}

template <class T>
void PatternInfluence<T>::add_spans(Tile& tile) {
  const InfluencePattern::Group& group = pattern_.groups[static_cast<std::size_t>(tile.group)];
  const auto S = static_cast<std::size_t>(stack_.states());
  tile.first_span = spans_.size();
  for (int first = 0, columns = 0; first < tile.columns; first += columns) {
    const InfluencePattern::Column* column = &pattern_.columns[tile.first_column + static_cast<std::size_t>(first)];
    for (columns = 1; first + columns < tile.columns && column[columns].row == column->row; ++columns) {
    }
    spans_.push_back({first, columns, column->row, own_rows_.size()});
    const int* own =
        group.own_rows.data() + (tile.first_column + static_cast<std::size_t>(first) - group.first_column) * S;
    own_rows_.insert(own_rows_.end(), own, own + S);
  }
  // Columns that only fill the tile get a regressor too: they are never read, and whole vectors are fast.
  spans_.back().columns += tile.width - tile.columns;
  tile.end_span = spans_.size();
  for (int c = 0; c < tile.width; ++c)
    z_of_.push_back(c < tile.columns ? pattern_.columns[tile.first_column + static_cast<std::size_t>(c)].z : 0);
}

template <class T>
void PatternInfluence<T>::begin() {
  for (Influence& m : influence_) {
    m.numbers.zero();
    m.zero = true;
  }
}

/// M goes to files block by block, without what fills tiles up: the same for every instruction set.
template <class T>
void PatternInfluence<T>::state(Archive& archive) {
  for (std::size_t b = 0; b < influence_.size(); ++b) {
    Influence& m = influence_[b];
    std::int64_t zero = m.zero ? 1 : 0;
    archive.number(numbered(archive, "zero", static_cast<int>(b)), zero);
    m.zero = zero != 0;
    if (!archive.named()) {
      each_piece(first_tile(m), [&](T* piece, std::size_t columns) { archive.array("", {piece, columns}); });
      continue;
    }
    Buffer<T> blocks(pattern_.entries());
    T* kept = blocks.data();
    each_piece(first_tile(m), [&](const T* piece, std::size_t n) { kept = std::copy_n(piece, n, kept); });
    archive.array("M" + std::to_string(b), blocks.span());
    const T* from = blocks.data();
    each_piece(first_tile(m), [&](T* piece, std::size_t n) {
      std::copy_n(from, n, piece);
      from += n;
    });
  }
}

/// Visits the rows of M's blocks, each in the pieces that tiles cut it into.
template <class T>
template <class F>
void PatternInfluence<T>::each_piece(T* m, const F& visit) {
  for (auto first = tiles_.begin(); first != tiles_.end();) {
    const auto end = std::find_if(first, tiles_.end(), [&](const Tile& tile) { return tile.group != first->group; });
    const std::size_t rows = pattern_.groups[static_cast<std::size_t>(first->group)].rows.size();
    for (std::size_t a = 0; a < rows; ++a)
      for (auto tile = first; tile != end; ++tile)
        visit(m + tile->begin + a * static_cast<std::size_t>(tile->stride), static_cast<std::size_t>(tile->columns));
    first = end;
  }
}

template <class T>
void PatternInfluence<T>::learn(Layers<T> layers, const Credit<T>& credit, T* grad) {
  const int B = streams_, steps = layers[0].steps;
  const bool none_before = std::all_of(influence_.begin(), influence_.end(), [](const auto& m) { return m.zero; });
  if (exact_ && layers[0].last && none_before && steps > 1) {
    // The whole row lies in this segment: M is needed neither before nor after it.
    scan_.run(layers, 0, steps, Recurrent::full, true, credit, nullptr, grad);
    return;
  }
  for (int k = 0; k < steps; ++k) {
    jacobian_.linearise(layers, k);
    for (int b = 0; b < B; ++b) {
      const auto stream = static_cast<std::size_t>(b);
      Influence& m = influence_[stream];
      if (layers[0].cut[area(k, B) + stream] && !m.zero) {
        m.numbers.zero();
        m.zero = true;
      }
      gather_credit(credit, k, b);
      step(layers, k, b, grad);
      m.zero = false;
    }
  }
}

/// state_credit_ of step k: a unit's states stand side by side there. Those that never have credit stay zero.
template <class T>
void PatternInfluence<T>::gather_credit(const Credit<T>& credit, int k, int b) {
  const int S = stack_.states(), d = stack_.units(), H = stack_.shown_width() / d;
  const auto at = [&](int layer, int state) { return state_credit_.data() + area(layer * d, S) + state; };
  lower_credit_ = !credit.further.empty();
  if (lower_credit_) state_credit_.zero();
  const int top = stack_.layers() - 1, shown = stack_.layer(top).shown();
  for (int v = 0; v < H; ++v) {
    const T* c = credit.c + area((k * streams_ + b) * H + v, d);
    T* to = at(top, shown + v);
    for (int i = 0; i < d; ++i) to[area(i, S)] = c[i];
  }
  for (const FurtherCredit<T>& further : credit.further) {
    const T* q = row_of(further, k, b, d);
    T* to = at(further.layer, further.state);
    for (int i = 0; i < d; ++i) to[area(i, S)] += q[i];
  }
}

/// M <- P o (J M + Mbar) and grad += c M for one stream.
template <class T>
void PatternInfluence<T>::step(Layers<T> layers, int k, int b, T* grad) {
  Influence& m = influence_[static_cast<std::size_t>(b)];
  const Kernels<T>& loops = kernels<T>();
  const bool one_layer = stack_.layers() == 1;
  if (!m.zero || !one_layer) jacobian_.values(layers[0].theta, b, values_.data());
  // Towards the gap: each tile goes where the one before it was.
  const bool forth = m.behind_gap;
  const T* before = first_tile(m);
  if (!m.zero) m.behind_gap = !m.behind_gap;
  T* after = first_tile(m);
  int group = -1;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    const Tile& tile = tiles_[forth ? t : tiles_.size() - 1 - t];
    const Tile& next = tiles_[t + 1 == tiles_.size() ? t : forth ? t + 1 : tiles_.size() - 2 - t];
    if (tile.group != group) enter(loops, tile.group);
    group = tile.group;
    const int l = pattern_.groups[static_cast<std::size_t>(tile.group)].layer;
    const T* z = layers[static_cast<std::size_t>(l)].regressors() + area(k * streams_ + b, stack_.layer(l).ld());
    if (m.zero)
      std::fill_n(read_.data() + tile.read_at, tile.width, T(0));
    else
      multiply(loops, tile, before + tile.begin, before + next.begin, after + tile.begin);
    add_immediate(loops, tile, z, jacobian_.gain(l, b), after + tile.begin);
    if (!one_layer) pass_up(loops, tile, after + tile.begin);
  }
  const T* read = read_.data();
  for (const Apart& weight : apart_) grad[weight.theta] += read[weight.place];
  for (const Run& run : gradient_) loops.gather_add(run.count, places_.data() + run.first, read, grad + run.theta);
}

/// Gathers what all tiles of a block need.
template <class T>
void PatternInfluence<T>::enter(const Kernels<T>& loops, int group) {
  const Block &block = blocks_[static_cast<std::size_t>(group)], &next = (&block)[1];
  for (std::size_t a = block.row; a < next.row; ++a)
    row_credit_[a - block.row] = state_credit_[static_cast<std::size_t>(states_[a])];
  loops.gather(static_cast<int>(next.term - block.term), value_of_.data() + block.term, values_.data(), terms_.data());
}

/// M <- J M without what passes up the layers, and read_ <- c M.
template <class T>
void PatternInfluence<T>::multiply(const Kernels<T>& loops, const Tile& tile, const T* from, const T* next, T* to) {
  const Block &block = blocks_[static_cast<std::size_t>(tile.group)], &next_block = (&block)[1];
  loops.influence_step({tile.width, tile.stride, runs_.data() + block.run, runs_.data() + next_block.run,
                        source_.data() + block.term, terms_.data(), row_credit_.data(), from, to, next,
                        read_.data() + tile.read_at});
}

/// M += Mbar within the layer, and read_ with it: the weights into a unit move that unit's states alone.
template <class T>
void PatternInfluence<T>::add_immediate(const Kernels<T>& loops, const Tile& tile, const T* z, const T* gain, T* m) {
  const int S = stack_.states();
  const std::size_t rows = area(stack_.gates(), stack_.units());
  const int* z_of = z_of_.data() + tile.read_at;
  loops.gather(tile.width, z_of, z, z_.data());
  for (std::size_t i = tile.first_span; i < tile.end_span; ++i) {
    const Span& span = spans_[i];
    for (int s = 0; s < S; ++s) {
      const int own = own_rows_[span.own_rows + static_cast<std::size_t>(s)];
      if (own < 0) continue;
      const T slope = gain[static_cast<std::size_t>(s) * rows + static_cast<std::size_t>(span.row)];
      const T weight = slope * row_credit_[static_cast<std::size_t>(own)];
      loops.axpy_pair(span.columns, z_.data() + span.first, slope, m + area(own, tile.stride) + span.first, weight,
                      read_.data() + tile.read_at + span.first);
    }
  }
}

/// Adds to the rows of each layer what the rows of the layer below have become, and read_ <- c M.
template <class T>
void PatternInfluence<T>::pass_up(const Kernels<T>& loops, const Tile& tile, T* m) {
  const InfluencePattern::Group& group = pattern_.groups[static_cast<std::size_t>(tile.group)];
  const InfluencePattern::Terms& terms = group.passed_up;
  const auto row = [&](int a) { return m + area(a, tile.stride); };
  T* read = read_.data() + tile.read_at;
  std::fill_n(read, tile.columns, T(0));
  for (int a = 0; a < static_cast<int>(group.rows.size()); ++a) {
    const auto place = static_cast<std::size_t>(a);
    for (auto e = static_cast<std::size_t>(terms.start[place]); e < static_cast<std::size_t>(terms.start[place + 1]);
         ++e)
      loops.axpy(tile.columns, values_[static_cast<std::size_t>(terms.value[e])], row(terms.source[e]), row(a));
    if (lower_credit_ || group.rows[place] >= stack_.top()) loops.axpy(tile.columns, row_credit_[place], row(a), read);
  }
}

template class PatternInfluence<float>;
template class PatternInfluence<double>;

}  // namespace chronograd
