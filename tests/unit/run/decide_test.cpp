// What somebody may decide about a day that contradicts itself: each choice in each situation, and
// that without one nothing is touched.
#include <algorithm>

#include "memory_pipeline.hpp"

namespace daymill {
namespace {

using Rows = std::map<std::string, MemoryDatabase::Counts>;

class Decide : public MemoryPipeline {
 protected:
  Decide() {
    store.count("clicks", "shoes", 5);
    store.count("views", "shoes", 10);
  }
  RunReport decide(Choice choice) {
    settings.decision = {choice, "operator@host", "told so"};
    const RunReport report = run();
    settings.decision = {};
    return report;
  }
  /// Loads the day, then makes the source look as if the removal of clicks had never been and it
  /// held `clicks` of shoes only.
  void restore_clicks(std::int64_t removals, std::int64_t clicks) {
    auto& split = store.splits["clicks"];
    split.removals = removals;
    split.counts = {{"shoes", clicks}};
    ++split.version;
  }
  void load() { ASSERT_STREQ(run_state_name(run().state), "DONE"); }
  void expect_needs_decision(const std::string& problem) {
    const Rows rows = database.rows;
    const auto held = store.splits["clicks"].counts;
    const RunReport report = run();
    EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
    EXPECT_NE(report.failure.message().find(problem), std::string::npos)
        << report.failure.to_string();
    EXPECT_NE(report.failure.next().find("daymill decide memory.json 2024-11-22 --"),
              std::string::npos)
        << report.failure.next();
    EXPECT_EQ(database.rows, rows);
    EXPECT_EQ(store.splits["clicks"].counts, held);
    EXPECT_TRUE(database.evidence.decisions.empty());
  }
  void expect_noted(const std::string& choice) const {
    ASSERT_EQ(database.evidence.decisions.size(), 1u);
    EXPECT_EQ(database.evidence.decisions[0].choice, choice);
    EXPECT_EQ(database.evidence.decisions[0].decided_by, "operator@host");
    EXPECT_EQ(database.evidence.decisions[0].reason, "told so");
    EXPECT_NE(database.evidence.decisions[0].detail, "");
  }
  [[nodiscard]] int files(const std::string& extension) const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(snapshots.root()))
      count += entry.path().extension() == extension ? 1 : 0;
    return count;
  }
};

/// Loaded, not removed, and the source was flushed and counts anew.
class Flushed : public Decide {
 protected:
  Flushed() {
    pipeline.definition.source.entries.back().value = "never";
    load();
    pipeline.definition.source.entries.back().value = "after_load";
    restore_clicks(0, 2);
  }
};

TEST_F(Flushed, AsksWithBothSums) {
  expect_needs_decision("loaded clicks 5 in 1 rows, the source now holds clicks 2 in 1 rows");
}

TEST_F(Flushed, AsNewCountsBoth) {
  expect_done(decide(Choice::as_new), {{"shoes", {7, 10}}});
  expect_noted("as-new");
  EXPECT_EQ(store.splits["clicks"].removals, 2);
  expect_done(run(), {{"shoes", {7, 10}}});
}

TEST_F(Flushed, ReplaceTakesTheSource) {
  expect_done(decide(Choice::replace), {{"shoes", {2, 10}}});
  EXPECT_EQ(store.splits["clicks"].removals, 1);
  EXPECT_EQ(database.evidence.decisions.front().choice, "replace");
}

TEST_F(Flushed, DiscardKeepsTheTableAndACopy) {
  expect_done(decide(Choice::discard), {{"shoes", {5, 10}}});
  expect_noted("discard");
  EXPECT_EQ(files(".discarded"), 1);
  const RunReport again = run();
  expect_done(again, {{"shoes", {5, 10}}});
  EXPECT_TRUE(again.wrote_nothing);
}

TEST_F(Flushed, AdoptSettlesNothingHere) {
  const RunReport report = decide(Choice::adopt);
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_NE(report.failure.message().find("adopt does not settle this"), std::string::npos);
  EXPECT_EQ(store.splits["clicks"].counts.size(), 1u);
}

