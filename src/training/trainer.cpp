// SPDX-License-Identifier: Apache-2.0
// The training loop: rows -> intervals -> segments; gradients are summed over shards in order, then one optimiser step
// moves all parameters.
#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "chronograd/error.hpp"
#include "math/kernels.hpp"
#include "training/crew.hpp"
#include "training/data.hpp"
#include "training/initial.hpp"
#include "training/plan.hpp"
#include "training/score.hpp"
#include "training/updater.hpp"

namespace chronograd {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
bool all_finite(std::span<const T> values) {
  // A sum is NaN or infinite as soon as one of its terms is; it cannot overflow in double from finite floats, and for
  // doubles an overflow to infinity is no result either.
  double sum = 0;
  for (T value : values) sum += std::fabs(static_cast<double>(value));
  return std::isfinite(sum);
}

/// Means of cosine and of the ratio of norms.
struct Alignment {
  double cosine = 0, ratio = 0;
  int count = 0;

  template <class T>
  void add(std::span<const T> rule, std::span<const T> exact) {
    double product = 0, a = 0, b = 0;
    for (std::size_t i = 0; i < rule.size(); ++i) {
      product += double(rule[i]) * double(exact[i]);
      a += double(rule[i]) * double(rule[i]);
      b += double(exact[i]) * double(exact[i]);
    }
    if (b == 0) return;  // nothing to be aligned with
    cosine += a == 0 ? 0 : product / std::sqrt(a * b);
    ratio += std::sqrt(a / b);
    ++count;
  }
  double mean_cosine() const { return count ? cosine / count : not_measured; }
  double mean_ratio() const { return count ? ratio / count : not_measured; }
};

template <class T>
class Trainer {
 public:
  Trainer(const Config& config, const Task& task, const RunOptions& options)
      : config_(config),
        task_(task),
        options_(options),
        network_(config, task.inputs(), task.outputs()),
        rule_(find_record<RuleRecord>("rule.name", config.table("rule").word("name"))),
        plan_(make_plan(config, rule_, task, network_.bytes_a_step())),
        initial_(initial_values(network_, config, options.parameters, options.parameters_name, options.notes)),
        weights_(weights_of<T>(initial_)),
        good_(weights_of<T>(initial_)),
        updater_(network_, config, initial_.structure, plan_.updates),
        order_(task.rows(Split::train), shuffles(), static_cast<std::uint64_t>(config.table("").integer("seed"))),
        crew_(std::min(thread_count(config, options.threads), plan_.shards)) {
    const Options& loss = config.table("loss");
    normalisation_ = {!loss.has("normalize") || loss.word("normalize") == "mean", plan_.trial, plan_.batch};
    report_every_ = config.table("train").integer("report_every");
    if (report_every_ == 0) report_every_ = std::max<std::int64_t>(1, plan_.updates / 100);
    ask_every_ = std::max<std::int64_t>(1, 64 / (std::int64_t{plan_.every} * plan_.batch));
    for (int s = 0; s < plan_.shards; ++s) {
      const int first = static_cast<int>(std::int64_t{plan_.batch} * s / plan_.shards),
                end = static_cast<int>(std::int64_t{plan_.batch} * (s + 1) / plan_.shards);
      shards_.push_back(
          std::make_unique<Shard>(network_, config, initial_.structure, rule_, end - first, first, plan_.segment));
      shards_.back()->grad.resize(network_.map.size());
    }
    for (const std::string& word : config.table("watch").words("rules")) watch(word);
  }

  RunResult run() {
    if (options_.on_start) options_.on_start();
    for (std::int64_t epoch = 0; epoch < plan_.epochs && going(); ++epoch)
      for (std::int64_t pass = 0; (pass < plan_.passes || plan_.passes == 0) && going(); ++pass) row(epoch, pass);
    if (result_.status != RunResult::Status::diverged && tally_.weight > 0) report();
    return finish();
  }

