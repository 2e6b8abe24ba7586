// The evidence of all days at once.
#include <gtest/gtest.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

using HistoryTest = SinkTest;

std::vector<std::string> labels(const std::vector<PartitionEvidence>& history) {
  std::vector<std::string> texts;
  for (const PartitionEvidence& day : history) {
    texts.push_back(day.partition);
  }
  return texts;
}

TEST_F(HistoryTest, OfAPipelineThatDidNothingIsEmpty) {
  create_partitioned();
  auto sink = bound();
  EXPECT_TRUE(sink->history().value().empty());
}

TEST_F(HistoryTest, IsEmptyWithoutAnEvidenceSchemaAndMakesNone) {
  create_partitioned();
  auto sink = bound();
  exec("DROP SCHEMA daymill, daymill_stage CASCADE");
  EXPECT_TRUE(sink->history().value().empty());
  EXPECT_EQ(one("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daymill%'"), "0");
}

TEST_F(HistoryTest, HoldsWhatReceiptsTellsDayByDay) {
  create_partitioned();
  auto sink = bound();
  Attempted attempted{kTwoRows};
  attempted.receipts = {receipt("views", 1), receipt("clicks", 2, "f2"), receipt("clicks", 1)};
  ASSERT_EQ(load_day(*sink, "2026-11-23", attempted).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, "2026-11-22", {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 5, 6}}}).to_string(), "OK");
  ASSERT_EQ(sink->mark_removed(day_partition("2026-11-22"), "clicks", 1).to_string(), "OK");
  ASSERT_EQ(sink->claim(day_partition("2026-11-24")).value(), 1);
  ASSERT_EQ(sink->note_decision(day_partition("2026-11-21"), {"discard", "me@here", "why", "", ""})
                .to_string(),
            "OK");
  const auto history = sink->history().value();
  ASSERT_EQ(labels(history),
            (std::vector<std::string>{"2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"}));
  for (const PartitionEvidence& day : history) {
    const Evidence expected = sink->receipts(day_partition(day.partition), false).value();
    EXPECT_EQ(day.evidence.epoch, expected.epoch) << day.partition;
    EXPECT_EQ(day.evidence.difference, "");
    ASSERT_EQ(day.evidence.load.has_value(), expected.load.has_value()) << day.partition;
    if (expected.load) {
      EXPECT_EQ(day.evidence.load->epoch, expected.load->epoch);
      EXPECT_EQ(day.evidence.load->rows_out, expected.load->rows_out);
      EXPECT_EQ(day.evidence.load->sums, expected.load->sums);
      EXPECT_EQ(day.evidence.load->run_id, "run-1");
      EXPECT_EQ(day.evidence.load->config_digest, "digest");
      EXPECT_EQ(day.evidence.load->plugins, expected.load->plugins);
      EXPECT_EQ(day.evidence.load->committed_at, expected.load->committed_at);
    }
    ASSERT_EQ(day.evidence.receipts.size(), expected.receipts.size()) << day.partition;
    for (std::size_t i = 0; i < expected.receipts.size(); ++i) {
      EXPECT_EQ(day.evidence.receipts[i].split, expected.receipts[i].split);
      EXPECT_EQ(day.evidence.receipts[i].generation, expected.receipts[i].generation);
      EXPECT_EQ(day.evidence.receipts[i].fingerprint, expected.receipts[i].fingerprint);
      EXPECT_EQ(day.evidence.receipts[i].removed, expected.receipts[i].removed);
      EXPECT_EQ(day.evidence.receipts[i].removed_at, expected.receipts[i].removed_at);
    }
    EXPECT_EQ(day.evidence.decisions.size(), expected.decisions.size()) << day.partition;
  }
  EXPECT_EQ(history[0].evidence.decisions.size(), 1u);
  EXPECT_EQ(history[1].evidence.load->epoch, 2);
  EXPECT_EQ(history[2].evidence.receipts.size(), 3u);
  EXPECT_EQ(history[3].evidence.epoch, 1);
}