/// Removed, and then the source came back with another content and without the record.
TEST_F(Decide, RemovedBeforeAndBackAgain) {
  load();
  restore_clicks(0, 9);
  expect_needs_decision("it was removed before");
  expect_done(decide(Choice::as_new), {{"shoes", {14, 10}}});
}

TEST_F(Decide, RecordOlderThanTheReceipts) {
  load();
  store.count("clicks", "shoes", 1);
  load();
  store.count("clicks", "shoes", 1);
  load();
  ASSERT_EQ(store.splits["clicks"].removals, 3);
  restore_clicks(1, 4);
  expect_needs_decision("restored from an old backup");
  expect_done(decide(Choice::discard), {{"shoes", {7, 10}}});
  EXPECT_EQ(store.splits["clicks"].removals, 3);
  restore_clicks(1, 4);
  expect_done(decide(Choice::as_new), {{"shoes", {11, 10}}});
  EXPECT_EQ(store.splits["clicks"].removals, 4);
}

/// What is counted after the answer was carried out is no part of the question any more.
class CountedAfterTheAnswer : public Decide {
 protected:
  CountedAfterTheAnswer() {
    load();
    store.count("clicks", "shoes", 1);
    load();
    restore_clicks(0, 4);
    expect_needs_decision("restored from an old backup");
  }
  /// Clients count during the first commits of what comes after.
  void count_at_commits(int commits) {
    database.on_commit = [this, commits, done = 0]() mutable {
      if (done++ < commits)
        store.count("clicks", "hats", 1);
      return Status();
    };
  }
};

TEST_F(CountedAfterTheAnswer, AsNewCountsItOnce) {
  count_at_commits(1);
  expect_done(decide(Choice::as_new), {{"shoes", {10, 10}}, {"hats", {1, 0}}});
}

TEST_F(CountedAfterTheAnswer, DiscardDoesNotMeanIt) {
  // Counted as soon as the answer is carried out, and again while that is loaded.
  count_at_commits(1);
  database.on_mark_removed = [this, done = false]() mutable {
    if (!std::exchange(done, true))
      store.count("clicks", "hats", 1);
    return Status();
  };
  expect_done(decide(Choice::discard), {{"shoes", {6, 10}}, {"hats", {2, 0}}});
}

/// The run that was to carry out the answer ends between its two writes of the removal record. What
/// the source holds is as large as what was loaded last, and no more of it.
TEST_F(Decide, AnAnswerThatIsHalfCarriedOutIsAskedForAgain) {
  load();
  store.count("clicks", "shoes", 1);
  load();
  database.evidence.receipts[1].removed = false;
  ASSERT_EQ(database.evidence.receipts[1].generation, 2);
  restore_clicks(0, 4);
  store.on_plan = [this] {
    return store.splits["clicks"].removals == 1 ? Status(Code::internal, "killed") : Status();
  };
  EXPECT_STREQ(run_state_name(decide(Choice::as_new).state), "FAILED");
  ASSERT_EQ(store.splits["clicks"].removals, 1);
  store.on_plan = [] { return Status(); };
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION") << report.failure.to_string();
  EXPECT_EQ(database.rows, (Rows{{"shoes", {6, 10}}}));
  expect_done(decide(Choice::as_new), {{"shoes", {10, 10}}});
}

TEST_F(Decide, RecordThatCannotBeUnderstood) {
  load();
  store.count("clicks", "shoes", 1);
  store.splits["clicks"].record_problem = "it says \"x\"";
  expect_needs_decision("cannot be understood");
  expect_done(decide(Choice::as_new), {{"shoes", {6, 10}}});
}

TEST_F(Decide, RecordThatCannotBeUnderstoodBeforeTheFirstLoad) {
  store.splits["clicks"].record_problem = "it says \"x\"";
  expect_needs_decision("cannot be understood");
  const RunReport refused = decide(Choice::discard);
  EXPECT_STREQ(run_state_name(refused.state), "NEEDS_DECISION");
  EXPECT_EQ(store.splits["clicks"].counts.size(), 1u);
  expect_done(decide(Choice::as_new), {{"shoes", {5, 10}}});
}

