// What a commit would change, before it is made.
#include <gtest/gtest.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

std::vector<std::string> lines(const Difference& difference) {
  std::vector<std::string> texts;
  for (const RowChange& row : difference.examples) {
    const char* kind = row.kind == RowChangeKind::added     ? "+ "
                       : row.kind == RowChangeKind::changed ? "~ "
                                                            : "- ";
    texts.push_back(kind + row.key + ": " + row.before + " -> " + row.after);
  }
  return texts;
}

using DifferenceTest = SinkTest;

TEST_F(DifferenceTest, CountsSumsAndExamples) {
  create_partitioned();
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-21", {{{1, "shoes", 100, 200}}}).to_string(), "OK");
  ASSERT_EQ(
      load_day(
          *sink, kDay,
          {{{1, "shoes", 1, 4}, {2, "hats", 3, 4}, {10, "", 1, 2}, {3, "b", 0, 0}, {3, "B", 5, 8}}})
          .to_string(),
      "OK");
  exec("INSERT INTO ads VALUES ('2026-11-22', 7, 'by hand', 1, 1, NULL)");
  ASSERT_EQ(rehearse_day(*sink, kDay,
                         {{1, "shoes", 3, 4},
                          {2, "hats", 3, 4},
                          {10, "", 1, 0},
                          {4, "new", 0, 0},
                          {3, "b", 0, 0},
                          {11, "a, b", 2, 4}})
                .to_string(),
            "OK");
  const Difference difference = sink->difference(100).value();
  EXPECT_EQ(difference.rows_before, 6);
  EXPECT_EQ(difference.rows_after, 6);
  EXPECT_EQ(difference.added, 2);
  EXPECT_EQ(difference.changed, 2);
  EXPECT_EQ(difference.removed, 2);
  EXPECT_FALSE(difference.empty());
  EXPECT_EQ(difference.before, (std::vector<Sum>{{"clicks", 11}, {"impressions", 19}}));
  EXPECT_EQ(difference.after, (std::vector<Sum>{{"clicks", 9}, {"impressions", 12}}));
  EXPECT_EQ(lines(difference),
            (std::vector<std::string>{"+ 4, new:  -> clicks 0, impressions 0, ctr null",
                                      "+ 11, a, b:  -> clicks 2, impressions 4, ctr 0.5",
                                      "~ 1, shoes: clicks 1, ctr 0.25 -> clicks 3, ctr 0.75",
                                      "~ 10, : impressions 2, ctr 0.5 -> impressions 0, ctr null",
                                      "- 3, B: clicks 5, impressions 8, ctr 0.625 -> ",
                                      "- 7, by hand: clicks 1, impressions 1, ctr null -> "}));
  EXPECT_EQ(lines(sink->difference(3).value()),
            (std::vector<std::string>{"+ 4, new:  -> clicks 0, impressions 0, ctr null",
                                      "+ 11, a, b:  -> clicks 2, impressions 4, ctr 0.5",
                                      "~ 1, shoes: clicks 1, ctr 0.25 -> clicks 3, ctr 0.75"}));
  EXPECT_TRUE(sink->difference(0).value().examples.empty());
  EXPECT_EQ(sink->difference(-1).value().added, 2);
}

TEST_F(DifferenceTest, OfTheSameDayIsEmptyAlsoBeforeACommit) {
  create_partitioned();
  auto sink = bound();
  const std::vector<AdRow> rows = {{1, "shoes", 1, 3}, {2, "hats", 0, 0}};
  Attempted attempted{rows};
  ASSERT_EQ(load_day(*sink, kDay, attempted).to_string(), "OK");
  ASSERT_TRUE(stage_day(*sink, kDay, attempted).ok());
  const Difference difference = sink->difference(10).value();
  EXPECT_TRUE(difference.empty());
  EXPECT_EQ(difference.rows_before, 2);
  EXPECT_EQ(difference.before, difference.after);
  EXPECT_TRUE(difference.examples.empty());
  EXPECT_EQ(sink->commit(load_of(rows), attempted.receipts).to_string(), "OK");
}

