// SPDX-License-Identifier: Apache-2.0
#include "runs/progress.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace chronograd {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A display whose clock and screen the test holds.
struct Display {
  explicit Display(ProgressStyle style, int columns = 100, bool color = false) {
    options.style = style;
    options.color = color;
    options.screen = [columns] { return ProgressOptions::Screen{columns, 10}; };
    options.seconds = [this] { return now; };
    options.write = [this](const std::string& text) { written.push_back(text); };
  }
  std::string all() const {
    std::string text;
    for (const std::string& part : written) text += part;
    return text;
  }

  double now = 1000;
  std::vector<std::string> written;
  ProgressOptions options;
};

Metrics metrics_of(double loss) {
  Metrics metrics{};
  metrics.loss = loss;
  metrics.accuracy = not_measured;
  return metrics;
}

TEST(Progress, SilentSaysNothing) {
  Display display(ProgressStyle::silent);
  display.options.seconds = nullptr;  // not even asked for the time
  {
    Progress progress(display.options);
    const auto job = progress.job("rtrl", 0);
    progress.remarked("a note");
    job->moved({5, 10, 50});
    job->ended({});
  }
  EXPECT_TRUE(display.written.empty());
}

TEST(Progress, PlainLinesComeAtTenths) {
  Display display(ProgressStyle::plain);
  Progress progress(display.options);
  const auto job = progress.job("rtrl", 3);
  job->moved({0, 1000, 0});
  for (int update = 1; update <= 1000; ++update) {
    display.now += 0.02;
    if (update == 50) job->reported(metrics_of(0.25));
    job->moved({update, 1000, 4 * update});
  }
  display.now += 0.1;
  job->moved({1000, 1000, 4000});
  ASSERT_EQ(display.written.size(), 10U);
  EXPECT_EQ(display.written[0], "rtrl, seed 3: 10 %, loss 0.25, 200 steps/s, 18 s left\n");
  EXPECT_THAT(display.written[9], StartsWith("rtrl, seed 3: 100 %, loss 0.25, "));
}

TEST(Progress, PlainLinesKeepAPause) {
  Display quick(ProgressStyle::plain), slow(ProgressStyle::plain);
  {
    Progress progress(quick.options);  // a run of 0.9 s
    const auto job = progress.job("rtrl", 0);
    for (int update = 0; update <= 1000; ++update) {
      quick.now += 0.0009;
      job->moved({update, 1000, update});
    }
    EXPECT_TRUE(quick.written.empty());
  }
  Progress progress(slow.options);  // an hour for 5 %
  const auto job = progress.job("rtrl", 0);
  for (int update = 0; update <= 3600; ++update) {
    job->moved({update, 72000, update});
    slow.now += 1;
  }
  EXPECT_GE(slow.written.size(), 116U);  // one each 30 or 31 s
  EXPECT_LE(slow.written.size(), 120U);
}

