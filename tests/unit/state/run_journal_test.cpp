// The run journal: what is written is read back, a damaged file is put aside, processes share it.
#include "state/run_journal.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

RunReport report_of(const std::string& run_id, const std::string& partition = "2024-11-22") {
  RunReport report;
  report.run_id = run_id;
  report.kind = "run";
  report.pipeline = "ad_ctr";
  report.partition = partition;
  report.started_at = "2024-11-23T00:30:00Z";
  return report;
}

class RunJournals : public testing::Test {
 protected:
  [[nodiscard]] RunJournal open() const {
    auto journal = RunJournal::open(path);
    EXPECT_TRUE(journal.ok()) << journal.status().to_string();
    return std::move(journal).value();
  }
  support::TemporaryFolder folder{"journal"};
  std::filesystem::path path = folder / "home/state.db";
};

TEST_F(RunJournals, KeepARunWithItsAttemptsStepsAndErrors) {
  RunReport report = report_of("20241123T003000Z-0001");
  {
    RunJournal journal = open();
    ASSERT_TRUE(journal.start_run(report).ok());
    ASSERT_TRUE(journal.start_attempt(report.run_id, 1).ok());
    ASSERT_TRUE(journal.step(report.run_id, 1, RunState::reading, "2 splits").ok());
    const Status cause =
        Status(Code::unavailable, "connection refused").at("redis 127.0.0.1:6379").next("start it");
    ASSERT_TRUE(journal.attempt_failed(report.run_id, 1, cause).ok());
    ASSERT_TRUE(journal.start_attempt(report.run_id, 2).ok());
    ASSERT_TRUE(journal.step(report.run_id, 2, RunState::committed, "epoch 1").ok());
    report.state = RunState::done;
    report.finished_at = "2024-11-23T00:30:09Z";
    report.rows_out = 42;
    ASSERT_TRUE(journal.finish_run(report).ok());
  }
  RunJournal journal = open();
  const auto found = journal.find(report.run_id);
  ASSERT_TRUE(found.ok() && found->has_value());
  const JournalRun& run = **found;
  EXPECT_EQ(run.pipeline, "ad_ctr");
  EXPECT_EQ(run.partition, "2024-11-22");
  EXPECT_EQ(run.state, "DONE");
  EXPECT_EQ(run.attempts, 2);
  EXPECT_EQ(run.finished_at, "2024-11-23T00:30:09Z");
  EXPECT_EQ(run.error_code, "");
  EXPECT_EQ(nlohmann::json::parse(run.report_json)["rows"]["out"], 42);

  const auto steps = journal.steps(report.run_id);
  ASSERT_TRUE(steps.ok());
  ASSERT_EQ(steps->size(), 3u);
  EXPECT_EQ((*steps)[0].state, "READING");
  EXPECT_EQ((*steps)[0].detail, "2 splits");
  EXPECT_EQ((*steps)[1].state, "ERROR");
  EXPECT_EQ((*steps)[1].detail, "UNAVAILABLE: connection refused (redis 127.0.0.1:6379)");
  EXPECT_EQ((*steps)[2].attempt, 2);
  EXPECT_EQ((*steps)[2].state, "COMMITTED");
}

TEST_F(RunJournals, KeepOneOfTheRunsThatFoundNothingToDo) {
  RunJournal journal = open();
  const auto run = [&](const std::string& id, RunState state, bool wrote_nothing,
                       const std::string& partition = "2024-11-22") {
    RunReport report = report_of(id, partition);
    EXPECT_TRUE(journal.start_run(report).ok());
    EXPECT_TRUE(journal.start_attempt(id, 1).ok());
    EXPECT_TRUE(journal.step(id, 1, RunState::reading, "").ok());
    report.state = state;
    report.wrote_nothing = wrote_nothing;
    report.finished_at = "2024-11-23T00:30:09Z";
    EXPECT_TRUE(journal.finish_run(report).ok());
  };
  const auto ids = [&] {
    std::string text;
    const std::vector<JournalRun> runs = journal.runs("ad_ctr", 100).value();
    for (const JournalRun& one : runs)
      text += one.run_id + " ";
    return text;
  };
  run("empty", RunState::empty, true);
  run("other-day", RunState::empty, true, "2024-11-21");
  run("empty-again", RunState::empty, true);
  run("load", RunState::done, false);
  run("look", RunState::done, true);
  run("failure", RunState::needs_decision, true);
  run("look-again", RunState::done, true);
  EXPECT_EQ(ids(), "look-again failure load empty-again other-day ");
  EXPECT_EQ(journal.steps("look").value().size(), 0u);
  EXPECT_EQ(journal.steps("look-again").value().size(), 1u);
  EXPECT_EQ(journal.newest_by_partition("ad_ctr", 10).value().front().run_id, "look-again");
}

