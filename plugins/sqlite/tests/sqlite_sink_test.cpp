#include <limits>

#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

using Lines = std::vector<std::string>;

const Rows kLoaded{{7, "shoes", 1, 4}, {8, "\xE9\x9D\xB4: \"x\"", 0, 0}};
const Lines kTable{"2026-11-20|7|shoes|1|4|0.25", "2026-11-20|8|\xE9\x9D\xB4: \"x\"|0|0|~"};

TEST(SqliteSink, LoadsADayWithItsEvidence) {
  SinkFixture f;
  const auto sink = f.bound();
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().epoch, 0);
  const Status status = f.load(*sink, kDay, kLoaded);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(f.table(), kTable);
  const Evidence evidence = sink->receipts(day_of(kDay), true).value();
  EXPECT_EQ(evidence.epoch, 1);
  ASSERT_TRUE(evidence.load.has_value());
  EXPECT_EQ(evidence.load->pipeline, "ads");
  EXPECT_EQ(evidence.load->run_id, "run-1");
  EXPECT_EQ(evidence.load->rows_out, 2);
  EXPECT_EQ(evidence.load->sums, (std::vector<Sum>{{"clicks", 1}, {"impressions", 4}}));
  EXPECT_EQ(evidence.load->config_digest, "digest");
  EXPECT_EQ(evidence.load->plugins, R"({"ctr":"0.1.0"})");
  EXPECT_EQ(evidence.load->committed_at.size(), 20u);
  ASSERT_EQ(evidence.receipts.size(), 1u);
  EXPECT_EQ(evidence.receipts[0].split, "clicks");
  EXPECT_EQ(evidence.receipts[0].fingerprint, "fingerprint");
  EXPECT_EQ(evidence.receipts[0].snapshot, "file.snapshot");
  EXPECT_FALSE(evidence.receipts[0].removed);
  EXPECT_EQ(evidence.difference, "");
}

TEST(SqliteSink, ReplacesADayAndLeavesOthersAlone) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, "2026-11-19", {{1, "a", 1, 1}}).ok());
  ASSERT_TRUE(f.load(*sink, kDay, {{2, "b", 1, 1}, {3, "c", 1, 1}}).ok());
  ASSERT_TRUE(f.load(*sink, kDay, {{2, "b", 5, 10}}).ok());
  EXPECT_EQ(f.table(), (Lines{"2026-11-19|1|a|1|1|1.0", "2026-11-20|2|b|5|10|0.5"}));
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().load->epoch, 2);
  EXPECT_EQ(f.query("SELECT count(*) FROM daymill_load"), (Lines{"3"}));
}

TEST(SqliteSink, LoadsAnEmptyDay) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  ASSERT_TRUE(f.load(*sink, kDay, {}).ok());
  EXPECT_TRUE(f.table().empty());
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().difference, "");
}

TEST(SqliteSink, ReadingEvidenceWritesNothing) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  const std::string before = support::read_file(f.database());
  const auto again = f.bound();
  ASSERT_TRUE(again->receipts(day_of(kDay), true).ok());
  EXPECT_EQ(support::read_file(f.database()), before);
}

TEST(SqliteSink, ALowerEpochCannotCommit) {
  SinkFixture f;
  const auto slow = f.bound();
  const auto quick = f.bound();
  const std::int64_t epoch = slow->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*slow, kDay, epoch, {{9, "late", 1, 1}}).ok());
  ASSERT_TRUE(f.load(*quick, kDay, kLoaded).ok());
  const Status status = slow->commit(load_of({{9, "late", 1, 1}}, epoch), {receipt_of(1, epoch)});
  EXPECT_EQ(status.code(), Code::fenced);
  slow->abort();
  EXPECT_EQ(f.table(), kTable);
}

TEST(SqliteSink, ASecondPipelineOnTheSameDayIsRefused) {
  SinkFixture f;
  ASSERT_TRUE(f.load(*f.bound(), kDay, kLoaded).ok());
  const auto other = f.bound("others");
  const auto claimed = other->claim(day_of(kDay));
  EXPECT_EQ(claimed.status().code(), Code::needs_decision);
  EXPECT_NE(claimed.status().message().find("\"ads\""), std::string::npos);
  EXPECT_TRUE(other->claim(day_of("2026-11-21")).ok());
}