/// Read but not loaded, then the source was reset.
class ResetAfterReading : public Decide {
 protected:
  ResetAfterReading() {
    database.on_commit = [] { return Status(Code::unavailable, "gone"); };
    EXPECT_STREQ(run_state_name(run().state), "RETRY_WAIT");
    database.on_commit = [] { return Status(); };
    restore_clicks(0, 1);
  }
};

TEST_F(ResetAfterReading, Asks) {
  expect_needs_decision("reset after it was read");
}
TEST_F(ResetAfterReading, AsNewCountsBoth) {
  expect_done(decide(Choice::as_new), {{"shoes", {6, 10}}});
}
TEST_F(ResetAfterReading, AsNewCountsBothWhereTheSourceOvertakesTheReading) {
  database.on_commit = [this, done = false]() mutable {
    if (!std::exchange(done, true))
      store.count("clicks", "shoes", 9);
    return Status();
  };
  expect_done(decide(Choice::as_new), {{"shoes", {15, 10}}});
}
TEST_F(ResetAfterReading, ReplaceTakesTheSource) {
  expect_done(decide(Choice::replace), {{"shoes", {1, 10}}});
}
TEST_F(ResetAfterReading, DiscardTakesTheReading) {
  expect_done(decide(Choice::discard), {{"shoes", {5, 10}}});
  EXPECT_EQ(files(".discarded"), 1);
}

TEST_F(Decide, LateDataWithoutTheOlderSnapshot) {
  load();
  for (const StoredSnapshot& snapshot : stored())
    std::filesystem::remove(snapshot.path);
  store.count("clicks", "shoes", 2);
  expect_needs_decision("a snapshot of what was loaded before is gone");
  const RunReport refused = decide(Choice::as_new);
  EXPECT_STREQ(run_state_name(refused.state), "NEEDS_DECISION");
  expect_done(decide(Choice::discard), {{"shoes", {5, 10}}});
  expect_done(run(), {{"shoes", {5, 10}}});
  EXPECT_EQ(store.splits["clicks"].removals, 1);
}

TEST_F(Decide, LossThatIsAccepted) {
  load();
  database.evidence = {};
  database.rows.clear();
  for (const StoredSnapshot& snapshot : stored())
    std::filesystem::remove(snapshot.path);
  EXPECT_STREQ(run_state_name(run().state), "DATA_LOSS_SUSPECTED");
  store.count("clicks", "shoes", 2);
  EXPECT_STREQ(run_state_name(run().state), "DATA_LOSS_SUSPECTED");
  expect_done(decide(Choice::as_new), {{"shoes", {2, 0}}});
  EXPECT_EQ(store.splits["clicks"].removals, 1);
}

TEST_F(Decide, AdoptsADayThatSomethingElseLoaded) {
  store.splits["clicks"].counts.clear();
  store.splits["views"].counts.clear();
  const RunReport nothing = decide(Choice::adopt);
  EXPECT_STREQ(run_state_name(nothing.state), "FAILED");
  database.rows = {{"hats", {1, 2}}};
  expect_done(decide(Choice::adopt), {{"hats", {1, 2}}});
  expect_noted("adopt");
  EXPECT_EQ(database.evidence.load->rows_out, 1);
  EXPECT_EQ(database.evidence.load->sums, (std::vector<Sum>{{"clicks", 1}, {"views", 2}}));
  EXPECT_TRUE(run().wrote_nothing);
}

TEST_F(Decide, AdoptsOnlyWhatTheSourceGives) {
  database.rows = {{"shoes", {5, 9}}};
  const RunReport refused = decide(Choice::adopt);
  EXPECT_STREQ(run_state_name(refused.state), "NEEDS_DECISION");
  EXPECT_NE(refused.failure.message().find("change 1"), std::string::npos);
  EXPECT_EQ(store.removed, 0);
  database.rows = {{"shoes", {5, 10}}};
  expect_done(decide(Choice::adopt), {{"shoes", {5, 10}}});
  EXPECT_EQ(store.removed, 2);
}

