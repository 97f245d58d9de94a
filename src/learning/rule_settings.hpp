// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/third_factor.hpp"
#include "learning/whitening.hpp"
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
        seed(static_cast<std::uint64_t>(config.table("").integer("seed"))),
        whiten(options.has("whiten") ? options.number("whiten") : 0) {
    if (whiten > 0 && !record.whitens) refuse_whitening();
  }

  const RuleRecord& record;
  Options options;     ///< [rule]
  int every;           ///< update.every; 0: "trial"
  std::uint64_t seed;  ///< of its own draws
  double whiten;       ///< rule.whiten; 0: off

  Segments segments() const { return segments_of(record, options); }
  /// Steps by which its gradient is behind.
  std::int64_t lag() const;

  /// The rule for some of a network's streams.
  template <class T>
  std::unique_ptr<Rule<T>> make(const Network<T>& network, const Structure& structure, int streams, int first_stream,
                                const Signs& signs = {}) const {
    auto rule = make_rule<T>(RuleSetup<T>{record, network.stack, streams, network.outputs, first_stream, options, seed,
                                          signs, structure.absent, network.rates.on(), every, whiten > 0});
    expect_third(*rule, network.third);
    if (whiten > 0) return std::make_unique<Whitened<T>>(network.stack, streams, whiten, std::move(rule));
    return rule;
  }
  /// All streams stay together: something is learnt from them at every step.
  bool one_shard() const { return record.one_shard || whiten > 0; }

 private:
  [[noreturn]] void refuse_whitening() const {
    std::string known;
    for (const RuleRecord* other : catalogue<RuleRecord>())
      if (other->whitens) known += (known.empty() ? "" : ", ") + std::string(other->entry.name);
    throw Error(Exit::usage, "rule.whiten",
                "got " + std::string(record.entry.name) +
                    ", whose gradient is not a sum of terms (credit) x (regressors) that can be told, allowed are " +
                    known + ". Leave rule.whiten out.");
  }
};

}  // namespace chronograd
