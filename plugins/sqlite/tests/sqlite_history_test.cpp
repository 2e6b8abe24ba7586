// What the sink keeps beside the rows and gives back: history, decisions, rejects.
#include <filesystem>

#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

using Lines = std::vector<std::string>;
const Rows kTwoRows{{7, "shoes", 1, 4}, {8, "hats", 0, 0}};

OperatorDecision decision(const std::string& choice, const std::string& reason = "as agreed") {
  return {choice, "ann@desk", reason, "found 3, expected 2", "ignored"};
}

/// "2026-11-20 epoch 1 load 1 receipts 1 decisions 0" for each partition.
Lines history_of(Sink& sink) {
  const auto history = sink.history();
  EXPECT_TRUE(history.ok()) << history.status().to_string();
  Lines lines;
  for (const PartitionEvidence& entry : *history) {
    const Evidence& evidence = entry.evidence;
    lines.push_back(entry.partition + " epoch " + std::to_string(evidence.epoch) + " load " +
                    std::to_string(evidence.load ? evidence.load->epoch : 0) + " receipts " +
                    std::to_string(evidence.receipts.size()) + " decisions " +
                    std::to_string(evidence.decisions.size()));
    EXPECT_EQ(evidence.difference, "");
  }
  return lines;
}

TEST(SqliteHistory, IsEmptyBeforeAnythingWasClaimed) {
  SinkFixture f;
  const auto sink = f.bound();
  EXPECT_TRUE(history_of(*sink).empty());
  EXPECT_EQ(f.query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'daymill_%'"),
            (Lines{"0"}));
}

TEST(SqliteHistory, TellsOfEveryPartitionThatWasClaimedLoadedOrDecidedAbout) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  ASSERT_TRUE(f.load(*sink, "2026-11-19", kTwoRows).ok());
  ASSERT_TRUE(sink->claim(day_of("2026-11-21")).ok());
  ASSERT_TRUE(sink->note_decision(day_of("2026-11-18"), decision("discard")).ok());
  ASSERT_TRUE(sink->note_decision(day_of("2026-11-19"), decision("adopt")).ok());
  f.execute(
      "INSERT INTO daymill_receipt VALUES ('ads', '2026-11-17', 's', 1, 1, 'f', 1, 'x', "
      "NULL)");
  f.execute("UPDATE analytics SET clicks = 9");  // not looked for
  EXPECT_EQ(history_of(*sink), (Lines{"2026-11-17 epoch 0 load 0 receipts 1 decisions 0",
                                      "2026-11-18 epoch 0 load 0 receipts 0 decisions 1",
                                      "2026-11-19 epoch 1 load 1 receipts 1 decisions 1",
                                      "2026-11-20 epoch 2 load 2 receipts 1 decisions 0",
                                      "2026-11-21 epoch 1 load 0 receipts 0 decisions 0"}));
}

TEST(SqliteHistory, IsOfOnePipelineAndOneTable) {
  SinkFixture f;
  ASSERT_TRUE(f.load(*f.bound(), kDay, kTwoRows).ok());
  ASSERT_TRUE(f.load(*f.bound("others"), "2026-11-21", kTwoRows).ok());
  ASSERT_TRUE(f.bound("others")->note_decision(day_of(kDay), decision("adopt")).ok());
  EXPECT_EQ(history_of(*f.bound()), (Lines{"2026-11-20 epoch 1 load 1 receipts 1 decisions 0"}));
  const auto elsewhere = f.make({{"table", "elsewhere"}});
  ASSERT_TRUE(elsewhere->bind(rows_schema(), "third").ok());
  EXPECT_TRUE(history_of(*elsewhere).empty());
}

TEST(SqliteHistory, SaysWhenARemovalWasNoted) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().receipts.at(0).removed_at, "");
  ASSERT_TRUE(sink->mark_removed(day_of(kDay), "clicks", 1).ok());
  f.execute("UPDATE daymill_receipt SET removed_at = '2026-11-21T01:02:03Z'");
  for (const Evidence& evidence :
       {sink->receipts(day_of(kDay), false).value(), sink->history().value().at(0).evidence}) {
    EXPECT_TRUE(evidence.receipts.at(0).removed);
    EXPECT_EQ(evidence.receipts.at(0).removed_at, "2026-11-21T01:02:03Z");
  }
}

