// SPDX-License-Identifier: Apache-2.0
// Each rank has two threads: one works, the one that may talk to other ranks listens and gives signs of life. Between
// two ranks there is one line each way, and nothing is under way when they are done: the first one's last word is
// `no_more`, which the other one answers by an empty text.
#include "studies/rank_jobs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

using Clock = std::chrono::steady_clock;

/// What the first rank says beside the number of a job.
constexpr std::int64_t no_more = -1, stop = -2, still_there = -3;
/// What another one says in place of the length of the text that comes.
constexpr std::uint64_t at_work = ~std::uint64_t{0};

constexpr std::chrono::milliseconds idle_look{1}, working_look{5};
constexpr std::chrono::milliseconds alarm_look{50};

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

/// Shows nothing of a job, and asks whether it is to go on.
class Unseen final : public Observer {
 public:
  explicit Unseen(std::function<bool()> going) : going_(std::move(going)) {}
  bool moved(const Position&) override { return going_(); }
  std::unique_ptr<Observer> job(const std::string&, std::uint64_t) override { return std::make_unique<Unseen>(going_); }

 private:
  std::function<bool()> going_;
};

/// True once in so many seconds.
class Every {
 public:
  explicit Every(double seconds) : seconds_(seconds) {}
  bool due() {
    if (seconds_since(last_) < seconds_) return false;
    last_ = Clock::now();
    return true;
  }

 private:
  double seconds_;
  Clock::time_point last_ = Clock::now();
};

/// How often a rank says that it is there, s.
double sign_every(const World& world) {
  return std::min(1.0, world.timeout() / 10);
}

void heed_alarms(World& world) {
  if (world.alarmed())
    throw Error(Exit::failed, "rank " + std::to_string(world.rank()),
                "another rank has waited in vain. All ranks end; the same command with --resume goes on.");
}

/// For how long another rank has said nothing. Time in which this process was stopped itself does not count: whoever
/// stops all ranks of a job may continue them.
class Silence {
 public:
  explicit Silence(double longest_look) : longest_look_(longest_look) {}
  void heard() { seconds_ = 0; }
  double seconds() {
    seconds_ += std::min(seconds_since(last_), longest_look_);
    last_ = Clock::now();
    return seconds_;
  }

 private:
  double longest_look_, seconds_ = 0;
  Clock::time_point last_ = Clock::now();
};

/// The first rank's side of another rank: what it says next, and what it does.
struct Seat {
  explicit Seat(double sign) : silence(sign) {}
  std::uint64_t length = 0;
  std::size_t word = 0;
  int job = -1;
  bool told = false, idle = false, left = false, lost = false;
  Silence silence;
};

class HandOut {
 public:
  HandOut(World& world, const RankJobs& jobs)
      : world_(world),
        jobs_(jobs),
        sign_(sign_every(world)),
        seats_(static_cast<std::size_t>(world.size()), Seat(sign_every(world))) {}

  void run() {
    for (int r = 1; r < world_.size(); ++r) listen(r);
    std::thread own([this] { work(); });
    try {
      serve_all();
    } catch (...) {
      given_up_ = true;
      own.join();
      throw;
    }
    own.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  Seat& seat(int r) { return seats_[static_cast<std::size_t>(r)]; }
  void listen(int r) {
    seat(r).word = world_.links().receive(r, Channel::talk, &seat(r).length, sizeof seat(r).length);
  }
  /// Of all other ranks.
  template <class Is>
  bool all(const Is& is) {
    return std::all_of(seats_.begin() + 1, seats_.end(), is);
  }
  bool going() { return !failure_ && !given_up_ && jobs_.going(); }

  void serve_all() {
    bool dismissed = false;
    for (;;) {
      bool moved = false;
      for (int r = 1; r < world_.size(); ++r) moved = serve(r) || moved;
      if (all([](const Seat& one) { return one.left; }) && own_ended_) return;
      if (own_ended_ && all([](const Seat& one) { return one.idle || one.left || one.lost; })) give_up_lost();
      if (!dismissed && own_ended_ && all([](const Seat& one) { return one.idle; })) {
        for (int r = 1; r < world_.size(); ++r) say(r, no_more);
        dismissed = true;
      }
      if (sign_.due() && !dismissed)
        for (int r = 1; r < world_.size(); ++r)
          if (!seat(r).lost) say(r, still_there);
      if (alarm_.due()) heed_alarms(world_);
      if (!moved) std::this_thread::sleep_for(idle_look);
    }
  }

  /// Where nothing else is left to do: the run ends.
  void give_up_lost() {
    if (failure_) std::rethrow_exception(failure_);
    for (int r = 1; r < world_.size(); ++r)
      if (Seat& one = seat(r); one.lost && !one.left)
        world_.lost(r, "got nothing from", one.silence.seconds(),
                    one.job < 0 ? "" : ", which runs " + jobs_.folder(one.job) + "; no other job is at work");
  }

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
      if (number == no_more) break;
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
    own_ended_ = true;
  }

