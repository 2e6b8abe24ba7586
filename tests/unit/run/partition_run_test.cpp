// One partition from source to sink: what every turn of events ends in. Whatever happens, a count
// is in the source, in a snapshot or in the target, and once in the target.
#include "run/partition_run.hpp"

#include <algorithm>
#include <utility>

#include "memory_pipeline.hpp"
#include "run/cancellation.hpp"

namespace daymill {
namespace {

class PartitionRun : public MemoryPipeline {
 protected:
  void count_day() {
    store.count("clicks", "shoes", 3);
    store.count("views", "shoes", 10);
    store.count("views", "hats", 5);
  }
  const std::map<std::string, MemoryDatabase::Counts> day_rows = {{"shoes", {3, 10}},
                                                                  {"hats", {0, 5}}};
  [[nodiscard]] std::int64_t generation_of(const std::string& split) const {
    std::int64_t newest = 0;
    for (const Receipt& receipt : database.evidence.receipts)
      if (receipt.split == split)
        newest = std::max(newest, receipt.generation);
    return newest;
  }
  /// Nothing was loaded and the source holds all that count_day() counted.
  void expect_untouched() const {
    EXPECT_EQ(database.commits, 0);
    EXPECT_EQ(store.removed, 0);
    EXPECT_EQ(store.splits.at("clicks").counts.size(), 1u);
    EXPECT_EQ(store.splits.at("views").counts.size(), 2u);
  }
};

TEST_F(PartitionRun, FirstLoad) {
  count_day();
  const RunReport report = run();
  expect_done(report, day_rows);
  EXPECT_EQ(report.epoch, 1);
  EXPECT_EQ(report.rows_read, 3);
  EXPECT_EQ(report.rows_merged, 1);
  EXPECT_EQ(report.rows_out, 2);
  EXPECT_EQ(report.sums_out, (std::vector<Sum>{{"clicks", 3}, {"views", 15}}));
  EXPECT_EQ(report.sums_read, report.sums_out);
  EXPECT_EQ(report.target, "memory:target");
  EXPECT_EQ(database.commits, 1);
  EXPECT_EQ(store.splits["clicks"].removals, 1);
  ASSERT_EQ(database.evidence.receipts.size(), 2u);
  for (const Receipt& receipt : database.evidence.receipts) {
    EXPECT_TRUE(receipt.removed);
    EXPECT_EQ(store.splits[receipt.split].removed_fingerprint, receipt.fingerprint);
  }
  EXPECT_EQ(stored().size(), 2u);
}

TEST_F(PartitionRun, NothingThereIsEmptyAndWritesNothing) {
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "EMPTY");
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_TRUE(report.wrote_nothing);
  EXPECT_EQ(database.writes, 0);
}

TEST_F(PartitionRun, DoneAlreadyWritesNothing) {
  count_day();
  run();
  const int writes = database.writes;
  const RunReport again = run();
  expect_done(again, day_rows);
  EXPECT_TRUE(again.wrote_nothing);
  EXPECT_EQ(database.writes, writes);
  EXPECT_EQ(store.removed, 2);
}

TEST_F(PartitionRun, AbsentSplitCountsAsZeroWithAWarning) {
  store.count("clicks", "shoes", 3);
  const RunReport report = run();
  expect_done(report, {{"shoes", {3, 0}}});
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_NE(report.warnings[0].find("memory views does not exist"), std::string::npos);
}

TEST_F(PartitionRun, LateDataIsANewGenerationOfItsSplitAlone) {
  count_day();
  run();
  store.count("clicks", "shoes", 4);
  store.count("clicks", "gloves", 1);
  expect_done(run(), {{"shoes", {7, 10}}, {"hats", {0, 5}}, {"gloves", {1, 0}}});
  EXPECT_EQ(generation_of("clicks"), 2);
  EXPECT_EQ(generation_of("views"), 1);
  EXPECT_EQ(store.splits["clicks"].removals, 2);
  EXPECT_EQ(database.evidence.load->epoch, 2);
}

TEST_F(PartitionRun, ChangedBetweenCommitAndRemovalIsReadAgain) {
  count_day();
  database.on_commit = [&] {
    if (database.commits == 0)
      store.count("clicks", "shoes", 1);
    return Status();
  };
  expect_done(run(), {{"shoes", {4, 10}}, {"hats", {0, 5}}});
  EXPECT_EQ(database.commits, 2);
  EXPECT_EQ(generation_of("clicks"), 1) << "nothing was removed in between: replaced, not added";
  EXPECT_EQ(stored().size(), 2u) << "the smaller reading is no longer needed";
}

TEST_F(PartitionRun, ChangedDuringOneReadingIsReadAgain) {
  count_day();
  int reads = 0;
  store.on_read = [&](const std::string& /*split*/) {
    if (++reads == 2)
      store.count("views", "scarves", 2);
  };
  settings.threads = 1;
  expect_done(run(), {{"shoes", {3, 10}}, {"hats", {0, 5}}, {"scarves", {0, 2}}});
  EXPECT_EQ(database.commits, 1) << "what was read while it changed is not worth loading";
}

TEST_F(PartitionRun, WriterThatNeverStopsIsLoadedAndNotRemoved) {
  count_day();
  store.on_read = [&](const std::string& /*split*/) { store.count("views", "shoes", 1); };
  settings.threads = 1;
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "RETRY_WAIT");
  EXPECT_EQ(report.failure.code(), Code::conflict);
  EXPECT_NE(report.failure.message().find("still being written"), std::string::npos);
  EXPECT_FALSE(store.splits["views"].counts.empty());
  EXPECT_GE(database.commits, 1) << "what was read is loaded";
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_NE(report.warnings[0].find("memory views is still being written"), std::string::npos);
  EXPECT_NE(report.warnings[0].find("ended in UTC. Is that timezone the one"), std::string::npos);
  store.on_read = [](const std::string& /*split*/) {};
  const auto views = store.splits["views"].counts["shoes"];
  expect_done(run(), {{"shoes", {3, views}}, {"hats", {0, 5}}});
}