class DifferenceLayouts : public SinkTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(DifferenceLayouts, FindRowsWhoeverWroteThem) {
  create_layout(GetParam());
  exec("INSERT INTO ads VALUES ('2026-11-22', 9, 'by hand', 1, 1, 1)");
  if (std::string(GetParam()) != "day") {
    exec("INSERT INTO ads VALUES ('2026-11-21', 1, 'shoes', 1, 2, 0.5)");
  }
  create_login();
  exec("GRANT SELECT, INSERT, DELETE ON ads TO " + login_);
  auto sink = bound({{"user", login_}});
  ASSERT_EQ(rehearse_day(*sink, kDay, {{1, "shoes", 1, 2}}).to_string(), "OK");
  EXPECT_EQ(lines(sink->difference(10).value()),
            (std::vector<std::string>{"+ 1, shoes:  -> clicks 1, impressions 2, ctr 0.5",
                                      "- 9, by hand: clicks 1, impressions 1, ctr 1 -> "}));
  sink->abort();
  EXPECT_EQ(stages(), "0");
}

INSTANTIATE_TEST_SUITE_P(Everywhere, DifferenceLayouts,
                         ::testing::Values("plain", "default", "month", "day"));

TEST_F(DifferenceTest, ANumberThatIsOnlyWrittenOtherwiseIsTheSame) {
  exec(
      "CREATE TABLE ads (date date, ad_id bigint, search_word text, clicks numeric(30,2),"
      " impressions numeric, ctr numeric(10,4), PRIMARY KEY (date, ad_id, search_word))");
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, kDay, {{{1, "shoes", 1, 3}}}).to_string(), "OK");
  exec("UPDATE ads SET impressions = 3.000");
  ASSERT_EQ(rehearse_day(*sink, kDay, {{1, "shoes", 1, 3}}).to_string(), "OK");  // 0.33333333
  EXPECT_TRUE(sink->difference(10).value().empty());
  exec("UPDATE ads SET ctr = 0.3334, clicks = 1.5");
  const Difference difference = sink->difference(10).value();
  EXPECT_EQ(
      lines(difference),
      std::vector<std::string>{"~ 1, shoes: clicks 1.50, ctr 0.3334 -> clicks 1.00, ctr 0.3333"});
  EXPECT_EQ(difference.before.at(0).value, 2);  // 1.5 is no number of clicks
  exec("UPDATE ads SET impressions = 'NaN', clicks = 1e27");
  EXPECT_EQ(sink->difference(0).value().before,
            (std::vector<Sum>{{"clicks", INT64_MAX}, {"impressions", INT64_MAX}}));
}

TEST_F(DifferenceTest, WithoutAUniqueKeyWholeRowsAreCompared) {
  exec(
      "CREATE TABLE ads (date date, ad_id bigint, search_word text, clicks bigint,"
      " impressions bigint, ctr float8);"
      " INSERT INTO ads VALUES ('2026-11-22', 1, 'a', 1, 2, 0.5), ('2026-11-22', 1, 'a', 1, 2, "
      "0.5),"
      " ('2026-11-22', 1, 'a', 1, 2, 0.5), ('2026-11-22', NULL, NULL, NULL, NULL, NULL),"
      " ('2026-11-22', 2, 'b', 1, 1, 1), ('2026-11-21', 2, 'c', 1, 1, 1)");
  for (const bool key : {true, false}) {  // a key that no index of the target keeps, and none
    auto sink = key ? bound() : bound({{"key", ""}});
    ASSERT_EQ(rehearse_day(*sink, kDay, {{1, "a", 1, 2}, {2, "b", 3, 1}}).to_string(), "OK");
    const Difference difference = sink->difference(10).value();
    EXPECT_EQ(difference.rows_before, 5);
    EXPECT_EQ(difference.rows_after, 2);
    EXPECT_EQ(difference.added, 1);
    EXPECT_EQ(difference.changed, 0);
    EXPECT_EQ(difference.removed, 4);
    EXPECT_EQ(lines(difference),
              key ? (std::vector<std::string>{
                        "+ 2, b:  -> clicks 3, impressions 1, ctr 3",
                        "- 1, a: clicks 1, impressions 2, ctr 0.5 -> ",
                        "- 1, a: clicks 1, impressions 2, ctr 0.5 -> ",
                        "- 2, b: clicks 1, impressions 1, ctr 1 -> ",
                        "- null, null: clicks null, impressions null, ctr null -> "})
                  : (std::vector<std::string>{
                        "+ :  -> ad_id 2, search_word b, clicks 3, impressions 1, ctr 3",
                        "- : ad_id 1, search_word a, clicks 1, impressions 2, ctr 0.5 -> ",
                        "- : ad_id 1, search_word a, clicks 1, impressions 2, ctr 0.5 -> ",
                        "- : ad_id 2, search_word b, clicks 1, impressions 1, ctr 1 -> ",
                        "- : ad_id null, search_word null, clicks null, impressions null, ctr null "
                        "-> "}));
    EXPECT_EQ(sink->difference(2).value().examples.size(), 2u);
  }
}