TEST_F(HistoryTest, TellsWhenSplitsWereRemovedInUtc) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {kTwoRows}).to_string(), "OK");
  exec(
      "UPDATE daymill.receipt SET removed_at = '2026-11-23 09:00:00.5+09'"
      " WHERE split = 'clicks'");
  for (const std::vector<Receipt>& receipts :
       {sink->receipts(day_partition("2026-11-22"), false).value().receipts,
        sink->history().value().at(0).evidence.receipts}) {
    ASSERT_EQ(receipts.size(), 2u);
    EXPECT_TRUE(receipts[0].removed);
    EXPECT_EQ(receipts[0].removed_at, "2026-11-23T00:00:00.500000Z");
    EXPECT_FALSE(receipts[1].removed);
    EXPECT_EQ(receipts[1].removed_at, "");
  }
}

TEST_F(HistoryTest, IsOfThisPipelineAndThisTarget) {
  create_partitioned();
  create_partitioned("elsewhere");
  auto sink = bound();
  auto other = bound({}, "other");
  auto moved = bound({{"table", "elsewhere"}});
  ASSERT_EQ(load_day(*sink, "2026-11-22", {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*other, "2026-11-23", {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(moved->claim(day_partition("2026-11-25")).value(), 1);
  ASSERT_EQ(
      moved->note_decision(day_partition("2026-11-26"), {"discard", "me", "", "", ""}).to_string(),
      "OK");
  EXPECT_EQ(labels(sink->history().value()), std::vector<std::string>{"2026-11-22"});
  EXPECT_EQ(labels(other->history().value()), std::vector<std::string>{"2026-11-23"});
  // Receipts belong to the pipeline, wherever it loads now.
  const auto elsewhere = moved->history().value();
  ASSERT_EQ(labels(elsewhere),
            (std::vector<std::string>{"2026-11-22", "2026-11-25", "2026-11-26"}));
  EXPECT_EQ(elsewhere[0].evidence.receipts.size(), 2u);
  EXPECT_FALSE(elsewhere[0].evidence.load.has_value());
  EXPECT_EQ(elsewhere[0].evidence.epoch, 0);
  // As long as nothing was loaded, whoever claimed last has the day.
  ASSERT_EQ(sink->claim(day_partition("2026-11-27")).value(), 1);
  ASSERT_EQ(other->claim(day_partition("2026-11-27")).value(), 2);
  EXPECT_EQ(labels(sink->history().value()), std::vector<std::string>{"2026-11-22"});
}

TEST_F(HistoryTest, OddNamesAndYearsOfDays) {
  exec("CREATE SCHEMA \"My.Shop\"");
  create_partitioned("\"My.Shop\".\"Od \"\"d's\"");
  const std::string pipeline = "Pipe \"line\"'s";
  create_login();
  exec("GRANT USAGE ON SCHEMA \"My.Shop\" TO " + login_ +
       "; GRANT SELECT ON \"My.Shop\".\"Od \"\"d's\" TO " + login_);
  auto sink = bound({{"table", "\"My.Shop\".\"Od \"\"d's\""}, {"user", login_}}, pipeline);
  ASSERT_EQ(sink->claim(day_partition("2026-11-22")).value(), 1);
  exec(
      "INSERT INTO daymill.fence SELECT target, to_char(day, 'YYYY-MM-DD'), pipeline, 2"
      " FROM daymill.fence, generate_series(timestamp '2020-01-01', '2022-12-31', '1 day') day;"
      " INSERT INTO daymill.load SELECT target, partition, e, pipeline, 'r', e, 0, 0,"
      " '{\"clicks\": 1, \"impressions\": 2}', 'd' FROM daymill.fence, generate_series(1, 2) e;"
      " INSERT INTO daymill.receipt SELECT pipeline, partition, 'split ' || s, 1, 2, 'f', 1, 's'"
      " FROM daymill.fence, generate_series(1, 8) s");
  const auto history = sink->history().value();
  ASSERT_EQ(history.size(), 1097u);
  for (const PartitionEvidence& day : history) {
    ASSERT_TRUE(day.evidence.load.has_value()) << day.partition;
    EXPECT_EQ(day.evidence.load->epoch, 2);
    EXPECT_EQ(day.evidence.load->sums, (std::vector<Sum>{{"clicks", 1}, {"impressions", 2}}));
    EXPECT_EQ(day.evidence.receipts.size(), 8u);
  }
  EXPECT_EQ(history.front().partition, "2020-01-01");
  EXPECT_EQ(history.back().partition, "2026-11-22");
}

}  // namespace
}  // namespace daymill::postgres