TEST_F(PartitionRun, LostAnswerToACommitThatHappenedIsFoundByItsReceipts) {
  count_day();
  database.on_commit = [] { return Status(Code::commit_unknown, "connection lost"); };
  database.commits_anyway = true;
  expect_done(run(), day_rows);
  EXPECT_EQ(database.commits, 1);
}

TEST_F(PartitionRun, LostAnswerToACommitThatDidNotHappenIsDoneAgain) {
  count_day();
  pipeline.definition.retry.attempts = 2;
  int asked = 0;
  database.on_commit = [&] {
    return ++asked == 1 ? Status(Code::commit_unknown, "connection lost") : Status();
  };
  expect_done(run(), day_rows);
  EXPECT_EQ(database.commits, 1);
  EXPECT_EQ(asked, 2);
}

TEST_F(PartitionRun, FencedAttemptRemovesNothing) {
  count_day();
  database.on_commit = [&] {
    ++database.evidence.epoch;  // somebody else claimed the day
    return Status();
  };
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "FENCED");
  EXPECT_EQ(report.exit_code(), 1);
  expect_untouched();
}

TEST_F(PartitionRun, WhatAnotherRunnerDidBeforeTheClaimIsSeen) {
  count_day();
  bool first = true;
  database.on_claim = [&] {
    if (std::exchange(first, false)) {
      EXPECT_STREQ(run_state_name(run().state), "DONE");
    }
  };
  expect_done(run(), day_rows);
  EXPECT_EQ(database.commits, 1);
  EXPECT_EQ(store.removed, 2);
}

TEST_F(PartitionRun, ConflictInsideTheCommitIsTriedAgainWithoutReadingAgain) {
  count_day();
  pipeline.definition.retry.attempts = 4;
  int asked = 0;
  int reads = 0;
  store.on_read = [&](const std::string& /*split*/) { ++reads; };
  database.on_commit = [&] {
    return ++asked < 3 ? Status(Code::conflict, "lock timeout") : Status();
  };
  settings.threads = 1;
  expect_done(run(), day_rows);
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(reads, 2) << "once per split";
}

TEST_F(PartitionRun, UnavailableSourceIsTriedAgain) {
  count_day();
  pipeline.definition.retry.attempts = 3;
  int asked = 0;
  store.on_plan = [&] {
    return ++asked < 3 ? Status(Code::unavailable, "try " + std::to_string(asked)) : Status();
  };
  expect_done(run(), day_rows);
}

TEST_F(PartitionRun, GivesUpAfterItsAttemptsWithTheFirstCause) {
  count_day();
  pipeline.definition.retry.attempts = 3;
  int asked = 0;
  store.on_plan = [&] { return Status(Code::unavailable, "try " + std::to_string(++asked)); };
  const RunReport report = run();
  EXPECT_EQ(asked, 3);
  EXPECT_STREQ(run_state_name(report.state), "RETRY_WAIT");
  EXPECT_EQ(report.failure.message(), "try 1");
  EXPECT_EQ(report.exit_code(), 3);
  expect_untouched();
}

TEST_F(PartitionRun, WhatCannotPassIsNotTriedAgain) {
  pipeline.definition.retry.attempts = 5;
  int asked = 0;
  store.on_plan = [&] {
    ++asked;
    return Status(Code::unauthenticated, "wrong password");
  };
  EXPECT_EQ(run().exit_code(), 3);
  EXPECT_EQ(asked, 1);
}

TEST_F(PartitionRun, StopsWhenAskedToAndGoesOnLater) {
  count_day();
  store.on_read = [](const std::string& /*split*/) { cancellation::request(); };
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "CANCELLED");
  EXPECT_EQ(report.exit_code(), 130);
  expect_untouched();
  cancellation::reset();
  store.on_read = [](const std::string& /*split*/) {};
  expect_done(run(), day_rows);
}

