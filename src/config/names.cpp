// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"
#include "config/hints.hpp"

namespace chronograd {
namespace {

/// Number of letters to insert, delete, replace or swap with their neighbour to turn a into b.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  if (word.empty() || word.size() > 64) return "";  // no name is that long
  std::string best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;  // beyond a third of the letters it is a guess
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(lower(word), lower(name));
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

bool has_option(const Entry& entry, const std::string& key) {
  return std::any_of(entry.options.begin(), entry.options.end(),
                     [&](const Option& option) { return key == option.key; });
}

void throw_unknown_name(const std::string& where, const std::string& word, const std::vector<std::string>& names) {
  const std::string hint = name_hint(word, names);
  throw Error(Exit::usage, where,
              "unknown name " + quoted(word) + (hint.empty() ? "." : ", " + hint) + " Allowed: " + joined(names) + ".");
}

}  // namespace chronograd
