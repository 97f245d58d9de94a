// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/crew.hpp"
#include "base/dtype.hpp"
#include "chronograd/error.hpp"
#include "decoupled/net_run.hpp"
#include "files/array_bytes.hpp"
#include "files/state_arrays.hpp"
#include "training/class_weights.hpp"
#include "training/data.hpp"
#include "training/remarks.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t bad_for_long = 3;  // reports

template <class T>
Workers<T> make_workers(const WorkerSetup& setup, const NetPlan& plan, const Task& task,
                        const std::vector<double>& weights_of_classes) {
  Workers<T> workers;
  for (int k = 0; k < setup.shape.groups(); ++k) {
    std::unique_ptr<SampleOrder<T>> order;
    if (k == 0 || setup.interface.unlocked)
      order = std::make_unique<SampleOrder<T>>(plan, task, weights_of_classes, setup.seed);
    workers.push_back(std::make_unique<Worker<T>>(k, setup, std::move(order)));
  }
  return workers;
}

int widest(const NetShape& shape) {
  int width = 0;
  for (const auto& layer : shape.layers) width = std::max(width, layer.outputs);
  return width;
}

template <class T>
std::size_t parameters_of(const Workers<T>& workers) {
  std::size_t sum = 0;
  for (const auto& worker : workers) sum += worker->group().parameters();
  return sum;
}

}  // namespace

template <class T>
void NetTrainer<T>::Best::state(Archive& archive, std::size_t numbers) {
  archive.number("update", update);
  archive.number("judged", judged);
  archive.number("in_vain", in_vain);
  archive.array("loss", {&score.loss, 1});
  archive.array("accuracy", {&score.accuracy, 1});
  archive.number("steps", score.steps);
  weights.state(archive, "weights", numbers);
}

template <class T>
NetTrainer<T>::NetTrainer(const Config& config, const Task& task, const RunOptions& options)
    : config_(config),
      task_(task),
      options_(options),
      observer_(Observer::or_none(options.observer)),
      settings_(config),
      plan_(settings_, config, task),
      net_(config, task),
      setup_(net_.workers(plan_.updates, plan_.last_from)),
      share_(options.world),
      apart_(!class_weights(net_.loss, task).empty()),
      workers_(make_workers<T>(setup_, plan_, task, class_weights(net_.loss, task))),
      stretches_(
          make_stretches<T>(options, net_.interface, net_.groups(), {plan_.batch, widest(net_.shape), task.outputs()})),
      output_(net_.loss.record, net_.activation, task.outputs()),
      checkpointer_(options, config, numbers_of(plan_, task, parameters_of(workers_), net_.groups()), task.mapping(),
                    &share_) {
  require_counted_steps(config, task, observer_);
  if (options.parameters) {
    take_parameters(groups(), *options.parameters, options.parameters_name, options.observer);
  } else if (const Arrays own = task.parameters(); !own.empty()) {
    take_parameters(groups(), own, "task.name", options.observer);
  }
  good_.take(groups());
}

template <class T>
typename Snapshot<T>::Groups NetTrainer<T>::groups() const {
  typename Snapshot<T>::Groups groups;
  for (const auto& worker : workers_) groups.push_back(&worker->group());
  return groups;
}

template <class T>
NetLayers<T> NetTrainer<T>::layers() const {
  NetLayers<T> layers;
  for (const auto& worker : workers_)
    for (const Layer<T>& layer : worker->group().layers()) layers.push_back(&layer);
  return layers;
}

template <class T>
std::vector<InterfaceReport> NetTrainer<T>::interfaces(bool whole) const {
  std::vector<InterfaceReport> reports;
  for (const auto& worker : workers_)
    if (worker->has_interface()) reports.push_back(worker->report(whole));
  return reports;
}

template <class T>
bool NetTrainer<T>::going() const {
  const bool patient = settings_.patience == 0 || best_.in_vain < settings_.patience;
  return result_.status == RunResult::Status::done && patient && done_ < plan_.updates;
}

