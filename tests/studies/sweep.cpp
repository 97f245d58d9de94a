// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep.hpp"

#include <gmock/gmock.h>

#include "chronograd/train.hpp"
#include "files/lock_file.hpp"
#include "folder.hpp"
#include "studies/small_sweep.hpp"
#include "studies/stop_at.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

const std::vector<std::string> axes = {"rule.name=rflo,uoro", "optimizer.lr=0.01,0.1"};

Sweep run(const SweepPlan& plan, const std::string& folder, const std::function<void(SweepOptions&)>& change = {}) {
  SweepOptions options;
  if (change) change(options);
  return run_sweep(plan, folder, options);
}

std::vector<double> losses(const Sweep& sweep) {
  std::vector<double> losses;
  for (const JobRecord& record : sweep.records) losses.push_back(record.loss);
  return losses;
}

TEST(Sweep, ResultsDoNotDependOnWhatRunsSideBySide) {
  const Folder folder;
  const SweepPlan plan = small_plan(axes);
  const Sweep one = run(plan, folder / "one", [](SweepOptions& options) { options.jobs = 1; });
  const Sweep four = run(plan, folder / "four", [](SweepOptions& options) { options.jobs = 4; });
  ASSERT_EQ(one.records.size(), 8U);
  EXPECT_EQ(losses(one), losses(four));
  for (std::size_t i = 0; i < one.jobs.size(); ++i) {
    EXPECT_EQ(one.records[i].status, JobStatus::done);
    for (const char* file : {"/params.npz", "/resolved.json"})
      EXPECT_EQ(read_text(folder / ("one/" + one.jobs[i].directory + file)),
                read_text(folder / ("four/" + one.jobs[i].directory + file)));
  }
  // and a job is the run that train makes of the same settings
  const Config config = plan.base().with_method("uoro").with({"optimizer.lr=0.1", "seed=1"});
  EXPECT_EQ(one.records[7].loss, train(config, *make_task(config)).test.loss);
}

