// Where a day lies in the target, and whose rows are there already.
#include <gtest/gtest.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

using LayoutTest = SinkTest;

const std::vector<AdRow> kOtherRows = {{1, "shoes", 5, 6}, {3, "coats", 7, 8}, {4, "", 0, 1}};

std::string content(const std::vector<AdRow>& rows) {
  std::string text;
  for (const AdRow& row : rows) {
    text += std::to_string(row.ad_id) + row.word + std::to_string(row.clicks) + "/" +
            std::to_string(row.impressions) + " ";
  }
  return text;
}

constexpr const char* kContent =
    "SELECT coalesce(string_agg(ad_id || search_word || clicks || '/' || impressions || ' ', ''"
    " ORDER BY ad_id), '') FROM ads WHERE date = '2026-11-22'";
constexpr const char* kStages =
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'daymill_stage'";

TEST_F(LayoutTest, TheFirstLoadAttachesAndReloadsSwap) {
  create_partitioned();
  exec("CREATE INDEX by_word ON ads (lower(search_word)) WHERE clicks > 0");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kTwoRows));
  const std::string first = one("SELECT 'ads_20261122'::regclass::oid");
  EXPECT_EQ(one("SELECT relation FROM daymill.load"), first);
  // The partition has exactly the target's indexes, tied to them, under names of its own.
  EXPECT_EQ(
      ask("SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits"
          " WHERE inhparent IN (SELECT indexrelid FROM pg_index"
          " WHERE indrelid = 'ads'::regclass) ORDER BY 2"),
      (std::vector<std::string>{"ads_20261122_pkey|ads_pkey", "ads_20261122_lower_idx|by_word"}));
  EXPECT_EQ(one("SELECT count(*) FROM pg_index WHERE indrelid = 'ads_20261122'::regclass"), "2");
  EXPECT_EQ(one("SELECT count(*) FROM pg_constraint WHERE conrelid = 'ads_20261122'::regclass"
                " AND contype = 'c'"),
            "0");

  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kOtherRows));
  EXPECT_NE(one("SELECT 'ads_20261122'::regclass::oid"), first);
  EXPECT_EQ(one("SELECT count(*) FROM pg_class WHERE oid = " + first), "0");
  EXPECT_EQ(one("SELECT count(*), max(epoch) FROM daymill.load"), "2|2");
  EXPECT_EQ(one(kStages), "0");
}

TEST_F(LayoutTest, DaysDoNotTouchEachOther) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-21", {kOtherRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, "2026-11-21", {{}}).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*) FROM ads"), "2");
  EXPECT_EQ(one(kContent), content(kTwoRows));
}

TEST_F(LayoutTest, APlainTableIsReplacedByTheDay) {
  create_plain();
  exec("INSERT INTO ads VALUES ('2026-11-21', 9, 'kept', 1, 1, 1)");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kOtherRows));
  EXPECT_EQ(one("SELECT count(*) FROM ads WHERE search_word = 'kept'"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM daymill.load WHERE relation IS NULL"), "2");
  EXPECT_EQ(one(kStages), "0");
}

TEST_F(LayoutTest, AMonthlyPartitionIsFilledThroughTheTarget) {
  create_partitioned();
  exec(
      "CREATE TABLE ads_2026_11 PARTITION OF ads FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kOtherRows));
  EXPECT_EQ(ask("SELECT DISTINCT tableoid::regclass FROM ads"),
            std::vector<std::string>{"ads_2026_11"});
}

TEST_F(LayoutTest, AnEmptyPartitionOfSomebodyElseIsFilledNotDropped) {
  create_partitioned();
  exec("CREATE TABLE prepared PARTITION OF ads FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT DISTINCT tableoid::regclass FROM ads"),
            std::vector<std::string>{"prepared"});
}

TEST_F(LayoutTest, ADefaultPartitionDoesNotStandInTheWay) {
  create_partitioned();
  exec(
      "CREATE TABLE rest PARTITION OF ads DEFAULT;"
      " INSERT INTO ads VALUES ('2026-11-21', 9, 'kept', 1, 1, 1)");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT tableoid::regclass, count(*) FROM ads GROUP BY 1 ORDER BY 2"),
            (std::vector<std::string>{"rest|1", "ads_20261122|2"}));
}

