// Rows arrive as they were given: values, checksums, rejects, names that need quotes.
#include <gtest/gtest.h>

#include "daymill/value.hpp"
#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

using LoadTest = SinkTest;

const std::vector<std::string> kWords = {
    "",      "tab\there",     "new\nline\r\n",     "back\\slash\\N", "\"quotes'",
    "\\.",   "靴 スニーカー", "👟🏃‍♀️", "a:b:c",          " space ",
    "{1,2}", "%s $1 --;",     "\x01\x7f",          "İ ß ﬀ e\u0301"};

std::vector<AdRow> word_rows() {
  std::vector<AdRow> rows;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    rows.push_back({static_cast<std::int64_t>(i), kWords[i], static_cast<std::int64_t>(i), 10});
  }
  return rows;
}

TEST_F(LoadTest, WordsOfAllKindsArriveUnchanged) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {word_rows()}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT search_word FROM ads ORDER BY ad_id"), kWords);
  EXPECT_EQ(one("SELECT min(date), max(date), count(*), sum(clicks) FROM ads"),
            "2026-11-22|2026-11-22|14|91");
  EXPECT_EQ(one("SELECT ctr FROM ads WHERE ad_id = 3"), "0.3");
}

TEST_F(LoadTest, WordsArriveUnchangedByTextCopyToo) {
  exec(
      "CREATE TABLE ads (date date, ad_id numeric, search_word varchar(100), clicks numeric(30,2),"
      " impressions bigint, ctr numeric(10,4), PRIMARY KEY (date, ad_id, search_word))"
      " PARTITION BY RANGE (date)");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {word_rows()}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT search_word FROM ads ORDER BY ad_id"), kWords);
  EXPECT_EQ(one("SELECT clicks, ctr FROM ads WHERE ad_id = 3"), "3.00|0.3000");
  const auto evidence = sink->receipts(day_partition("2026-11-22"), false);
  EXPECT_EQ(evidence.value().difference, "");
}

Schema every_type() {
  return Schema{{{"b", Type::boolean},
                 {"i", Type::int64},
                 {"f", Type::float64},
                 {"t", Type::text},
                 {"x", Type::binary},
                 {"d", Type::date},
                 {"s", Type::timestamp}}};
}

RecordBatch every_value() {
  BatchBuilder builder(every_type());
  const auto add = [&](bool b, std::int64_t i, double f, std::string_view t, std::string_view x,
                       std::int32_t d, std::int64_t s) {
    builder.column(0).append_boolean(b);
    builder.column(1).append_int64(i);
    builder.column(2).append_float64(f);
    builder.column(3).append_bytes(t);
    builder.column(4).append_bytes(x);
    builder.column(5).append_date(d);
    builder.column(6).append_int64(s);
    builder.end_row();
  };
  add(true, INT64_MAX, 0.1, "a", std::string_view("\0\\x\xff", 4), parse_date("2024-02-29").value(),
      1'709'210'096'000'001);
  add(false, INT64_MIN, -5e-324, "", "", parse_date("0001-01-01").value(), -1);
  for (std::size_t i = 0; i < 7; ++i) {
    builder.column(i).append_null();
  }
  builder.end_row();
  return builder.finish();
}

class EveryType : public SinkTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EveryType, ArrivesUnchanged) {
  exec("CREATE TABLE ads (n bigint GENERATED ALWAYS AS IDENTITY, date date, b boolean, i " +
       std::string(GetParam()) + ", f float8, t text, x bytea, d date, s timestamptz)");
  auto sink = make({{"key", ""}}).value();
  ASSERT_EQ(sink->bind(every_type(), "p").to_string(), "OK");
  const Partition day = day_partition("2026-11-22");
  const auto epoch = sink->claim(day);
  ASSERT_EQ(sink->begin({day, epoch.value(), "r", false}).to_string(), "OK");
  auto writer = sink->open().value();
  ASSERT_EQ(writer->write(every_value()).to_string(), "OK");
  ASSERT_EQ(writer->finish().to_string(), "OK");
  Load load;
  load.rows_out = 3;
  ASSERT_EQ(sink->commit(load, {receipt("s", 1)}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT b, i, f, t, x, d, s AT TIME ZONE 'UTC' FROM ads ORDER BY n"),
            (std::vector<std::string>{
                "t|9223372036854775807|0.1|a|\\x005c78ff|2024-02-29|2024-02-29 12:34:56.000001",
                "f|-9223372036854775808|-5e-324||\\x|0001-01-01|1969-12-31 23:59:59.999999",
                "~|~|~|~|~|~|~"}));
}

INSTANTIATE_TEST_SUITE_P(BinaryAndText, EveryType, ::testing::Values("bigint", "numeric"));

TEST_F(LoadTest, AnEmptyDayIsALoadToo) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{}}).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*) FROM ads"), "0");
  const auto evidence = sink->receipts(day_partition("2026-11-22"), false);
  ASSERT_TRUE(evidence.value().load.has_value());
  EXPECT_EQ(evidence.value().load->rows_out, 0);
  EXPECT_EQ(evidence.value().difference, "");
}

