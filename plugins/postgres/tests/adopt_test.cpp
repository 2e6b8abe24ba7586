// Days that are right already become ours without being touched.
#include <gtest/gtest.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

std::vector<AdRow> hundred_rows() {
  std::vector<AdRow> rows;
  for (std::int64_t i = 0; i < 100; ++i) {
    rows.push_back({i, "word " + std::to_string(i), i % 7, i % 11});
  }
  return rows;
}

Attempted adopting(const std::vector<AdRow>& rows) {
  Attempted attempted{rows};
  attempted.adopt = true;
  return attempted;
}

class AdoptTest : public SinkTest, public ::testing::WithParamInterface<const char*> {
 protected:
  AdoptTest() {
    create_layout(GetParam());
    // As another program would have written them.
    exec(
        "INSERT INTO ads SELECT '2026-11-22', i, 'word ' || i, i % 7, i % 11,"
        " (i % 7)::float8 / nullif(i % 11, 0) FROM generate_series(0, 99) i");
  }
  std::string versions() {
    return one(
        "SELECT md5(string_agg(tableoid || ' ' || xmin || ' ' || ctid::text, ','"
        " ORDER BY ad_id)) FROM ads");
  }
  std::string totals() {
    return one("SELECT count(*), sum(ad_id), sum(clicks), sum(impressions) FROM ads");
  }
  std::string difference(Sink& sink) {
    return sink.receipts(day_partition(kDay), true).value().difference;
  }
};

TEST_P(AdoptTest, LeavesTheRowsAndWritesTheEvidence) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {hundred_rows()}).code(), Code::needs_decision);
  const std::string before = versions();
  Attempted attempted = adopting(hundred_rows());
  attempted.rejects = {{"clicks", 1, "raw", "reason", "message"}};
  ASSERT_EQ(load_day(*sink, kDay, attempted).to_string(), "OK");
  EXPECT_EQ(versions(), before);
  EXPECT_EQ(stages(), "0");
  const Evidence evidence = sink->receipts(day_partition(kDay), true).value();
  ASSERT_TRUE(evidence.load.has_value());
  EXPECT_EQ(evidence.load->epoch, 2);
  EXPECT_EQ(evidence.load->rows_out, 100);
  EXPECT_EQ(evidence.receipts.size(), 2u);
  EXPECT_EQ(evidence.difference, "");
  EXPECT_EQ(sink->rejects(day_partition(kDay), 9).value().size(), 1u);
  EXPECT_EQ(one("SELECT count(*) FROM daymill.load WHERE relation IS NULL"), "1");
}

// Whoever asks for the totals of the day can adopt it without staging it again.
TEST_P(AdoptTest, NeedsNoStagedRows) {
  auto sink = bound();
  const Partition day = day_partition(kDay);
  const std::int64_t epoch = sink->claim(day).value();
  ASSERT_EQ(stage_rows(*sink, Attempt{day, epoch, "run-1", false, true}, {}).to_string(), "OK");
  const Difference difference = sink->difference(0).value();
  Load load = load_of({});
  load.rows_out = difference.rows_before;
  load.sums = difference.before;
  ASSERT_EQ(sink->commit(load, {receipt("clicks", 1)}).to_string(), "OK");
  EXPECT_EQ(load.sums, load_of(hundred_rows()).sums);
  EXPECT_EQ(this->difference(*sink), "");
}

TEST_P(AdoptTest, TheDayCanBeLoadedAgainWithAllOrFewOrNoRowsChanged) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, adopting(hundred_rows())).to_string(), "OK");
  const std::string before = versions();
  ASSERT_EQ(load_day(*sink, kDay, {hundred_rows()}).to_string(), "OK");
  EXPECT_EQ(versions(), before);

  std::vector<AdRow> few = hundred_rows();
  few[3].clicks += 5;
  few.erase(few.begin() + 10);
  few.push_back({200, "late", 1, 1});
  ASSERT_EQ(load_day(*sink, kDay, {few}).to_string(), "OK");
  EXPECT_EQ(difference(*sink), "");
  EXPECT_EQ(totals(), "100|5140|" + std::to_string(load_of(few).sums[0].value) + "|" +
                          std::to_string(load_of(few).sums[1].value));

  std::vector<AdRow> all = hundred_rows();
  for (AdRow& row : all) {
    row.impressions += 10;
  }
  for (int round = 0; round < 2; ++round) {  // the second replaces what the first wrote
    all.pop_back();
    for (AdRow& row : all) {
      row.clicks += 1;
    }
    ASSERT_EQ(load_day(*sink, kDay, {all}).to_string(), "OK");
    EXPECT_EQ(difference(*sink), "");
    EXPECT_EQ(one("SELECT count(*), sum(clicks), sum(impressions) FROM ads"),
              std::to_string(all.size()) + "|" + std::to_string(load_of(all).sums[0].value) + "|" +
                  std::to_string(load_of(all).sums[1].value));
  }
  EXPECT_EQ(stages(), "0");
}

