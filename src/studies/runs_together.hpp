// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/observer.hpp"

namespace chronograd {

/// Several runs before one observer (null: nobody looks): when one of them is stopped, all are.
class RunsTogether final : public Relay {
 public:
  explicit RunsTogether(Observer* observer) : Relay(or_none(observer)) {}

  void expects(int runs) override {
    runs_ = runs;
    to().expects(runs);
  }
  std::unique_ptr<Observer> job(const std::string& name, std::uint64_t seed) override {
    return std::make_unique<Member>(*this, to().job(name, seed));
  }
  /// Asks whether to go on.
  bool going() {
    if (!stopped_ && !to().moved({ended_, runs_, 0})) stopped_ = true;
    return !stopped_;
  }
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  /// Remarks that have been made about all runs, which none need repeat; before the first run.
  void say(const std::vector<std::string>& remarks) {
    said_ = remarks;
    for (const std::string& remark : remarks) remarked(remark);
  }

 private:
  class Member final : public Relay {
   public:
    Member(RunsTogether& group, std::unique_ptr<Observer> own)
        : Relay(or_none(own.get())), group_(group), own_(std::move(own)) {}
    bool moved(const Position& position) override {
      if (!to().moved(position)) group_.stop();
      return group_.going();
    }
    void remarked(const std::string& text) override {
      for (const std::string& said : group_.said_)
        if (said == text) return;
      to().remarked(text);
    }
    void ended(const JobOutcome& outcome) override {
      ++group_.ended_;
      to().ended(outcome);
    }

   private:
    RunsTogether& group_;
    std::unique_ptr<Observer> own_;
  };

  std::atomic<bool> stopped_{false};
  std::atomic<int> ended_{0};
  int runs_ = 0;
  std::vector<std::string> said_;
};

}  // namespace chronograd