TEST_F(Decide, AdoptsRowsThatWereCorrectedByHand) {
  load();
  database.rows = {{"shoes", {4, 10}}};
  database.evidence.difference = "clicks 4, expected 5";
  const RunReport asked = run();
  EXPECT_STREQ(run_state_name(asked.state), "NEEDS_DECISION");
  EXPECT_NE(asked.failure.next().find("daymill adopt memory.json 2024-11-22"), std::string::npos);
  expect_done(decide(Choice::adopt), {{"shoes", {4, 10}}});
  EXPECT_EQ(database.evidence.receipts.size(), 2u);
}

TEST_F(Decide, ReplacesRowsThatNoLoadWrote) {
  database.on_commit = [this] {
    return database.rows.empty() ? Status()
                                 : Status(Code::needs_decision, "1 row that no load wrote");
  };
  database.rows = {{"hats", {1, 2}}};
  const RunReport asked = run();
  EXPECT_STREQ(run_state_name(asked.state), "NEEDS_DECISION");
  EXPECT_NE(asked.failure.next().find("daymill adopt"), std::string::npos);
  EXPECT_NE(asked.failure.next().find("--replace"), std::string::npos);
}

TEST_F(Decide, NothingToDecideChangesNothing) {
  load();
  const int writes = database.writes;
  const RunReport report = decide(Choice::discard);
  expect_done(report, {{"shoes", {5, 10}}});
  EXPECT_TRUE(report.decisions.empty());
  EXPECT_EQ(database.writes, writes);
}

TEST_F(Decide, WithoutRemovalOnlyReplaceIsPossible) {
  pipeline.definition.source.entries.back().value = "never";
  load();
  restore_clicks(0, 2);
  const RunReport refused = decide(Choice::discard);
  EXPECT_STREQ(run_state_name(refused.state), "NEEDS_DECISION");
  EXPECT_EQ(refused.failure.next().find("--discard"), std::string::npos);
  settings.decision = {Choice::replace, "operator@host", "told so"};
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  EXPECT_EQ(database.rows, (Rows{{"shoes", {2, 10}}}));
}

// ---- A question must be as safe the second time as the first.

TEST_F(ResetAfterReading, AskedThriceTheAnswerIsTheSame) {
  for (int i = 0; i < 3; ++i)
    EXPECT_STREQ(run_state_name(run().state), "NEEDS_DECISION");
  expect_done(decide(Choice::as_new), {{"shoes", {6, 10}}});
  EXPECT_EQ(stored().size(), 4u) << "two generations of clicks, views as read twice; no reading "
                                    "that was made for a question";
}

TEST_F(ResetAfterReading, VanishedTooIsStillAsked) {
  EXPECT_STREQ(run_state_name(run().state), "NEEDS_DECISION");
  store.splits["clicks"].counts.clear();
  expect_done(run(), {{"shoes", {5, 10}}});
}

/// Late counts that were read and not loaded.
class LateReading : public Decide {
 protected:
  LateReading() {
    load();
    store.count("clicks", "shoes", 3);
    database.on_commit = [] { return Status(Code::unavailable, "gone"); };
    EXPECT_STREQ(run_state_name(run().state), "RETRY_WAIT");
    database.on_commit = [] { return Status(); };
    store.splits["clicks"].removals = 0;  // and the record was lost
  }
};

TEST_F(LateReading, DiscardedCountsNeverComeBack) {
  expect_needs_decision("it was removed before");
  expect_done(decide(Choice::discard), {{"shoes", {5, 10}}});
  expect_done(run(), {{"shoes", {5, 10}}});
}

TEST_F(LateReading, ReplacedCountsAreNotCountedTwice) {
  expect_done(decide(Choice::replace), {{"shoes", {3, 10}}});
  expect_done(run(), {{"shoes", {3, 10}}});
}

