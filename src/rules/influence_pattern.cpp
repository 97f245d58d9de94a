// SPDX-License-Identifier: Apache-2.0
#include "rules/influence_pattern.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace chronograd {
namespace {

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

/// One bit a state, for each unit.
using States = std::vector<unsigned>;

template <class T>
class PatternBuilder {
 public:
  PatternBuilder(const Stack<T>& stack, std::span<const std::size_t> absent)
      : stack_(stack), absent_(absent), all_((1U << stack.states()) - 1) {
    pattern_.layers = stack.layers();
    pattern_.units = stack.units();
    pattern_.states = stack.states();
  }

  InfluencePattern build(int hops, bool strict) {
    const int d = stack_.units(), S = stack_.states();
    pattern_.values = index(stack_.layers() * d) * index(S * S);
    into_.resize(index(stack_.layers() * d));
    out_of_.resize(into_.size());
    for (int l = 0; l < stack_.layers(); ++l) {
      connect(l, 0, l * d, false);
      if (l > 0) connect(l, stack_.layer(l).layout().input_at, (l - 1) * d, true);
    }
    for (int l = 0; l < stack_.layers(); ++l) {
      std::map<States, std::vector<int>> rows_by_reach;  // pre-activation rows whose weights reach the same states
      std::map<std::pair<int, unsigned>, States> reached;
      for (int row = 0; row < stack_.layer(l).rows(); ++row) {
        const unsigned first = strict ? stack_.layer(l).layout().moves[row / d] & all_ : all_;
        const std::pair key(l * d + row % d, first);
        auto found = reached.find(key);
        if (found == reached.end()) found = reached.emplace(key, reach(key.first, first, hops)).first;
        rows_by_reach[found->second].push_back(row);
      }
      for (const auto& [states, rows] : rows_by_reach) add_group(l, states, rows);
    }
    return std::move(pattern_);
  }

 private:
  /// True if layer l has this weight; *theta is its place.
  bool present(int l, int row, int col, std::size_t* theta) const {
    const Cell<T>& cell = stack_.layer(l);
    if (!cell.exists(row, col)) return false;
    *theta = stack_.theta_at(l) + cell.index(row, col);
    return !std::binary_search(absent_.begin(), absent_.end(), *theta);
  }

  /// Connections into layer l from the d units `from` on, whose h are the regressors from column `col` on.
  void connect(int l, int col, int from, bool same_step) {
    const int d = stack_.units();
    for (int i = 0; i < d; ++i)
      for (int j = 0; j < d; ++j) {
        const int to = l * d + i;
        if (to == from + j) continue;  // in the unit's own block
        const std::size_t first = pattern_.weights.size();
        for (int g = 0; g < stack_.gates(); ++g) {
          std::size_t theta = 0;
          if (present(l, g * d + i, col + j, &theta)) pattern_.weights.push_back({g, theta});
        }
        if (pattern_.weights.size() == first) continue;
        into_[index(to)].push_back(static_cast<int>(pattern_.connections.size()));
        out_of_[index(from + j)].push_back(to);
        pattern_.connections.push_back({to, from + j, pattern_.values, first, pattern_.weights.size(), same_step});
        pattern_.values += index(stack_.states());
      }
  }

  /// States that `first` states of a unit reach in at most `hops` steps, or ever.
  States reach(int unit, unsigned first, int hops) const {
    States reached(into_.size(), 0);
    reached[index(unit)] = first;
    std::size_t incomplete = into_.size() - (first == all_ ? 1 : 0);
    std::vector<std::pair<int, unsigned>> frontier = {{unit, first}};
    for (int hop = 0; (hops < 0 || hop < hops) && !frontier.empty(); ++hop) {
      std::vector<std::pair<int, unsigned>> next;
      const auto mark = [&](int k) {
        unsigned& states = reached[index(k)];
        if (states == all_) return;
        next.emplace_back(k, all_ & ~states);
        states = all_;
        --incomplete;
      };
      for (const auto& [l, states] : frontier) {
        if (incomplete == 0) return reached;
        mark(l);                           // the states of a unit move each other
        if ((states & 1U) == 0) continue;  // other units see h alone
        for (const int k : out_of_[index(l)]) mark(k);
      }
      frontier = std::move(next);
    }
    return reached;
  }

