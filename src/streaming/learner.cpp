// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/sizes.hpp"
#include "config/record.hpp"
#include "config/words.hpp"
#include "streaming/bytes.hpp"
#include "streaming/learner_body.hpp"
#include "training/program_parts.hpp"

namespace chronograd {
namespace {

constexpr char name[8] = {'c', 'g', '-', 's', 't', 'a', 't', 'e'};
constexpr std::uint64_t format = 1;

std::uint64_t sum_of(const std::string& text, std::uint64_t before) {
  return checksum(text.data(), text.size(), before);
}

/// The settings that a state belongs to, a line each: all but those that results do not depend on.
std::string settings_of(const Config& config) {
  std::string text;
  for (const OptionTable& table : option_tables())
    for (const auto& [key, value] : config.table(table.name).values()) {
      const std::string path = path_of(table.name, key);
      if (std::ranges::count(may_change, path) == 0) text += path + " = " + toml_text(value) + "\n";
    }
  return text;
}

template <class T>
StateHeader header_of(StreamLearner<T>& learner) {
  ByteCount count;
  learner.state(count);
  StateHeader header{};
  std::memcpy(header.name, name, sizeof(name));
  header.format = format;
  header.bytes = sizeof(header) + count.bytes();
  header.same = sum_of(settings_of(learner.config()), 0);
  for (const PlanNumber& number : learner.plan())
    header.same = checksum(&number.value, sizeof(number.value), header.same);
  for (const ProgramPart& part : program_parts()) header.program = sum_of(part.value, header.program);
  return header;
}

}  // namespace

template <class T>
Learner<T>::Body::Body(const Config& config, const Sizes& sizes, const Arrays* parameters)
    : StreamLearner<T>(config, {sizes.inputs, sizes.outputs, sizes.streams, sizes.delay, sizes.third}, parameters),
      inputs(area(sizes.streams, sizes.inputs)),
      outputs(area(sizes.streams, sizes.outputs)),
      header(header_of<T>(*this)) {}

template <class T>
Learner<T>::Learner(const Config& config, const Sizes& sizes, const Arrays* parameters)
    : body_(std::make_unique<Body>(config, sizes, parameters)) {}
template <class T>
Learner<T>::Learner(Learner&&) noexcept = default;
template <class T>
Learner<T>& Learner<T>::operator=(Learner&&) noexcept = default;
template <class T>
Learner<T>::~Learner() = default;

template <class T>
std::span<const T> Learner<T>::predict(std::span<const T> x) noexcept {
  assert(x.size() == body_->inputs);
  return {body_->predict(x.data()), body_->outputs};
}

template <class T>
void Learner<T>::predict(std::span<const T> x, std::span<T> y) noexcept {
  assert(y.size() == body_->outputs);
  std::copy_n(predict(x).data(), body_->outputs, y.data());
}

template <class T>
double Learner<T>::learn(std::span<const T> target, std::span<const T> weight, std::span<const T> third) noexcept {
  assert(target.size() == body_->outputs);
  assert(weight.empty() || weight.size() == static_cast<std::size_t>(body_->sizes().streams));
  assert(third.empty() || third.size() == area(body_->sizes().streams, body_->sizes().third));
  return body_->learn(target.data(), weight.empty() ? nullptr : weight.data(), third.empty() ? nullptr : third.data());
}

template <class T>
void Learner<T>::run(int steps, const T* x, const T* target, T* y, double* loss) noexcept {
  for (int step = 0; step < steps; ++step) {
    const T* outputs = body_->predict(x);
    x += body_->inputs;
    if (y) y = std::copy_n(outputs, body_->outputs, y);
    const double value = target ? body_->learn(target, nullptr) : 0;
    if (target) target += body_->outputs;
    if (loss) *loss++ = value;
  }
}

template <class T>
void Learner<T>::reset(int stream) noexcept {
  assert(stream >= 0 && stream < body_->sizes().streams);
  body_->reset(stream);
}

template <class T>
void Learner<T>::learning(bool on) noexcept {
  body_->learning(on);
}

template <class T>
bool Learner<T>::healthy() const noexcept {
  return body_->healthy();
}

template <class T>
std::size_t Learner<T>::state_bytes() const noexcept {
  return body_->header.bytes;
}

template <class T>
void Learner<T>::save(std::span<std::byte> to) const noexcept {
  assert(to.size() >= state_bytes());
  std::byte* const numbers = to.data() + sizeof(StateHeader);
  BytesOut out(numbers);
  body_->state(out);
  StateHeader header = body_->header;
  header.numbers = checksum(numbers, header.bytes - sizeof(StateHeader));
  std::memcpy(to.data(), &header, sizeof(header));
}

template <class T>
Restored Learner<T>::restore(std::span<const std::byte> from) noexcept {
  StateHeader header;
  const StateHeader& own = body_->header;
  if (from.size() < own.bytes) return Restored::refused;
  std::memcpy(&header, from.data(), sizeof(header));
  const std::byte* const numbers = from.data() + sizeof(StateHeader);
  if (std::memcmp(header.name, own.name, sizeof(own.name)) != 0 || header.format != own.format ||
      header.bytes != own.bytes || header.same != own.same ||
      header.numbers != checksum(numbers, own.bytes - sizeof(StateHeader)))
    return Restored::refused;
  BytesIn in(numbers);
  body_->state(in);
  body_->go_on();  // its counts are right: the checksum is that of a state
  return header.program == own.program ? Restored::same_bits : Restored::same_numbers;
}

template <class T>
Arrays Learner<T>::parameters() const {
  return body_->parameters();
}

template <class T>
std::span<T> Learner<T>::theta() noexcept {
  return body_->weights().theta.span();
}

template <class T>
std::int64_t Learner<T>::steps() const noexcept {
  return body_->steps();
}

template <class T>
std::int64_t Learner<T>::updates() const noexcept {
  return body_->updates();
}

template class Learner<float>;
template class Learner<double>;

}  // namespace chronograd
