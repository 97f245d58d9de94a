// SPDX-License-Identifier: Apache-2.0
// Several runs before one observer.
#include "studies/runs_together.hpp"

#include <gmock/gmock.h>

#include "chronograd/compare.hpp"
#include "chronograd/config.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

Config small() {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n[update]\nevery=1\n[task]\n"
      "name='sine'\n[train]\nupdates=640\nreport_every=320\ntest_steps=3\n",
      "test");
}

/// Writes down what it hears of its jobs.
class Diary final : public Observer {
 public:
  std::vector<std::string> lines;
  std::int64_t stop_at = -1;  ///< update of a job

  void expects(int runs) override { lines.push_back("expects " + std::to_string(runs)); }
  std::unique_ptr<Observer> job(const std::string& name, std::uint64_t seed) override {
    return std::make_unique<Page>(*this, name + " " + std::to_string(seed));
  }

 private:
  class Page final : public Observer {
   public:
    Page(Diary& diary, std::string name) : diary_(diary), name_(std::move(name)) {}
    void started() override { write("started"); }
    bool moved(const Position& position) override { return position.update != diary_.stop_at; }
    void reported(const Metrics& metrics) override { write("reported " + std::to_string(metrics.update)); }
    void ended(const JobOutcome& outcome) override { write("ended " + outcome.status); }

   private:
    void write(const std::string& text) { diary_.lines.push_back(name_ + ": " + text); }
    Diary& diary_;
    std::string name_;
  };
};

ComparisonOptions one_by_one(Observer& observer) {
  ComparisonOptions options;
  options.observer = &observer;
  options.jobs = 1;
  options.alignment = options.times = false;
  return options;
}

TEST(Observer, IsAskedForOneOfEachRun) {
  Diary diary;
  EXPECT_FALSE(compare(small(), parse_methods("rules", {"rtrl", "rflo"}), {3}, one_by_one(diary)).stopped);
  EXPECT_THAT(diary.lines, ElementsAre("expects 2", "rtrl 3: started", "rtrl 3: reported 320", "rtrl 3: reported 640",
                                       "rtrl 3: ended done", "rflo 3: started", "rflo 3: reported 320",
                                       "rflo 3: reported 640", "rflo 3: ended done"));
}

TEST(Observer, OfOneRunStopsTheOthers) {
  Diary diary;
  diary.stop_at = 128;
  EXPECT_TRUE(compare(small(), parse_methods("rules", {"rtrl", "rflo"}), {3}, one_by_one(diary)).stopped);
  EXPECT_THAT(diary.lines,
              ElementsAre("expects 2", "rtrl 3: started", "rtrl 3: reported 128", "rtrl 3: ended stopped"));
}

/// Who does not look at single runs can stop them all the same.
TEST(Observer, OfAllRunsStopsThem) {
  class Stop final : public Observer {
   public:
    bool moved(const Position& position) override {
      EXPECT_EQ(position.updates, asked_ == 0 ? 0 : 2) << "runs";
      EXPECT_EQ(position.update, 0);
      return ++asked_ < 4;
    }
    int asked_ = 0;
  } stop;
  const Comparison cut = compare(small(), parse_methods("rules", {"rtrl", "rflo"}), {3}, one_by_one(stop));
  EXPECT_TRUE(cut.stopped);
  EXPECT_EQ(cut.rows[0].runs[0].updates, 128) << "asked before all runs, before the first, and at 64 and 128 updates";
  EXPECT_EQ(stop.asked_, 4);
}

TEST(RunsTogether, RemarksOnAllRunsAreNotRepeated) {
  class Heard final : public Observer {
   public:
    std::vector<std::string> lines;
    std::unique_ptr<Observer> job(const std::string&, std::uint64_t) override { return std::make_unique<Relay>(*this); }
    void remarked(const std::string& text) override { lines.push_back(text); }
  } heard;
  RunsTogether group(&heard);
  group.say({"of all"});
  const std::unique_ptr<Observer> job = group.job("rtrl", 0);
  job->remarked("of all");
  job->remarked("of this one");
  EXPECT_THAT(heard.lines, ElementsAre("of all", "of this one"));
}

}  // namespace
}  // namespace chronograd