std::vector<AdRow> many_rows(std::int64_t count) {
  std::vector<AdRow> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back({i * 7919 % count, "word " + std::to_string(i % 1000), i % 13, i % 101});
  }
  return rows;
}

class ManyRows : public SinkTest, public ::testing::WithParamInterface<bool> {};

TEST_P(ManyRows, HaveTheChecksumThatSqlComputes) {
  GetParam() ? create_partitioned() : create_plain();
  auto sink = bound();
  constexpr std::int64_t kRows = 200'000;
  const std::vector<AdRow> rows = many_rows(kRows);
  const Partition day = day_partition("2026-11-22");
  const auto epoch = sink->claim(day);
  ASSERT_EQ(sink->begin({day, epoch.value(), "r", false}).to_string(), "OK");
  auto writer = sink->open().value();
  for (std::size_t from = 0; from < rows.size(); from += 32768) {
    const auto to = std::min(from + 32768, rows.size());
    ASSERT_EQ(writer
                  ->write(ad_batch({rows.begin() + static_cast<std::ptrdiff_t>(from),
                                    rows.begin() + static_cast<std::ptrdiff_t>(to)}))
                  .to_string(),
              "OK");
  }
  ASSERT_EQ(writer->finish().to_string(), "OK");
  ASSERT_EQ(sink->commit(load_of(rows), {receipt("s", 1)}).to_string(), "OK");
  // The same rows, made by the server itself.
  EXPECT_EQ(one("WITH expected AS (SELECT DATE '2026-11-22' AS date, i * 7919 % 200000 AS ad_id,"
                " 'word ' || i % 1000 AS search_word, i % 13 AS clicks, i % 101 AS impressions,"
                " CASE WHEN i % 101 <> 0 THEN (i % 13)::float8 / (i % 101) END AS ctr"
                " FROM generate_series(0::bigint, 199999) i)"
                " SELECT (SELECT count(*) FROM ads),"
                " (SELECT count(*) FROM (SELECT * FROM expected EXCEPT SELECT * FROM ads) d)"),
            "200000|0");
}

INSTANTIATE_TEST_SUITE_P(PartitionedAndPlain, ManyRows, ::testing::Bool());

TEST_F(LoadTest, NamesThatNeedQuotes) {
  exec("CREATE SCHEMA \"My.Shop\"");
  exec(
      "CREATE TABLE \"My.Shop\".\"Od \"\"d\" (\"Day'\" date NOT NULL, ad_id bigint NOT NULL,"
      " search_word text COLLATE \"C\" NOT NULL, clicks bigint, impressions bigint, ctr float8,"
      " PRIMARY KEY (\"Day'\", ad_id, search_word)) PARTITION BY RANGE (\"Day'\")");
  auto sink = bound({{"table", "\"My.Shop\".\"Od \"\"d\""}, {"partition_column", "Day'"}});
  const Attempted attempted{{{1, "shoes", 1, 2}}};
  ASSERT_EQ(load_day(*sink, "2026-11-22", attempted).to_string(), "OK");
  ASSERT_EQ(load_day(*sink, "2026-11-22", attempted).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*) FROM \"My.Shop\".\"Od \"\"d_20261122\""), "1");
  EXPECT_EQ(one("SELECT DISTINCT target FROM daymill.load"), "\"My.Shop\".\"Od \"\"d\"");
  EXPECT_EQ(ask("SELECT indexname FROM pg_indexes WHERE tablename = 'Od \"d_20261122'"),
            std::vector<std::string>{"Od \"d_20261122_pkey"});
}