TEST_F(RunJournals, KeepLooksThatSawErrors) {
  RunJournal journal = open();
  for (const char* id : {"a", "b"}) {
    RunReport report = report_of(id);
    ASSERT_TRUE(journal.start_run(report).ok());
    ASSERT_TRUE(journal.attempt_failed(id, 1, Status(Code::unavailable, "refused")).ok());
    report.state = RunState::done;
    ASSERT_TRUE(journal.finish_run(report).ok());
  }
  EXPECT_EQ(journal.runs("ad_ctr", 10).value().size(), 2u);
}

TEST_F(RunJournals, RunThatDiedIsUnfinished) {
  {
    RunJournal journal = open();
    ASSERT_TRUE(journal.start_run(report_of("a")).ok());
    ASSERT_TRUE(journal.step("a", 1, RunState::loading, "").ok());
  }
  const auto runs = open().runs("", 10);
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs->front().state, "LOADING");
  EXPECT_EQ(runs->front().finished_at, "");
}

TEST_F(RunJournals, ListByPipelineByPartitionAndByBeginningsOfIds) {
  RunJournal journal = open();
  ASSERT_TRUE(journal.start_run(report_of("20241123-a", "2024-11-21")).ok());
  ASSERT_TRUE(journal.start_run(report_of("20241123-b", "2024-11-22")).ok());
  ASSERT_TRUE(journal.start_run(report_of("20241124-c", "2024-11-21")).ok());
  RunReport other = report_of("20241125-d");
  other.pipeline = "other";
  ASSERT_TRUE(journal.start_run(other).ok());

  EXPECT_EQ(journal.runs("", 10)->size(), 4u);
  EXPECT_EQ(journal.runs("ad_ctr", 10)->size(), 3u);
  EXPECT_EQ(journal.runs("ad_ctr", 2)->size(), 2u);
  const auto newest = journal.newest_by_partition("ad_ctr", 10);
  ASSERT_EQ(newest->size(), 2u);
  EXPECT_EQ((*newest)[0].run_id, "20241123-b");
  EXPECT_EQ((*newest)[1].run_id, "20241124-c");

  EXPECT_EQ((*journal.find("20241124"))->run_id, "20241124-c");
  EXPECT_EQ((*journal.find("-d"))->run_id, "20241125-d");
  EXPECT_FALSE(journal.find("nothing")->has_value());
  EXPECT_EQ(journal.find("20241123").status().code(), Code::invalid_argument) << "not unique";
}

TEST_F(RunJournals, TextIsNeverTakenForSql) {
  RunJournal journal = open();
  const std::string hostile = "'; DROP TABLE run; --";
  ASSERT_TRUE(journal.start_run(report_of(hostile)).ok());
  EXPECT_EQ((*journal.find(hostile))->run_id, hostile);
  EXPECT_EQ(journal.runs(hostile, 10)->size(), 0u);
}

TEST_F(RunJournals, DamagedFileIsPutAsideAndANewOneMade) {
  folder.write("home/state.db", std::string(8192, 'x'));
  RunJournal journal = open();
  EXPECT_TRUE(journal.start_run(report_of("a")).ok());
  EXPECT_EQ(journal.runs("", 10)->size(), 1u);
  EXPECT_EQ(support::read_file(path.string() + ".damaged"), std::string(8192, 'x'));
}

TEST_F(RunJournals, FolderThatCannotBeMadeIsAnErrorThatNamesIt) {
  folder.write("home", "a file");
  const auto journal = RunJournal::open(path);
  EXPECT_EQ(journal.status().code(), Code::permission_denied) << journal.status().to_string();
  EXPECT_NE(journal.status().to_string().find((folder / "home").string()), std::string::npos);
}

TEST_F(RunJournals, TwoProcessesShareOne) {
  constexpr int kRuns = 50;
  { const RunJournal made_once = open(); }
  std::vector<pid_t> children;
  for (const char* name : {"a", "b"}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto journal = RunJournal::open(path);
      bool good = journal.ok();
      for (int i = 0; good && i < kRuns; ++i) {
        const std::string run_id = std::string(name) + "-" + std::to_string(i);
        good = journal->start_run(report_of(run_id)).ok() &&
               journal->step(run_id, 1, RunState::loading, "").ok();
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().runs("", 1000)->size(), std::size_t{2} * kRuns);
}

}  // namespace
}  // namespace daymill
