// SPDX-License-Identifier: Apache-2.0
#include "streaming/stream_learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/sizes.hpp"
#include "base/step_ring.hpp"
#include "chronograd/error.hpp"
#include "config/words.hpp"
#include "files/mapping.hpp"
#include "files/state_arrays.hpp"
#include "math/kernels.hpp"
#include "network/chosen_cell.hpp"
#include "streaming/bytes.hpp"
#include "training/class_weights.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t updates_between_looks = 256;  // at all weights
constexpr std::int64_t longest_rehearsal = 256;      // steps

/// Every setting that cannot be used on a stream is refused here, before anything is made.
RuleSettings rule_of(const Config& config) {
  require_recurrent(config, "a stream");
  RuleSettings rule(config);
  if (rule.record.segments == Segments::row)
    throw Error(Exit::usage, "rule.name",
                std::string("got ") + rule.record.entry.name +
                    ", which goes back from the end of a row, on a stream, which has none, allowed are rules that go "
                    "on for ever. tbptt takes any stream.");
  if (config.table("update").integer("every") == 0)
    throw Error(Exit::usage, "update.every",
                "got \"trial\" on a stream, which has no end, allowed is a number of steps. Give update.every=1, for "
                "instance.");
  if (config.table("readout").flag("average"))
    throw Error(Exit::usage, "readout.average",
                "got true on a stream, which has no end, allowed is false: a mean output belongs to a row.");
  const Options& readout = config.table("readout");
  if (readout.has("decide") && readout.word("decide") != "step")
    throw Error(Exit::usage, "readout.decide",
                "got " + readout.word("decide") +
                    " on a stream, which has no end, allowed is step: such an answer belongs to a row. Leave the key "
                    "out.");
  return rule;
}

void require(const char* name, int got, int low) {
  if (got < low)
    throw Error(Exit::usage, name, "got " + std::to_string(got) + ", allowed is " + std::to_string(low) + " or more.");
}

StreamSizes checked(const StreamSizes& sizes) {
  require("inputs", sizes.inputs, 1);
  require("outputs", sizes.outputs, 1);
  require("streams", sizes.streams, 1);
  require("delay", sizes.delay, 0);
  require("third", sizes.third, 0);
  return sizes;
}

/// A window is kept as a whole, so it must be of a length that can be.
int steps_kept(const RuleSettings& rule, std::int64_t every) {
  if (rule.segments() != Segments::interval) return 1;
  constexpr std::int64_t most = std::numeric_limits<int>::max() / 2;
  if (every > most)
    throw Error(Exit::usage, "update.every",
                "got " + std::to_string(every) + " steps, allowed is at most " + std::to_string(most) + ".");
  return static_cast<int>(every);
}

}  // namespace

template <class T>
StreamLearner<T>::StreamLearner(const Config& config, const StreamSizes& sizes, const Arrays* parameters)
    : config_(config),
      sizes_(checked(sizes)),
      rule_(rule_of(config)),
      every_(config.table("update").integer("every")),
      windows_(steps_kept(rule_, every_) > 1),
      network_(config_, sizes.inputs, sizes.outputs, sizes.third),
      initial_(initial_values(network_, config_, parameters, "parameters")),
      weights_(weights_of<T>(initial_)),
      good_(weights_of<T>(initial_)),
      updater_(network_, config_, initial_.structure, 0),
      front_(network_, windows_ ? nullptr : rule_.make(network_, initial_.structure, sizes.streams, 0), sizes.streams,
             0, 1),
      averaged_(config.table("train").has("average") ? config.table("train").number("average") : 0, weights_) {
  const int B = sizes.streams, n = sizes.inputs, m = sizes.outputs, kept = steps_kept(rule_, every_);
  const LossSettings loss(config_);
  normalisation_ = {loss.mean(true), false, B, class_weights(loss, sizes.outputs)};
  one_ = kept_.share = static_cast<T>(1.0 / (normalisation_.mean ? B : 1));
  check(parameters);
  kept_.resize(kept, B, n, m);
  kept_.third.resize(area(kept * B, sizes.third));
  if (rule_.segments() == Segments::interval)
    segment_ = segment_length(rule_, kept, longest_segment(network_.bytes_a_step() * area(B, 1)));
  if (windows_) back_.emplace(network_, rule_.make(network_, initial_.structure, B, 0), B, 0, segment_);
  if (sizes.delay > 0) {
    live_.emplace(network_, nullptr, B, 0, 1);
    ahead_.resize(sizes.delay + 1, B, n, m);
  }
  if (averaged_.on()) beside_.emplace(network_, nullptr, B, 0, 1);
  resets_.resize(area(B, 1));
  grad_.resize(network_.map.size());
  for (Stepper<T>* stepper :
       {&front_, back_ ? &*back_ : nullptr, live_ ? &*live_ : nullptr, beside_ ? &*beside_ : nullptr})
    if (stepper) stepper->begin(kept_, 0);
  rehearse();
}

