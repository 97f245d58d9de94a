// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "chronograd/archive.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"
#include "chronograd/segment.hpp"
#include "chronograd/stack.hpp"

namespace chronograd {

class Crew;
struct RuleRecord;

/// What a rule promises about the gradient of a network with frozen weights, whatever the length of its segments.
enum class Promise {
  exact,     ///< it is the gradient
  unbiased,  ///< its mean over the rule's random draws is the gradient
  biased,    ///< it is something else, defined by the rule's own dense recursion; `limit` says when it is exact
};

/// How a rule wants a row to be cut into segments.
enum class Segments {
  any,       ///< its result does not depend on the segments: it carries what it needs
  interval,  ///< one segment an update interval: credit does not cross its borders
  row,       ///< one segment a row: `update.every = "trial"` is required
};

/// The sign in {-1, +1} for (stream, step, state) that a random rule draws.
using Signs = std::function<double(int, std::int64_t, int)>;

/// What a rule is made for.
template <class T>
struct RuleSetup {
  const RuleRecord& record;  ///< the rule's own: a record that is derived from RuleRecord brings what its maker needs
  const Stack<T>& stack;
  int streams;             ///< B
  int outputs;             ///< m
  int first_stream;        ///< number of the first of these streams among all of the batch
  const Options& options;  ///< the [rule] table
  std::uint64_t seed;      ///< for rules that draw random numbers
  Signs signs = {};        ///< for tests that enumerate all signs; empty in use: they are drawn from the seed
  std::span<const std::size_t> absent = {};  ///< indices in theta of weights that are not there, rising; valid while
                                             ///< the rule is made
  bool further = false;                      ///< there will be credit on further states (Credit::further)
  int every = 0;                             ///< steps of an update interval; 0: whole rows
  bool whitened = false;                     ///< segments will have whitened regressors, for gradients alone
};

/// The losses of the segment at hand, as a function of what the readout reads: for rules that run its steps again.
template <class T>
class CHRONOGRAD_API Losses {
 public:
  virtual ~Losses() = default;
  /// The sum of the segment's weighted losses if the top layer had shown `shown`: [K][B] rows of H d numbers at
  /// distance ld. Changes nothing that is recorded of the segment.
  virtual double sum(const T* shown, int ld) = 0;
};

/// A learning rule: turns a segment and its credit into a gradient, and remembers what later segments need.
template <class T>
class CHRONOGRAD_API Rule {
 public:
  virtual ~Rule() = default;
  /// Adds the segment's gradient to grad (Stack::parameters()). May use up credit.c and may change what it remembers.
  virtual void learn(Layers<T> layers, const Credit<T>& credit, T* grad) = 0;
  /// Adds what is still held back at the end of a row.
  virtual void flush(T* /*grad*/) {}
  /// A new row begins for all streams: forgets what it carried. What a rule has learnt itself stays.
  virtual void begin() = 0;
  /// Visits all that must be kept from one segment to the next (what it has learnt included).
  virtual void state(Archive& archive) = 0;
  /// What losses would be of other states, while the rule learns; for as long as it does (null: that is not known).
  virtual void judge_by(Losses<T>* /*losses*/) {}
  /// Threads that have nothing else to do while the rule learns (null: none). They may not change a bit of the result.
  virtual void use(Crew* /*crew*/) {}
  /// Multiply-adds that take the influence matrix or trace over one step (K = 1), a stream; 0: the rule carries none.
  virtual double work() const { return 0; }
};

struct CHRONOGRAD_API RuleRecord {
  Entry entry;
  Promise promise;
  const char* limit = "";  ///< when a biased rule is exact
  /// Numbers kept a stream: a formula in the letters of costs (docs/notation.md). "": not stated.
  const char* memory = "";
  /// Multiplications a step and stream, forward pass and readout apart, to leading order; likewise.
  const char* time = "";
  /// By how many steps what it gives is behind: a formula in its settings. "": what it gives at a step is of that step.
  const char* lag = "";
  Segments segments = Segments::any;
  bool at_once = false;      ///< a row that is one segment costs it no more than its parts would, and nothing that
                             ///< it keeps outlives the row: intervals that are rows are one segment each
  bool past_facing = false;  ///< with K = 1 the gradient that a step adds is that of its own loss
  /// Its gradient is a sum of terms (credit) x (regressors), and it takes these from Segment::regressors(): rule.whiten
  /// may be set.
  bool whitens = false;
  bool one_shard = false;          ///< it learns a model from all streams at every step: they stay together
  bool draws_by_interval = false;  ///< it draws numbers for each interval: what it gives depends on where these begin
  const char* look = "";           ///< the word of its colour and mark in figures; "": one is chosen by its name
  std::unique_ptr<Rule<float>> (*make_float)(const RuleSetup<float>&);
  std::unique_ptr<Rule<double>> (*make_double)(const RuleSetup<double>&);
};

template <>
CHRONOGRAD_API std::span<const RuleRecord* const> catalogue<RuleRecord>();

/// How the rule wants rows to be cut with these settings of its own.
CHRONOGRAD_API Segments segments_of(const RuleRecord& record, const Options& rule);

/// Calls the record's maker for T.
template <class T>
std::unique_ptr<Rule<T>> make_rule(const RuleSetup<T>& setup) {
  if constexpr (sizeof(T) == sizeof(float))
    return setup.record.make_float(setup);
  else
    return setup.record.make_double(setup);
}

}  // namespace chronograd