TEST_F(LoadTest, RejectsKeepTheirBytes) {
  create_partitioned();
  auto sink = bound();
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  Attempted attempted{{{1, "shoes", 1, 2}}};
  attempted.rejects = {
      {"clicks", 1, every_byte, "field.no_separator", "found \"{,}\\\", expected :"},
      {"clicks", 1, "", "count.negative", std::string("bad \xff and \0", 11)}};
  ASSERT_EQ(load_day(*sink, "2026-11-22", attempted).to_string(), "OK");
  EXPECT_EQ(one("SELECT raw = decode(string_agg(lpad(to_hex(i), 2, '0'), '' ORDER BY i), 'hex')"
                " FROM daymill.reject, generate_series(0, 255) i"
                " WHERE reason = 'field.no_separator' GROUP BY raw"),
            "t");
  EXPECT_EQ(
      ask("SELECT pipeline, partition, split, generation, epoch, length(raw), message"
          " FROM daymill.reject ORDER BY reason DESC"),
      (std::vector<std::string>{"ad_ctr|2026-11-22|clicks|1|1|256|found \"{,}\\\", expected :",
                                "ad_ctr|2026-11-22|clicks|1|1|0|bad \\xff and \\x00"}));
  attempted.rejects.pop_back();
  ASSERT_EQ(load_day(*sink, "2026-11-22", attempted).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*), max(epoch) FROM daymill.reject"), "1|2");
}

TEST_F(LoadTest, DuplicateKeysAreNamed) {
  for (const bool partitioned : {true, false}) {
    exec("DROP TABLE IF EXISTS ads");
    partitioned ? create_partitioned() : create_plain();
    auto sink = bound();
    const Status status =
        load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}, {2, "x", 0, 1}, {1, "shoes", 3, 4}}});
    EXPECT_EQ(status.code(), Code::invalid_data);
    EXPECT_NE(status.message().find("1, shoes) is duplicated"), std::string::npos)
        << status.message();
    EXPECT_EQ(one("SELECT count(*) FROM ads"), "0");
  }
}

TEST_F(LoadTest, DuplicatesAreFoundWhereTheTargetHasNoUniqueIndex) {
  exec(
      "CREATE TABLE ads (date date, ad_id bigint, search_word text, clicks bigint,"
      " impressions bigint, ctr float8) PARTITION BY RANGE (date)");
  auto sink = bound();
  EXPECT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}, {1, "shoes", 3, 4}}}).code(),
            Code::invalid_data);
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).to_string(), "OK");
  EXPECT_EQ(one("SELECT count(*) FROM pg_indexes WHERE tablename LIKE 'ads%'"), "0");
}

TEST_F(LoadTest, ValuesThatTheColumnsRefuseAreTheDatasFault) {
  create_partitioned();
  auto sink = bound();
  const Status nul = load_day(*sink, "2026-11-22", {{{1, std::string("a\0b", 3), 1, 2}}});
  EXPECT_EQ(nul.code(), Code::invalid_data);
  EXPECT_NE(nul.message().find("search_word"), std::string::npos) << nul.message();
  EXPECT_EQ(load_day(*sink, "2026-11-22", {{{1, "\xff", 1, 2}}}).code(), Code::invalid_data);
  exec("ALTER TABLE ads ADD CHECK (clicks < 5)");
  EXPECT_EQ(load_day(*sink, "2026-11-22", {{{1, "a", 5, 9}}}).code(), Code::invalid_data);
  EXPECT_EQ(load_day(*sink, "2026-11-22", {{{1, "a", 4, 9}}}).to_string(), "OK");
}

TEST_F(LoadTest, SumsThatDoNotAgreeAreNotCommitted) {
  create_partitioned();
  auto sink = bound();
  const std::vector<AdRow> rows = {{1, "shoes", 1, 2}, {2, "hats", 3, 4}};
  ASSERT_TRUE(stage_day(*sink, "2026-11-22", {rows}).ok());
  Load load = load_of(rows);
  load.sums[0].value += 1;
  const Status status = sink->commit(load, {receipt("s", 1)});
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_NE(status.message().find("found clicks 4; expected clicks 5"), std::string::npos)
      << status.message();
  sink->abort();
  EXPECT_EQ(
      one("SELECT (SELECT count(*) FROM daymill.load), (SELECT count(*) FROM daymill.receipt),"
          " (SELECT count(*) FROM ads)"),
      "0|0|0");
  EXPECT_EQ(one("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'daymill_stage'"),
            "0");
}

}  // namespace
}  // namespace daymill::postgres