template <class T>
RunResult NetTrainer<T>::run() {
  observer_.started();
  if (options_.world != nullptr) {
    Arrays first;
    Saving saving(first);
    memory(saving);
    share_.require_same_run(config_, numbers_of(plan_, task_, parameters_of(workers_), net_.groups()), task_,
                            bytes_of(first));
  }
  if (options_.resume) {
    checkpointer_.restore([this](Archive& archive) { state(archive); });
    saved_at_ = done_;
    observer_.resumed(done_, reports_);
  }
  while (going()) {
    const std::int64_t from = done_;
    stretch();
    if (!finite()) result_.status = RunResult::Status::diverged;
    if (result_.status == RunResult::Status::diverged) break;
    good_.take(groups());
    const bool over = done_ == plan_.updates, tests = settings_.test_every > 0 && done_ % settings_.test_every == 0;
    const bool validates = plan_.validate_every > 0 && done_ % plan_.validate_every == 0;
    if (done_ % plan_.report_every == 0 || tests || validates || over) report();
    if (going() && share_.any(!observer_.moved({done_, plan_.updates, samples()})))
      result_.status = RunResult::Status::stopped;
    save(from);
  }
  return finish();
}

/// To the next drain point.
template <class T>
void NetTrainer<T>::stretch() {
  const std::int64_t to = plan_.next_drain(done_);
  const auto start = std::chrono::steady_clock::now();
  const double cpu = thread_cpu_seconds() + stretches_->cpu_seconds();
  try {
    stretches_->run(workers_, done_, to);
  } catch (const LostMessage& lost) {
    std::string hint;
    if (checkpointer_.on())
      hint = " chronograd train --resume " + std::filesystem::path(options_.checkpoint).parent_path().string() +
             (saved_at_ > 0 ? " goes on from update " + std::to_string(saved_at_) + "." : " begins anew.");
    throw Error(Exit::failed, lost.where, lost.what() + hint);
  }
  done_ = to;
  share_.position(done_);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  cpu_seconds_ += thread_cpu_seconds() + stretches_->cpu_seconds() - cpu;
}

template <class T>
bool NetTrainer<T>::finite() {
  FiniteCheck check;
  memory(check);
  return check.finite() && std::isfinite(uppermost().recent().loss);
}

template <class T>
Score NetTrainer<T>::score_on(const Task& task, Split split, Measures* measures) const {
  return score_net(layers(), output_, task, split, settings_.test_steps, plan_.batch, measures);
}

template <class T>
Score NetTrainer<T>::validate() {
  const Score score = score_on(*task_.validation(), Split::train);
  best_.judged = done_;
  if (std::isfinite(score.loss) && (best_.update < 0 || score.loss < best_.score.loss)) {
    best_.weights.take(groups());
    best_.score = score;
    best_.update = done_;
    best_.in_vain = 0;
  } else {
    ++best_.in_vain;
  }
  return score;
}

template <class T>
void NetTrainer<T>::report() {
  const Score score = uppermost().recent().score(task_.classes(), apart_);
  if (score.measured()) train_ = score;
  Metrics metrics;
  metrics.update = metrics.steps = done_;
  metrics.loss = score.loss;
  metrics.objective = score.objective;
  metrics.accuracy = score.accuracy;
  metrics.rate = scheduled_rate(net_.optimizer, done_, plan_.updates);
  metrics.seconds = seconds_;
  metrics.feedback_angle = not_measured;
  metrics.interfaces = interfaces(false);
  if (settings_.test_every > 0 && done_ % settings_.test_every == 0) metrics.test = score_on(task_, Split::test);
  const bool due = plan_.validate_every == 0 || done_ % plan_.validate_every == 0 || done_ == plan_.updates;
  if (task_.validation() && due && best_.judged != done_) metrics.validation = validate();
  samples_ = samples();
  for (auto& worker : workers_) worker->clear_recent();
  ++reports_;
  observer_.reported(metrics);
}