TEST_F(DifferenceTest, WordsThatACollationCallsEqualDiffer) {
  exec(
      "CREATE COLLATION blurred (provider = icu, locale = 'und-u-ks-level2',"
      " deterministic = false);"
      " CREATE TABLE ads (date date, ad_id bigint, search_word text COLLATE blurred, clicks bigint,"
      " impressions bigint, ctr float8, PRIMARY KEY (date, ad_id));"
      " INSERT INTO ads VALUES ('2026-11-22', 1, 'Shoes', 1, 2, 0.5)");
  auto sink = bound({{"key", "ad_id"}});
  ASSERT_EQ(rehearse_day(*sink, kDay, {{1, "shoes", 1, 2}}).to_string(), "OK");
  const Difference difference = sink->difference(10).value();
  EXPECT_EQ(difference.added, 1);
  EXPECT_EQ(difference.removed, 1);
}

Schema every_type() {
  return Schema{{{"I'd \"x\"", Type::int64, Role::key, false},
                 {"Clicks %s $1\\", Type::int64, Role::measure, true},
                 {"b", Type::boolean, Role::attribute, true},
                 {"select", Type::float64, Role::attribute, true},
                 {"UPPER word", Type::text, Role::attribute, true},
                 {"x", Type::binary, Role::attribute, true},
                 {"d", Type::date, Role::attribute, true},
                 {"s", Type::timestamp, Role::attribute, true}}};
}

TEST_F(DifferenceTest, EveryTypeUnderOddNames) {
  exec("CREATE SCHEMA \"My.Shop\"");
  const std::string table = "\"My.Shop\".\"Od \"\"d's\"";
  exec("CREATE TABLE " + table +
       " (\"Day'\" date NOT NULL, \"I'd \"\"x\"\"\" bigint NOT NULL, \"Clicks %s $1\\\" bigint,"
       " b boolean, \"select\" float8, \"UPPER word\" varchar(20), x bytea, d date, s timestamptz,"
       " UNIQUE (\"I'd \"\"x\"\"\"))");
  exec("INSERT INTO " + table + " VALUES ('" + kDay +
       "', 1, 2, true, 0.1, 'a, \"b\"', '\\x00ff', '2024-02-29', '2024-02-29 12:00:00.5+00'), ('" +
       kDay + "', 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('" + kDay +
       "', 3, 5, NULL, 'NaN', NULL, NULL, NULL, NULL)");
  auto sink = make({{"table", table}, {"partition_column", "Day'"}, {"key", "I'd \"x\""}}).value();
  ASSERT_EQ(sink->bind(every_type(), "Pipe \"line\"'s").to_string(), "OK");
  ASSERT_EQ(sink->begin(Attempt{day_partition(kDay), 0, "run 'x'\n"}).to_string(), "OK");
  BatchBuilder builder(every_type());
  for (std::int64_t id = 1; id <= 2; ++id) {
    builder.column(0).append_int64(id);
    for (std::size_t i = 1; i < 8; ++i) {
      builder.column(i).append_null();
    }
    builder.end_row();
  }
  auto writer = sink->open().value();
  ASSERT_EQ(writer->write(builder.finish()).to_string(), "OK");
  ASSERT_EQ(writer->finish().to_string(), "OK");
  const Difference difference = sink->difference(10).value();
  EXPECT_EQ(
      lines(difference),
      (std::vector<std::string>{
          "~ 1: Clicks %s $1\\ 2, b true, select 0.1, UPPER word a, \"b\", x \\x00ff, d 2024-02-29,"
          " s 2024-02-29 12:00:00.5+00 -> Clicks %s $1\\ null, b null, select null,"
          " UPPER word null, x null, d null, s null",
          "- 3: Clicks %s $1\\ 5, b null, select NaN, UPPER word null, x null, d null, s null "
          "-> "}));
  EXPECT_EQ(difference.before, (std::vector<Sum>{{"Clicks %s $1\\", 7}}));
  EXPECT_EQ(difference.after, (std::vector<Sum>{{"Clicks %s $1\\", 0}}));
}