  void add_group(int l, const States& reached, const std::vector<int>& rows) {
    const int S = stack_.states();
    InfluencePattern::Group group{};
    group.layer = l;
    group.first_column = pattern_.columns.size();
    for (const int row : rows)
      for (int z = 0; z < stack_.layer(l).columns(); ++z) {
        std::size_t theta = 0;
        if (present(l, row, z, &theta)) pattern_.columns.push_back({theta, row, z, row % stack_.units()});
      }
    group.end_column = pattern_.columns.size();
    if (group.end_column == group.first_column) return;
    const auto kept = [&](int state) { return (reached[index(state / S)] >> (state % S) & 1U) != 0; };
    std::vector<std::tuple<int, int, int>> order;  // layer, terms, state
    for (int state = 0; state < static_cast<int>(reached.size()) * S; ++state)
      if (kept(state)) order.emplace_back(state / (S * stack_.units()), carried_terms(state, kept), state);
    std::sort(order.begin(), order.end());
    std::vector<int> row_of(reached.size() * index(S), -1);
    for (const auto& [layer, terms, state] : order) {
      row_of[index(state)] = static_cast<int>(group.rows.size());
      group.rows.push_back(state);
    }
    add_terms(row_of, group);
    for (std::size_t c = group.first_column; c < group.end_column; ++c)
      for (int s = 0; s < S; ++s)
        group.own_rows.push_back(row_of[index((l * stack_.units() + pattern_.columns[c].unit) * S + s)]);
    pattern_.groups.push_back(std::move(group));
  }

  /// How many states of the step before a state is made of, among those that are kept.
  template <class Kept>
  int carried_terms(int state, const Kept& kept) const {
    const int S = stack_.states(), k = state / S;
    int terms = 0;
    for (int from = 0; from < S; ++from) terms += kept(k * S + from) ? 1 : 0;
    for (const int c : into_[index(k)]) {
      const InfluencePattern::Connection& connection = pattern_.connections[index(c)];
      terms += !connection.same_step && kept(connection.from * S) ? 1 : 0;
    }
    return terms;
  }

  /// What each row of the block is made of: rows of the block that J reads.
  void add_terms(const std::vector<int>& row_of, InfluencePattern::Group& group) const {
    const int S = stack_.states();
    for (const int state : group.rows) {
      const int k = state / S, s = state % S;
      const auto add = [&](int from, std::size_t value, InfluencePattern::Terms& terms) {
        if (row_of[index(from)] < 0) return;
        terms.source.push_back(row_of[index(from)]);
        terms.value.push_back(static_cast<int>(value));
      };
      for (int from = 0; from < S; ++from) add(k * S + from, index(state) * index(S) + index(from), group.carried);
      for (const int c : into_[index(k)]) {
        const InfluencePattern::Connection& connection = pattern_.connections[index(c)];
        add(connection.from * S, connection.value_at + index(s),
            connection.same_step ? group.passed_up : group.carried);
      }
      for (InfluencePattern::Terms* terms : {&group.carried, &group.passed_up})
        terms->start.push_back(static_cast<int>(terms->source.size()));
    }
  }

  const Stack<T>& stack_;
  std::span<const std::size_t> absent_;
  unsigned all_;
  InfluencePattern pattern_{};
  std::vector<std::vector<int>> into_, out_of_;  // connections into a unit; units that a unit leads to
};

}  // namespace

double InfluencePattern::work() const {
  double sum = 0;
  for (const Group& group : groups)
    sum += static_cast<double>(group.carried.source.size() + group.passed_up.source.size()) *
           static_cast<double>(group.end_column - group.first_column);
  return sum;
}

std::size_t InfluencePattern::entries() const {
  std::size_t sum = 0;
  for (const Group& group : groups) sum += group.rows.size() * (group.end_column - group.first_column);
  return sum;
}

template <class T>
InfluencePattern influence_pattern(const Stack<T>& stack, std::span<const std::size_t> absent, int hops, bool strict) {
  return PatternBuilder<T>(stack, absent).build(hops, strict);
}

template InfluencePattern influence_pattern(const Stack<float>&, std::span<const std::size_t>, int, bool);
template InfluencePattern influence_pattern(const Stack<double>&, std::span<const std::size_t>, int, bool);

}  // namespace chronograd