TEST_F(Decide, LostSinkIsRebuiltAsItWasDecided) {
  load();
  restore_clicks(0, 100);
  expect_needs_decision("it was removed before");
  expect_done(decide(Choice::as_new), {{"shoes", {105, 10}}});
  database.evidence = {};
  database.rows.clear();
  expect_done(run(), {{"shoes", {105, 10}}});
}

TEST_F(Decide, RemovalThatWasNotNotedIsNotedByTheNextRun) {
  bool fail = true;
  database.on_mark_removed = [&] { return fail ? Status(Code::unavailable, "gone") : Status(); };
  EXPECT_STREQ(run_state_name(run().state), "RETRY_WAIT");
  fail = false;
  load();
  for (const Receipt& receipt : database.evidence.receipts)
    EXPECT_TRUE(receipt.removed || store.splits[receipt.split].removals == 0) << receipt.split;
  EXPECT_TRUE(run().wrote_nothing);
  restore_clicks(0, 9);
  expect_needs_decision("it was removed before");
}

TEST_F(Decide, AdoptedRowsAreNotReplacedByLateCounts) {
  store.splits["clicks"].counts.clear();
  store.splits["views"].counts.clear();
  database.rows = {{"hats", {1, 2}}};
  expect_done(decide(Choice::adopt), {{"hats", {1, 2}}});
  store.count("clicks", "shoes", 4);
  const RunReport asked = run();
  EXPECT_STREQ(run_state_name(asked.state), "NEEDS_DECISION");
  EXPECT_NE(asked.failure.message().find("adopted"), std::string::npos);
  EXPECT_EQ(database.rows, (Rows{{"hats", {1, 2}}}));
}

TEST_F(Decide, CorrectedRowsAreNotReplacedByLateCounts) {
  load();
  database.rows = {{"shoes", {4, 10}}};
  database.evidence.difference = "clicks 4, expected 5";
  store.count("clicks", "shoes", 1);
  EXPECT_STREQ(run_state_name(run().state), "NEEDS_DECISION");
  EXPECT_EQ(database.rows, (Rows{{"shoes", {4, 10}}}));
}

TEST_F(Decide, NothingNewIsNotCountedBecauseOfABrokenRecord) {
  database.on_mark_removed = [] { return Status(); };
  pipeline.definition.source.entries.back().value = "never";
  load();
  pipeline.definition.source.entries.back().value = "after_load";
  store.splits["clicks"].record_problem = "it says \"x\"";
  expect_needs_decision("cannot be understood");
  expect_done(decide(Choice::as_new), {{"shoes", {5, 10}}});
}

TEST_F(Decide, EveryQuestionOfADayIsAsked) {
  load();
  restore_clicks(0, 9);
  auto& views = store.splits["views"];
  views.removals = 0;
  views.counts = {{"shoes", 99}};
  ++views.version;
  const RunReport report = run();
  EXPECT_NE(report.failure.message().find("clicks 9"), std::string::npos);
  EXPECT_NE(report.failure.message().find("views 99"), std::string::npos);
}

TEST_F(Decide, WhatCanBeFoundIsRecoveredWhenALossIsAccepted) {
  load();
  store.count("clicks", "hats", 2);
  load();
  for (const StoredSnapshot& snapshot : stored())
    if (snapshot.manifest.split == "clicks" && snapshot.manifest.generation == 1)
      std::filesystem::remove(snapshot.path);
  database.evidence = {};
  database.rows.clear();
  EXPECT_STREQ(run_state_name(run().state), "DATA_LOSS_SUSPECTED");
  expect_done(decide(Choice::as_new), {{"hats", {2, 0}}, {"shoes", {0, 10}}});
}

TEST_F(Decide, WriterDuringADiscardIsNotDiscarded) {
  load();
  restore_clicks(0, 3);
  EXPECT_STREQ(run_state_name(run().state), "NEEDS_DECISION");
  database.on_claim = [this] { store.count("clicks", "new", 7); };
  const RunReport report = decide(Choice::discard);
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_EQ(store.splits["clicks"].counts.at("new"), 7);
}

}  // namespace
}  // namespace daymill
