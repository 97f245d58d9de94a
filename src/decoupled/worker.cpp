// SPDX-License-Identifier: Apache-2.0
#include "decoupled/worker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/sizes.hpp"
#include "chronograd/random.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t compare_every = 20;              // batches: a comparison costs two products of a layer
constexpr std::uint64_t interface_draws = 1ULL << 48U;  // no other random numbers of a rule have such streams
constexpr std::uint64_t input_draws = 1ULL << 49U;
constexpr std::int64_t reports_to_distrust = 3;

using Clock = std::chrono::steady_clock;

/// One over the weight of the batch; 0 where nothing counts.
template <class T>
T share_of(const Message<T>& batch) {
  double sum = 0;
  for (const T weight : batch.weight) sum += static_cast<double>(weight);
  return sum > 0 ? static_cast<T>(1 / sum) : T(0);
}

template <class T>
std::unique_ptr<Interface<T>> interface_above(int number, const WorkerSetup& setup, int width) {
  if (number + 1 == setup.shape.groups()) return nullptr;
  const auto layer = static_cast<std::uint64_t>(setup.shape.layers_below(number));
  return make_interface<T>({setup.interface.record, width, setup.shape.layers.back().outputs, setup.loss,
                            setup.activation, setup.interface.options,
                            Random(setup.seed, Draw::rule, interface_draws, layer).bits()});
}

}  // namespace

template <class T>
Worker<T>::Worker(int number, const WorkerSetup& setup, std::unique_ptr<SampleOrder<T>> order)
    : setup_(setup),
      number_(number),
      uppermost_(number + 1 == setup.shape.groups()),
      order_(std::move(order)),
      group_(setup.shape.group(number), setup.optimizer, setup.seed, setup.updates),
      interface_(interface_above<T>(number, setup, group_.outputs())),
      output_(setup.loss, setup.activation, setup.shape.layers.back().outputs) {
  if (!setup.interface.unlocked || number == 0) return;
  const auto layer = static_cast<std::uint64_t>(setup.shape.layers_below(number - 1));
  input_ = std::make_unique<InputGuess<T>>(setup.interface.options, setup.shape.layers.front().inputs, group_.inputs(),
                                           Random(setup.seed, Draw::rule, input_draws, layer).bits());
}

template <class T>
Passed<T> Worker<T>::passed(const Flight& flight) const {
  return {flight.pass.rows, flight.pass.h(), flight.batch.target.data(), flight.batch.weight.data()};
}

template <class T>
std::size_t Worker<T>::numbers(const Flight& flight) const {
  return area(flight.pass.rows, group_.outputs());
}

/// The batch from below, and its forward pass.
template <class T>
typename Worker<T>::Flight Worker<T>::begin(std::int64_t t, Transport<T>& transport) {
  Flight flight{};
  if (!pool_.empty()) {
    flight = std::move(pool_.back());
    pool_.pop_back();
  }
  flight.t = t;
  flight.waits = setup_.interface.waits_for(t) || (setup_.interface.fallback && bad_reports_ >= reports_to_distrust);
  flight.doubted = false;
  flight.batch = order_ ? order_->read(t) : transport.from_below(number_, t);
  flight.share = setup_.mean ? share_of(flight.batch) : T(1);
  flight.pass.rows = flight.batch.rows;
  reserve(flight.pass.x, area(flight.batch.rows, group_.inputs()));
  if (input_)
    guess_input(flight);
  else
    std::copy(flight.batch.values.begin(), flight.batch.values.end(), flight.pass.x.data());
  if (flight.pass.rows > 0) group_.forward(flight.pass);
  newest_ = t;
  return flight;
}

template <class T>
void Worker<T>::guess_input(Flight& flight) {
  if (flight.batch.rows > 0) input_->guess(flight.batch.rows, flight.batch.values, flight.pass.x.data());
  heard_.push_back({flight.t, flight.batch.rows, std::move(flight.batch.values)});
}

template <class T>
void Worker<T>::forward(std::int64_t t, Transport<T>& transport) {
  Flight flight = begin(t, transport);
  if (uppermost_) {
    judge(flight, transport);
    pool_.push_back(std::move(flight));
    return;
  }
  const Message<T>& batch = flight.batch;
  Message<T> message = {t, batch.rows, {}, batch.target, batch.mask, batch.weight};
  message.values = std::move(spare_);
  message.values.assign(flight.pass.h(), flight.pass.h() + (batch.rows > 0 ? numbers(flight) : 0));
  transport.up(number_, std::move(message));
  if (setup_.interface.record.guesses && !flight.waits) learn_from_guess(flight, transport);
  if (setup_.interface.record.listens)
    flights_.push_back(std::move(flight));
  else
    pool_.push_back(std::move(flight));
}

