// SPDX-License-Identifier: Apache-2.0
// The training loop: rows -> intervals -> segments; gradients are summed over shards, then one optimiser step moves all
// parameters.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/crew.hpp"
#include "base/dtype.hpp"
#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "files/state_arrays.hpp"
#include "learning/updater.hpp"
#include "network/initial.hpp"
#include "training/alignment.hpp"
#include "training/best_weights.hpp"
#include "training/checkpoint.hpp"
#include "training/class_weights.hpp"
#include "training/data.hpp"
#include "training/firing.hpp"
#include "training/long_interval.hpp"
#include "training/plan.hpp"
#include "training/rate_survey.hpp"
#include "training/recurrent_run.hpp"
#include "training/remarks.hpp"
#include "training/run_progress.hpp"
#include "training/score.hpp"
#include "training/share.hpp"
#include "training/trained_shard.hpp"
#include "training/training_clock.hpp"
#include "training/watching.hpp"

namespace chronograd {
namespace {

template <class T>
class Trainer {
 public:
  Trainer(const Config& config, const Task& task, const RunOptions& options)
      : config_(config),
        task_(task),
        options_(options),
        observer_(Observer::or_none(options.observer)),
        settings_(config),
        network_(config, task),
        rule_(config),
        plan_(make_plan(settings_, rule_, task, sizes_of(network_))),
        share_(options.world, plan_.shards, rule_),
        initial_(initial()),
        weights_(weights_of<T>(initial_)),
        good_(weights_of<T>(initial_)),
        averaged_(settings_.average, weights_),
        updater_(network_, config, initial_.structure, plan_.updates),
        order_(task, plan_.shuffle, settings_.seed),
        crew_(share_.threads(plan_, thread_count(config, options.threads))),
        checkpointer_(options, config, numbers_of(plan_, network_.map.size(), initial_.structure.absent.size()),
                      task.mapping(), &share_),
        long_interval_(checkpointer_, options.world == nullptr),
        watching_(network_, config, settings_, initial_.structure, task, plan_),
        best_(network_, settings_, task, weights_, plan_.batch, options.world) {
    require_counted_steps(config, task, observer_);
    const LossSettings loss(config);
    normalisation_ = {loss.mean(true),           plan_.trial,         plan_.batch,
                      class_weights(loss, task), network_.averages(), network_.rates.by_row()};
    if (settings_.report_every == 0) settings_.report_every = std::max<std::int64_t>(1, plan_.updates / 100);
    steppers_ = make_steppers(plan_, network_, rule_, initial_.structure, crew_.size(), share_);
    ask_every_ = std::max<std::int64_t>(1, 64 / (std::int64_t{plan_.every} * plan_.batch));
    for (int s = share_.first(); s < share_.end(); ++s) {
      const int first = plan_.first_stream(s);
      Stepper<T>& stepper = *steppers_[plan_.in_turns ? 0 : shards_.size()];
      shards_.push_back(std::make_unique<Shard>(network_, task, first, plan_.first_stream(s + 1), stepper.streams()));
      shards_.back()->grad.resize(network_.map.size());
      if (averaged_.on()) shards_.back()->run_beside(network_, plan_.segment);
      watching_.add_shard(stepper, first, shards_.back()->batch, shards_.back()->rates);
    }
    if (task.curriculum()) progress_.level = 1;
    progress_.counted = {network_.decide != Decide::step, network_.rates.on(), spikes(network_.stack.record())};
    if (plan_.in_turns && !watching_.any() && !averaged_.on() && !surveys_rates(network_, plan_))
      in_turn_ = std::make_unique<RowsInTurn<T, Shard>>(steppers_.size(), [this](Shard& shard) { read(shard); });
    if (share_.count() == 1) steppers_[0]->use(&crew_);
    watching_.use(crew_, plan_);
  }

  RunResult run() {
    observer_.started();
    share_.require_same_run(config_, numbers_of(plan_, network_.map.size(), initial_.structure.absent.size()), task_,
                            {reinterpret_cast<const char*>(weights_.theta.data()), weights_.theta.size() * sizeof(T)});
    if (options_.resume) {
      checkpointer_.restore([this](Archive& archive) { state(archive); });
      observer_.resumed(updater_.updates(), progress_.reports);
    }
    for (; progress_.epoch < plan_.epochs && going(); ++progress_.epoch, progress_.pass = 0)
      for (; (progress_.pass < plan_.passes || plan_.passes == 0) && going(); ++progress_.pass) row();
    if (result_.status != RunResult::Status::diverged && (progress_.tally.steps > 0 || judges())) report();
    if (result_.status == RunResult::Status::done) save();
    return finish();
  }