TEST(Sweep, ShardsMakeTheWhole) {
  const Folder folder;
  const SweepPlan whole = small_plan(axes);
  SweepPlan parted = whole;
  parted.shards = 3;
  const Sweep expected = run(whole, folder / "whole");
  for (int shard : {2, 1, 3}) {
    const Sweep part = run(parted, folder / "parts", [&](SweepOptions& options) { options.shard = shard; });
    for (const SweepJob& job : part.jobs) {
      const bool finished = part.records[static_cast<std::size_t>(job.number)].finished();
      EXPECT_TRUE(finished || job.number % 3 != shard - 1);
    }
  }
  EXPECT_EQ(losses(read_sweep(folder / "parts")), losses(expected));
  // Parts from several machines: their folders copied into one.
  for (int shard : {1, 2}) {
    const std::string own = folder / ("machine" + std::to_string(shard));
    run(parted, own, [&](SweepOptions& options) { options.shard = shard; });
    std::filesystem::copy(own, folder / "merged",
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  const Sweep merged = read_sweep(folder / "merged");
  EXPECT_EQ(summarise(merged).open, 2);
  EXPECT_EQ(losses(run(parted, folder / "merged", [](SweepOptions& options) { options.resume = true; })),
            losses(expected));
}

TEST(Sweep, IsStoppedInTheSetUpOfItsLastJob) {
  const Folder folder;
  const SweepPlan plan = small_plan({"rule.name=rflo"}, {0});
  int questions = 0;
  {
    const StopAt never(1 << 30);
    run(plan, folder / "whole");
    questions = static_cast<int>(never.seen.size());
  }
  ASSERT_GT(questions, 0);
  {
    const StopAt last(questions);
    const Sweep cut = run(plan, folder / "s");
    EXPECT_TRUE(cut.stopped) << "its job did not run, and nobody asks again whether to go on";
    EXPECT_EQ(summarise(cut).open, 1);
  }
  const Sweep rest = run(plan, folder / "s", [](SweepOptions& options) { options.resume = true; });
  EXPECT_FALSE(rest.stopped);
  EXPECT_EQ(summarise(rest).done, 1);
}

TEST(Sweep, ResumeRunsWhatIsNotFinished) {
  const Folder folder;
  const SweepPlan plan = small_plan(axes);
  int asked = 0;
  Watcher watcher;
  watcher.goes_on = [&](const Position&) { return ++asked < 20; };  // about four times a job
  const Sweep cut = run(plan, folder / "s", [&](SweepOptions& options) {
    options.jobs = 1;
    options.observer = &watcher;
  });
  EXPECT_TRUE(cut.stopped);
  const SweepSummary before = summarise(cut);
  EXPECT_GT(before.done, 0);
  EXPECT_GT(before.open, 0);
  const std::string kept = folder / ("s/" + cut.jobs[0].directory + "/metrics.jsonl");
  const auto written = std::filesystem::last_write_time(kept);
  const Sweep rest = run(plan, folder / "s", [](SweepOptions& options) { options.resume = true; });
  EXPECT_FALSE(rest.stopped);
  EXPECT_EQ(std::filesystem::last_write_time(kept), written);
  EXPECT_EQ(losses(rest), losses(run(plan, folder / "whole")));
  run(plan, folder / "s", [](SweepOptions& options) { options.resume = true; });
  EXPECT_EQ(losses(read_sweep(folder / "s")), losses(rest));
}

TEST(Sweep, DivergenceIsAResult) {
  const Folder folder;
  SweepPlan plan = small_plan({"optimizer.lr=0.01,1e30"}, {0, 1, 2});
  plan.changes = {"model.activation=relu", "model.gain=5"};
  const Sweep sweep = run(plan, folder / "s");
  for (std::size_t i : {3U, 4U, 5U}) {
    EXPECT_EQ(sweep.records[i].status, JobStatus::diverged);
    EXPECT_TRUE(std::isnan(sweep.records[i].loss));
  }
  for (std::size_t i : {0U, 1U, 2U}) EXPECT_EQ(sweep.records[i].status, JobStatus::done);
}

TEST(Sweep, FailFastStopsTheOthers) {
  for (const bool fast : {false, true}) {
    const Folder folder;
    const SweepPlan plan = small_plan(axes);
    // The folder of the runs cannot be made.
    std::filesystem::create_directories(folder / "s");
    std::ofstream(folder / "s/runs") << "no folder";
    const Sweep sweep = run(plan, folder / "s", [&](SweepOptions& options) {
      options.jobs = 1;
      options.fail_fast = fast;
    });
    const SweepSummary summary = summarise(sweep);
    EXPECT_EQ(summary.failed, fast ? 1 : 8);
    EXPECT_EQ(summary.open, fast ? 7 : 0);
    EXPECT_EQ(sweep.stopped, fast);
    EXPECT_THAT(sweep.records[0].error, HasSubstr("/s/runs/0000_rflo_0.01_seed0] cannot "));
    std::filesystem::remove(folder / "s/runs");
    const Sweep again = run(plan, folder / "s", [](SweepOptions& options) { options.resume = true; });
    EXPECT_EQ(summarise(again).done, 8);  // what failed is run again
  }
}

TEST(Sweep, EveryCombinationIsCheckedBeforeTheFirstJob) {
  const Folder folder;
  const std::string out = folder / "s";
  const auto refused = [&](const std::vector<std::string>& words) {
    return refusal([&] { run(small_plan(words), out); });
  };
  EXPECT_EQ(refused({"rule.name=snap,rflo", "rule.n=1"}),
            "2 [rule.name=rflo, rule.n=1] [rule.n] rflo has no option n; snap has. Allowed: name, preset, feedback, "
            "feedback_scale, feedback_decay, whiten, decay, reach, reach_by.");
  EXPECT_EQ(refused({"optimizer.lr=0.1,-1"}), "2 [optimizer.lr=-1] [optimizer.lr] got -1, allowed is a number >= 0.");
  EXPECT_THAT(refused({"optimizer.rate=0.1,1"}), HasSubstr("2 [optimizer.rate=0.1] [optimizer.rate] unknown key"));
  EXPECT_EQ(refused({"model.hidden=lin(4,8,4)"}),
            "2 [model.hidden=5.33333] [model.hidden] got 5.33333, allowed is a whole number in [1, 1000000] "
            "units.");
  EXPECT_EQ(
      refused({"rule.name=rflo,bptt"}),
      "2 [sweep: bptt] [update.every] got an endless stream with the rule bptt, which goes back from the end of a "
      "row, allowed are tasks with rows. tbptt takes any stream.");
  EXPECT_EQ(refused({"rule.name=rflo,tbptt(L=9)"}),
            "2 [sweep: tbptt(L=9)] [rule.L] got 9, allowed is 1 ... 1 = the update interval (or the row).");
  EXPECT_EQ(refused({"rule.name=rflo(optimizer.lr=1),rtrl", "optimizer.lr=1,2"}),
            "2 [rule.name] got \"rflo(optimizer.lr=1)\", but optimizer.lr is an axis, too. Drop one of them.");
  EXPECT_EQ(refused({"optimizer.lr=1,2", "optimizer.lr=3,4"}),
            "2 [optimizer.lr] is given twice. One axis has all its values.");
  EXPECT_EQ(refused({"optimizer.lr=lin(0,1,1000)", "optimizer.l2=lin(0,1,1000)"}),
            "2 [sweep] got more than 1000000 jobs. Give fewer values or seeds.");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Sweep, OneSweepAFolder) {
  const Folder folder;
  const SweepPlan plan = small_plan({"optimizer.lr=0.01,0.1"}, {0});
  const std::string out = folder / "s";
  run(plan, out);
  EXPECT_EQ(refusal([&] { run(plan, out); }),
            "4 [" + out + "] this folder holds a sweep already. Go on with --resume, or give another --out.");
  const auto resume = [&](const SweepPlan& other, int shard = 0) {
    return refusal([&] {
      run(other, out, [&](SweepOptions& options) {
        options.resume = true;
        options.shard = shard;
      });
    });
  };
  EXPECT_EQ(resume(small_plan({"optimizer.lr=0.01,0.2"}, {0})),
            "2 [" + out +
                "] holds another sweep: it differs in the axis optimizer.lr. Give what it began with, or another "
                "--out.");
  EXPECT_THAT(resume(small_plan({"optimizer.lr=0.01,0.1"}, {1})), HasSubstr("it differs in --seeds."));
  SweepPlan parted = plan;
  parted.shards = 2;
  EXPECT_THAT(resume(parted, 1), HasSubstr("it differs in the number of shards."));
  {
    const LockFile other(out + "/lock", LockFile::Kind::alone, "");
    EXPECT_EQ(resume(plan),
              "4 [" + out + "/lock] another process runs this sweep. Wait for it, stop it, or give another --out.");
  }
  EXPECT_EQ(resume(plan), "nothing was refused");
  std::filesystem::remove(out + "/sweep.json");
  std::filesystem::remove(out + "/ledger.jsonl");
  std::ofstream(out + "/metrics.jsonl") << "";
  EXPECT_EQ(refusal([&] { run(plan, out); }),
            "4 [" + out + "] this folder holds something else (metrics.jsonl). Give another --out.");
}

TEST(Sweep, ShardsKeepTheirLikeAndWholeSweepsAway) {
  const Folder folder;
  SweepPlan plan = small_plan({"optimizer.lr=0.01,0.1"}, {0});
  plan.shards = 2;
  const std::string out = folder / "s";
  std::filesystem::create_directories(out);
  const LockFile all(out + "/lock", LockFile::Kind::shared, ""),
      own(out + "/ledger.1of2.jsonl.lock", LockFile::Kind::alone, "");
  const auto start = [&](int shard) {
    return refusal([&] { run(plan, out, [&](SweepOptions& options) { options.shard = shard; }); });
  };
  EXPECT_THAT(start(1), HasSubstr("another process runs this sweep."));
  EXPECT_THAT(start(0), HasSubstr("another process runs this sweep."));
  EXPECT_EQ(start(2), "nothing was refused");
}

}  // namespace
}  // namespace chronograd
