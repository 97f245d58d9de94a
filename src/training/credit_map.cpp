// SPDX-License-Identifier: Apache-2.0
#include "training/credit_map.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/sizes.hpp"
#include "training/alignment.hpp"

namespace chronograd {
namespace {

/// Parts are differences of charges: what is smaller than their last digits is nothing.
constexpr double rounding = 1e-13;

std::vector<const ParameterMap::Parameter*> groups_of(const ParameterMap& map) {
  std::vector<const ParameterMap::Parameter*> groups;
  for (const ParameterMap::Parameter& parameter : map.parameters())
    if (parameter.role != ParameterMap::Role::readout && parameter.role != ParameterMap::Role::readout_bias)
      groups.push_back(&parameter);
  return groups;
}

double norm_of(std::span<const double> part) {
  return Products(part, part).norm_of_a();
}

}  // namespace

CreditMap::CreditMap(const Config& config, const Task& task, const ParameterMap& map, std::span<const double> theta,
                     const Structure& structure, int steps)
    : map_(map),
      exact_(config.with_method("rtrl")),
      steps_(config, task, map, theta, structure, steps),
      rows_(static_cast<int>(task.rows(Split::train) > 0 ? std::min<std::int64_t>(task.rows(Split::train), most_rows)
                                                         : most_rows)) {}

Arrays CreditMap::of(const std::vector<MappedRule>& rules, const std::function<bool()>& going) {
  const auto T = static_cast<std::size_t>(steps_.steps());
  const std::size_t groups = groups_of(map_).size() + 1;
  const Sums none{std::vector<std::vector<double>>(groups, std::vector<double>(T * T)),
                  std::vector<std::vector<double>>(groups, std::vector<double>(T)), std::vector<double>(T),
                  std::vector<double>(T)};
  std::vector<Sums> sums(rules.size() + 1, none);
  for (int row = 0; row < rows_; ++row) {
    if (!going()) return {};
    steps_.look_at(row);
    const Charges exact = steps_.of(exact_, {});
    add(exact, exact, 1.0 / rows_, sums[0]);
    for (std::size_t r = 0; r < rules.size(); ++r) {
      RuleSettings rule = rules[r].rule;
      const int count = rule.record.promise == Promise::unbiased ? draws / most_rows : 1;
      for (int draw = 0; draw < count; ++draw) {
        if (!going()) return {};
        if (count > 1) rule.seed = rules[r].rule.seed + static_cast<std::uint64_t>(row * count + draw);
        add(steps_.of(rule, rules[r].models), exact, 1.0 / (rows_ * count), sums[r + 1]);
      }
    }
  }
  Arrays arrays;
  write("exact", sums[0], arrays);
  for (std::size_t r = 0; r < rules.size(); ++r) write(rules[r].name, sums[r + 1], arrays);
  return arrays;
}

void CreditMap::add_norms(const std::vector<double>& gradient, double weight, std::vector<std::vector<double>>& norms,
                          std::size_t at) const {
  norms[0][at] += weight * norm_of(gradient);
  std::vector<double> part;
  std::size_t group = 1;
  for (const ParameterMap::Parameter* parameter : groups_of(map_)) {
    part.clear();
    for (const std::size_t index : parameter->index) part.push_back(gradient[index]);
    norms[group++][at] += weight * norm_of(part);
  }
}

void CreditMap::add(const Charges& charges, const Charges& exact, double weight, Sums& sums) const {
  const int T = steps_.steps();
  for (int s = 0; s < T; ++s) {
    add_norms(steps_.gradient(charges.guessed(s), s), weight, sums.guesses, static_cast<std::size_t>(s));
    for (int t = s; t < T; ++t) {
      const std::vector<double> part = steps_.gradient(charges.at(s, t), s), right = steps_.gradient(exact.at(s, t), s);
      add_norms(part, weight, sums.norms, area(s, T) + static_cast<std::size_t>(t));
      const auto lag = static_cast<std::size_t>(t - s);
      sums.product[lag] += weight * std::inner_product(part.begin(), part.end(), right.begin(), 0.0);
      sums.square[lag] += weight * std::inner_product(right.begin(), right.end(), right.begin(), 0.0);
    }
  }
}

void CreditMap::write(const std::string& name, const Sums& sums, Arrays& arrays) const {
  const auto T = static_cast<std::size_t>(steps_.steps());
  const double guessed = *std::max_element(sums.guesses[0].begin(), sums.guesses[0].end());
  std::vector<std::string> groups = {"cell"};
  for (const ParameterMap::Parameter* parameter : groups_of(map_)) groups.push_back(parameter->name);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<double> norms = sums.norms[g];
    for (double& norm : norms)
      if (norm < rounding * guessed) norm = 0;
    arrays.emplace("map/" + name + "/" + groups[g], Array::of({T, T}, std::move(norms)));
    if (guessed != 0) arrays.emplace("guess/" + name + "/" + groups[g], Array::of({T}, sums.guesses[g]));
  }
  std::vector<double> share;
  for (std::size_t lag = 0; lag < T; ++lag)
    share.push_back(sums.square[lag] == 0 ? not_measured : sums.product[lag] / sums.square[lag]);
  arrays.emplace("share/" + name, Array::of({T}, std::move(share)));
}

}  // namespace chronograd