TEST_P(AdoptTest, ADayThatIsNotTheLoadsIsNotAdopted) {
  auto sink = bound();
  exec("UPDATE ads SET clicks = clicks + 1 WHERE ad_id = 1; DELETE FROM ads WHERE ad_id = 0");
  const std::string before = versions();
  const Status status = load_day(*sink, kDay, adopting(hundred_rows()));
  EXPECT_EQ(status.code(), Code::needs_decision) << status.to_string();
  EXPECT_NE(status.message().find("found rows 99, clicks 296; expected rows 100, clicks 295"),
            std::string::npos)
      << status.message();
  EXPECT_NE(status.next().find("--replace-foreign"), std::string::npos);
  EXPECT_EQ(versions(), before);
  EXPECT_EQ(one("SELECT (SELECT count(*) FROM daymill.load), (SELECT count(*) FROM"
                " daymill.receipt), (SELECT count(*) FROM daymill.reject)"),
            "0|0|0");
  EXPECT_EQ(stages(), "0");
}

TEST_P(AdoptTest, ALowerEpochIsFencedAndPartsOfADayAreRefused) {
  auto slow = bound();
  ASSERT_TRUE(stage_day(*slow, kDay, adopting(hundred_rows())).ok());
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, adopting(hundred_rows())).to_string(), "OK");
  EXPECT_EQ(slow->commit(load_of(hundred_rows()), {receipt("clicks", 1)}).code(), Code::fenced);
  Attempted part = adopting(hundred_rows());
  part.receipts = {receipt("clicks", 2)};
  EXPECT_EQ(load_day(*sink, kDay, part).code(), Code::needs_decision);
}

TEST_P(AdoptTest, NeedsOnlyToReadTheTarget) {
  create_login();
  exec("GRANT SELECT ON ads TO " + login_);
  auto sink = bound({{"user", login_}});
  ASSERT_EQ(load_day(*sink, kDay, adopting(hundred_rows())).to_string(), "OK");
  exec("GRANT INSERT, DELETE ON ads TO " + login_);
  std::vector<AdRow> rows = hundred_rows();
  rows[0].clicks += 1;
  ASSERT_EQ(load_day(*sink, kDay, {rows}).to_string(), "OK");
  EXPECT_EQ(difference(*sink), "");
}

INSTANTIATE_TEST_SUITE_P(Everywhere, AdoptTest,
                         ::testing::Values("plain", "default", "month", "day"));

using AdoptOwnTest = SinkTest;

// A day that we attached and somebody changed since: it stays a partition that is swapped.
TEST_F(AdoptOwnTest, OurPartitionStaysOurs) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {hundred_rows()}).to_string(), "OK");
  const std::string relation = one("SELECT relation FROM daymill.load");
  exec("UPDATE ads SET clicks = clicks + 1");
  std::vector<AdRow> rows = hundred_rows();
  for (AdRow& row : rows) {
    row.clicks += 1;
  }
  ASSERT_EQ(load_day(*sink, kDay, adopting(rows)).to_string(), "OK");
  EXPECT_EQ(one("SELECT relation FROM daymill.load WHERE epoch = 2"), relation);
  ASSERT_EQ(load_day(*sink, kDay, {hundred_rows()}).to_string(), "OK");
  EXPECT_NE(one("SELECT relation FROM daymill.load WHERE epoch = 3"), relation);
  EXPECT_EQ(one("SELECT count(*) FROM pg_class WHERE oid = " + relation), "0");
  EXPECT_EQ(sink->receipts(day_partition(kDay), true).value().difference, "");
}

TEST_F(AdoptOwnTest, AnEmptyDayCanBeAdopted) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, adopting({})).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {hundred_rows()}).to_string(), "OK");
  EXPECT_EQ(one("SELECT DISTINCT tableoid::regclass FROM ads"), "ads_20261122");
}

TEST_F(AdoptOwnTest, OddNames) {
  exec("CREATE SCHEMA \"My.Shop\"");
  const std::string table = "\"My.Shop\".\"Od \"\"d's\"";
  create_partitioned(table);
  exec("CREATE TABLE \"My.Shop\".\"re'st\" PARTITION OF " + table + " DEFAULT");
  exec("INSERT INTO " + table + " VALUES ('" + kDay + "', 1, 'a', 1, 2, 0.5)");
  auto sink = bound({{"table", table}});
  ASSERT_EQ(load_day(*sink, kDay, adopting({{1, "a", 1, 2}})).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {{{2, "b", 1, 2}}}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT ad_id, tableoid::regclass FROM " + table),
            std::vector<std::string>{"2|\"My.Shop\".\"Od \"\"d's_20261122\""});
}

}  // namespace
}  // namespace daymill::postgres