 private:
  using Shard = TrainedShard<T>;

  /// From the parameters given, or those that the task asks for, or drawn.
  Initial initial() const {
    if (options_.parameters)
      return initial_values(network_, config_, options_.parameters, options_.parameters_name, options_.observer);
    const Arrays own = task_.parameters();
    return initial_values(network_, config_, own.empty() ? nullptr : &own, "task.name", options_.observer);
  }
  void read(Shard& shard) { shard.read(task_, progress_.t, steps_, normalisation_, network_.stack.width()); }
  bool reports(std::int64_t done) const { return done % settings_.report_every == 0; }
  bool tests(std::int64_t done) const { return settings_.test_every > 0 && done % settings_.test_every == 0; }
  bool going() const {
    return result_.status == RunResult::Status::done && !best_.patience_ends() &&
           (plan_.steps > 0 ? progress_.steps < plan_.steps : updater_.updates() < plan_.updates);
  }

  /// One pass of the batch's rows from where the cursor is to their last step.
  void row() {
    const Curriculum* curriculum = task_.curriculum();
    const std::int64_t length = curriculum ? curriculum->length(progress_.level) : plan_.length;
    if (progress_.t == 0 && progress_.from == 0) progress_.row_tally = {};
    streams_ = 0;
    if (progress_.t == 0 && progress_.from == 0) prepare(length == 0 ? plan_.chunk : length);
    for (auto& shard : shards_) {
      for (int b = shard->first; b < shard->end; ++b)
        shard->rows[static_cast<std::size_t>(b - shard->first)] = order_.row(progress_, plan_.batch, b);
    }
    for (int b = 0; b < plan_.batch; ++b) streams_ += order_.row(progress_, plan_.batch, b) >= 0;
    while (length == 0 || progress_.t < length) {
      clock_.start();
      steps_ = static_cast<int>(length == 0 ? plan_.chunk : std::min<std::int64_t>(plan_.chunk, length - progress_.t));
      for (std::size_t s = 0; s < shards_.size(); ++s) {
        Shard& shard = *shards_[s];
        if (!in_turn_) read(shard);
        if (progress_.t != 0 || progress_.from != 0) continue;
        if (!plan_.in_turns) steppers_[s]->begin(shard.batch, progress_.passes_done);
        if (shard.beside) shard.beside->begin(shard.batch, progress_.passes_done);
        shard.decisions.begin();
      }
      chunk(steps_, length > 0 && progress_.t + steps_ == length);
      clock_.stop();
      if (progress_.from < steps_) return;
      progress_.t += steps_;
      progress_.from = 0;
      if (progress_.t != length && !going()) return;
      if (checkpointer_.by_time() && share_.as_first(checkpointer_.overdue())) save();
    }
    progress_.t = 0;
    ++progress_.passes_done;
    if (curriculum) progress_.level = curriculum->next(progress_.level, progress_.row_tally.score(false).loss);
  }

  /// The update intervals of a chunk of data, from where the cursor is.
  void chunk(int steps, bool row_ends) {
    while (progress_.from < steps && going()) {
      const int from = static_cast<int>(progress_.from), K = std::min(plan_.every, steps - from);
      if (progress_.t != 0 || from != 0) prepare(K);  // else it was done before the row began
      if (!long_interval_.run(
              K, [this] { return moved(); }, [&] { interval(from, K, row_ends && from + K == steps); })) {
        result_.status = RunResult::Status::stopped;
        return long_interval_.save(updater_.updates());
      }
      progress_.from += K;
      progress_.steps += K;
      progress_.stream_steps += K * streams_;
      const std::int64_t done = updater_.updates();
      if (!std::isfinite(progress_.tally.loss) || !averaged_.finite()) result_.status = RunResult::Status::diverged;
      if (result_.status == RunResult::Status::done && (reports(done) || tests(done) || best_.due(done, false))) {
        clock_.stop();
        report();
        clock_.start();
      }
      if (going() && done % ask_every_ == 0 && share_.any(!moved())) result_.status = RunResult::Status::stopped;
      if (result_.status == RunResult::Status::stopped || checkpointer_.due(done)) {
        clock_.stop();
        save();
        clock_.start();
      }
    }
  }

  /// Before an interval of at most so many steps.
  void prepare(std::int64_t steps) {
    long_interval_.prepare(
        static_cast<int>(std::min<std::int64_t>(steps, plan_.every)), [this](Archive& archive) { memory(archive); },
        [this](Archive& archive) { state(archive); });
  }
  bool moved() { return observer_.moved({updater_.updates(), plan_.updates, progress_.stream_steps}); }

