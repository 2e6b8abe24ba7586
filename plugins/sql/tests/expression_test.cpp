// What an expression of a setting may be: one value of one row, the same whenever it is computed.
#include "filter.hpp"
#include "rows.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

Status refusal(const std::string& where) {
  const auto transform = Filter::create(Config({{"where", "", where}}), Host());
  return transform.ok() ? (*transform)->bind(kRows).status() : transform.status();
}

TEST(Expression, StaysInsideItsParentheses) {
  for (const char* sql : {"", "  -- nothing\n", "clicks)", "(clicks", "1) OR (1", "1; SELECT 2",
                          "'open", "\"open", "[open", "/* open", "1 /* ) */ ) --"}) {
    EXPECT_EQ(check_expression(sql).code(), Code::invalid_config) << sql;
    EXPECT_EQ(refusal(sql).code(), Code::invalid_config) << sql;
  }
  EXPECT_EQ(check_expression(std::string_view("1\0", 2)).code(), Code::invalid_config);
  for (const char* sql : {"')' = ')'", "1 -- ) (", "/* ) */ 1", "\"clicks\" > [clicks]",
                          "'it''s; (' = 'x'", "`clicks` > 1"}) {
    EXPECT_TRUE(refusal(sql).ok()) << sql << ": " << refusal(sql).to_string();
  }
}

TEST(Expression, SeesOneRowOnly) {
  for (const char* sql : {"clicks > (SELECT 1)", "EXISTS (SELECT 1 FROM rows)",
                          "clicks IN (SELECT ad_id FROM rows)"}) {
    const Status status = refusal(sql);
    EXPECT_EQ(status.code(), Code::invalid_config) << sql;
    EXPECT_TRUE(holds(status.message(), "one row only")) << status.message();
  }
  EXPECT_TRUE(holds(refusal("sum(clicks) > 1").message(), "misuse of aggregate"));
  EXPECT_TRUE(holds(refusal("row_number() OVER () > 1").message(), "misuse of window function"));
  EXPECT_EQ(refusal("clicks, ad_id").code(), Code::schema_mismatch);
}

TEST(Expression, ReachesNothingElse) {
  EXPECT_TRUE(holds(refusal("load_extension('x') IS NULL").message(), "load_extension"));
  EXPECT_FALSE(refusal("readfile('/etc/passwd')").ok());
  EXPECT_FALSE(refusal("clicks = ?").ok());
  EXPECT_TRUE(holds(refusal("clicks = :day").message(), "expected no other than :date"));
  EXPECT_TRUE(refusal("search_word < :date").ok());
  EXPECT_FALSE(refusal("\"klicks\" = 1").ok()) << "a misspelt name in quotes is no text";
}

TEST(Expression, IsTheSameAnyDay) {
  for (const char* sql : {
           "random() > 0",
           "randomblob(4) = ''",
           "current_date > '2026'",
           "CURRENT_TIMESTAMP > '2026'",
           "current_time > ''",
           "date('now') > '2026'",
           "datetime( 'NOW' , '-1 day') > '2026'",
           "date() > ''",
           "strftime('%Y') > ''",
           "julianday ( ) > 0",
           "unixepoch() > 0",
           "datetime(search_word, 'localtime') > ''",
           "datetime(search_word, 'utc') > ''",
           "changes() = 0",
           "sqlite_version() > ''",
       }) {
    const Status status = refusal(sql);
    EXPECT_EQ(status.code(), Code::invalid_config) << sql << ": " << status.to_string();
    EXPECT_TRUE(holds(status.message(), "a day must come out the same")) << status.message();
  }
  EXPECT_TRUE(refusal("search_word = 'now'").ok());
  EXPECT_TRUE(refusal("date(search_word) > '2026'").ok());
  EXPECT_TRUE(refusal("strftime('%Y', search_word) > '2026'").ok());
}

TEST(Expression, NowInTheDataIsNoDate) {
  const TransformRun run = run_transform<Filter>(
      {{"where", "", "date(search_word) IS NULL AND datetime(search_word) IS NULL"}}, kRows,
      {{{"1", "now", "1", "1"}, {"2", "2026-11-22", "1", "1"}}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.rows, (TextRows{{"1", "now", "1", "1"}}));
}

}  // namespace
}  // namespace daymill::sql