/// After the stretch from batch `from` on: the state is saved where that is due, and at the run's end.
template <class T>
void NetTrainer<T>::save(std::int64_t from) {
  if (!checkpointer_.on() || saved_at_ == done_) return;
  bool due = !going() || (checkpointer_.by_time() && share_.as_first(checkpointer_.overdue()));
  for (std::int64_t t = from + 1; t <= done_ && !due; ++t) due = checkpointer_.due(t);
  if (!due) return;
  checkpointer_.write(done_, checkpointer_.taken([this](Archive& archive) { state(archive); }));
  saved_at_ = done_;
}

template <class T>
void NetTrainer<T>::memory(Archive& archive) {
  for (std::size_t k = 0; k < workers_.size(); ++k) {
    Within worker(archive, "worker" + std::to_string(k) + "/");
    workers_[k]->memory(worker);
  }
}

template <class T>
void NetTrainer<T>::state(Archive& archive) {
  for (std::size_t k = 0; k < workers_.size(); ++k) {
    Within worker(archive, "worker" + std::to_string(k) + "/");
    workers_[k]->state(worker);
  }
  archive.number("done", done_);
  archive.number("samples", samples_);
  archive.number("reports", reports_);
  archive.array("seconds", {&seconds_, 1});
  archive.array("cpu_seconds", {&cpu_seconds_, 1});
  archive.array("train/loss", {&train_.loss, 1});
  archive.array("train/accuracy", {&train_.accuracy, 1});
  archive.array("train/objective", {&train_.objective, 1});
  archive.number("train/steps", train_.steps);
  good_.state(archive, "good", good_.size());
  if (!task_.validation()) return;
  Within best(archive, "best/");
  best_.state(best, good_.size());
}

template <class T>
RunResult NetTrainer<T>::finish() {
  const bool ended = result_.status == RunResult::Status::done, whole = done_ == plan_.updates;
  result_.updates = result_.steps = done_;
  result_.stream_steps = samples();
  result_.train = ended && whole ? uppermost().last().score(task_.classes(), apart_) : train_;
  result_.seconds = seconds_;
  result_.cpu_seconds = cpu_seconds_;
  result_.batch = plan_.batch;
  result_.parameter_count = parameters_of(workers_);
  result_.interfaces = interfaces(true);
  share_.tell(result_);
  for (auto& worker : workers_) result_.rule_bytes += worker->interface_bytes();
  if (std::string(net_.loss.record.entry.name) == task_.reference_loss()) result_.references = task_.references();
  Snapshot<T>& chosen = best_.update >= 0 ? best_.weights : good_;
  chosen.exchange(groups());
  for (const Layer<T>* layer : layers()) layer->add_to(result_.parameters);
  result_.parameters.merge(task_.mapping());
  if (ended) result_.test = score_on(task_, Split::test, &result_.test_measures);
  chosen.exchange(groups());
  if (task_.validation()) {
    const bool patience_ended = settings_.patience > 0 && best_.in_vain >= settings_.patience;
    result_.validation = Validation{best_.score, best_.update, patience_ended};
  }
  if (result_.test.measured() && !std::isfinite(result_.test.loss)) result_.status = RunResult::Status::diverged;
  for (const std::string& remark : remarks_on(result_)) observer_.remarked(remark);
  for (const auto& worker : workers_)
    if (worker->bad_reports() >= bad_for_long)
      observer_.remarked("[interface] the guesses above layer " + std::to_string(worker->report(false).layer) +
                         " were worse than zero in the last " + std::to_string(worker->bad_reports()) +
                         " reports: their squared error was above the true gradient's square. A larger "
                         "interface.lambda, interface.correct = 1 or interface.true_every help; interface.fallback = "
                         "true does without such guesses.");
  return std::move(result_);
}

template class NetTrainer<float>;
template class NetTrainer<double>;

}  // namespace chronograd