  /// K steps under constant weights, then one update.
  void interval(int from, int K, bool row_ends) {
    const bool surveyed = surveys_rates(network_, plan_);
    const std::int64_t pass = progress_.passes_done;
    if (surveyed) {
      each_shard(plan_, crew_, steppers_, shards_, pass, nullptr, [&](Stepper<T>& stepper, Shard& shard) {
        stepper.survey(weights_, shard.batch, plan_.segment);
        shard.rates.know(stepper.rates());
      });
      share_rates(shards_, share_);
    }
    each_shard(plan_, crew_, steppers_, shards_, pass, in_turn_.get(),
               [&, others = steps_before_the_last()](Stepper<T>& stepper, Shard& shard) {
                 if (surveyed) stepper.rates().know(shard.rates);
                 shard.run(stepper, weights_, averaged_, from, K, plan_.segment, row_ends, others);
                 if (!surveyed && network_.rates.by_row()) shard.rates.know(stepper.rates());
               });
    share_.sum<T>([&](int s) -> Buffer<T>& { return shards_[static_cast<std::size_t>(s - share_.first())]->grad; });
    Buffer<T>& grad = shards_[0]->grad;
    // The last that can be stopped: so far nothing of the run has changed but what its steppers carry.
    if (watching_.any()) watching_.compare(grad, updater_.updates(), weights_, pass, row_ends, share_);
    LossSum mean, learning;
    std::vector<typename Shard::Counts> own;
    for (const auto& shard : shards_) own.push_back(shard->counts());
    for (const typename Shard::Counts& shard : share_.of_all(own)) {
      progress_.count(shard.tally, shard.last);
      mean.add(shard.mean);
      learning.add(shard.learning);
    }
    averaged_.judge(mean, learning);
    updater_.update(weights_, grad.span());
    averaged_.follow(weights_, updater_.updates());
    share_.position(updater_.updates());
  }

  /// How many of the next steps come before the run's last ones.
  std::int64_t steps_before_the_last() const {
    if (plan_.last_from >= 0) return plan_.last_from - progress_.steps;
    return updater_.updates() < plan_.last_from_update ? std::numeric_limits<std::int64_t>::max() : 0;
  }

  /// A checkpoint between two updates, unless there is one of this update already, or the state is not finite: the
  /// last good one is kept.
  void save() {
    if (!checkpointer_.on() || saved_at_ == updater_.updates()) return;
    FiniteCheck check;
    memory(check);
    if (share_.any(!check.finite() || !std::isfinite(progress_.tally.loss))) return;
    checkpointer_.write(updater_.updates(), checkpointer_.taken([this](Archive& archive) { state(archive); }));
    saved_at_ = updater_.updates();
  }

  /// Visits what training computes with: weights, optimiser, states, rules.
  void memory(Archive& archive) {
    archive.array("theta", weights_.theta.span());
    archive.array("feedback", weights_.feedback.span());
    Within optimizer(archive, "optimizer/"), averaged(archive, "averaged/");
    updater_.state(optimizer);
    averaged_.state(averaged);
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      Within shard(archive, share_.name_of(s));
      if (!plan_.in_turns) steppers_[s]->state(shard);
      if (shards_[s]->beside) {
        Within beside(shard, "averaged/");
        shards_[s]->beside->state(beside);
      }
      watching_.memory(shard, s);
    }
  }

  /// Visits all that the rest of the run depends on.
  void state(Archive& archive) {
    memory(archive);
    archive.array("good/theta", good_.theta.span());
    archive.array("good/feedback", good_.feedback.span());
    progress_.state(archive);
    watching_.state(archive);
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      Within shard(archive, share_.name_of(s));
      shards_[s]->decisions.state(shard);
    }
    Within best(archive, "best/");
    best_.state(best);
  }

  /// The weights that predict.
  const Weights<T>& predicting() const { return averaged_.better(weights_); }
  /// Remembers them as finite ones.
  void keep_good() {
    std::copy_n(predicting().theta.data(), weights_.theta.size(), good_.theta.data());
    std::copy_n(predicting().feedback.data(), weights_.feedback.size(), good_.feedback.data());
  }

  /// Are the weights to be judged by a report now? The last ones are in any case.
  bool judges() const {
    const bool over = result_.status == RunResult::Status::done && !going();
    return result_.status != RunResult::Status::stopped &&
           (best_.due(updater_.updates(), true) || (over && best_.open(updater_.updates())));
  }

