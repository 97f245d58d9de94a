// SPDX-License-Identifier: Apache-2.0
#include "chronograd/learner.hpp"

#include <cassert>
#include <cstring>

#include "base/sizes.hpp"
#include "streaming/bytes.hpp"
#include "streaming/state_file.hpp"
#include "streaming/stream_learner.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {
namespace {

/// Before a state in memory.
struct Header {
  char name[8];           ///< "cg-state"
  std::uint64_t format;   ///< of what follows
  std::uint64_t bytes;    ///< the header's own included
  std::uint64_t same;     ///< tells configurations and sizes apart
  std::uint64_t program;  ///< tells programs apart: versions, compilers, instruction sets
  std::uint64_t numbers;  ///< of the bytes that follow
};
constexpr char name[8] = {'c', 'g', '-', 's', 't', 'a', 't', 'e'};
constexpr std::uint64_t format = 1;

std::uint64_t sum_of(const std::string& text, std::uint64_t before) {
  return checksum(text.data(), text.size(), before);
}

}  // namespace

template <class T>
class Learner<T>::Body : public StreamLearner<T> {
 public:
  Body(const Config& config, const Sizes& sizes, const Arrays* parameters)
      : StreamLearner<T>(config, {sizes.inputs, sizes.outputs, sizes.streams, sizes.delay}, parameters),
        inputs(area(sizes.streams, sizes.inputs)),
        outputs(area(sizes.streams, sizes.outputs)) {
    ByteCount count;
    this->state(count);
    std::memcpy(header.name, name, sizeof(name));
    header.format = format;
    header.bytes = sizeof(Header) + count.bytes();
    header.same = sum_of(settings_of(this->config()), 0);
    for (const PlanNumber& number : this->plan())
      header.same = checksum(&number.value, sizeof(number.value), header.same);
    header.program = sum_of(program_json(), 0);
  }

  const std::size_t inputs, outputs;  ///< B n, B m
  Header header;                      ///< `numbers` apart
};

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
double Learner<T>::learn(std::span<const T> target, std::span<const T> weight) noexcept {
  assert(target.size() == body_->outputs);
  assert(weight.empty() || weight.size() == static_cast<std::size_t>(body_->sizes().streams));
  return body_->learn(target.data(), weight.empty() ? nullptr : weight.data());
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
  std::byte* const numbers = to.data() + sizeof(Header);
  BytesOut out(numbers);
  body_->state(out);
  Header header = body_->header;
  header.numbers = checksum(numbers, header.bytes - sizeof(Header));
  std::memcpy(to.data(), &header, sizeof(header));
}

template <class T>
Restored Learner<T>::restore(std::span<const std::byte> from) noexcept {
  Header header;
  const Header& own = body_->header;
  if (from.size() < own.bytes) return Restored::refused;
  std::memcpy(&header, from.data(), sizeof(header));
  const std::byte* const numbers = from.data() + sizeof(Header);
  if (std::memcmp(header.name, own.name, sizeof(own.name)) != 0 || header.format != own.format ||
      header.bytes != own.bytes || header.same != own.same ||
      header.numbers != checksum(numbers, own.bytes - sizeof(Header)))
    return Restored::refused;
  BytesIn in(numbers);
  body_->state(in);
  body_->go_on();  // its counts are right: the checksum is that of a state
  return header.program == own.program ? Restored::same_bits : Restored::same_numbers;
}

template <class T>
void Learner<T>::save(const std::string& path) const {
  save_state(*body_, path);
}

template <class T>
void Learner<T>::load(const std::string& path) {
  std::vector<std::byte> before(state_bytes());
  save(before);
  try {
    load_state(*body_, path);
  } catch (...) {
    restore(before);
    throw;
  }
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
