#include "query_text.hpp"

#include <gtest/gtest.h>

namespace daymill::postgres {
namespace {

const Partition kDay{"2026-11-22", 20779, 1795273200000000, 1795359600000000};  // in Tokyo

std::string sql_of(const std::string& text) {
  const auto query = QueryText::parse(text);
  EXPECT_TRUE(query.ok()) << query.status().to_string();
  return query.ok() ? query->sql() : "";
}

std::string refusal_of(const std::string& text) {
  const Status status = QueryText::parse(text).status();
  EXPECT_EQ(status.code(), Code::invalid_config) << text << ": " << status.to_string();
  return status.message();
}

TEST(QueryText, PlaceholdersBecomeTypedParameters) {
  const auto query =
      QueryText::parse("SELECT a FROM t WHERE at >= {start} AND at < {end} AND {start} < now()");
  ASSERT_TRUE(query.ok()) << query.status().to_string();
  EXPECT_EQ(query->sql(),
            "SELECT a FROM t WHERE at >= ($1::pg_catalog.timestamptz) AND at < "
            "($2::pg_catalog.timestamptz) AND ($1::pg_catalog.timestamptz) < now()");
  const Params params = query->params(kDay);
  ASSERT_EQ(params.size(), 2u);
  EXPECT_EQ(params[0].text, "2026-11-21T15:00:00Z");
  EXPECT_EQ(params[1].text, "2026-11-22T15:00:00Z");
  EXPECT_EQ(sql_of("SELECT {date}"), "SELECT ($1::pg_catalog.date)");
  EXPECT_EQ(QueryText::parse("SELECT {date}")->params(kDay)[0].text, "2026-11-22");
}

TEST(QueryText, TextWithinQuotesAndCommentsStaysAsItIs) {
  for (const std::string same :
       {"'{\"a\": 1}'", "'it''s ; {'", "\"odd{;\"\"name\"", "E'\\'; {'", "$$ ; { ' $$",
        "$tag$ $$ ; $ $tag$", "/* {date} ; /* nested ' */ \" */", "a$1", "1 -- {what} ; '\n"}) {
    EXPECT_EQ(sql_of(same + " {date}"), same + " ($1::pg_catalog.date)");
  }
  EXPECT_EQ(sql_of("SELECT {date} ; -- the end"), "SELECT ($1::pg_catalog.date)  -- the end");
}

TEST(QueryText, RefusesWhatIsNotOneQueryOfADay) {
  EXPECT_NE(refusal_of("").find("empty"), std::string::npos);
  EXPECT_NE(refusal_of(" -- nothing {date}").find("empty"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT 1").find("{date}"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT {date}; DROP TABLE t").find("DROP TABLE t"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT $1, {date}").find("$1"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT {day}").find("{day}"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT {date:%Y%m%d}").find("to_char"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT 'clicks:{date}'").find("within quotes"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT $$ {date:%Y} $$").find("within quotes"), std::string::npos);
  EXPECT_NE(refusal_of("SELECT {date}) AS a, (SELECT 1").find("before its ("), std::string::npos);
  for (const std::string open : {"'", "(", "\"", "E'\\'", "$$", "$a$ $b$", "/* /* */", "{date"}) {
    refusal_of("SELECT {date}, " + open);
  }
}

}  // namespace
}  // namespace daymill::postgres
