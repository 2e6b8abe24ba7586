#include "query.hpp"

#include <algorithm>
#include <random>

#include "rows.hpp"

namespace daymill::sql {
namespace {

using Settings = std::vector<Config::Entry>;

const Settings kWords = Settings{{"columns", "word", "text"}, {"columns", "clicks", "int64"}} +
                        list("keys", {"word"}) + list("measures", {"clicks"});

TransformRun query(const std::string& sql, const Settings& declared,
                   const std::vector<TextRows>& batches, const Schema& in = kRows) {
  return run_transform<Query>(Settings{{"query", "", sql}} + declared, in, batches);
}

TEST(Query, GivesTheDeclaredColumns) {
  const TransformRun run = query(
      "SELECT sum(clicks) AS clicks, search_word AS word FROM rows WHERE :date = '2026-11-22' "
      "GROUP BY search_word ORDER BY 1 DESC;",
      kWords, {{{"1", "a", "1", "1"}, {"2", "b", "5", "1"}}, {{"3", "a", "1", "1"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.schema, (Schema{{{"word", Type::text, Role::key, false},
                                 {"clicks", Type::int64, Role::measure, true}}}));
  EXPECT_EQ(run.rows, (TextRows{{"b", "5"}, {"a", "2"}}));
}

TEST(Query, MayUseAllOfSelect) {
  const char* const queries[] = {
      "WITH t AS (SELECT search_word AS word, clicks FROM rows) SELECT word, clicks FROM t",
      "SELECT a.search_word AS word, b.clicks FROM rows a JOIN rows b USING (ad_id)",
      "SELECT search_word AS word, sum(clicks) OVER () AS clicks FROM rows",
      "SELECT value AS word, 1 AS clicks FROM rows, json_each('[\"x\"]')",
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1) SELECT 'x' AS "
      "word, i AS clicks FROM n",
      "WITH t AS (SELECT * FROM rows) SELECT 'x' AS word, count(*) AS clicks FROM t",
      "SELECT 'x' AS word, count(*) AS clicks FROM (SELECT ad_id FROM rows)",
      "SELECT 'x' AS word, 1 AS clicks UNION SELECT 'x', 1",
  };
  for (const char* sql : queries) {
    const TransformRun run = query(sql, kWords, {{{"1", "x", "1", "1"}}});
    ASSERT_TRUE(run.status.ok()) << sql << ": " << run.status.to_string();
    EXPECT_EQ(run.rows, (TextRows{{"x", "1"}})) << sql;
  }
}

TEST(Query, EmptyPartition) {
  EXPECT_TRUE(query("SELECT search_word AS word, clicks FROM rows", kWords, {}).rows.empty());
  EXPECT_EQ(query("SELECT 'all' AS word, count(*) AS clicks FROM rows", kWords, {{}}).rows,
            (TextRows{{"all", "0"}}));
}

TEST(Query, DoesNotDependOnTheOrderOfRows) {
  std::mt19937_64 random(11);
  TextRows rows;
  for (int i = 0; i < 200; ++i) {
    rows.push_back({std::to_string(i), std::string(1, static_cast<char>('a' + random() % 3)),
                    std::to_string(random() % 9), "1"});
  }
  const std::string sql =
      "SELECT group_concat(search_word || clicks) || sum(1.0 / (1 + clicks)) AS word, 1 AS clicks "
      "FROM rows LIMIT 5";
  const TextRows expected = query(sql, kWords, {rows}).rows;
  for (int round = 0; round < 5; ++round) {
    std::shuffle(rows.begin(), rows.end(), random);
    EXPECT_EQ(
        query(sql, kWords,
              {TextRows(rows.begin(), rows.begin() + 70), TextRows(rows.begin() + 70, rows.end())})
            .rows,
        expected);
  }
}

TEST(Query, EveryTypeGoesThrough) {
  const Settings declared =
      Settings{{"columns", "number", "int64"},  {"columns", "flag", "bool"},
               {"columns", "ratio", "float64"}, {"columns", "word", "text"},
               {"columns", "day", "date"},      {"columns", "seen", "timestamp"}} +
      list("keys", {"number"});
  TextRow numbered = kAllNull;
  numbered[1] = "5";
  const TransformRun run = query("SELECT flag, number, ratio, word, day, seen FROM rows", declared,
                                 {{numbered, kFull}}, kEveryType);
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.rows, (TextRows{{"5", "NULL", "NULL", "NULL", "NULL", "NULL"},
                                {kFull[1], kFull[0], kFull[2], kFull[3], kFull[5], kFull[6]}}));
}

TEST(Query, ValueThatDoesNotFitFailsTheLoad) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT search_word AS word, 0.5 AS clicks FROM rows",
       "sql: column \"clicks\": found the real 0.5, expected an integer"},
      {"SELECT NULL AS word, 1 AS clicks FROM rows",
       "sql: column \"word\": found NULL, expected a value, as it is a key"},
      {"SELECT 'x' AS word, sum(9223372036854775807) AS clicks FROM (SELECT 1 FROM rows UNION ALL "
       "SELECT 1)",
       "integer overflow"},
      {"SELECT json_extract(search_word, '$') AS word, 1 AS clicks FROM rows", "malformed JSON"},
  };
  for (const auto& [sql, expected] : cases) {
    const TransformRun run = query(sql, kWords, {{{"1", "{", "1", "1"}}});
    EXPECT_EQ(run.status.code(), Code::invalid_data) << run.status.to_string();
    EXPECT_TRUE(holds(run.status.message(), expected)) << run.status.message();
  }
}

