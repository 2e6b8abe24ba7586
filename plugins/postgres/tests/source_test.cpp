// What the source reads, and what it refuses before any row moves.
#include <gtest/gtest.h>

#include <cmath>

#include "daymill/value.hpp"
#include "identifier.hpp"
#include "query_page.hpp"
#include "source_fixture.hpp"

namespace daymill::postgres {
namespace {

TEST_F(SourceTest, EveryTypeKeepsItsValue) {
  exec(
      "CREATE TABLE kinds (day date, id bigint, i2 smallint, i4 integer, yes boolean, f4 real,"
      " f8 double precision, n numeric, t text, v varchar(20), d date, at timestamptz)");
  exec(
      "INSERT INTO kinds VALUES"
      " ('2026-11-22', -9223372036854775808, -32768, -2147483648, true, 0.1, -1e308,"
      "  -12345678901234567890.123456789, 'süß 靴', 'v|v', '0001-01-01', '0001-01-01 00:00Z'),"
      " ('2026-11-22', 9223372036854775807, 32767, 2147483647, false, 1e38, 5e-324,"
      "  0.00000000000000000001, '', ' ', '9999-12-31', '9999-12-31 23:59:59.999999Z'),"
      " ('2026-11-22', 0, 0, 0, true, 0, 0, 0, repeat('x', 300000), 'z', '1970-01-01',"
      "  '1970-01-01 00:00:00.25Z'),"
      " ('2026-11-22', 1, NULL, NULL, NULL, NULL, NULL, 10000, NULL, NULL, NULL, NULL),"
      " ('2026-11-23', 2, 1, 1, true, 1, 1, 1, 'other', 'day', '1970-01-01', now())");
  const auto from = source({.query = "SELECT * FROM kinds WHERE day = {date}",
                            .columns = {{"id", "int64"},
                                        {"i2", "int64"},
                                        {"i4", "int64"},
                                        {"yes", "bool"},
                                        {"f4", "float64"},
                                        {"f8", "float64"},
                                        {"n", "float64"},
                                        {"v", "text"},
                                        {"d", "date"},
                                        {"at", "timestamp"},
                                        {"t", "text"}},
                            .keys = {"id"},
                            .measures = {"i4"}});
  const auto read = read_day(*from);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->rejects, Lines{});
  EXPECT_EQ(
      read->rows,
      (Lines{"-9223372036854775808|-32768|-2147483648|true|" + float64_text(double{0.1F}) +
                 "|-1e+308|" + float64_text(-12345678901234567890.123456789) +
                 "|v|v|0001-01-01|0001-01-01T00:00:00Z|süß 靴",
             "0|0|0|true|0|0|0|z|1970-01-01|1970-01-01T00:00:00.25Z|" + std::string(300000, 'x'),
             "1|~|~|~|~|~|10000|~|~|~|~",
             "9223372036854775807|32767|2147483647|false|" + float64_text(double{1e38F}) +
                 "|5e-324|1e-20| |9999-12-31|9999-12-31T23:59:59.999999Z|"}));
}

TEST_F(SourceTest, ValuesThatAreNoDaymillValuesAreRejects) {
  exec(
      "CREATE TABLE odd (day date, id bigint, f double precision, n numeric, d date,"
      " at timestamptz, clicks bigint)");
  exec(
      "INSERT INTO odd SELECT '2026-11-22', i, 1, 1, '2026-11-22', '2026-11-22', 100 + i"
      " FROM generate_series(1, 9) AS i");
  exec("UPDATE odd SET f = 'NaN' WHERE id = 2");
  exec("UPDATE odd SET f = '-Infinity' WHERE id = 3");
  exec("UPDATE odd SET n = '1e400' WHERE id = 4");
  exec("UPDATE odd SET d = 'infinity' WHERE id = 5");
  exec("UPDATE odd SET d = '10000-01-01' WHERE id = 6");
  exec("UPDATE odd SET at = '-infinity' WHERE id = 7");
  exec("UPDATE odd SET at = '0044-03-15 BC' WHERE id = 8");
  exec("UPDATE odd SET id = NULL WHERE id = 9");
  const auto from = source({.query = "SELECT * FROM odd WHERE day = {date}",
                            .columns = {{"id", "int64"},
                                        {"f", "float64"},
                                        {"n", "float64"},
                                        {"d", "date"},
                                        {"at", "timestamp"},
                                        {"clicks", "int64"}},
                            .keys = {"id"}});
  const auto read = read_day(*from);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->rows, (Lines{"1|1|1|2026-11-22|2026-11-22T00:00:00Z|101"}));
  Lines reasons;
  for (const std::string& reject : read->rejects) {
    reasons.push_back(reject.substr(0, reject.find(' ')));
    EXPECT_EQ(reject.substr(reject.size() - 3, 2), "10") << "the sum still adds up: " << reject;
  }
  EXPECT_EQ(reasons, (Lines{"key.missing", "value.not_date", "value.not_date", "value.not_number",
                            "value.not_number", "value.not_number", "value.not_timestamp",
                            "value.not_timestamp"}));
}

