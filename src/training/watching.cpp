// SPDX-License-Identifier: Apache-2.0
#include "training/watching.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "files/state_arrays.hpp"
#include "training/credit_map.hpp"

namespace chronograd {
namespace {

std::vector<std::string> names(const TrainSettings& settings) {
  std::vector<std::string> all = {trained_rule};
  all.insert(all.end(), settings.watched.begin(), settings.watched.end());
  return all;
}

/// By how many steps the gradients lag, in that order. Where intervals are whole rows nothing does.
std::vector<std::int64_t> lags(const Config& config, const TrainSettings& settings, const Plan& plan) {
  std::vector<std::int64_t> all(settings.watched.size() + 1, 0);
  if (plan.trial || settings.watched.empty()) return all;
  all[0] = RuleSettings(config).lag();
  for (std::size_t w = 0; w < settings.watched.size(); ++w)
    all[w + 1] = RuleSettings(config.with_method(settings.watched[w])).lag();
  return all;
}

/// What a rule of the first shard has learnt itself, by the names of its state.
template <class T>
Arrays models_of(const RuleSettings& settings, Rule<T>& rule) {
  Arrays models;
  Saving saving(models);
  if (settings.record.one_shard) rule.state(saving);
  return models;
}

}  // namespace

template <class T>
Watching<T>::Watching(const Network<T>& network, const Config& config, const TrainSettings& settings,
                      const Structure& structure, const Task& task, const Plan& plan)
    : network_(network),
      config_(config),
      settings_(settings),
      learning_(config),
      structure_(structure),
      task_(task),
      rows_(plan.trial),
      kept_(lags(config, settings, plan), plan.every, settings.watch_every, network.stack.parameters()),
      since_report_(names(settings), network.map),
      run_(names(settings), network.map) {
  for (const std::string& word : settings.watched) {
    const Config own = config.with_method(word);
    const RuleSettings rule(own);
    const TrainSettings cut(own);
    if (rule.record.segments == Segments::row && !plan.trial)
      throw Error(Exit::usage, "watch.rules",
                  "got " + word + ", which needs whole rows at once, with update.every = " +
                      std::to_string(plan.every) + ". rtrl is exact too.");
    const bool by_interval = rule.segments() == Segments::interval && rule.record.segments != Segments::interval;
    if (by_interval && !plan.trial && (cut.every != settings.every || plan.segment != plan.every))
      throw Error(Exit::usage, "watch.rules",
                  "got " + word + ", which takes an interval of " + std::to_string(cut.every) +
                      " steps at once, beside a rule that learns in segments of " + std::to_string(plan.segment) +
                      ", allowed is where both are update.every. reach_by = \"step\" goes beside any rule.");
    rules_.push_back({word, rule, cut.every, plan.trial ? segment_beside(plan, rule, cut.memory, sizes_of(network)) : 0,
                      plan.in_turns && dies_with_row(rule)});
  }
}

template <class T>
std::unique_ptr<Stepper<T>> Watching<T>::stepper_for(const Watched& rule, int streams, int first_stream) const {
  auto own = std::make_unique<Stepper<T>>(network_, nullptr, streams, first_stream, rule.segment);
  own->watch(rule.rule.make(network_, structure_, streams, first_stream), nullptr);
  return own;
}

template <class T>
void Watching<T>::add_shard(Stepper<T>& stepper, int first_stream, const Batch<T>& batch, const RateCost<T>& rates) {
  auto shard = std::make_unique<Shard>();
  shard->stepper = &stepper;
  shard->batch = &batch;
  shard->rates = &rates;
  shard->first = first_stream;
  for (const Watched& rule : rules_) {
    shard->grad.emplace_back(network_.stack.parameters());
    if (!rows_)
      stepper.watch(rule.rule.make(network_, structure_, stepper.streams(), first_stream), shard->grad.back().data());
    else
      shard->own.push_back(rule.in_turns ? nullptr : stepper_for(rule, stepper.streams(), first_stream));
  }
  shards_.push_back(std::move(shard));
}

template <class T>
void Watching<T>::use(Crew& crew, const Plan& plan) {
  if (shards_.size() > 1)
    crew_ = &crew;
  else
    for (auto& own : shards_[0]->own)
      if (own) own->use(&crew);
  workers_ = crew_ != nullptr ? plan.threads(crew.size()) : 1;
  if (!plan.in_turns) return;
  for (int i = 0; i < workers_; ++i) {
    turns_.emplace_back();
    for (const Watched& rule : rules_)
      turns_.back().push_back(rule.in_turns ? stepper_for(rule, plan.width(), 0) : nullptr);
  }
}

template <class T>
void Watching<T>::run_rows(const Weights<T>& weights, std::int64_t pass) {
  const std::size_t jobs = shards_.size() * rules_.size();
  const auto job = [&](std::size_t worker, std::size_t number) {
    Shard& shard = *shards_[number / rules_.size()];
    const std::size_t rule = number % rules_.size();
    run_row(shard, rule, stepper_of(worker, shard, rule), weights, pass);
  };
  if (crew_) return in_turns(*crew_, workers_, static_cast<int>(jobs), job);
  for (std::size_t i = 0; i < jobs; ++i) job(0, i);
}

template <class T>
void Watching<T>::run_row(Shard& shard, std::size_t rule, Stepper<T>& own, const Weights<T>& weights,
                          std::int64_t pass) {
  const int K = shard.batch->steps, longest = rules_[rule].segment;
  own.watch_into(0, shard.grad[rule].data());
  own.begin(*shard.batch, pass, 0, rules_[rule].in_turns ? shard.first : -1);
  own.rates().know(*shard.rates);  // of the same row under the same weights
  for (int k = 0; k < K; k += longest)
    own.run(weights, *shard.batch, k, std::min(longest, K - k), k + longest >= K, nullptr);
  own.flush_watched();
}

template <class T>
void Watching<T>::compare(const Buffer<T>& grad, std::int64_t updates, const Weights<T>& weights, std::int64_t pass,
                          bool row_ends, const Share& share) {
  const bool due = kept_.due(updates);
  if (due && rows_) run_rows(weights, pass);
  if (kept_.wants_any(updates)) {
    const std::size_t size = network_.stack.parameters();
    std::vector<T> trained(grad.data(), grad.data() + size);
    std::vector<std::span<const T>> now = {trained};
    for (std::size_t w = 0; w < rules_.size(); ++w) {
      now.push_back(shards_[0]->grad[w].span());
      if (!kept_.wants(w + 1, updates)) continue;  // the same in all processes
      share.sum<T>([&](int s) -> Buffer<T>& { return shards_[static_cast<std::size_t>(s - share.first())]->grad[w]; });
    }
    for (const std::size_t index : structure_.absent) {
      if (index >= size) continue;
      trained[index] = 0;
      for (Buffer<T>& sum : shards_[0]->grad) sum[index] = 0;
    }
    if (due && kept_.ready(row_ends)) {
      std::vector<std::span<const T>> gradients;
      for (std::size_t a = 0; a < now.size(); ++a) gradients.push_back(kept_.of(a, updates, now[a]));
      since_report_.add<T>(gradients);
      run_.add<T>(gradients);
    }
    for (std::size_t a = 0; a < now.size(); ++a) kept_.keep(a, updates, now[a]);
  }
  kept_.pass(row_ends);
  for (auto& shard : shards_)
    for (Buffer<T>& sum : shard->grad) sum.zero();
}

template <class T>
void Watching<T>::report(Metrics& metrics) {
  metrics.alignment = since_report_.pairs();
  metrics.overflowed = since_report_.overflowed();
  since_report_.clear();
}

template <class T>
void Watching<T>::finish(RunResult& result, const Weights<T>& weights, const std::function<bool()>& going) {
  result.alignment = run_.pairs();
  result.overflowed = run_.overflowed();
  if (settings_.watch_credit == 0 || result.status != RunResult::Status::done) return;
  Shard& shard = *shards_[0];
  std::vector<MappedRule> rules;
  const auto add = [&](const std::string& name, const RuleSettings& rule, Rule<T>& made) {
    // A rule that draws for each interval charges weights, not their uses.
    if (!rule.record.draws_by_interval) rules.push_back({name, rule, models_of(rule, made)});
  };
  add(trained_rule, learning_, *shard.stepper->rule());
  for (std::size_t w = 0; w < rules_.size(); ++w)
    add(rules_[w].word, rules_[w].rule, rows_ ? stepper_of(0, shard, w).watched(0) : shard.stepper->watched(w));
  const std::vector<double> theta(weights.theta.data(), weights.theta.data() + weights.theta.size());
  CreditMap map(config_, task_, network_.map, theta, structure_, settings_.watch_credit);
  result.credit = map.of(rules, going);
  if (result.credit.empty()) result.status = RunResult::Status::stopped;
}

template <class T>
void Watching<T>::memory(Archive& archive, std::size_t shard) {
  for (std::size_t w = 0; w < shards_[shard]->own.size(); ++w) {
    if (!shards_[shard]->own[w]) continue;
    Within own(archive, "own" + std::to_string(w) + "/");
    shards_[shard]->own[w]->state(own);
  }
}

template <class T>
void Watching<T>::state(Archive& archive) {
  Within part(archive, "window/");  // its name in checkpoints
  since_report_.state(part);
  Within run(archive, "run/");
  run_.state(run);
  Within kept(archive, "kept/");
  kept_.state(kept);
}

template class Watching<float>;
template class Watching<double>;

}  // namespace chronograd
