// SPDX-License-Identifier: Apache-2.0
#include "ranks/world.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "chronograd/error.hpp"
#include "ranks/deadline.hpp"

namespace chronograd {
namespace {

constexpr int looks_an_alarm = 100;
constexpr int quick_looks = 50;  // a message that is nearly there is not slept for
constexpr std::chrono::microseconds sleep{30};
constexpr double own_share = 4;  // of the time that a rank has worked itself it waits for others

}  // namespace

World::World(std::unique_ptr<Links> links, double timeout)
    : links_(std::move(links)),
      timeout_(timeout),
      hosts_(static_cast<std::size_t>(size())),
      waited_last_(Clock::now()) {
  alarms_.resize(hosts_.size());
  for (int r = 0; r < size(); ++r) {
    Alarm& alarm = alarms_[static_cast<std::size_t>(r)];
    alarm.rang = r == rank();
    if (r != rank()) alarm.message = links_->receive(r, Channel::alarm, &alarm.byte, 1);
  }
  std::string all;
  for (const std::string& host : gathered(links_->host())) all += host + "\n";
  all = said(all);
  for (std::size_t r = 0, from = 0; r < hosts_.size(); ++r) {
    const std::size_t end = all.find('\n', from);
    hosts_[r] = all.substr(from, end - from);
    from = end + 1;
  }
}

World::~World() {
  for (const Alarm& alarm : alarms_)
    if (!alarm.rang) links_->cancel(alarm.message);
  const Deadline deadline(timeout_, "[rank " + std::to_string(rank()) +
                                        "] another rank did not end within --timeout: it was killed, stopped or lost. "
                                        "What the run is about was done before.");
  links_.reset();
}

bool World::alarmed() {
  for (std::size_t r = 0; r < alarms_.size(); ++r) {
    Alarm& alarm = alarms_[r];
    if (alarm.rang || !links_->done(alarm.message)) continue;
    alarm.rang = true;
    gave_up_ = true;
  }
  return gave_up_;
}

std::vector<int> World::silent(double seconds) {
  static const char byte = 1;
  for (int r = 0; r < size(); ++r)
    if (r != rank()) links_->send(r, Channel::alarm, &byte, 1);
  const auto answers = [&] {
    alarmed();
    return std::all_of(alarms_.begin(), alarms_.end(), [](const Alarm& alarm) { return alarm.rang; });
  };
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (!answers() && Clock::now() < end) rest();
  std::vector<int> found;
  for (int r = 0; r < size(); ++r)
    if (!alarms_[static_cast<std::size_t>(r)].rang) found.push_back(r);
  return found;
}

void World::Exchange::send(int to, const void* data, std::size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  for (; bytes > 0; bytes -= std::min(bytes, longest_message), at += longest_message)
    open_.push_back({world_.links_->send(to, Channel::talk, at, std::min(bytes, longest_message)), to, false});
}

void World::Exchange::receive(int from, void* data, std::size_t bytes) {
  auto* at = static_cast<char*>(data);
  for (; bytes > 0; bytes -= std::min(bytes, longest_message), at += longest_message)
    open_.push_back({world_.links_->receive(from, Channel::talk, at, std::min(bytes, longest_message)), from, true});
}

void World::rest() {
  std::this_thread::sleep_for(sleep);
}

void World::Exchange::wait(bool patient) {
  const Clock::time_point begun = Clock::now();
  const std::chrono::duration<double> worked = begun - world_.waited_last_;
  const double limit = world_.timeout_ + own_share * worked.count();
  for (int looks = 0; !open_.empty(); ++looks) {
    std::erase_if(open_, [&](const Open& open) { return world_.links_->done(open.message); });
    if (open_.empty()) break;
    if (looks < quick_looks) {
      std::this_thread::yield();
      continue;
    }
    rest();
    const std::chrono::duration<double> waited = Clock::now() - begun;
    if ((!patient && waited.count() > limit) || (looks % looks_an_alarm == 0 && world_.alarmed()))
      world_.lost(open_.front().rank, open_.front().receives ? "got nothing from" : "could send nothing to",
                  waited.count(),
                  world_.update_ >= 0 ? ", after update " + std::to_string(world_.update_) : std::string());
  }
  world_.waited_last_ = Clock::now();
  world_.seconds_ += std::chrono::duration<double>(world_.waited_last_ - begun).count();
}

void World::lost(int rank, const std::string& what, double seconds, const std::string& doing) {
  give_up();
  throw Error(Exit::failed, "rank " + std::to_string(this->rank()),
              what + " rank " + std::to_string(rank) + " on " + host(rank) + " for " +
                  std::to_string(std::llround(seconds)) + " s" + doing +
                  ": it was killed, stopped or lost. All ranks end; the same command with --resume goes on from the "
                  "last checkpoint. --timeout S allows more time.");
}

void World::abort(int code) {
  links_->abort(code);
  std::_Exit(code);
}

bool World::any(bool mine) {
  std::vector<char> all(static_cast<std::size_t>(size()));
  all[static_cast<std::size_t>(rank())] = mine ? 1 : 0;
  share_parts(all.data(), std::vector<std::size_t>(all.size(), 1));
  return std::any_of(all.begin(), all.end(), [](char one) { return one != 0; });
}

void World::share_parts(void* all, const std::vector<std::size_t>& sizes) {
  auto* const bytes = static_cast<char*>(all);
  std::vector<std::size_t> begin(sizes.size());
  std::exclusive_scan(sizes.begin(), sizes.end(), begin.begin(), std::size_t{0});
  const auto own = static_cast<std::size_t>(rank());
  Exchange exchange(*this);
  for (std::size_t r = 0; r < sizes.size(); ++r)
    if (r != own) exchange.receive(static_cast<int>(r), bytes + begin[r], sizes[r]);
  for (std::size_t r = 0; r < sizes.size(); ++r)
    if (r != own) exchange.send(static_cast<int>(r), bytes + begin[own], sizes[own]);
  exchange.wait();
}

std::vector<std::string> World::texts_of_all(const std::string& mine) {
  const auto ranks = static_cast<std::size_t>(size());
  std::vector<std::size_t> sizes(ranks);
  sizes[static_cast<std::size_t>(rank())] = mine.size();
  share_parts(sizes.data(), std::vector<std::size_t>(ranks, sizeof(std::size_t)));
  std::string all(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), '\0');
  std::size_t before = std::accumulate(sizes.begin(), sizes.begin() + rank(), std::size_t{0});
  all.replace(before, mine.size(), mine);
  share_parts(all.data(), sizes);
  std::vector<std::string> texts;
  before = 0;
  for (const std::size_t bytes : sizes) {
    texts.push_back(all.substr(before, bytes));
    before += bytes;
  }
  return texts;
}

void World::send_text(int to, const std::string& text) {
  const std::uint64_t length = text.size();
  Exchange exchange(*this);
  exchange.send(to, &length, sizeof length);
  exchange.send(to, text.data(), text.size());
  exchange.wait();
}

std::string World::receive_text(int from, bool patient) {
  std::uint64_t length = 0;
  Exchange exchange(*this);
  exchange.receive(from, &length, sizeof length);
  exchange.wait(patient);
  std::string text(length, '\0');
  exchange.receive(from, text.data(), text.size());
  exchange.wait();
  return text;
}

std::string World::said(const std::string& by_first, bool patient) {
  if (!first()) return receive_text(0, patient);
  for (int r = 1; r < size(); ++r) send_text(r, by_first);
  return by_first;
}

std::vector<std::string> World::gathered(const std::string& mine) {
  if (!first()) {
    send_text(0, mine);
    return {};
  }
  std::vector<std::string> all = {mine};
  for (int r = 1; r < size(); ++r) all.push_back(receive_text(r));
  return all;
}

}  // namespace chronograd