template <class T>
void StreamLearner<T>::check(const Arrays* parameters) {
  const bool wide = sizeof(T) == sizeof(double);
  if (config_.table("").given("dtype") && (config_.table("").word("dtype") == "float64") != wide)
    throw Error(Exit::usage, "dtype",
                "got " + config_.table("").word("dtype") + " with a learner of " + (wide ? "double" : "float") +
                    ", allowed is " + (wide ? "float64" : "float32") + ". Leave the key out, or take Learner<" +
                    (wide ? "float" : "double") + ">.");
  if (parameters) mapping_ = mapping_in(*parameters);
  if (averaged_.on() && sizes_.delay > 0)
    throw Error(Exit::usage, "train.average",
                "got " + toml_text(config_.table("train").number("average")) + " with a delay of " +
                    std::to_string(sizes_.delay) +
                    " steps, allowed is 0: which weights are better is known too late. Leave the key out.");
  updater_.rate();  // a schedule that needs the length of the run throws here, and not in a step
}

template <class T>
const T* StreamLearner<T>::predict(const T* x) {
  if (open_) close(nullptr, nullptr, nullptr);
  Stepper<T>& stepper = live_ ? *live_ : front_;
  Batch<T>& batch = live_ ? ahead_ : kept_;
  const int slot = static_cast<int>(live_ ? steps_ % (sizes_.delay + 1) : count_);
  const int B = sizes_.streams, m = sizes_.outputs;
  std::copy_n(x, area(B, sizes_.inputs), batch.x.data() + area(slot * B, sizes_.inputs));
  std::copy_n(resets_.data(), B, batch.reset.data() + area(slot, B));
  resets_.zero();
  stepper.forward(weights_, batch, slot, 1, false);
  if (beside_) beside_->forward(averaged_.weights(), batch, slot, 1, false);
  const T* y = averaged_.lead() ? beside_->outputs() : stepper.outputs();
  if (live_) live_->rest();
  ++steps_;
  open_ = true;
  int wrong = 0;  // outputs that are not finite
  for (std::size_t i = 0; i < area(B, m); ++i) wrong |= static_cast<int>(y[i] * T(0) != T(0));
  if (wrong != 0) fall_back();
  return y;
}

template <class T>
double StreamLearner<T>::learn(const T* target, const T* weight, const T* third) {
  return open_ ? close(target, weight, third) : 0;
}

/// Ends the open step; `target` null: it has none.
template <class T>
double StreamLearner<T>::close(const T* target, const T* weight, const T* third) {
  open_ = false;
  const int B = sizes_.streams, n = sizes_.inputs, slot = static_cast<int>(count_);
  if (live_) {
    if (steps_ <= sizes_.delay) return 0;
    const int from = static_cast<int>((steps_ - 1 - sizes_.delay) % (sizes_.delay + 1));
    std::copy_n(ahead_.x.data() + area(from * B, n), area(B, n), kept_.x.data() + area(slot * B, n));
    std::copy_n(ahead_.reset.data() + area(from, B), B, kept_.reset.data() + area(slot, B));
    front_.forward(weights_, kept_, slot, 1, false);
  }
  write_targets(slot, target, weight, third);
  if (back_ && learning_ && count_ == 0) back_->continue_from(front_);
  double loss = front_.learn(weights_, kept_, slot, learning_ && !back_ ? grad_.data() : nullptr);
  if (beside_) {
    const double mean = beside_->learn(averaged_.weights(), kept_, slot, nullptr);
    if (averaged_.lead() && std::isfinite(loss)) loss = mean;
    of_mean_.add(beside_->seen(), B);
    of_learning_.add(front_.seen(), B);
  }
  if (!std::isfinite(loss)) {
    fall_back();
  } else if (learning_) {
    if (back_) ++count_;
    if (++gathered_ == every_) update();
  }
  return loss;
}