template <class T>
void Worker<T>::back(Flight& flight, Buffer<T>& d, bool learns, bool sends, Transport<T>& transport) {
  Message<T> message;
  if (sends) {
    message.batch = flight.t;
    message.rows = flight.pass.rows;
    message.values = std::move(flight.batch.values);  // of that size, unless the input was guessed
    message.values.resize(area(flight.pass.rows, group_.inputs()));
  }
  if (flight.pass.rows > 0)
    group_.backward(flight.pass, d.data(), flight.share, learns, sends ? message.values.data() : nullptr);
  if (!sends) return;
  if (setup_.interface.beta != 1)
    for (T& value : message.values) value *= static_cast<T>(setup_.interface.beta);
  transport.down(number_, std::move(message));
}

/// Loss, update and what goes down, of the uppermost worker.
template <class T>
void Worker<T>::judge(Flight& flight, Transport<T>& transport) {
  const int m = output_.outputs();
  const auto kept = static_cast<std::size_t>(output_.kept());
  const auto rows = static_cast<std::size_t>(flight.pass.rows), width = static_cast<std::size_t>(m);
  reserve(d_, rows * width);
  y_.resize(width);
  kept_.resize(std::max<std::size_t>(1, kept));
  Tally tally;
  for (std::size_t b = 0; b < rows; ++b) {
    const T *const a = flight.pass.h() + b * width, *const target = flight.batch.target.data() + b * width;
    output_.activate(a, y_.data(), kept_.data());
    const double loss =
        output_.judge(a, y_.data(), kept_.data(), target, flight.batch.weight[b], d_.data() + b * width);
    const auto mask = static_cast<double>(flight.batch.mask[b]), weight = static_cast<double>(flight.batch.weight[b]);
    tally.loss += mask * loss;
    tally.weight += mask;
    tally.objective += weight * loss;
    tally.objective_weight += weight;
    ++tally.steps;
    if (!setup_.classes) continue;
    tally.add(Decision{static_cast<std::size_t>(std::max_element(y_.begin(), y_.end()) - y_.begin()),
                       static_cast<std::size_t>(std::max_element(target, target + m) - target), mask});
  }
  recent_.add(tally);
  if (flight.t >= setup_.last_from) last_.add(tally);
  back(flight, d_, true, listened_to(), transport);
  if (rows > 0) group_.update(flight.t);
}

template <class T>
void Worker<T>::learn_from_guess(Flight& flight, Transport<T>& transport) {
  if (flight.pass.rows == 0) {
    if (listened_to() && !setup_.interface.mixes()) back(flight, d_, false, true, transport);
    return;
  }
  reserve(flight.guess, numbers(flight));
  interface_->guess(passed(flight), flight.guess.data());
  const double p = setup_.interface.update_probability;
  const bool drawn =
      p >= 1 || Random(setup_.seed, Draw::rule, interface_draws + 1 + static_cast<std::uint64_t>(number_),
                       static_cast<std::uint64_t>(flight.t))
                        .uniform() < p;
  flight.doubted = !interface_->trusted();
  const bool learns = drawn && !flight.doubted;
  const bool sends = listened_to() && !setup_.interface.mixes();
  reserve(d_, numbers(flight));
  std::copy_n(flight.guess.data(), numbers(flight), d_.data());
  back(flight, d_, learns, sends, transport);
  if (learns) group_.update(newest_);
}

/// Guess and true gradient of a batch whose guess is at hand, side by side.
template <class T>
void Worker<T>::compare(Flight& flight, const T* d) {
  const std::size_t count = numbers(flight);
  reserve(other_, count);
  std::copy_n(flight.guess.data(), count, other_.data());
  group_.last_weight_gradient(flight.pass, other_.data(), flight.share, weight_gradient_[0]);
  std::copy_n(d, count, other_.data());
  group_.last_weight_gradient(flight.pass, other_.data(), flight.share, weight_gradient_[1]);
  lately_.compared(likeness(count, flight.guess.data(), d),
                   likeness(group_.layers().back().weights(), weight_gradient_[0].data(), weight_gradient_[1].data()));
}