 private:
  /// A rule beside the one that learns. Where an interval is a whole row it runs through the rows that are compared on
  /// its own, in segments that suit it; else it must be fed every segment that the learning rule is fed.
  struct Watched {
    Buffer<T> grad;
    std::unique_ptr<Stepper<T>> own;
    int segment;
  };
  struct Shard {
    Shard(const Network<T>& network, const Config& config, const Structure& structure, const RuleRecord& rule,
          int streams, int first_stream, int longest)
        : first(first_stream), stepper(network, config, structure, &rule, streams, first_stream, longest) {}
    int first;
    Stepper<T> stepper;
    Batch<T> batch;
    Buffer<T> grad;
    std::vector<std::unique_ptr<Watched>> watched;
    std::vector<std::int64_t> rows;
    Tally tally;
  };

  /// Streams of a file keep their order unless the user asks for another.
  bool shuffles() const {
    const Options& train = config_.table("train");
    return train.flag("shuffle") && (config_.has("task") || train.given("shuffle"));
  }
  bool tests(std::int64_t done) const {
    const std::int64_t every = config_.table("train").integer("test_every");
    return every > 0 && done % every == 0;
  }
  bool going() const { return result_.status == RunResult::Status::done && updater_.updates() < plan_.updates; }

  void watch(const std::string& word) {
    const Config config = config_.with_rule(word);
    const RuleRecord& record = find_record<RuleRecord>("watch.rules", config.table("rule").word("name"));
    if (record.window == Window::row && !plan_.trial)
      throw Error(Exit::usage, "watch.rules",
                  "got " + word + ", which needs whole rows at once, with update.every = " +
                      std::to_string(plan_.every) + ". rtrl is exact too.");
    const int segment = plan_.trial ? make_plan(config, record, task_, network_.bytes_a_step()).segment : 0;
    for (auto& shard : shards_) {
      const int streams = shard->stepper.streams();
      auto watched = std::make_unique<Watched>();
      watched->grad.resize(network_.stack.parameters());
      watched->segment = segment;
      if (plan_.trial)
        watched->own =
            std::make_unique<Stepper<T>>(network_, config, initial_.structure, nullptr, streams, shard->first, segment);
      (watched->own ? *watched->own : shard->stepper)
          .watch(make_rule(network_, config, initial_.structure, record, streams, shard->first), watched->grad.data());
      shard->watched.push_back(std::move(watched));
    }
    result_.watched.push_back(word);
    alignments_.resize(result_.watched.size());
    window_.resize(result_.watched.size());
  }

  /// One pass of the batch's rows from their first step to their last.
  void row(std::int64_t epoch, std::int64_t pass) {
    const std::int64_t rows = task_.rows(Split::train);
    for (auto& shard : shards_) {
      shard->rows.clear();
      for (int b = 0; b < shard->stepper.streams(); ++b) {
        const std::int64_t index = pass * plan_.batch + shard->first + b;
        if (rows == 0)
          shard->rows.push_back(plan_.length == 0 ? index : passes_done_ * plan_.batch + shard->first + b);
        else
          shard->rows.push_back(index < rows ? order_.row(epoch, index)
                                             : -1);  // the last batch of an epoch may be short
      }
    }
    for (std::int64_t t = 0; (plan_.length == 0 || t < plan_.length) && going();) {
      const Clock::time_point start = Clock::now();
      const auto steps =
          static_cast<int>(plan_.length == 0 ? plan_.chunk : std::min<std::int64_t>(plan_.chunk, plan_.length - t));
      for (auto& shard : shards_) {
        read_batch(task_, Split::train, shard->rows, t, steps, normalisation_, network_.stack.width(), shard->batch);
        if (t == 0) shard->stepper.begin(shard->batch, passes_done_);
      }
      seconds_ += since(start);
      chunk(steps, plan_.length > 0 && t + steps == plan_.length);
      t += steps;
    }
    ++passes_done_;
  }