TEST_F(PartitionRun, StopsWaitingWhenAskedTo) {
  pipeline.definition.retry = {
      .attempts = 2, .backoff_min = std::chrono::hours(1), .backoff_max = std::chrono::hours(2)};
  store.on_plan = [] {
    cancellation::request();
    return Status(Code::unavailable, "down");
  };
  EXPECT_EQ(run().exit_code(), 130);
}

TEST_F(PartitionRun, TargetThatChangedSinceStopsTheRemoval) {
  count_day();
  run();
  database.evidence.difference = "rows 2, found 1";
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_NE(report.failure.next().find("daymill replay"), std::string::npos);
}

TEST_F(PartitionRun, ResetAfterTheLoadNeedsADecision) {
  count_day();
  pipeline.source_capabilities = DAYMILL_SOURCE_REPEATS_ROWS;  // keeps what it holds
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  store.splits["views"].counts = {{"shoes", 1}};
  ++store.splits["views"].version;
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_NE(report.failure.message().find("less than what was loaded"), std::string::npos);
  EXPECT_EQ(database.rows, day_rows);
  settings.accept_decrease = true;
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  EXPECT_EQ(database.rows, (std::map<std::string, MemoryDatabase::Counts>{{"shoes", {3, 1}}}));
}

TEST_F(PartitionRun, DeletedBySomebodyAfterTheLoadIsOnlyRecorded) {
  count_day();
  pipeline.source_capabilities = DAYMILL_SOURCE_REPEATS_ROWS;
  run();
  pipeline.source_capabilities |= DAYMILL_SOURCE_REMOVES_BY_PROOF;
  store.splits["clicks"].counts.clear();
  const RunReport report = run();
  expect_done(report, day_rows);
  EXPECT_EQ(store.splits["clicks"].removals, 1);
  EXPECT_EQ(database.commits, 1);
  ASSERT_FALSE(report.warnings.empty());
  EXPECT_NE(report.warnings[0].find("deleted by somebody"), std::string::npos);
}

TEST_F(PartitionRun, VanishedBetweenReadingAndLoadIsLoadedFromItsSnapshot) {
  count_day();
  database.on_commit = [] { return Status(Code::unavailable, "down"); };
  EXPECT_STREQ(run_state_name(run().state), "RETRY_WAIT");
  database.on_commit = [] { return Status(); };
  store.splits["clicks"].counts.clear();
  store.splits["views"].counts.clear();
  const RunReport report = run();
  expect_done(report, day_rows);
  EXPECT_EQ(report.warnings.size(), 2u);
}

TEST_F(PartitionRun, ResetBetweenReadingAndLoadNeedsADecision) {
  count_day();
  database.on_commit = [] { return Status(Code::unavailable, "down"); };
  run();
  database.on_commit = [] { return Status(); };
  store.splits["views"].counts = {{"shoes", 1}};
  ++store.splits["views"].version;
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_EQ(database.commits, 0);
  EXPECT_EQ(store.removed, 0);
}

TEST_F(PartitionRun, SinkThatLostTheDayIsFilledFromSnapshots) {
  count_day();
  run();
  const auto epoch = database.evidence.epoch;
  database.rows.clear();
  database.evidence = Evidence();
  database.evidence.epoch = epoch;
  const RunReport report = run();
  expect_done(report, day_rows);
  EXPECT_EQ(report.warnings.size(), 2u);
}

TEST_F(PartitionRun, SinkThatLostTheDayWithoutSnapshotsIsSuspectedDataLoss) {
  count_day();
  run();
  database.rows.clear();
  database.evidence = Evidence();
  std::filesystem::remove_all(folder / "snapshots");
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "DATA_LOSS_SUSPECTED");
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_EQ(database.commits, 1);
}

TEST_F(PartitionRun, SnapshotOfAnotherContentThanTheRemovedOneDoesNotFillTheSink) {
  count_day();
  run();
  database.rows.clear();
  database.evidence = Evidence();
  store.splits["clicks"].removed_fingerprint = "1-00000000000000000000000000000000";
  EXPECT_STREQ(run_state_name(run().state), "DATA_LOSS_SUSPECTED");
  EXPECT_TRUE(database.rows.empty());
}

TEST_F(PartitionRun, LateDataWhoseOlderSnapshotIsGoneDoesNotReplaceTheDayByItsCrumbs) {
  count_day();
  run();
  std::filesystem::remove_all(folder / "snapshots");
  store.count("clicks", "late", 1);
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_EQ(database.rows, day_rows);
  EXPECT_FALSE(store.splits["clicks"].counts.empty());
}

TEST_F(PartitionRun, BrokenJournalDoesNotStopTheRun) {
  auto journal = Database::open(folder / "state.db", Database::Mode::read_write);
  ASSERT_TRUE(journal.ok() && journal->execute("DROP TABLE run; DROP TABLE step").ok());
  count_day();
  expect_done(run(), day_rows);
}

}  // namespace
}  // namespace daymill
