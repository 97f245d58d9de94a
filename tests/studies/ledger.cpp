// SPDX-License-Identifier: Apache-2.0
#include "studies/ledger.hpp"

#include <gmock/gmock.h>

#include "files/atomic_file.hpp"
#include "folder.hpp"
#include "studies/small_sweep.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

const SweepPlan plan = small_plan({"optimizer.lr=0.01,0.1"});

void append_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

TEST(Ledger, TheLastLineAboutAJobHolds) {
  const Folder folder;
  const auto jobs = plan.jobs();
  {
    Ledger ledger(folder / "ledger.jsonl");
    ledger.append_queued(plan, jobs);
    ledger.append(plan, jobs[1], record_of(JobStatus::running));
    ledger.append(plan, jobs[1], record_of(JobStatus::done, 0.25));
    ledger.append(plan, jobs[2], record_of(JobStatus::failed));
    ledger.append(plan, jobs[2], record_of(JobStatus::running));
  }
  const auto records = read_records(folder / ".", jobs);
  EXPECT_EQ(records[0].status, JobStatus::queued);
  EXPECT_EQ(records[1].status, JobStatus::done);
  EXPECT_EQ(records[1].loss, 0.25);
  EXPECT_EQ(records[2].status, JobStatus::running);
  EXPECT_THAT(
      read_text(folder / "ledger.jsonl"),
      HasSubstr(
          R"({"job":1,"status":"done","seed":1,"values":{"optimizer.lr":"0.01"},)"
          R"("directory":"runs/0001_0.01_seed1","loss":0.25,"accuracy":null,"updates":0,"stream_steps":0,"seconds":1.0})"
          "\n"));
}

TEST(Ledger, EveryCutLosesAtMostTheLineThatIsCut) {
  const Folder folder;
  const auto jobs = plan.jobs();
  {
    Ledger ledger(folder / "ledger.jsonl");
    for (const SweepJob& job : jobs) ledger.append(plan, job, record_of(JobStatus::done, 0.5));
  }
  const std::string whole = read_text(folder / "ledger.jsonl");
  for (std::size_t size = 0; size <= whole.size(); size += 5) {
    std::ofstream(folder / "ledger.jsonl", std::ios::binary) << whole.substr(0, size);
    {
      Ledger ledger(folder / "ledger.jsonl");  // goes on after the cut
      ledger.append(plan, jobs[3], record_of(JobStatus::diverged));
    }
    const auto records = read_records(folder / ".", jobs);
    const std::string kept = whole.substr(0, size);
    const auto lines = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), '\n'));
    for (std::size_t i = 0; i < std::min<std::size_t>(3, lines); ++i) EXPECT_EQ(records[i].loss, 0.5) << size;
    EXPECT_EQ(records[3].status, JobStatus::diverged) << size;
  }
}

TEST(Ledger, NonsenseIsNothingAndAnotherSweepsLinesAreRefused) {
  const Folder folder;
  const auto jobs = plan.jobs();
  append_text(folder / "ledger.jsonl", "\n[]\n{\n{\"job\":\"a\"}\n{\"job\":0,\"status\":\"gone\"}\n\xff\xfe\n" +
                                           std::string(3, '\0') + "\n{\"job\":0,\"status\":3}\n");
  EXPECT_EQ(read_records(folder / ".", jobs)[0].status, JobStatus::queued);
  append_text(folder / "ledger.2of3.jsonl", "{\"job\":4,\"status\":\"done\"}\n");
  EXPECT_EQ(refusal([&] { read_records((folder / ".").string(), jobs); }),
            "4 [" + (folder / ".").string() +
                "/ledger.2of3.jsonl] has a job 4, but the sweep has 4 jobs. Is it another "
                "sweep's?");
}

TEST(Ledger, ACompleteRunStandsInForALineThatWasNotWritten) {
  const Folder folder;
  const auto jobs = plan.jobs();
  const std::string run = (folder / jobs[2].directory).string();
  std::filesystem::create_directories(run);
  write_file(run + "/summary.json",
             R"({"status":"done","updates":300,"train":{"loss":0.7},"test":{"loss":0.6,"accuracy":0.9},"seconds":2})");
  const auto records = read_records(folder / ".", jobs);
  EXPECT_EQ(records[2].status, JobStatus::done);
  EXPECT_EQ(records[2].loss, 0.6);
  EXPECT_EQ(records[2].accuracy, 0.9);
  EXPECT_EQ(records[2].updates, 300);
  write_file(run + "/summary.json", R"({"status":"stopped"})");
  EXPECT_EQ(read_records(folder / ".", jobs)[2].status, JobStatus::queued);
}

}  // namespace
}  // namespace chronograd
