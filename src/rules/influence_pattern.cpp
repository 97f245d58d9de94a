// SPDX-License-Identifier: Apache-2.0
#include "rules/influence_pattern.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/set_up.hpp"

namespace chronograd {
namespace {

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

/// Some units, rising, with a bit for each of their states.
using States = std::vector<std::pair<int, unsigned>>;

/// In the order of lists that have a number for every unit, 0 for those that are not there.
struct Before {
  bool operator()(const States& a, const States& b) const {
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (left == a.end() || right == b.end()) return left == a.end() && right != b.end();
    return left->first != right->first ? left->first > right->first : left->second < right->second;
  }
};

template <class T>
class PatternBuilder {
 public:
  PatternBuilder(const Stack<T>& stack, std::span<const std::size_t> absent)
      : stack_(stack), absent_(absent), heads_(stack.record().heads), all_((1U << stack.states()) - 1) {
    pattern_.layers = stack.layers();
    pattern_.units = stack.units();
    pattern_.states = stack.states();
  }

  InfluencePattern build(int hops, bool strict) {
    const int d = stack_.units(), S = stack_.states();
    pattern_.values = index(stack_.layers() * d) * index(S * S);
    into_.resize(index(stack_.layers() * d));
    out_of_.resize(into_.size() * index(heads_));
    reached_.resize(into_.size());
    row_of_.assign(into_.size() * index(S), -1);
    for (int l = 0; l < stack_.layers(); ++l) {
      for (int v = 0; v < heads_; ++v) {
        connect(l, v * d, l * d, v, false);
        if (l > 0) connect(l, stack_.layer(l).layout().input_at + v * d, (l - 1) * d, v, true);
      }
    }
    for (int l = 0; l < stack_.layers(); ++l) {
      std::map<States, std::vector<int>, Before>
          rows_by_reach;  // pre-activation rows whose weights reach the same states
      std::map<std::pair<int, unsigned>, States> reached;
      for (int row = 0; row < stack_.layer(l).rows(); ++row) {
        set_up_progress("finding", "what the weights reach", static_cast<double>(row) / stack_.layer(l).rows());
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

  /// Connections into layer l from the d units `from` on, whose states `state` are the regressors from column `col` on.
  void connect(int l, int col, int from, int state, bool same_step) {
    const int d = stack_.units();
    const auto blocks = stack_.layer(l).blocks();
    const auto reads = [col](const Block& block) { return block.col <= col && col < block.col + block.cols; };
    if (std::none_of(blocks.begin(), blocks.end(), reads)) return;  // units that recur with themselves alone
    for (int i = 0; i < d; ++i) {
      set_up_progress("finding", "which units are connected", static_cast<double>(i) / d);
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
        out_of_[index((from + j) * heads_ + state)].push_back(to);
        pattern_.connections.push_back(
            {to, from + j, state, pattern_.values, first, pattern_.weights.size(), same_step});
        pattern_.values += index(stack_.states());
      }
    }
  }

  /// States that `first` states of a unit reach in at most `hops` steps, or ever.
  States reach(int unit, unsigned first, int hops) {
    reached_[index(unit)] = first;
    std::vector<int> met = {unit};
    std::size_t incomplete = into_.size() - (first == all_ ? 1 : 0);
    States frontier = {{unit, first}};
    for (int hop = 0; (hops < 0 || hop < hops) && !frontier.empty() && incomplete > 0; ++hop) {
      States next;
      const auto mark = [&](int k) {
        unsigned& states = reached_[index(k)];
        if (states == all_) return;
        if (states == 0) met.push_back(k);
        next.emplace_back(k, all_ & ~states);
        states = all_;
        --incomplete;
      };
      for (const auto& [l, states] : frontier) {
        if (incomplete == 0) break;
        mark(l);  // the states of a unit move each other
        for (int v = 0; v < heads_; ++v)
          if ((states >> v & 1U) != 0)  // other units see h alone
            for (const int k : out_of_[index(l * heads_ + v)]) mark(k);
      }
      frontier = std::move(next);
    }
    std::sort(met.begin(), met.end());
    States found;
    for (const int k : met) found.emplace_back(k, std::exchange(reached_[index(k)], 0U));
    return found;
  }

  void add_group(int l, const States& reached, const std::vector<int>& rows) {
    const int S = stack_.states();
    InfluencePattern::Group group{};
    group.layer = l;
    group.first_column = pattern_.columns.size();
    for (const int row : rows)
      for (const Block& block : stack_.layer(l).blocks())
        for (int z = block.col; row >= block.row && row < block.row + block.rows && z < block.col + block.cols; ++z) {
          std::size_t theta = 0;
          if (present(l, row, z, &theta)) pattern_.columns.push_back({theta, row, z, row % stack_.units()});
        }
    group.end_column = pattern_.columns.size();
    if (group.end_column == group.first_column) return;
    for (const auto& [unit, states] : reached) reached_[index(unit)] = states;
    std::vector<std::tuple<int, int, int>> order;  // layer, terms, state
    for (const auto& [unit, states] : reached)
      for (int s = 0; s < S; ++s)
        if (kept(unit * S + s)) order.emplace_back(unit / stack_.units(), carried_terms(unit * S + s), unit * S + s);
    std::sort(order.begin(), order.end());
    for (const auto& [layer, terms, state] : order) {
      row_of_[index(state)] = static_cast<int>(group.rows.size());
      group.rows.push_back(state);
    }
    add_terms(group);
    for (std::size_t c = group.first_column; c < group.end_column; ++c)
      for (int s = 0; s < S; ++s)
        group.own_rows.push_back(row_of_[index((l * stack_.units() + pattern_.columns[c].unit) * S + s)]);
    for (const auto& [unit, states] : reached) reached_[index(unit)] = 0;
    for (const int state : group.rows) row_of_[index(state)] = -1;
    pattern_.groups.push_back(std::move(group));
  }

  /// True if the group at hand has this state.
  bool kept(int state) const {
    return (reached_[index(state / stack_.states())] >> (state % stack_.states()) & 1U) != 0;
  }

  /// How many states of the step before a state is made of, among those that are kept.
  int carried_terms(int state) const {
    const int S = stack_.states(), k = state / S;
    int terms = 0;
    for (int from = 0; from < S; ++from) terms += kept(k * S + from) ? 1 : 0;
    for (const int c : into_[index(k)]) {
      const InfluencePattern::Connection& connection = pattern_.connections[index(c)];
      terms += !connection.same_step && kept(connection.from * S + connection.state) ? 1 : 0;
    }
    return terms;
  }

  /// What each row of the block is made of: rows of the block that J reads.
  void add_terms(InfluencePattern::Group& group) const {
    const int S = stack_.states();
    for (const int state : group.rows) {
      const int k = state / S, s = state % S;
      const auto add = [&](int from, std::size_t value, InfluencePattern::Terms& terms) {
        if (row_of_[index(from)] < 0) return;
        terms.source.push_back(row_of_[index(from)]);
        terms.value.push_back(static_cast<int>(value));
      };
      for (int from = 0; from < S; ++from) add(k * S + from, index(state) * index(S) + index(from), group.carried);
      for (const int c : into_[index(k)]) {
        const InfluencePattern::Connection& connection = pattern_.connections[index(c)];
        add(connection.from * S + connection.state, connection.value_at + index(s),
            connection.same_step ? group.passed_up : group.carried);
      }
      for (InfluencePattern::Terms* terms : {&group.carried, &group.passed_up})
        terms->start.push_back(static_cast<int>(terms->source.size()));
    }
  }

  const Stack<T>& stack_;
  std::span<const std::size_t> absent_;
  int heads_;  ///< H
  unsigned all_;
  InfluencePattern pattern_{};
  std::vector<std::vector<int>> into_, out_of_;  // connections into a unit; units that a number of h leads to
  std::vector<unsigned> reached_;                // a unit's states in the group at hand
  std::vector<int> row_of_;                      // a state's row in it, -1: none
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