  void report() {
    const Score score = progress_.tally.score(task_.classes(), normalisation_.apart());
    if (score.measured() && !std::isfinite(score.loss)) result_.status = RunResult::Status::diverged;
    if (!all_finite<T>(weights_.theta.span())) result_.status = RunResult::Status::diverged;
    if (result_.status == RunResult::Status::diverged) return;
    keep_good();
    if (score.measured()) progress_.train = score;  // no step counted: the last that did stands
    Metrics metrics;
    metrics.update = updater_.updates();
    progress_.tell(metrics);
    metrics.loss = score.loss;
    metrics.objective = score.objective;
    metrics.accuracy = score.accuracy;
    metrics.rate = updater_.rate();
    metrics.feedback_angle = feedback_angle();
    watching_.report(metrics);
    if (tests(updater_.updates())) metrics.test = test(predicting());
    if (judges()) metrics.validation = best_.judge(predicting(), updater_.updates());
    ++progress_.reports;
    observer_.reported(metrics);
    progress_.tally = {};
  }

  double feedback_angle() const {
    return angle<T>(weights_.theta.span().subspan(network_.map.readout_at(), weights_.feedback.size()),
                    weights_.feedback.span());
  }

  Score test(const Weights<T>& weights, Measures* measures = nullptr) const {
    return evaluate(network_, weights, task_, Split::test, settings_.test_steps, plan_.batch, measures, {}, nullptr,
                    options_.world);
  }

  RunResult finish() {
    result_.updates = updater_.updates();
    progress_.tell(result_);
    const bool ended = result_.status == RunResult::Status::done;
    // Where patience ended the run, its last steps are not those that were planned.
    result_.train = ended && !best_.patience_ends() ? progress_.last.score(task_.classes(), normalisation_.apart())
                                                    : progress_.train;
    result_.batch = plan_.batch;
    result_.parameter_count = network_.map.size();
    if (std::string(network_.loss.entry.name) == task_.reference_loss()) result_.references = task_.references();
    std::vector<std::size_t> bytes;
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      ByteCount count;
      steppers_[plan_.in_turns ? 0 : s]->rule()->state(count);
      bytes.push_back(count.bytes());
    }
    for (const std::size_t of_shard : share_.of_all(bytes)) result_.rule_bytes += of_shard;
    share_.tell(result_);
    const Weights<T>* const best = best_.weights();
    result_.validation = best_.result();
    result_.initial = recurrent_arrays(network_, initial_);
    result_.parameters = arrays_of(network_, best ? *best : good_, initial_.structure);
    result_.parameters.merge(task_.mapping());
    if (ended) result_.test = test(best ? *best : predicting(), &result_.test_measures);
    if (ended && averaged_.on() && !best) result_.test_learning = averaged_.lead() ? test(weights_) : result_.test;
    if (ended) result_.firing = firing_of(network_, config_.table("model"), best ? *best : predicting(), task_);
    if (result_.test.measured() && !std::isfinite(result_.test.loss)) result_.status = RunResult::Status::diverged;
    for (const std::string& remark : remarks_on(result_)) observer_.remarked(remark);
    watching_.finish(result_, weights_, [this] { return moved(); });
    return std::move(result_);
  }

  const Config& config_;
  const Task& task_;
  const RunOptions& options_;
  Observer& observer_;
  TrainSettings settings_;
  Network<T> network_;
  RuleSettings rule_;
  Plan plan_;
  Share share_;
  Initial initial_;
  Weights<T> weights_;
  Weights<T> good_;  ///< the last ones that predicted and are known to be finite
  AveragedWeights<T> averaged_;
  Updater<T> updater_;
  RowOrder order_;
  Crew crew_;
  Normalisation normalisation_;
  Steppers<T> steppers_;
  std::vector<std::unique_ptr<Shard>> shards_;
  Checkpointer checkpointer_;
  RunProgress progress_;
  TrainingClock clock_{crew_, progress_};
  LongInterval long_interval_;
  Watching<T> watching_;
  BestWeights<T> best_;
  std::unique_ptr<RowsInTurn<T, Shard>> in_turn_;  ///< where nobody looks at rows before or after their turn
  std::int64_t streams_ = 0;                       ///< of the batch at hand that are there
  int steps_ = 0;                                  ///< of the chunk at hand
  std::int64_t saved_at_ = -1, ask_every_ = 1;
  RunResult result_;
};

}  // namespace

RunResult train_recurrent(const Config& config, const Task& task, const RunOptions& options) {
  return with_dtype(config, [&]<class T>(T) { return Trainer<T>(config, task, options).run(); });
}

void check_recurrent_training(const Config& config, const Task& task, const RunOptions& options) {
  with_dtype(config, [&]<class T>(T) { static_cast<void>(Trainer<T>(config, task, options)); });
}

}  // namespace chronograd
