// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>

#include "chronograd/config.hpp"
#include "chronograd/rule.hpp"
#include "network/initial.hpp"
#include "network/network.hpp"

namespace chronograd {

/// The rule that a configuration names, and how it is set.
struct RuleSettings {
  explicit RuleSettings(const Config& config)
      : record(find_record<RuleRecord>("rule.name", config.table("rule").word("name"))),
        options(config.table("rule")),
        every(static_cast<int>(
            std::min<std::int64_t>(config.table("update").integer("every"), std::numeric_limits<int>::max()))),
        seed(static_cast<std::uint64_t>(config.table("").integer("seed"))) {}

  const RuleRecord& record;
  Options options;     ///< [rule]
  int every;           ///< update.every; 0: "trial"
  std::uint64_t seed;  ///< of its own draws

  Segments segments() const { return segments_of(record, options); }

  /// The rule for some of a network's streams.
  template <class T>
  std::unique_ptr<Rule<T>> make(const Network<T>& network, const Structure& structure, int streams, int first_stream,
                                const Signs& signs = {}) const {
    return make_rule<T>(RuleSetup<T>{record, network.stack, streams, network.outputs, first_stream, options, seed,
                                     signs, structure.absent, network.rates.on(), every});
  }
};

}  // namespace chronograd
