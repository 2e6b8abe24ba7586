// Days that are left to do, found by the journal and, without it, by the evidence.
#include "run/pending_days.hpp"

#include "memory_pipeline.hpp"
#include "run/journal_rebuild.hpp"

namespace daymill {
namespace {

class PendingDays : public MemoryPipeline {
 protected:
  PendingDays() {
    store.count("clicks", "shoes", 3);
    store.count("views", "shoes", 10);
  }
  /// The reason why the day is unfinished; empty: it is not.
  std::string unfinished() { return reason_of(journal()); }
  /// The same with a journal that knows nothing.
  std::string unfinished_without_journal() {
    auto empty = RunJournal::open(folder / "empty.db");
    EXPECT_TRUE(empty.ok());
    return reason_of(*empty);
  }

 private:
  std::string reason_of(RunJournal& known) {
    MemorySink sink(database);
    const auto days = unfinished_days(PendingDaySources{pipeline, sink, known, snapshots});
    EXPECT_TRUE(days.ok()) << days.status().to_string();
    if (days->empty())
      return "";
    EXPECT_EQ(days->size(), 1u);
    EXPECT_EQ(days->front().day.iso(), "2024-11-22");
    return days->front().reason;
  }
};

TEST_F(PendingDays, NothingBeforeAndAfterARun) {
  EXPECT_EQ(unfinished(), "");
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  EXPECT_EQ(unfinished(), "");
  EXPECT_EQ(unfinished_without_journal(), "");
}

TEST_F(PendingDays, ReadAndNotLoaded) {
  database.on_commit = [] { return Status(Code::unavailable, "gone"); };
  run();
  EXPECT_EQ(unfinished(), "its last run ended RETRY_WAIT");
  EXPECT_EQ(unfinished_without_journal(), "attempt 1 committed nothing");
  database.evidence.epoch = 0;
  EXPECT_EQ(unfinished_without_journal(), "clicks was read and never loaded");
}

TEST_F(PendingDays, LoadedAndNotRemoved) {
  database.on_mark_removed = [] { return Status(Code::unavailable, "gone"); };
  run();
  EXPECT_EQ(unfinished_without_journal(), "clicks is loaded and not yet removed");
  pipeline.definition.source.entries.back().value = "never";
  EXPECT_EQ(unfinished_without_journal(), "");
}

TEST_F(PendingDays, FailedReplayIsReplayedAgain) {
  run();
  settings.force = true;
  database.on_commit = [] { return Status(Code::unavailable, "gone"); };
  replay();
  const auto days = failed_days(journal(), "memory");
  ASSERT_TRUE(days.ok());
  ASSERT_EQ(days->size(), 1u);
  EXPECT_EQ(days->front().kind, RunKind::replay);
}

TEST_F(PendingDays, MissingDaysOfARange) {
  run();
  MemorySink sink(database);
  const auto day = [](const char* text) { return CivilDay::parse(text).value(); };
  const auto days = missing_days(sink, DayRange{day("2024-11-21"), day("2024-11-23")});
  ASSERT_TRUE(days.ok());
  ASSERT_EQ(days->size(), 2u);
  EXPECT_EQ(days->at(0).day.iso(), "2024-11-21");
  EXPECT_EQ(days->at(1).day.iso(), "2024-11-23");
}

class Rebuild : public PendingDays {
 protected:
  std::vector<RebuiltRun> rebuild(RunJournal& into) {
    MemorySink sink(database);
    auto runs = rebuild_journal(pipeline, sink, snapshots, into);
    EXPECT_TRUE(runs.ok()) << runs.status().to_string();
    return std::move(runs).value();
  }
};

TEST_F(Rebuild, FindsTheRunThatLoadedTheDay) {
  const RunReport report = run();
  auto empty = RunJournal::open(folder / "empty.db");
  ASSERT_TRUE(empty.ok());
  ASSERT_EQ(rebuild(*empty).size(), 1u);
  const auto found = empty->find(report.run_id);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->state, "DONE");
  EXPECT_EQ((*found)->kind, "rebuilt");
  EXPECT_FALSE(rebuild(*empty)[0].added) << "a second time adds nothing";
}

TEST_F(Rebuild, EvidenceIsAddedWhereTheJournalSaysSomethingElse) {
  database.on_commit = [] { return Status(Code::unavailable, "gone"); };
  run();
  auto runs = rebuild(journal());
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_TRUE(runs[0].added);
  EXPECT_EQ(runs[0].journal_said, "RETRY_WAIT");
  EXPECT_EQ(runs[0].run.state, "SNAPSHOTTED");
  database.on_commit = [] { return Status(); };
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  EXPECT_FALSE(rebuild(journal())[0].added);
}

}  // namespace
}  // namespace daymill
