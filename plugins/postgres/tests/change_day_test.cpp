// Reloads that change few rows change these alone.
#include <gtest/gtest.h>

#include "connection.hpp"
#include "settings.hpp"
#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int64_t kThousand = 1000;

std::vector<AdRow> thousand_rows() {
  std::vector<AdRow> rows;
  for (std::int64_t i = 0; i < kThousand; ++i) {
    rows.push_back({i, "word " + std::to_string(i), i % 7, i % 11});
  }
  return rows;
}

class ChangeDayTest : public SinkTest, public ::testing::WithParamInterface<bool> {
 protected:
  ChangeDayTest() { GetParam() ? create_partitioned() : create_plain(); }
  /// Where the day lies, and how many of its rows are older than the load.
  std::string kept() {
    return one(
        "SELECT min(tableoid), count(*) FILTER (WHERE (SELECT xmin FROM daymill.load"
        " ORDER BY epoch DESC LIMIT 1) <> ads.xmin) FROM ads WHERE date = '2026-11-22'");
  }
  std::string relation() { return one("SELECT min(tableoid) FROM ads"); }
  std::string totals() {
    return one("SELECT count(*), sum(clicks), sum(impressions), sum(ad_id) FROM ads");
  }
};

TEST_P(ChangeDayTest, AnIdenticalReloadWritesNothingToTheTarget) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  const std::string before = relation();
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  EXPECT_EQ(kept(), before + "|1000");
  EXPECT_EQ(one("SELECT count(*), count(DISTINCT coalesce(relation, 0)) FROM daymill.load"), "2|1");
}

TEST_P(ChangeDayTest, FewChangesAreApplied) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  const std::string before = relation();
  std::vector<AdRow> rows = thousand_rows();
  rows.erase(rows.begin() + 10, rows.begin() + 20);
  rows[0].clicks += 5;
  rows[1].impressions = 0;  // its ctr becomes NULL
  rows.push_back({kThousand, "late", 1, 1});
  ASSERT_EQ(load_day(*sink, kDay, {rows}).to_string(), "OK");
  EXPECT_EQ(kept(), before + "|988");
  EXPECT_EQ(sink->receipts(day_partition(kDay), false).value().difference, "");
  EXPECT_EQ(one("SELECT count(*) FROM ads WHERE ad_id BETWEEN 10 AND 19"), "0");
  EXPECT_EQ(ask("SELECT clicks, ctr IS NULL FROM ads WHERE ad_id IN (0, 1, 1000) ORDER BY ad_id"),
            (std::vector<std::string>{"5|t", "1|t", "1|f"}));
}

TEST_P(ChangeDayTest, ManyChangesReplaceTheDay) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  const std::string before = relation();
  std::vector<AdRow> rows = thousand_rows();
  for (std::size_t i = 0; i < 51; ++i) {
    rows[i].clicks += 1;
  }
  ASSERT_EQ(load_day(*sink, kDay, {rows}).to_string(), "OK");
  if (GetParam()) {
    EXPECT_NE(relation(), before);
  } else {
    EXPECT_EQ(kept(), before + "|0");
  }
  EXPECT_EQ(sink->receipts(day_partition(kDay), false).value().difference, "");
}

TEST_P(ChangeDayTest, WhatOthersChangedIsPutRight) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  const std::string before = totals();
  exec(
      "UPDATE ads SET clicks = 99 WHERE ad_id = 5; DELETE FROM ads WHERE ad_id = 6;"
      " INSERT INTO ads VALUES ('2026-11-22', 7, 'by hand', 1, 1, 1)");
  ASSERT_NE(sink->receipts(day_partition(kDay), false).value().difference, "");
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  EXPECT_EQ(totals(), before);
  EXPECT_EQ(kept().substr(kept().find('|')), "|998");
}

TEST_P(ChangeDayTest, ReadersAreNotWaitedFor) {
  auto sink = bound({{"lock_timeout", "50ms"}});
  ASSERT_EQ(load_day(*sink, kDay, {thousand_rows()}).to_string(), "OK");
  std::vector<AdRow> rows = thousand_rows();
  rows[0].clicks += 5;
  ASSERT_TRUE(stage_day(*sink, kDay, {rows}).ok());
  auto reader =
      Connection::open(read_settings(sink_config(server_.port(), database_)).value(), Host())
          .value();
  ASSERT_TRUE(reader->script("BEGIN; SELECT count(*) FROM public.ads").ok());
  EXPECT_EQ(sink->commit(load_of(rows), {receipt("clicks", 1), receipt("views", 1)}).to_string(),
            "OK");
  reader->roll_back();
}

INSTANTIATE_TEST_SUITE_P(PartitionedAndPlain, ChangeDayTest, ::testing::Bool());

}  // namespace
}  // namespace daymill::postgres