// A day that something else filled: nothing is overwritten unless somebody decided so.
class ForeignRows : public SinkTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ForeignRows, NeedADecision) {
  create_layout(GetParam());
  exec("INSERT INTO ads VALUES ('2026-11-22', 9, 'by hand', 1, 1, 1)");
  auto sink = bound();
  const Status status = load_day(*sink, kDay, {kTwoRows});
  EXPECT_EQ(status.code(), Code::needs_decision) << status.to_string();
  EXPECT_EQ(one(kContent), "9by hand1/1 ");
  EXPECT_EQ(one("SELECT count(*) FROM daymill.load"), "0");
  EXPECT_EQ(one(kStages), "0");

  Attempted decided{kTwoRows};
  decided.replace_foreign = true;
  ASSERT_EQ(load_day(*sink, kDay, decided).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kTwoRows));
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one(kContent), content(kOtherRows));
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ForeignRows,
                         ::testing::Values("plain", "default", "month", "day"));

TEST_F(LayoutTest, APartitionPutInPlaceOfOursIsForeign) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  exec(
      "DROP TABLE ads_20261122;"
      " CREATE TABLE theirs PARTITION OF ads FOR VALUES FROM ('2026-11-22') TO ('2026-11-23');"
      " INSERT INTO ads VALUES ('2026-11-22', 9, 'by hand', 1, 1, 1)");
  EXPECT_EQ(load_day(*sink, kDay, {kTwoRows}).code(), Code::needs_decision);
  EXPECT_EQ(sink->receipts(day_partition(kDay), false).value().difference,
            "found rows 1, clicks 1, impressions 1; expected rows 2, clicks 4, impressions 6");
}

TEST_F(LayoutTest, ANameThatIsTakenIsAvoided) {
  create_partitioned();
  exec("CREATE TABLE ads_20261122 (mine int); CREATE TABLE ads_20261122_pkey (mine int)");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(one("SELECT DISTINCT tableoid::regclass FROM ads"), "ads_20261122_1");
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one("SELECT DISTINCT tableoid::regclass FROM ads"), "ads_20261122_2");
}

TEST_F(LayoutTest, LongTableNamesAreCut) {
  const std::string name(63, 'n');
  create_partitioned(name);
  auto sink = bound({{"table", name}});
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, kDay, {kOtherRows}).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*), max(length(relname)) FROM pg_class WHERE relispartition"
                " AND relkind = 'r'"),
            "1|63");
}

TEST_F(LayoutTest, TablesThatMustNotBeAttachedToAreInserted) {
  for (const std::string extra :
       {"CREATE TABLE refers (date date, ad_id bigint, search_word text COLLATE \"C\","
        " FOREIGN KEY (date, ad_id, search_word) REFERENCES ads)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE TRIGGER note BEFORE INSERT ON ads FOR EACH ROW EXECUTE FUNCTION note()",
        "DROP TABLE ads; CREATE TABLE ads (n bigint GENERATED ALWAYS AS IDENTITY, date date,"
        " ad_id bigint, search_word text, clicks bigint, impressions bigint, ctr float8)"
        " PARTITION BY RANGE (date); CREATE TABLE rest PARTITION OF ads DEFAULT",
        "CREATE PUBLICATION everything FOR TABLE ads"}) {
    exec(
        "DROP TABLE IF EXISTS ads CASCADE; DROP SCHEMA IF EXISTS daymill, daymill_stage CASCADE;"
        " DROP PUBLICATION IF EXISTS everything");
    create_partitioned();
    exec("CREATE TABLE rest PARTITION OF ads DEFAULT");
    exec(extra);
    auto sink = bound();
    ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK") << extra;
    EXPECT_EQ(one("SELECT DISTINCT tableoid::regclass FROM ads"), "rest") << extra;
  }
}

TEST_F(LayoutTest, WithoutAPartitionForTheDayInsertingSaysSo) {
  create_partitioned();
  exec("CREATE PUBLICATION ads_out FOR TABLE ads");
  auto sink = bound();
  const Status status = load_day(*sink, kDay, {kTwoRows});
  EXPECT_EQ(status.code(), Code::invalid_data) << status.to_string();
  EXPECT_NE(status.message().find("no partition"), std::string::npos) << status.message();
}

TEST_F(LayoutTest, DefaultsAndGeneratedColumnsAreTheTargets) {
  create_partitioned();
  exec(
      "ALTER TABLE ads ADD loaded_by text DEFAULT 'someone',"
      " ADD doubled bigint GENERATED ALWAYS AS (clicks * 2) STORED, DROP COLUMN ctr,"
      " ADD ctr float8");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(one("SELECT loaded_by, doubled, tableoid::regclass FROM ads WHERE ad_id = 2"),
            "someone|6|ads_20261122");
}

}  // namespace
}  // namespace daymill::postgres
