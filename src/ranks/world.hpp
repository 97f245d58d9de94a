// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ranks/links.hpp"

namespace chronograd {

/// The processes (ranks) that compute one thing together, as one of them sees it. Whoever waits sleeps between looks,
/// so that ranks may share a processor. A rank that does not answer in time is an Error (failed) that names it: it was
/// killed, stopped or lost. The time is `timeout` seconds, and four times as long as the waiting one has worked itself
/// since it waited last: ranks do about the same work, and some steps are long. One thread calls all of it.
class World {
 public:
  /// `links` of two ranks or more, or of one; `timeout` in seconds, > 0.
  World(std::unique_ptr<Links> links, double timeout);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  int rank() const { return links_->rank(); }
  int size() const { return links_->size(); }
  bool first() const { return rank() == 0; }
  const std::string& host(int rank) const { return hosts_[static_cast<std::size_t>(rank)]; }
  /// Another timeout from now on.
  void allow(double timeout) {
    timeout_ = timeout;
    gave_up_ = false;
  }
  double timeout() const { return timeout_; }
  /// Seconds that this rank has spent in messages.
  double seconds() const { return seconds_; }
  /// How far the work is, for errors: "after update 120".
  void position(std::int64_t update) { update_ = update; }

  /// Messages that are under way at once, each from where its bytes are to where they shall be.
  class Exchange {
   public:
    explicit Exchange(World& world) : world_(world) {}
    void send(int to, const void* data, std::size_t bytes);
    void receive(int from, void* data, std::size_t bytes);
    /// Until all are done. Whoever is patient waits without end: for one whose work takes nobody knows how long.
    void wait(bool patient = false);

   private:
    friend class World;
    struct Open {
      std::size_t message;
      int rank;
      bool receives;
    };
    World& world_;
    std::vector<Open> open_;
  };

  /// Who waits in vain gives up, and so do all who hear of it while they wait: the run is over.
  void give_up() { gave_up_ = true; }
  /// Gives up, and throws an Error that says so: `what` ("got nothing from") that rank for so long.
  [[noreturn]] void lost(int rank, const std::string& what, double seconds, const std::string& doing = "");
  bool gave_up() const { return gave_up_; }
  /// Whether another rank has given up; to be asked while waiting.
  bool alarmed();
  /// After this one gave up: the ranks that do not answer within so many seconds.
  std::vector<int> silent(double seconds);

  /// Messages of which nobody knows when they come: looked for without waiting, by their numbers, until they are done.
  Links& links() { return *links_; }
  static void rest();  ///< between two looks

  /// All ranks call these together, in the same order.
  bool any(bool mine);  ///< true if it is at one of them
  /// What the first rank says, at all of them.
  std::string said(const std::string& by_first, bool patient = false);
  std::vector<std::string> texts_of_all(const std::string& mine);  ///< what all say, by rank, at all of them
  /// What all say, by rank: at the first one; elsewhere empty.
  std::vector<std::string> gathered(const std::string& mine);
  /// To `all`, which has the sizes of all ranks' parts, by rank; this one's is filled.
  void share_parts(void* all, const std::vector<std::size_t>& sizes);

  void send_text(int to, const std::string& text);
  std::string receive_text(int from, bool patient = false);

  /// Nobody leaves before all have come.
  void meet() { any(false); }
  [[noreturn]] void abort(int code);

 private:
  using Clock = std::chrono::steady_clock;
  std::unique_ptr<Links> links_;
  double timeout_, seconds_ = 0;
  std::int64_t update_ = -1;
  std::vector<std::string> hosts_;
  Clock::time_point waited_last_;
  struct Alarm {
    std::size_t message = 0;
    char byte = 0;
    bool rang = false;
  };
  std::vector<Alarm> alarms_;  ///< of the other ranks
  bool gave_up_ = false;
};

}  // namespace chronograd