TEST_F(SourceTest, ManyRowsComeInPages) {
  create_counts();
  exec(
      "INSERT INTO counts SELECT '2026-11-22', i, CASE WHEN i % 1000 = 0 THEN"
      " repeat('w', 200000) ELSE 'w' || i END, i FROM generate_series(1, 20000) AS i");
  const auto read = read_day(*source());
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->rows.size(), 20'000u);
  EXPECT_EQ(read->rows.back(), "9|w9|9");
  EXPECT_GT(read->pages, 5);
  const auto empty = read_day(*source(), "2026-11-23");
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->rows, Lines{});
}

TEST_F(SourceTest, StartAndEndAreThePartitions) {
  exec("CREATE TABLE clicks (at timestamptz, ad_id bigint)");
  exec(
      "INSERT INTO clicks VALUES ('2026-11-21 23:59:59.999999Z', 1), ('2026-11-22 00:00Z', 2),"
      " ('2026-11-22 23:59:59.999999Z', 3), ('2026-11-23 00:00Z', 4)");
  const auto from = source({.query = "SELECT ad_id, count(*) AS n FROM clicks WHERE at >= {start}"
                                     " AND at < {end} GROUP BY ad_id; -- of the day",
                            .columns = {{"ad_id", "int64"}, {"n", "int64"}},
                            .keys = {"ad_id"},
                            .measures = {"n"}});
  EXPECT_EQ(read_day(*from)->rows, (Lines{"2|1", "3|1"}));
}

// ---- What is refused before a row moves

TEST_F(SourceTest, ATypeThatDoesNotFitIsNamedWithWhatWasExpected) {
  exec(
      "CREATE TABLE counts (day date, ad_id bigint, word char(3), clicks numeric(10,2),"
      " at timestamp, id uuid)");
  Status refused = refusal({});
  EXPECT_EQ(refused.code(), Code::schema_mismatch);
  EXPECT_NE(refused.message().find("\"word\" of the query is character(3), expected text"),
            std::string::npos)
      << refused.message();
  exec("ALTER TABLE counts ALTER word TYPE text");
  refused = refusal({});
  EXPECT_NE(refused.message().find("\"clicks\" of the query is numeric(10,2), expected bigint"),
            std::string::npos)
      << refused.message();
  EXPECT_NE(refused.next().find("\"clicks\"::bigint AS \"clicks\""), std::string::npos)
      << refused.next();
  for (const auto& [column, type] : Columns{{"at", "timestamp"},
                                            {"id", "text"},
                                            {"clicks", "bool"},
                                            {"ad_id", "float64"},
                                            {"ad_id", "date"}}) {
    refused = refusal({.query = "SELECT *, 1 AS k FROM counts WHERE day = {date}",
                       .columns = {{"k", "int64"}, {column, type}},
                       .keys = {"k"},
                       .measures = {}});
    EXPECT_EQ(refused.code(), Code::schema_mismatch) << column << " " << refused.to_string();
    EXPECT_NE(refused.message().find(column), std::string::npos);
  }
}

TEST_F(SourceTest, ADomainIsItsBaseType) {
  exec("CREATE DOMAIN clicks_t AS bigint CHECK (value >= 0)");
  exec("CREATE TABLE counts (day date, ad_id bigint, word text, clicks clicks_t)");
  exec("INSERT INTO counts VALUES ('2026-11-22', 1, 'a', 5)");
  EXPECT_EQ(read_day(*source())->rows, Lines{"1|a|5"});
}

TEST_F(SourceTest, MissingTablesAndColumnsAreNamed) {
  EXPECT_EQ(refusal({}).code(), Code::not_found);
  create_counts();
  Status refused = refusal({.query = "SELECT ad_id, clicks FROM counts WHERE day = {date}"});
  EXPECT_EQ(refused.code(), Code::schema_mismatch);
  EXPECT_NE(refused.message().find("\"word\", it gives ad_id, clicks"), std::string::npos)
      << refused.message();
  EXPECT_EQ(refusal({.query = "SELECT missing FROM counts WHERE day = {date}"}).code(),
            Code::schema_mismatch);
  refused = refusal({.query = "SELECT ad_id, word, clicks, ad_id FROM counts WHERE day = {date}"});
  EXPECT_EQ(refused.code(), Code::invalid_config);
  EXPECT_NE(refused.message().find("twice"), std::string::npos);
}

