// SPDX-License-Identifier: Apache-2.0
#include "studies/rank_jobs.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace chronograd {
namespace {

/// What the first rank answers beside the number of a job.
constexpr std::int64_t no_more = -1, stop = -2;

/// Shows nothing of a job, and asks whether it is to go on.
class Unseen final : public Observer {
 public:
  explicit Unseen(std::function<bool()> going) : going_(std::move(going)) {}
  bool moved(const Position&) override { return going_(); }
  std::unique_ptr<Observer> job(const std::string&, std::uint64_t) override { return std::make_unique<Unseen>(going_); }

 private:
  std::function<bool()> going_;
};

/// The first rank's side of another rank: its question, which is the text of what it did last, and what it does.
struct Seat {
  std::uint64_t length = 0;  ///< of the text that comes
  std::size_t question = 0;
  int job = -1;
  bool told = false, left = false;
};

class HandOut {
 public:
  HandOut(World& world, const RankJobs& jobs)
      : world_(world), jobs_(jobs), seats_(static_cast<std::size_t>(world.size())) {}

  void run() {
    for (int r = 1; r < world_.size(); ++r) listen(r);
    std::thread own([this] { work(); });
    while (others_left()) {
      bool moved = false;
      for (int r = 1; r < world_.size(); ++r) moved = serve(r) || moved;
      if (!moved) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    own.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  Seat& seat(int r) { return seats_[static_cast<std::size_t>(r)]; }
  void listen(int r) {
    seat(r).question = world_.links().receive(r, Channel::talk, &seat(r).length, sizeof seat(r).length);
  }
  bool others_left() {
    for (int r = 1; r < world_.size(); ++r)
      if (!seat(r).left) return true;
    return false;
  }
  bool going() { return !failure_ && jobs_.going(); }

  /// The next job's number, begun; no_more if there is none.
  std::int64_t next() {
    if (next_ >= jobs_.numbers.size() || !going()) return no_more;
    const int number = jobs_.numbers[next_++];
    guarded([&] { jobs_.begun(number); });
    return number;
  }
  template <class Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void work() {
    const std::function<bool()> goes_on = [this] {
      const std::lock_guard lock(mutex_);
      return going();
    };
    Unseen observer(goes_on);
    for (;;) {
      std::unique_lock lock(mutex_);
      const std::int64_t number = next();
      if (number == no_more) return;
      lock.unlock();
      std::string what;
      std::exception_ptr failed;
      try {
        what = jobs_.work(static_cast<int>(number), observer);
      } catch (...) {
        failed = std::current_exception();
      }
      lock.lock();
      if (!failed)
        guarded([&] { jobs_.ended(static_cast<int>(number), what); });
      else if (!failure_)
        failure_ = failed;
    }
  }

  void answer(int r, std::int64_t number) {
    World::Exchange exchange(world_);
    exchange.send(r, &number, sizeof number);
    exchange.wait();
  }

  /// True where that rank had something to say, or was told something.
  bool serve(int r) {
    Seat& one = seat(r);
    if (one.left) return false;
    if (!world_.links().done(one.question)) {
      const std::lock_guard lock(mutex_);
      if (one.job < 0 || one.told || going()) return false;
      one.told = true;
      answer(r, stop);
      return true;
    }
    std::string what(one.length, '\0');
    World::Exchange exchange(world_);
    exchange.receive(r, what.data(), what.size());
    exchange.wait();
    const std::lock_guard lock(mutex_);
    if (one.job >= 0) guarded([&] { jobs_.ended(one.job, what); });
    const std::int64_t number = next();
    one.job = static_cast<int>(number);
    one.told = false;
    one.left = number == no_more;
    if (!one.left) listen(r);
    answer(r, number);
    return true;
  }

  World& world_;
  const RankJobs& jobs_;
  std::vector<Seat> seats_;
  std::size_t next_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// Another rank's ear for the first one.
class Ear {
 public:
  explicit Ear(World& world) : world_(world) {}
  void listen() {
    message_ = world_.links().receive(0, Channel::talk, &said_, sizeof said_);
    heard_ = false;
  }
  bool hears() {
    heard_ = heard_ || world_.links().done(message_);
    return heard_;
  }
  std::int64_t wait() {
    while (!hears()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return said_;
  }

 private:
  World& world_;
  std::int64_t said_ = 0;
  std::size_t message_ = 0;
  bool heard_ = true;
};

}  // namespace

void hand_out(World& world, const RankJobs& jobs) {
  HandOut(world, jobs).run();
}

void take_part(World& world, const std::function<bool()>& going, const RankJob& work) {
  Ear ear(world);
  // While a job is done here the first rank says nothing but `stop`.
  Unseen observer([&] { return going() && !ear.hears(); });
  ear.listen();
  world.send_text(0, "");
  for (std::int64_t number = ear.wait(); number != no_more;) {
    ear.listen();
    const std::string what = work(static_cast<int>(number), observer);
    world.send_text(0, what);
    number = ear.wait();
    if (number == stop) {
      ear.listen();
      number = ear.wait();
    }
  }
}

}  // namespace chronograd