TEST_F(DifferenceTest, TablesOfOnlyAKeyOrOnlyADay) {
  exec("CREATE TABLE ads (date date NOT NULL, n bigint, UNIQUE (date))");
  const Schema schema{{{"n", Type::int64, Role::attribute, true}}};
  for (const std::string key : {"date", ""}) {
    exec("DELETE FROM ads; INSERT INTO ads VALUES ('2026-11-22', 1)");
    auto sink = make({{"key", key}}).value();
    ASSERT_EQ(sink->bind(schema, "p").to_string(), "OK");
    ASSERT_EQ(sink->begin(Attempt{day_partition(kDay), 0, "r"}).to_string(), "OK");
    ASSERT_EQ(sink->open().value()->finish().to_string(), "OK");
    EXPECT_EQ(lines(sink->difference(10).value()), std::vector<std::string>{"- : n 1 -> "});
  }
  exec("DROP TABLE ads; CREATE TABLE ads (date date NOT NULL, n bigint, UNIQUE (date, n))");
  exec("INSERT INTO ads VALUES ('2026-11-22', 1)");
  const Schema none{{}};
  auto sink = make({{"key", ""}}).value();
  ASSERT_EQ(sink->bind(none, "p").to_string(), "OK");
  ASSERT_EQ(sink->begin(Attempt{day_partition(kDay), 0, "r"}).to_string(), "OK");
  ASSERT_EQ(sink->open().value()->finish().to_string(), "OK");
  EXPECT_EQ(lines(sink->difference(10).value()), std::vector<std::string>{"- :  -> "});
}

TEST_F(DifferenceTest, ALargeDay) {
  create_partitioned();
  auto sink = bound();
  constexpr std::int64_t kRows = 200'000;
  exec("CREATE TABLE day PARTITION OF ads FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')");
  // Every tenth row is missing, every seventh other, and 5,000 are more.
  exec(
      "INSERT INTO ads SELECT '2026-11-22', i, 'word ' || i % 1000,"
      " i % 13 + CASE WHEN i % 7 = 0 THEN 1 ELSE 0 END, i % 101,"
      " CASE WHEN i % 101 <> 0 THEN (i % 13)::float8 / (i % 101) END"
      " FROM generate_series(0::bigint, 204999) i WHERE i >= 200000 OR i % 10 <> 0");
  std::vector<AdRow> rows;
  for (std::int64_t i = 0; i < kRows; ++i) {
    rows.push_back({i, "word " + std::to_string(i % 1000), i % 13, i % 101});
  }
  ASSERT_EQ(rehearse_day(*sink, kDay, rows).to_string(), "OK");
  const Difference difference = sink->difference(5).value();
  EXPECT_EQ(difference.rows_before, 185'000);
  EXPECT_EQ(difference.rows_after, 200'000);
  EXPECT_EQ(difference.added, 20'000);
  EXPECT_EQ(difference.changed, 25'714);
  EXPECT_EQ(difference.removed, 5'000);
  EXPECT_EQ(difference.after, load_of(rows).sums);
  ASSERT_EQ(difference.examples.size(), 5u);
  EXPECT_EQ(difference.examples[0].key, "0, word 0");
  EXPECT_EQ(difference.examples[4].key, "40, word 40");
}

}  // namespace
}  // namespace daymill::postgres
