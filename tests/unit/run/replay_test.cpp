// Replay: a day rebuilt from the snapshots that its receipts name.
#include "memory_pipeline.hpp"

namespace daymill {
namespace {

class Replay : public MemoryPipeline {
 protected:
  Replay() {
    store.count("clicks", "shoes", 3);
    store.count("views", "shoes", 10);
    EXPECT_STREQ(run_state_name(run().state), "DONE");
  }
  const std::map<std::string, MemoryDatabase::Counts> day_rows = {{"shoes", {3, 10}}};
};

TEST_F(Replay, UnchangedDayIsNotWrittenAgain) {
  const int writes = database.writes;
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "DONE");
  EXPECT_TRUE(report.wrote_nothing);
  EXPECT_EQ(database.writes, writes);
}

TEST_F(Replay, ForcedOneGivesTheSameRowsWithoutTheSource) {
  store.on_plan = [] { return Status(Code::unavailable, "the source is not to be reached"); };
  settings.force = true;
  database.rows.clear();
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "DONE") << report.failure.to_string();
  EXPECT_EQ(database.rows, day_rows);
  EXPECT_EQ(report.epoch, 2);
}

TEST_F(Replay, ChangedSettingsOrAChangedTargetAreApplied) {
  pipeline.config_digest = "another digest";
  EXPECT_FALSE(replay().wrote_nothing);
  EXPECT_EQ(database.evidence.load->config_digest, "another digest");
  database.evidence.difference = "rows 1, found 0";
  EXPECT_FALSE(replay().wrote_nothing);
  EXPECT_EQ(database.rows, day_rows);
}

TEST_F(Replay, RehearsalShowsTheDifferenceAndChangesNothing) {
  settings.rehearse = settings.show_difference = true;
  database.rows = {{"hats", {1, 1}}};
  const int writes = database.writes;
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "DONE") << report.failure.to_string();
  ASSERT_TRUE(report.difference.has_value());
  EXPECT_EQ(report.difference->added, 1);
  EXPECT_EQ(report.difference->removed, 1);
  EXPECT_EQ(report.difference->after, (std::vector<Sum>{{"clicks", 3}, {"views", 10}}));
  EXPECT_TRUE(report.wrote_nothing);
  EXPECT_EQ(database.writes, writes);
  EXPECT_EQ(database.evidence.epoch, 1);
  EXPECT_NE(to_text(report).find("views 1 → 10 (+9)"), std::string::npos) << to_text(report);
}

TEST_F(Replay, DifferenceThatIsApplied) {
  settings.show_difference = true;
  database.rows = {{"shoes", {1, 1}}};
  const RunReport report = replay();
  EXPECT_EQ(database.rows, day_rows);
  ASSERT_TRUE(report.difference.has_value());
  EXPECT_EQ(report.difference->changed, 1);
  EXPECT_FALSE(report.wrote_nothing);
}

TEST_F(Replay, SumsAllGenerations) {
  store.count("clicks", "shoes", 1);
  store.count("clicks", "hats", 2);
  EXPECT_STREQ(run_state_name(run().state), "DONE");
  settings.force = true;
  database.rows.clear();
  EXPECT_STREQ(run_state_name(replay().state), "DONE");
  EXPECT_EQ(database.rows,
            (std::map<std::string, MemoryDatabase::Counts>{{"shoes", {4, 10}}, {"hats", {2, 0}}}));
}

TEST_F(Replay, MissingSnapshotNeedsADecision) {
  settings.force = true;
  std::filesystem::remove(stored().front().path);
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_EQ(database.rows, day_rows);
}

TEST_F(Replay, SnapshotOfSomethingElseNeedsADecision) {
  settings.force = true;
  database.evidence.receipts.front().fingerprint = "1-00000000000000000000000000000000";
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_NE(report.failure.message().find("not the one that was loaded"), std::string::npos);
}

TEST_F(Replay, SmallerResultNeedsConsent) {
  settings.force = true;
  database.evidence.load->rows_out = 5;
  database.evidence.load->sums[0].value = 100;
  RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "NEEDS_DECISION");
  EXPECT_NE(report.failure.message().find("rows 5 → 1, clicks 100 → 3"), std::string::npos)
      << report.failure.message();
  settings.accept_decrease = true;
  report = replay();
  EXPECT_STREQ(run_state_name(report.state), "DONE");
}

TEST_F(Replay, DayThatWasNeverLoadedIsNotFound) {
  database.evidence = Evidence();
  const RunReport report = replay();
  EXPECT_STREQ(run_state_name(report.state), "FAILED");
  EXPECT_EQ(report.failure.code(), Code::not_found);
}

}  // namespace
}  // namespace daymill