  void say(int r, std::int64_t number) {
    World::Exchange exchange(world_);
    exchange.send(r, &number, sizeof number);
    exchange.wait();
  }

  /// True where that rank had something to say, or was told something.
  bool serve(int r) {
    Seat& one = seat(r);
    if (one.left) return false;
    if (!world_.links().done(one.word)) {
      watch(r);
      const std::lock_guard lock(mutex_);
      if (one.job < 0 || one.told || going()) return false;
      one.told = true;
      say(r, stop);
      return true;
    }
    one.silence.heard();
    if (one.lost) remark(r, "answers again.");
    one.lost = false;
    if (one.length == at_work) {
      listen(r);
      return true;
    }
    std::string what(one.length, '\0');
    World::Exchange exchange(world_);
    exchange.receive(r, what.data(), what.size());
    exchange.wait();
    if (one.idle) {  // its answer to no_more
      one.left = true;
      return true;
    }
    const std::lock_guard lock(mutex_);
    if (one.job >= 0) guarded([&] { jobs_.ended(one.job, what); });
    const std::int64_t number = next();
    one.job = static_cast<int>(number);
    one.idle = number == no_more;
    listen(r);
    if (!one.idle) say(r, number);
    return true;
  }

  /// Notices that a rank is silent. Its job is not given to another one, for it may be continued and go on writing.
  void watch(int r) {
    Seat& one = seat(r);
    const double seconds = one.silence.seconds();
    if (one.lost || seconds < world_.timeout()) return;
    one.lost = true;
    remark(r, "has said nothing for " + std::to_string(static_cast<int>(seconds)) + " s: it was stopped or lost." +
                  (one.job < 0 ? "" : " Others go on; " + jobs_.folder(one.job) + " waits for it."));
  }
  void remark(int r, const std::string& what) {
    const std::lock_guard lock(mutex_);
    jobs_.remarked("[--ranks] rank " + std::to_string(r) + " on " + world_.host(r) + " " + what);
  }

  World& world_;
  const RankJobs& jobs_;
  Every sign_, alarm_{std::chrono::duration<double>(alarm_look).count()};
  std::vector<Seat> seats_;
  std::size_t next_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::atomic<bool> own_ended_ = false, given_up_ = false;
};

/// Another rank's side.
class Helper {
 public:
  Helper(World& world, const std::function<bool()>& going, const RankJob& work)
      : world_(world), going_(going), work_(work), sign_(sign_every(world)), silence_(sign_every(world)) {}

  void run() {
    listen();
    for (std::string what;;) {
      world_.send_text(0, what);
      job_ = none;
      while (job_ == none) look(idle_look);
      if (job_ == no_more) break;
      what = worked(static_cast<int>(job_));
    }
    world_.send_text(0, "");
  }

 private:
  static constexpr std::int64_t none = -9;

  void listen() { message_ = world_.links().receive(0, Channel::talk, &said_, sizeof said_); }

  /// Once at what the first rank says; throws where it says nothing for too long.
  void look(std::chrono::milliseconds pause) {
    if (world_.links().done(message_)) {
      silence_.heard();
      met_ = true;  // before that it may be busy with what comes before the first job
      if (said_ >= 0 || said_ == no_more) job_ = said_;
      if (said_ == stop) stop_ = true;
      if (said_ != no_more) listen();
      return;
    }
    if (sign_.due()) {
      World::Exchange exchange(world_);
      exchange.send(0, &at_work, sizeof at_work);
      exchange.wait();
    }
    const double seconds = silence_.seconds();
    if (met_ && seconds > world_.timeout()) world_.lost(0, "got nothing from", seconds);
    if (alarm_.due()) heed_alarms(world_);
    std::this_thread::sleep_for(pause);
  }

  std::string worked(int number) {
    std::string what;
    std::exception_ptr failed;
    std::atomic<bool> ended = false;
    stop_ = false;
    std::thread worker([&] {
      Unseen observer([this] { return !stop_ && going_(); });
      try {
        what = work_(number, observer);
      } catch (...) {
        failed = std::current_exception();
      }
      ended = true;
    });
    try {
      while (!ended) look(working_look);
    } catch (...) {
      stop_ = true;  // with a checkpoint
      worker.join();
      throw;
    }
    worker.join();
    if (failed) std::rethrow_exception(failed);
    return what;
  }

  World& world_;
  const std::function<bool()>& going_;
  const RankJob& work_;
  Every sign_, alarm_{std::chrono::duration<double>(alarm_look).count()};
  Silence silence_;
  std::int64_t said_ = 0, job_ = none;
  std::size_t message_ = 0;
  bool met_ = false;
  std::atomic<bool> stop_ = false;
};

}  // namespace

void hand_out(World& world, const RankJobs& jobs) {
  HandOut(world, jobs).run();
}

void take_part(World& world, const std::function<bool()>& going, const RankJob& work) {
  Helper(world, going, work).run();
}

}  // namespace chronograd