template <class T>
void StreamLearner<T>::write_targets(int slot, const T* target, const T* weight, const T* third) {
  const int B = sizes_.streams, m = sizes_.outputs;
  T* y = kept_.y.data() + area(slot * B, m);
  if (target)
    std::copy_n(target, area(B, m), y);
  else
    std::fill_n(y, area(B, m), T(0));
  T* signal = kept_.third.data() + area(slot * B, sizes_.third);
  const double divisor = normalisation_.mean ? B : 1;
  for (std::size_t i = 0; i < area(B, sizes_.third); ++i)
    signal[i] = third ? static_cast<T>(static_cast<double>(third[i]) / divisor) : T(0);
  const bool alike = !target || (!weight && normalisation_.class_weights.empty());
  for (int b = 0; b < B; ++b) {
    const std::size_t to = area(slot, B) + static_cast<std::size_t>(b);
    kept_.mask[to] = !target ? T(0) : weight ? weight[b] : T(1);
    if (alike)
      kept_.weight[to] = target ? one_ : T(0);
    else
      kept_.weight[to] = objective_weight<T>(normalisation_, static_cast<double>(kept_.mask[to]), y + area(b, m), m,
                                             normalisation_.mean ? B : 1);
  }
}

template <class T>
void StreamLearner<T>::run_interval() {
  for (int k = 0; k < kept_.steps; k += segment_)
    back_->run(weights_, kept_, k, std::min(segment_, kept_.steps - k), false, grad_.data());
  // Products of several steps may round in another way: what is trained on goes on.
  front_.continue_from(*back_);
  count_ = 0;
}

template <class T>
void StreamLearner<T>::update() {
  if (back_) run_interval();
  updater_.update(weights_, grad_.span());
  averaged_.judge(of_mean_, of_learning_);
  averaged_.follow(weights_, updater_.updates());
  of_mean_ = of_learning_ = {};
  gathered_ = 0;
  if (++unseen_updates_ == updates_between_looks) look_at_weights();
}

template <class T>
void StreamLearner<T>::look_at_weights() {
  unseen_updates_ = 0;
  // The gradient is zero after an update: a product with it is NaN where a weight is not finite, and fast.
  const T zero = kernels<T>().dot(static_cast<int>(grad_.size()), weights_.theta.data(), grad_.data());
  if (zero != T(0) || !all_finite<T>(weights_.feedback.span())) return fall_back();
  std::copy_n(weights_.theta.data(), weights_.theta.size(), good_.theta.data());
  std::copy_n(weights_.feedback.data(), weights_.feedback.size(), good_.feedback.data());
}

/// A number is not finite: forward alone from here on, from zero states under the last good weights.
template <class T>
void StreamLearner<T>::fall_back() {
  healthy_ = learning_ = open_ = false;
  std::copy_n(good_.theta.data(), good_.theta.size(), weights_.theta.data());
  std::copy_n(good_.feedback.data(), good_.feedback.size(), weights_.feedback.data());
  averaged_.restart(weights_);
  of_mean_ = of_learning_ = {};
  grad_.zero();
  gathered_ = count_ = 0;
  ahead_.x.zero();
  for (Stepper<T>* stepper :
       {&front_, back_ ? &*back_ : nullptr, live_ ? &*live_ : nullptr, beside_ ? &*beside_ : nullptr})
    if (stepper) stepper->begin(kept_, 0, steps_);
}

template <class T>
void StreamLearner<T>::reset(int stream) {
  resets_[static_cast<std::size_t>(stream)] = 1;
}

template <class T>
void StreamLearner<T>::learning(bool on) {
  learning_ = on && healthy_;
  if (learning_ || !back_) return;
  // The steps that are kept and those that will come have a gap between them.
  if (open_ && !live_ && count_ > 0) {
    std::copy_n(kept_.x.data() + area(static_cast<int>(count_) * sizes_.streams, sizes_.inputs),
                area(sizes_.streams, sizes_.inputs), kept_.x.data());
    std::copy_n(kept_.reset.data() + area(static_cast<int>(count_), sizes_.streams), sizes_.streams,
                kept_.reset.data());
  }
  count_ = gathered_ = 0;
}