TEST(SqliteSink, RowsThatNoLoadWroteNeedADecision) {
  SinkFixture f;
  const auto sink = f.bound();
  f.execute("INSERT INTO analytics VALUES ('2026-11-20', 1, 'by hand', 1, 1, 1.0)");
  EXPECT_EQ(f.load(*sink, kDay, kLoaded).code(), Code::needs_decision);
  sink->abort();
  EXPECT_EQ(f.table(), (Lines{"2026-11-20|1|by hand|1|1|1.0"}));
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded, true).ok());
  EXPECT_EQ(f.table(), kTable);
}

TEST(SqliteSink, NoticesWhenTheDayWasChangedByOthers) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  f.execute("UPDATE analytics SET clicks = 3 WHERE ad_id = 7");
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().difference,
            "the sum of \"clicks\" is 3 in the table and 1 in the load");
  f.execute("DELETE FROM analytics WHERE ad_id = 7");
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().difference,
            "the table holds 1 rows of the day, the load wrote 2");
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());  // nothing to lose: repaired
  EXPECT_EQ(f.table(), kTable);
  f.execute("INSERT INTO analytics VALUES ('2026-11-20', 1, 'by hand', 1, 1, 1.0)");
  EXPECT_EQ(f.load(*sink, kDay, kLoaded).code(), Code::needs_decision);
}

TEST(SqliteSink, ALoadThatLacksAReceiptNeedsADecision) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, {{1, "crumb", 1, 1}}).ok());
  const Status status = sink->commit(load_of({{1, "crumb", 1, 1}}, epoch), {receipt_of(2, epoch)});
  EXPECT_EQ(status.code(), Code::needs_decision);
  EXPECT_NE(status.message().find("generation 1 of split clicks"), std::string::npos);
  EXPECT_EQ(f.table(), kTable);
  ASSERT_TRUE(
      sink->commit(load_of({{1, "crumb", 1, 1}}, epoch), {receipt_of(1, 1), receipt_of(2, epoch)})
          .ok());
  EXPECT_EQ(f.table(), (Lines{"2026-11-20|1|crumb|1|1|1.0"}));
}

TEST(SqliteSink, ABreachOfConservationRollsBack) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  const Rows rows{{1, "x", 2, 3}};
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, rows).ok());
  Load load = load_of(rows, epoch);
  load.sums[1].value = 4;
  EXPECT_EQ(sink->commit(load, {receipt_of(1, epoch)}).message(),
            "the sum of \"impressions\" is 3 in the table and 4 in the load");
  load = load_of(rows, epoch);
  load.rows_out = 2;
  EXPECT_EQ(sink->commit(load, {receipt_of(1, epoch)}).message(),
            "the table holds 1 rows of the day, the load wrote 2");
  EXPECT_EQ(f.table(), kTable);
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().load->epoch, 1);
}

TEST(SqliteSink, EqualKeysAreRefusedByTheTable) {
  SinkFixture f;
  const auto sink = f.bound();
  EXPECT_EQ(f.load(*sink, kDay, {{1, "x", 1, 1}, {1, "x", 1, 1}}).code(), Code::invalid_data);
  EXPECT_TRUE(f.table().empty());
}

TEST(SqliteSink, ASumBeyond64BitsIsAnError) {
  SinkFixture f;
  const auto sink = f.bound();
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, {{1, "x", most, 1}, {2, "x", 1, 1}}).ok());
  Load load;
  load.epoch = epoch;
  load.rows_out = 2;
  const Status status = sink->commit(load, {});
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("overflow"), std::string::npos) << status.message();
  EXPECT_TRUE(f.table().empty());
}

TEST(SqliteSink, KeepsTheRejectsOfTheLastLoad) {
  SinkFixture f;
  const auto sink = f.bound();
  for (const char* raw : {"first", "se\xFF\x01nd"}) {
    const std::int64_t epoch = sink->claim(day_of(kDay)).value();
    ASSERT_TRUE(f.stage(*sink, kDay, epoch, kLoaded).ok());
    ASSERT_TRUE(sink->reject({{"clicks", 1, raw, "value.not_integer", "found x"}}).ok());
    ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).ok());
  }
  EXPECT_EQ(f.query("SELECT pipeline, partition, split, generation, raw, reason, message FROM "
                    "daymill_reject"),
            (Lines{"ads|2026-11-20|clicks|1|se\xFF\x01nd|value.not_integer|found x"}));
}