template <class T>
void Worker<T>::learn_from_above(Flight& flight, const Message<T>& message, Transport<T>& transport) {
  lately_.used(newest_ - flight.t);
  const InterfaceSettings& interface = setup_.interface;
  if (flight.pass.rows == 0) {
    if (listened_to() && (flight.waits || interface.mixes())) back(flight, d_, false, true, transport);
    return;
  }
  const T* const d = message.values.data();
  const std::size_t count = numbers(flight);
  const bool true_gradient =
      interface.waits_for(flight.t) || interface.lambda == 1 || number_ + 2 == setup_.shape.groups();
  const bool compares = interface_ != nullptr && true_gradient && flight.t % compare_every == 0;
  if (compares) {
    if (flight.waits) {
      reserve(flight.guess, count);
      interface_->guess(passed(flight), flight.guess.data());
    }
    compare(flight, d);
  }
  reserve(d_, count);
  if (flight.waits) {
    std::copy_n(d, count, d_.data());
    back(flight, d_, true, listened_to(), transport);
    if (interface_) interface_->learn(passed(flight), d);
    group_.update(newest_);
    return;
  }
  if (listened_to() && interface.mixes()) {
    const T lambda = static_cast<T>(interface.lambda), rest = static_cast<T>(1 - interface.lambda);
    for (std::size_t i = 0; i < count; ++i) d_[i] = rest * flight.guess[i] + lambda * d[i];
    back(flight, d_, false, true, transport);
  }
  if (interface.correct > 0) {
    const T c = static_cast<T>(interface.correct);
    for (std::size_t i = 0; i < count; ++i) d_[i] = c * (flight.doubted ? d[i] : d[i] - flight.guess[i]);
    back(flight, d_, true, false, transport);
    group_.update(newest_);
  }
  interface_->learn(passed(flight), d);
}

template <class T>
bool Worker<T>::take_input(Transport<T>& transport) {
  if (heard_.empty()) return false;
  const Heard heard = std::move(heard_.front());
  heard_.pop_front();
  const Message<T> message = transport.from_below(number_, heard.t);
  if (heard.rows > 0) input_->learn(heard.rows, heard.x, message.values);
  return true;
}

template <class T>
bool Worker<T>::take_gradient(Transport<T>& transport, bool wait) {
  if (flights_.empty()) return false;
  const Clock::time_point start = Clock::now();
  std::optional<Message<T>> message = transport.from_above(number_, flights_.front().t, wait);
  if (!message) return false;
  if (wait) lately_.waited(std::chrono::duration<double>(Clock::now() - start).count());
  Flight flight = std::move(flights_.front());
  flights_.pop_front();
  learn_from_above(flight, *message, transport);
  spare_ = std::move(message->values);
  pool_.push_back(std::move(flight));
  return true;
}

template <class T>
bool Worker<T>::take(Transport<T>& transport) {
  const bool input = take_input(transport), gradient = take_gradient(transport, true);
  return input || gradient;
}

template <class T>
void Worker<T>::follow(std::int64_t t, Transport<T>& transport) {
  const std::int64_t lag = setup_.interface.lag;
  while (!heard_.empty() && t - heard_.front().t >= lag) take_input(transport);
  while (setup_.interface.arrival && take_gradient(transport, false)) {
  }
  while (!flights_.empty() && t - flights_.front().t >= lag) take_gradient(transport, true);
}

template <class T>
InterfaceReport Worker<T>::report(bool whole) const {
  InterfaceTally tally = lately_;
  if (whole) tally.add(before_);
  return tally.report(setup_.shape.layers_below(number_));
}

template <class T>
void Worker<T>::clear_recent() {
  recent_ = {};
  if (const InterfaceReport report = lately_.report(0); report.compared > 0)
    bad_reports_ = report.error > 1 ? bad_reports_ + 1 : 0;
  before_.add(lately_);
  lately_ = {};
}

template <class T>
std::size_t Worker<T>::interface_bytes() {
  ByteCount count;
  if (interface_) interface_->state(count);
  return count.bytes();
}

template <class T>
void Worker<T>::memory(Archive& archive) {
  group_.state(archive);
  if (input_) {
    Within input(archive, "input/");
    input_->state(input);
  }
  if (!interface_) return;
  Within interface(archive, "interface/");
  interface_->state(interface);
}

template <class T>
void Worker<T>::state(Archive& archive) {
  memory(archive);
  archive.number("newest", newest_);
  archive.number("bad_reports", bad_reports_);
  if (uppermost_) {
    recent_.state(archive, "recent", {.by_row = true});
    last_.state(archive, "last", {.by_row = true});
    return;
  }
  Within lately(archive, "lately/"), before(archive, "before/");
  lately_.state(lately);
  before_.state(before);
}

template class Worker<float>;
template class Worker<double>;

}  // namespace chronograd