  /// The update intervals of a chunk of data.
  void chunk(int steps, bool row_ends) {
    Clock::time_point start = Clock::now();
    for (int from = 0; from < steps && going(); from += plan_.every) {
      const int K = std::min(plan_.every, steps - from);
      interval(from, K, row_ends && from + K == steps);
      result_.steps += K;
      const std::int64_t done = updater_.updates();
      if (!std::isfinite(tally_.loss)) result_.status = RunResult::Status::diverged;
      if (result_.status == RunResult::Status::done && (done % report_every_ == 0 || tests(done))) {
        seconds_ += since(start);
        report();
        start = Clock::now();
      }
      if (options_.keep_going && done % ask_every_ == 0 &&
          !options_.keep_going({done, plan_.updates, result_.steps * plan_.batch}))
        result_.status = RunResult::Status::stopped;
    }
    seconds_ += since(start);
  }

  /// K steps under constant weights, then one update.
  void interval(int from, int K, bool row_ends) {
    if (shards_.size() == 1) {
      segments(*shards_[0], from, K, row_ends);
    } else {
      crew_.run(static_cast<int>(shards_.size()),
                [&](int s) { segments(*shards_[static_cast<std::size_t>(s)], from, K, row_ends); });
    }
    Buffer<T>& grad = shards_[0]->grad;
    tally_.add(shards_[0]->tally);
    for (std::size_t s = 1; s < shards_.size(); ++s) {
      kernels<T>().add(static_cast<int>(grad.size()), shards_[s]->grad.data(), grad.data());
      shards_[s]->grad.zero();
      tally_.add(shards_[s]->tally);
    }
    if (!result_.watched.empty()) compare(grad);
    updater_.update(weights_, grad.span());
  }

  void segments(Shard& shard, int from, int K, bool row_ends) {
    shard.tally = {};
    for (int k = 0; k < K; k += plan_.segment) {
      const int steps = std::min(plan_.segment, K - k);
      shard.stepper.run(weights_, shard.batch, from + k, steps, row_ends && k + steps == K, shard.grad.data());
      shard.tally.add(shard.stepper.seen(), shard.stepper.streams(), network_.outputs, task_.classes());
    }
    if (!row_ends) return;
    shard.stepper.flush(shard.grad.data());
    shard.stepper.flush_watched();
  }

  /// The watched rules through the rows of the interval that was just run.
  void run_watched() {
    for (auto& shard : shards_)
      for (auto& watched : shard->watched) {
        const int K = shard->batch.steps;
        watched->own->begin(shard->batch, passes_done_);
        for (int k = 0; k < K; k += watched->segment)
          watched->own->run(weights_, shard->batch, k, std::min(watched->segment, K - k), k + watched->segment >= K,
                            nullptr);
        watched->own->flush_watched();
      }
  }

  /// The rule's gradient of the cell's parameters beside those of the watched rules.
  void compare(const Buffer<T>& grad) {
    const bool due = updater_.updates() % config_.table("watch").integer("every") == 0;
    if (due && plan_.trial) run_watched();
    for (std::size_t w = 0; w < result_.watched.size(); ++w) {
      Buffer<T>& watched = shards_[0]->watched[w]->grad;
      for (std::size_t s = 1; s < shards_.size(); ++s)
        kernels<T>().add(static_cast<int>(watched.size()), shards_[s]->watched[w]->grad.data(), watched.data());
      if (due) {
        std::vector<T> ours(grad.data(), grad.data() + watched.size());
        for (std::size_t index : initial_.structure.absent)
          if (index < ours.size()) ours[index] = watched[index] = 0;
        alignments_[w].add<T>(ours, watched.span());
        window_[w].add<T>(ours, watched.span());
      }
      for (auto& shard : shards_) shard->watched[w]->grad.zero();
    }
  }

  /// Remembers the weights as finite ones.
  void keep_good() {
    std::copy_n(weights_.theta.data(), weights_.theta.size(), good_.theta.data());
    std::copy_n(weights_.feedback.data(), weights_.feedback.size(), good_.feedback.data());
  }