TEST(SqliteSink, NotesARemovalOnce) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kLoaded).ok());
  ASSERT_TRUE(sink->mark_removed(day_of(kDay), "clicks", 1).ok());
  f.execute("UPDATE daymill_receipt SET removed_at = 'then'");
  ASSERT_TRUE(sink->mark_removed(day_of(kDay), "clicks", 1).ok());
  EXPECT_EQ(f.query("SELECT removed_at FROM daymill_receipt"), (Lines{"then"}));
  EXPECT_TRUE(sink->receipts(day_of(kDay), false).value().receipts[0].removed);
  Receipt receipt = receipt_of(1, 2);
  receipt.removed = true;
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, kLoaded).ok());
  ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt}).ok());
  EXPECT_EQ(f.query("SELECT removed_at FROM daymill_receipt"), (Lines{"then"}));
}

TEST(SqliteSink, AnotherWriterMeansConflictAndTheStageSurvivesIt) {
  SinkFixture f;
  const auto sink = f.bound();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, kLoaded).ok());
  {
    const auto other = f.other();
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").ok());
    EXPECT_EQ(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).code(), Code::conflict);
    EXPECT_EQ(sink->claim(day_of(kDay)).status().code(), Code::conflict);
    EXPECT_EQ(sink->receipts(day_of(kDay), true).status().code(), Code::conflict);
    EXPECT_TRUE(sink->receipts(day_of(kDay), false).ok());
  }
  ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).ok());
  EXPECT_EQ(f.table(), kTable);
}

TEST(SqliteSink, AReaderInTheWayMeansConflictAtCommit) {
  SinkFixture f;
  const auto sink = f.bound();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, kLoaded).ok());
  {
    const auto other = f.other();
    Statement reading = other->prepare("SELECT * FROM daymill_fence").value();
    ASSERT_TRUE(reading.step().value());
    EXPECT_EQ(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).code(), Code::conflict);
  }
  EXPECT_TRUE(f.table().empty());
  ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).ok());
}

TEST(SqliteSink, SeveralWritersFillOneDayAndAnUnfinishedOneGivesUpItsRows) {
  SinkFixture f;
  const auto sink = f.bound();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(sink->begin(Attempt{day_of(kDay), epoch, "run", false}).ok());
  auto first = std::move(sink->open()).value();
  auto second = std::move(sink->open()).value();
  {
    auto given_up = std::move(sink->open()).value();
    ASSERT_TRUE(given_up->write(batch_of({{99, "lost", 1, 1}})).ok());
  }
  ASSERT_TRUE(second->write(batch_of({kLoaded[1]})).ok());
  ASSERT_TRUE(first->write(batch_of({kLoaded[0]})).ok());
  ASSERT_TRUE(first->finish().ok());
  ASSERT_TRUE(second->finish().ok());
  ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).ok());
  EXPECT_EQ(f.table(), kTable);
}

TEST(SqliteSink, AbortLeavesNothing) {
  SinkFixture f;
  const auto sink = f.bound();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(sink->begin(Attempt{day_of(kDay), epoch, "run", false}).ok());
  auto writer = std::move(sink->open()).value();
  ASSERT_TRUE(writer->write(batch_of(kLoaded)).ok());
  sink->abort();
  EXPECT_EQ(writer->write(batch_of(kLoaded)).code(), Code::internal);
  EXPECT_EQ(sink->commit(load_of(kLoaded, epoch), {}).code(), Code::internal);
  EXPECT_TRUE(f.table().empty());
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, kLoaded).ok());
  ASSERT_TRUE(sink->commit(load_of(kLoaded, epoch), {receipt_of(1, epoch)}).ok());
}

TEST(SqliteSink, ReceiptsOfAnotherTableAreADifference) {
  SinkFixture f;
  ASSERT_TRUE(f.load(*f.bound(), kDay, kLoaded).ok());
  const auto moved = f.make({{"table", "elsewhere"}});
  ASSERT_TRUE(moved->bind(rows_schema(), "ads").ok());
  const Evidence evidence = moved->receipts(day_of(kDay), false).value();
  EXPECT_FALSE(evidence.load.has_value());
  EXPECT_NE(evidence.difference.find("elsewhere"), std::string::npos);
}

TEST(SqliteSink, NamesItsTarget) {
  SinkFixture f;
  EXPECT_EQ(f.bound()->identity().value(), "sqlite:" + f.database() + "/analytics");
  EXPECT_EQ(
      f.make({{"database", f.folder.path().string() + "/x/../analytics.db"}})->identity().value(),
      "sqlite:" + f.database() + "/analytics");
}

}  // namespace
}  // namespace daymill::sqlite