TEST(SqliteDecision, IsKeptWithTheMomentOfTheSink) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(sink->note_decision(day_of(kDay), decision("as-new", "first; 'quoted'")).ok());
  ASSERT_TRUE(sink->note_decision(day_of(kDay), decision("discard", "second")).ok());
  ASSERT_TRUE(sink->note_decision(day_of("2026-11-21"), decision("adopt")).ok());
  const auto decisions = f.bound()->receipts(day_of(kDay), false).value().decisions;
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[0].choice, "as-new");
  EXPECT_EQ(decisions[0].decided_by, "ann@desk");
  EXPECT_EQ(decisions[0].reason, "first; 'quoted'");
  EXPECT_EQ(decisions[0].detail, "found 3, expected 2");
  EXPECT_EQ(decisions[0].decided_at.size(), 20u);
  EXPECT_EQ(decisions[0].decided_at.back(), 'Z');
  EXPECT_EQ(decisions[1].reason, "second");
}

TEST(SqliteDecision, IsNoClaimAndNoLoad) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(sink->note_decision(day_of(kDay), decision("discard")).ok());
  const Evidence evidence = sink->receipts(day_of(kDay), true).value();
  EXPECT_EQ(evidence.epoch, 0);
  EXPECT_FALSE(evidence.load.has_value());
  EXPECT_EQ(evidence.decisions.size(), 1u);
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().decisions.size(), 1u);
}

TEST(SqliteDecision, ADatabaseOfAnOlderVersionGoesOnWorking) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  EXPECT_EQ(f.query("SELECT count(*) FROM sqlite_schema WHERE name = 'daymill_decision'"),
            (Lines{"0"}))
      << "made when there is something to keep";
  EXPECT_TRUE(sink->receipts(day_of(kDay), true).value().decisions.empty());
  EXPECT_EQ(history_of(*sink).size(), 1u);
  ASSERT_TRUE(sink->note_decision(day_of(kDay), decision("replace")).ok());
  EXPECT_EQ(sink->receipts(day_of(kDay), true).value().decisions.size(), 1u);
}

TEST(SqliteDecision, AnotherWriterMeansConflict) {
  SinkFixture f;
  const auto sink = f.bound();
  {
    const auto other = f.other();
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").ok());
    EXPECT_EQ(sink->note_decision(day_of(kDay), decision("adopt")).code(), Code::conflict);
  }
  ASSERT_TRUE(sink->note_decision(day_of(kDay), decision("adopt")).ok());
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().decisions.size(), 1u);
}

TEST(SqliteRejects, AreGivenBackAsTheyWere) {
  SinkFixture f;
  const auto sink = f.bound();
  EXPECT_TRUE(sink->rejects(day_of(kDay), 10).value().empty());
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, kTwoRows).ok());
  const std::string bytes("\xFF\0x", 3);
  ASSERT_TRUE(sink->reject({{"views", 1, "b", "r", "m"},
                            {"clicks", 2, "b", "r", "m"},
                            {"clicks", 1, bytes, "value.not_integer", "found x"},
                            {"clicks", 1, "a", "r", "m"}})
                  .ok());
  EXPECT_TRUE(sink->rejects(day_of(kDay), 10).value().empty()) << "not committed yet";
  ASSERT_TRUE(sink->commit(load_of(kTwoRows, epoch), {receipt_of(1, epoch)}).ok());
  const auto rejects = sink->rejects(day_of(kDay), 10).value();
  ASSERT_EQ(rejects.size(), 4u);
  EXPECT_EQ(rejects[0].raw, "a");
  EXPECT_EQ(rejects[1].split, "clicks");
  EXPECT_EQ(rejects[1].generation, 1);
  EXPECT_EQ(rejects[1].raw, bytes);
  EXPECT_EQ(rejects[1].reason, "value.not_integer");
  EXPECT_EQ(rejects[1].message, "found x");
  EXPECT_EQ(rejects[2].generation, 2);
  EXPECT_EQ(rejects[3].split, "views");
  EXPECT_EQ(sink->rejects(day_of(kDay), 3).value().size(), 3u);
  EXPECT_TRUE(sink->rejects(day_of(kDay), 0).value().empty());
  EXPECT_TRUE(sink->rejects(day_of(kDay), -1).value().empty());
  EXPECT_TRUE(sink->rejects(day_of("2026-11-21"), 10).value().empty());
  EXPECT_TRUE(f.bound("others")->rejects(day_of(kDay), 10).value().empty());
  ASSERT_TRUE(f.load(*sink, kDay, kTwoRows).ok());
  EXPECT_TRUE(sink->rejects(day_of(kDay), 10).value().empty()) << "the newest load had none";
}

}  // namespace
}  // namespace daymill::sqlite