  void report() {
    const Score score = tally_.score(task_.classes());
    if (!std::isfinite(score.loss) && tally_.weight > 0) result_.status = RunResult::Status::diverged;
    if (!all_finite<T>(weights_.theta.span())) result_.status = RunResult::Status::diverged;
    if (result_.status == RunResult::Status::diverged) return;
    keep_good();
    result_.train = score;
    Metrics metrics{updater_.updates(),
                    result_.steps,
                    score.loss,
                    score.accuracy,
                    updater_.rate(),
                    seconds_,
                    {},
                    {},
                    feedback_angle(),
                    {}};
    for (const Alignment& alignment : window_) {
      metrics.cosines.push_back(alignment.mean_cosine());
      metrics.norm_ratios.push_back(alignment.mean_ratio());
    }
    if (tests(updater_.updates())) metrics.test = test();
    if (options_.on_report) options_.on_report(metrics);
    tally_ = {};
    window_.assign(window_.size(), {});
  }

  /// Between W_out^T and the feedback matrix, in degrees; NaN where they are one, or one of them is zero.
  double feedback_angle() const {
    const T* w_out = weights_.theta.data() + network_.map.cell_size();
    double product = 0, a = 0, b = 0;
    for (std::size_t i = 0; i < weights_.feedback.size(); ++i) {
      const double x = double(w_out[i]), y = double(weights_.feedback[i]);
      product += x * y;
      a += x * x;
      b += y * y;
    }
    if (a == 0 || b == 0) return not_measured;
    return std::acos(std::clamp(product / std::sqrt(a * b), -1.0, 1.0)) * 180 / std::numbers::pi;
  }

  Score test() const {
    return evaluate(network_, config_, weights_, task_, Split::test, config_.table("train").integer("test_steps"),
                    plan_.batch);
  }

  RunResult finish() {
    result_.updates = updater_.updates();
    result_.stream_steps = result_.steps * plan_.batch;
    result_.seconds = seconds_;
    result_.batch = plan_.batch;
    result_.parameter_count = network_.map.size();
    result_.references = task_.references();
    for (auto& shard : shards_) {
      ByteCount count;
      shard->stepper.rule()->state(count);
      result_.rule_bytes += count.bytes();
    }
    for (const Alignment& alignment : alignments_) {
      result_.cosines.push_back(alignment.mean_cosine());
      result_.norm_ratios.push_back(alignment.mean_ratio());
    }
    result_.parameters = arrays_of(network_, good_, initial_.structure);
    if (result_.status == RunResult::Status::done) result_.test = test();
    if (result_.status == RunResult::Status::done && task_.rows(Split::test) >= 0 && !std::isfinite(result_.test.loss))
      result_.status = RunResult::Status::diverged;
    return std::move(result_);
  }

  const Config& config_;
  const Task& task_;
  const RunOptions& options_;
  Network<T> network_;
  const RuleRecord& rule_;
  Plan plan_;
  Initial initial_;
  Weights<T> weights_;
  Weights<T> good_;  ///< the last ones known to be finite
  Updater<T> updater_;
  RowOrder order_;
  Crew crew_;
  Normalisation normalisation_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::int64_t report_every_ = 1, ask_every_ = 1, passes_done_ = 0;
  double seconds_ = 0;
  Tally tally_;
  std::vector<Alignment> alignments_, window_;  ///< with each watched rule: over the run, since the last report
  RunResult result_;
};

}  // namespace

int thread_count(const Config& config, int asked) {
  if (asked > 0) return asked;
  const auto wanted = static_cast<int>(config.table("").integer("threads"));
  return wanted > 0 ? wanted : available_processors();
}

RunResult train(const Config& config, const Task& task, const RunOptions& options) {
  if (config.table("").word("dtype") == "float64") return Trainer<double>(config, task, options).run();
  return Trainer<float>(config, task, options).run();
}

void check_training(const Config& config, const Task& task, const RunOptions& options) {
  if (config.table("").word("dtype") == "float64")
    static_cast<void>(Trainer<double>(config, task, options));
  else
    static_cast<void>(Trainer<float>(config, task, options));
}

}  // namespace chronograd