TEST(Query, OnlyReadsItsRows) {
  for (const char* sql : {
           "DELETE FROM rows",
           "INSERT INTO rows SELECT * FROM rows",
           "UPDATE rows SET clicks = 1",
           "CREATE TABLE t(x)",
           "DROP TABLE rows",
           "ATTACH '/tmp/x.db' AS x",
           "PRAGMA journal_mode",
           "SELECT name AS word, 1 AS clicks FROM sqlite_master",
           "SELECT name AS word, 1 AS clicks FROM pragma_table_info('rows')",
           "SELECT search_word AS word, clicks FROM daymill_unsorted",
           "SELECT search_word AS word, clicks FROM daymill_batch",
           "SELECT 'x' AS word, count(*) AS clicks FROM sqlite_schema",
           "SELECT 'x' AS word, count(*) AS clicks FROM PRAGMA_database_list",
           "SELECT 'x' AS word, count(*) AS clicks FROM Daymill_unsorted",
           "SELECT hex(randomblob(4)) AS word, 1 AS clicks FROM rows",
           "SELECT date('now') AS word, 1 AS clicks FROM rows",
           "BEGIN",
           "VACUUM INTO '/tmp/x.db'",
           "EXPLAIN SELECT 1",
           "SELECT 'x' AS word, 1 AS clicks; SELECT 2",
           "SELECT 'x' AS word, :day AS clicks",
           "",
           "-- nothing",
       }) {
    const Status status = query(sql, kWords, {}).status;
    EXPECT_EQ(status.code(), Code::invalid_config) << sql << ": " << status.to_string();
    EXPECT_TRUE(holds(status.message(), "sql: `query`: ")) << status.message();
  }
}

TEST(Query, SaysWhatDoesNotFit) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT search_word, clicks FROM rows",
       "`columns` declares \"word\", and the query gives search_word, clicks"},
      {"SELECT search_word AS word, clicks, ad_id FROM rows",
       "gives the column \"ad_id\", which `columns` does not declare"},
      {"SELECT serch_word AS word, clicks FROM rows",
       "no such column: serch_word, in: SELECT serch_word"},
      {"SELECT word, clicks FROM counts", "no such table: counts"},
      {"SELEKT 1", "syntax error"},
  };
  for (const auto& [sql, expected] : cases) {
    const Status status = query(sql, kWords, {}).status;
    EXPECT_EQ(status.code(), Code::schema_mismatch) << sql;
    EXPECT_TRUE(holds(status.message(), expected)) << status.message();
  }
  EXPECT_EQ(query("SELECT serch_word AS word, clicks FROM rows", kWords, {}).status.next(),
            "did you mean \"search_word\"?");
  EXPECT_EQ(query("SELECT 1 AS word", Settings{{"columns", "word", "integer"}}, {}).status.code(),
            Code::invalid_config);
}

TEST(Query, StopsWhenAsked) {
  support::ListeningHost host;
  host.stop = true;
  const TransformRun run =
      run_transform<Query>(Settings{{"query", "",
                                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                                     "n) SELECT 'x' AS word, count(*) AS clicks FROM n"}} +
                               kWords,
                           kRows, {}, host.host());
  EXPECT_EQ(run.status.code(), Code::cancelled) << run.status.to_string();
}

}  // namespace
}  // namespace daymill::sql