TEST(Progress, JsonLinesAreJson) {
  Display display(ProgressStyle::json);
  Progress progress(display.options);
  progress.expects(2);
  progress.remarked("not \xff UTF-8");
  const auto job = progress.job("tbptt(L=7)", 3);
  job->moved({0, 100, 0});
  display.now += 2;
  job->moved({20, 100, 80});
  job->ended({"diverged", not_measured, not_measured, 2.5, ""});
  ASSERT_EQ(display.written.size(), 3U);
  EXPECT_EQ(json::parse(display.written[0])["event"], "note");
  EXPECT_EQ(json::parse(display.written[1]), (json{{"event", "progress"},
                                                   {"name", "tbptt(L=7)"},
                                                   {"seed", 3},
                                                   {"update", 20},
                                                   {"updates", 100},
                                                   {"loss", nullptr},
                                                   {"accuracy", nullptr},
                                                   {"steps_per_second", 40.0},
                                                   {"seconds_left", 8.0}}));
  EXPECT_EQ(json::parse(display.written[2]), (json{{"event", "finished"},
                                                   {"done", 1},
                                                   {"of", 2},
                                                   {"name", "tbptt(L=7)"},
                                                   {"seed", 3},
                                                   {"status", "diverged"},
                                                   {"loss", nullptr},
                                                   {"accuracy", nullptr},
                                                   {"seconds", 2.5},
                                                   {"remark", ""}}));
  for (const std::string& line : display.written) EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(Progress, TheTerminalIsDrawnTenTimesASecond) {
  Display display(ProgressStyle::terminal);
  Progress progress(display.options);
  const auto job = progress.job("rtrl", 0);
  for (int i = 0; i <= 10000; ++i) {
    job->moved({i, 100000, i});
    display.now += 0.0001;
  }
  EXPECT_GE(display.written.size(), 9U);
  EXPECT_LE(display.written.size(), 11U);
  job->reported(metrics_of(0.5));
  display.now += 0.1;
  job->moved({50000, 100000, 50000});
  EXPECT_EQ(display.written.back(),
            "\x1b[1A\rrtrl  seed 0  ################----------------   50 %  loss 0.5      45.5k steps/s  1 s left"
            "\x1b[K\n\x1b[J");
  job->ended({});
  EXPECT_EQ(display.written.back(), "\x1b[1A\r\x1b[J");  // a run alone leaves the result to standard output
}

TEST(Progress, SeveralJobsHaveALineEachAndOneForAll) {
  Display display(ProgressStyle::terminal);
  Progress progress(display.options);
  progress.expects(4);
  const auto first = progress.job("rtrl", 0);
  const auto second = progress.job("readout_only", 1);
  first->moved({0, 100, 0});
  second->moved({0, 100, 0});
  display.now += 1;
  second->moved({50, 100, 50});
  const std::string drawn = display.written.back();
  EXPECT_THAT(drawn, HasSubstr("\rrtrl          seed 0  "));
  EXPECT_THAT(drawn, HasSubstr("\nreadout_only  seed 1  "));
  EXPECT_THAT(drawn, HasSubstr("\n0 of 4 done, 2 at work  "));
  EXPECT_THAT(drawn, HasSubstr(" 12 %  about 7 s left\x1b[K\n"));
  display.written.clear();
  first->ended({"diverged", not_measured, not_measured, 1, ""});
  EXPECT_THAT(display.all(), StartsWith("\x1b[3A\r\x1b[J[1/4] rtrl, seed 0: diverged, 1.0 s\nreadout_only  seed 1"));
  EXPECT_THAT(display.all(), HasSubstr("\n1 of 4 done, 1 diverged, 1 at work  "));
  second->ended({"done", 0.5, not_measured, 1, ""});
  progress.expects(2);
  display.written.clear();
  progress.job("rtrl", 1)->ended({"diverged", not_measured, not_measured, 1, ""});
  EXPECT_THAT(display.all(), HasSubstr("[1/2] rtrl, seed 1: diverged")) << "the next group is counted anew";
}

TEST(Progress, NoLineIsWiderThanTheScreen) {
  for (int columns = 20; columns < 130; ++columns) {
    Display display(ProgressStyle::terminal, columns);
    Progress progress(display.options);
    progress.expects(2);
    const auto job = progress.job("tbptt(update.every=20, optimizer.lr=3e-4)", 12);
    Metrics metrics = metrics_of(123.456);
    metrics.accuracy = 0.5;
    job->reported(metrics);
    job->moved({0, 1000000, 0});
    display.now += 5000;
    job->moved({123456, 1000000, 123456789});
    std::string line;
    for (const char c : display.written.back().substr(display.written.back().find('\r') + 1)) {
      if (c != '\n') {
        line += c;
        continue;
      }
      EXPECT_LT(line.substr(0, line.find('\x1b')).size(), static_cast<std::size_t>(columns)) << line;
      EXPECT_THAT(line, EndsWith("\x1b[K"));
      line.clear();
    }
    EXPECT_EQ(display.written.back().find("accuracy 0.500") != std::string::npos, columns >= 105) << columns;
  }
}

TEST(Progress, ColoursAreOnlyUsedWhereTheyAreWanted) {
  for (const bool color : {false, true}) {
    Display display(ProgressStyle::terminal, 100, color);
    Progress progress(display.options);
    progress.expects(2);
    const auto job = progress.job("rtrl\x1b[31m", 0);  // a name cannot paint
    job->moved({1, 2, 1});
    job->ended({"failed", not_measured, not_measured, not_measured, "[x] why"});
    EXPECT_EQ(display.all().find("\x1b[1m") != std::string::npos, color);
    EXPECT_THAT(display.all(),
                color ? HasSubstr("\x1b[31mfailed\x1b[0m, [x] why\n") : HasSubstr(": failed, [x] why\n"));
    EXPECT_THAT(display.all(), HasSubstr("rtrl?[31m"));
  }
}

TEST(Progress, TakesCallsOfManyThreads) {
  Display display(ProgressStyle::terminal);
  display.options.seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  {
    Progress progress(display.options);
    progress.expects(40);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&progress, t] {
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
          const auto job = progress.job("rule" + std::to_string(t), seed);
          for (int i = 0; i < 2000; ++i) job->moved({i, 2000, i});
          job->reported(metrics_of(1));
          job->ended({"done", 1, not_measured, 1, ""});
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_THAT(display.all(), HasSubstr("[40/40] "));
}

TEST(Progress, TextsOfTimesAndCounts) {
  EXPECT_EQ(duration_text(0.4), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(185), "3:05");
  EXPECT_EQ(duration_text(7390), "2:03:10");
  EXPECT_EQ(duration_text(12.5 * 86400), "12 days");
  EXPECT_EQ(duration_text(not_measured), "-");
  EXPECT_EQ(count_text(950), "950");
  EXPECT_EQ(count_text(12345), "12.3k");
  EXPECT_EQ(count_text(999499), "999k");
  EXPECT_EQ(count_text(999501), "1.0M");
  EXPECT_EQ(count_text(123e6), "123M");
  EXPECT_EQ(count_text(not_measured), "-");
}

TEST(Progress, OfARunAloneWhatIsRemarkedComesWithItsStart) {
  Display display(ProgressStyle::plain);
  Progress progress(display.options);
  {
    const auto job = progress.job("rtrl", 0);
    job->remarked("first");
    EXPECT_EQ(display.all(), "");
    job->started();
    job->remarked("second");
    EXPECT_EQ(display.all(), "note: first\nnote: second\n");
    const auto refused = progress.job("rtrl", 1);
    refused->remarked("an error will say more");
  }
  const auto read = progress.job("rtrl", 2);  // finished before: nothing starts
  read->remarked("third");
  read->ended({});
  EXPECT_EQ(display.all(), "note: first\nnote: second\nnote: third\n");
}

TEST(Progress, StopsAllJobsWhereItIsToldTo) {
  Display display(ProgressStyle::silent);
  bool going = true;
  display.options.going = [&] { return going; };
  Progress progress(display.options);
  const auto job = progress.job("rtrl", 0);
  EXPECT_TRUE(progress.moved({0, 1, 0}));
  EXPECT_TRUE(job->moved({0, 4, 0}));
  going = false;
  EXPECT_FALSE(progress.moved({0, 1, 0}));
  EXPECT_FALSE(job->moved({1, 4, 0}));
}

// Work without losses or steps of streams, as that of check: a share and the time left.
TEST(Progress, ShowsWorkThatIsNoTraining) {
  Display plain(ProgressStyle::plain);
  Progress progress(plain.options);
  const auto job = progress.job("check", 0);
  job->moved({0, 40, 0});
  plain.now += 10;
  job->moved({10, 40, 0});
  EXPECT_EQ(plain.all(), "check, seed 0: 25 %, 30 s left\n");
  Display drawn(ProgressStyle::terminal);
  Progress terminal(drawn.options);
  const auto shown = terminal.job("check", 0);
  shown->moved({0, 40, 0});
  drawn.now += 10;
  shown->moved({10, 40, 0});
  EXPECT_THAT(drawn.all(), HasSubstr("30 s left"));
  EXPECT_THAT(drawn.all(), testing::Not(HasSubstr("steps/s")));
  EXPECT_THAT(drawn.all(), testing::Not(HasSubstr("loss")));
}

TEST(Progress, KeepsTheLastLossThatWasMeasured) {
  Display display(ProgressStyle::plain);
  Progress progress(display.options);
  const auto job = progress.job("rtrl", 0);
  job->reported(metrics_of(0.5));
  job->reported(metrics_of(not_measured));
  job->moved({0, 4, 0});
  display.now += 10;
  job->moved({1, 4, 20});
  EXPECT_THAT(display.all(), HasSubstr("loss 0.5"));
}

// Whatever the clock does, no time is negative.
TEST(Progress, SurvivesAClockThatGoesBack) {
  for (const ProgressStyle style : {ProgressStyle::plain, ProgressStyle::terminal, ProgressStyle::json}) {
    Display display(style);
    Progress progress(display.options);
    progress.expects(2);
    const auto job = progress.job("rtrl", 0);
    job->moved({1, 10, 10});
    display.now -= 500;
    job->moved({5, 10, 50});
    display.now += 1000;
    job->moved({6, 10, 60});
    job->ended({"done", 0.5, not_measured, 1.0, ""});
    EXPECT_THAT(display.all(), testing::Not(testing::AnyOf(HasSubstr("-5"), HasSubstr("left, -"), HasSubstr("about -"),
                                                           HasSubstr("\"seconds_left\":-"))));
    EXPECT_FALSE(display.all().empty());
  }
}

TEST(Progress, SetUpIsNamedOnceItTakesASecond) {
  Display display(ProgressStyle::plain);
  Progress progress(display.options);
  progress.set_up("reading a.csv", 0.1);
  display.now += 0.9;
  progress.set_up("reading a.csv", 0.2);
  display.now += 0.2;
  progress.set_up("drawing W_rec", 0);  // something else
  EXPECT_EQ(display.all(), "");
  display.now += 1;
  progress.set_up("drawing W_rec", 0.256);
  EXPECT_EQ(display.all(), "drawing W_rec: 25 %\n");
  display.now += 1;
  progress.set_up("drawing W_rec", 0.5);
  EXPECT_EQ(display.all(), "drawing W_rec: 25 %\n");
  display.now += 4;
  progress.set_up("drawing W_rec", 0.75);
  EXPECT_EQ(display.all(), "drawing W_rec: 25 %\ndrawing W_rec: 75 %\n");
  const auto job = progress.job("rtrl", 0);
  job->started();
  display.now += 10;
  progress.set_up("drawing W_rec", 0.9);  // jobs are at work
  EXPECT_EQ(display.all(), "drawing W_rec: 25 %\ndrawing W_rec: 75 %\n");
}

TEST(Progress, SetUpIsDrawnOver) {
  Display display(ProgressStyle::terminal);
  {
    Progress progress(display.options);
    progress.set_up("drawing W_rec", 0);
    for (int i = 0; i < 2; ++i) {
      display.now += 1;
      progress.set_up("drawing W_rec", 0.5);
    }
  }
  EXPECT_EQ(display.all(), "drawing W_rec: 50 %\n\x1b[1A\r\x1b[Jdrawing W_rec: 50 %\n\x1b[1A\r\x1b[J");
}

TEST(Progress, SetUpIsAnEventForPrograms) {
  Display display(ProgressStyle::json);
  Progress progress(display.options);
  progress.set_up("drawing W_rec", 0);
  display.now += 1;
  progress.set_up("drawing W_rec", 0.5);
  EXPECT_EQ(json::parse(display.all()), json({{"event", "set_up"}, {"doing", "drawing W_rec"}, {"share", 0.5}}));
}

}  // namespace
}  // namespace chronograd