template <class T>
void StreamLearner<T>::state(Archive& archive) {
  std::int64_t open = open_, learning = learning_, healthy = healthy_;
  archive.number("steps", steps_);
  archive.number("gathered", gathered_);
  archive.number("count", count_);
  archive.number("unseen_updates", unseen_updates_);
  archive.number("open", open);
  archive.number("learning", learning);
  archive.number("healthy", healthy);
  open_ = open != 0;
  learning_ = learning != 0;
  healthy_ = healthy != 0;
  archive.array("theta", weights_.theta.span());
  archive.array("feedback", weights_.feedback.span());
  archive.array("good_theta", good_.theta.span());
  archive.array("good_feedback", good_.feedback.span());
  archive.array("grad", grad_.span());
  {
    Within optimizer(archive, "optimizer/");
    updater_.state(optimizer);
  }
  Within front(archive, "front/"), back(archive, "back/"), live(archive, "live/"), kept(archive, "kept/"),
      ahead(archive, "ahead/");
  front_.state(front);
  if (back_) back_->state(back);
  if (live_) live_->state(live);
  if (beside_) {
    Within averaged(archive, "averaged/");
    averaged_.state(averaged);
    of_mean_.state(averaged, "mean");
    of_learning_.state(averaged, "learning");
    beside_->state(averaged);
  }
  kept.array("x", kept_.x.span());
  kept.array("y", kept_.y.span());
  kept.array("mask", kept_.mask.span());
  kept.array("weight", kept_.weight.span());
  if (kept_.third.size() > 0) kept.array("third", kept_.third.span());
  visit_rows<T>(kept, "reset", kept_.reset.data(), static_cast<int>(kept_.reset.size()), 1, 1);
  if (live_) {
    ahead.array("x", ahead_.x.span());
    visit_rows<T>(ahead, "reset", ahead_.reset.data(), static_cast<int>(ahead_.reset.size()), 1, 1);
  }
  visit_rows<T>(archive, "resets", resets_.data(), static_cast<int>(resets_.size()), 1, 1);
}

template <class T>
bool StreamLearner<T>::go_on() {
  if (steps_ < 0 || gathered_ < 0 || gathered_ >= every_ || count_ < 0 || count_ >= kept_.steps || unseen_updates_ < 0)
    return false;
  // What a step has computed so far follows from its inputs and the state before it.
  if (open_ && !live_) front_.forward(weights_, kept_, static_cast<int>(count_), 1, false);
  if (open_ && beside_) beside_->forward(averaged_.weights(), kept_, static_cast<int>(count_), 1, false);
  return true;
}

/// Scratch is sized and code for products is made when they are first used: a few steps here, so that it is there
/// before the first step. Then all is put back.
template <class T>
void StreamLearner<T>::rehearse() {
  ByteCount count;
  state(count);
  std::vector<std::byte> bytes(count.bytes());
  BytesOut out(bytes.data());
  state(out);
  std::int64_t looks_back = 1;  // steps
  for (const char* key : {"L", "reach"})
    if (rule_.options.has(key)) looks_back = std::max(looks_back, rule_.options.integer(key));
  looks_back = std::min(looks_back + 2, longest_rehearsal);
  const std::int64_t steps = back_ ? 3 : looks_back, updates = back_ ? 2 + looks_back / every_ : 2;
  std::vector<T> x(area(sizes_.streams, sizes_.inputs)), y(area(sizes_.streams, sizes_.outputs), T(0.5));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? T(0.5) : T(-0.25);
  for (std::int64_t step = 0; step < steps + sizes_.delay; ++step) {
    predict(x.data());
    if (step + 1 == steps) reset(0);
    close(y.data(), nullptr, nullptr);
  }
  for (std::int64_t i = 0; i < updates; ++i) {
    kept_.reset[0] = i + 1 == updates ? 1 : 0;
    update();
  }
  BytesIn in(bytes.data());
  state(in);
  go_on();
}

/// A number for which weights are there, and which share one or keep a sign.
template <class T>
std::int64_t StreamLearner<T>::pattern() const {
  const Structure& structure = initial_.structure;
  std::uint64_t sum = checksum(structure.absent.data(), structure.absent.size() * sizeof(std::size_t));
  const auto add = [&](const Structure::Sign& weight) {
    sum = checksum(&weight.index, sizeof(weight.index), sum);
    sum = checksum(&weight.sign, sizeof(weight.sign), sum);
  };
  for (const Structure::Sign& weight : structure.dale) add(weight);
  for (const auto& tie : structure.ties)
    for (const Structure::Sign& weight : tie) add(weight);
  return static_cast<std::int64_t>(sum >> 1);
}

template <class T>
std::vector<PlanNumber> StreamLearner<T>::plan() const {
  std::vector<PlanNumber> plan = {
      {"inputs", sizes_.inputs},        {"outputs", sizes_.outputs},
      {"streams", sizes_.streams},      {"delay", sizes_.delay},
      {"bytes of a number", sizeof(T)}, {"parameters", static_cast<std::int64_t>(network_.map.size())},
      {"pattern of weights", pattern()}};
  if (sizes_.third > 0) plan.push_back({"numbers of the third factor", sizes_.third});
  return plan;
}

template <class T>
Arrays StreamLearner<T>::parameters() const {
  Arrays arrays = arrays_of(network_, averaged_.better(weights_), initial_.structure);
  arrays.insert(mapping_.begin(), mapping_.end());
  return arrays;
}

template class StreamLearner<float>;
template class StreamLearner<double>;

}  // namespace chronograd