TEST_F(SourceTest, OnlyAQueryThatReadsIsRun) {
  create_counts();
  exec("INSERT INTO counts VALUES ('2026-11-22', 1, 'a', 5)");
  exec("CREATE SEQUENCE numbers");
  exec(
      "CREATE FUNCTION sneak() RETURNS bigint LANGUAGE plpgsql AS"
      " $$ BEGIN DELETE FROM counts; RETURN 1; END $$");
  for (const std::string query :
       {"DELETE FROM counts WHERE day = {date} RETURNING ad_id, word, clicks",
        "WITH gone AS (DELETE FROM counts WHERE day = {date} RETURNING *) SELECT ad_id, word,"
        " clicks FROM gone",
        "SELECT ad_id, word, sneak() AS clicks FROM counts WHERE day = {date}",
        "SELECT ad_id, word, nextval('numbers') AS clicks FROM counts WHERE day = {date}",
        "SELECT ad_id, word, clicks FROM counts WHERE day = {date} FOR UPDATE",
        "SELECT ad_id FROM counts) AS a, (SELECT word, clicks FROM counts WHERE day = {date}",
        "SELEC ad_id, {date}", "EXPLAIN SELECT {date}"}) {
    const Status refused = refusal({.query = query});
    EXPECT_FALSE(refused.ok()) << query;
    EXPECT_TRUE(refused.code() == Code::invalid_config || refused.code() == Code::unsupported)
        << query << ": " << refused.to_string();
    EXPECT_EQ(exit_code(refused.code()), 2) << "the user's mistake: " << refused.to_string();
  }
  EXPECT_EQ(one("SELECT count(*) FROM counts"), "1");
  EXPECT_EQ(one("SELECT last_value || ' ' || is_called FROM numbers"), "1 false");
}

TEST_F(SourceTest, TheDateIsNeverPartOfTheStatement) {
  create_counts();
  exec("CREATE TABLE seen AS SELECT 1");
  const auto from = source();
  const Partition day = day_partition("2026-11-22");
  const auto reader = from->open(day, from->plan(day)->at(0));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  const std::string statement =
      one("SELECT query FROM pg_stat_activity WHERE query LIKE 'DECLARE%'");
  EXPECT_EQ(statement.find("2026"), std::string::npos) << statement;
  EXPECT_NE(statement.find("($1::pg_catalog.date)"), std::string::npos) << statement;
}

TEST_F(SourceTest, SettingsThatDoNotFitAreRefused) {
  EXPECT_EQ(refusal({.settings = {{"splits", "4"}}}).code(), Code::invalid_config);
  EXPECT_EQ(refusal({.settings = {{"split_by", "ad_id"}}}).code(), Code::invalid_config);
  EXPECT_EQ(refusal({.settings = {{"splits", "4"}, {"split_by", "word"}}}).code(),
            Code::invalid_config);
  EXPECT_EQ(refusal({.settings = {{"splits", "4"}, {"split_by", "clicks"}}}).code(),
            Code::invalid_config);
  EXPECT_EQ(refusal({.columns = {{"ad_id", "bytes"}}}).code(), Code::invalid_config);
}

// ---- doctor

TEST_F(SourceTest, CheckSaysWhatItFound) {
  create_counts();
  const auto from = source({.query = "SELECT *, 1 AS more FROM counts WHERE day = {date}"});
  const auto lines = from->check();
  ASSERT_TRUE(lines.ok()) << lines.status().to_string();
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_NE(lines->at(0).find("only reads"), std::string::npos);
  EXPECT_NE(lines->at(2).find("day, more"), std::string::npos) << lines->at(2);
  exec("DROP TABLE counts");
  EXPECT_EQ(from->check().status().code(), Code::not_found);
}

TEST(NumericValue, IsTheNearestDoubleOrNone) {
  std::string scratch;
  using namespace std::string_literals;
  EXPECT_EQ(numeric_value("\0\0\0\0\0\0\0\0"s, scratch), 0.0);
  EXPECT_EQ(numeric_value("\0\1\0\0\0\0\0\0\0\7"s, scratch), 7.0);
  EXPECT_EQ(numeric_value("\0\2\0\0\x40\0\0\4\0\1\x13\x88"s, scratch), -1.5);
  EXPECT_TRUE(std::isnan(numeric_value("\0\0\0\0\xC0\0\0\0"s, scratch).value()));
  EXPECT_TRUE(std::isnan(numeric_value("\0\1\0\x7F\0\0\0\0\0\1"s, scratch).value()));
  EXPECT_FALSE(numeric_value("\0\2\0\0\0\0\0\0\0\7"s, scratch));
  EXPECT_FALSE(numeric_value("\0"s, scratch));
}

}  // namespace
}  // namespace daymill::postgres
