#include "check.hpp"

#include "rows.hpp"

namespace daymill::sql {
namespace {

using Settings = std::vector<Config::Entry>;

const TextRows kFour = {{"1", "shoes", "3", "10"},
                        {"0", "hats", "9", "5"},
                        {"-1", "", "NULL", "7"},
                        {"2", "x", "9", "1"}};

TransformRun check(const Settings& settings, const std::vector<TextRows>& batches,
                   Host host = Host()) {
  return run_transform<Check>(settings, kRows, batches, host);
}

TEST(Check, RejectsRowsWithTheNameOfTheExpectation) {
  const TransformRun run = check(
      {{"reject", "known_ad", "ad_id > 0"}, {"reject", "shown", "clicks <= impressions"}}, {kFour});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.schema, kRows);
  EXPECT_EQ(run.rows, (TextRows{{"1", "shoes", "3", "10"}}));
  EXPECT_EQ(run.rejects,
            (std::vector<std::string>{"1 check.known_ad: expected ad_id > 0",
                                      "2 check.known_ad: expected ad_id > 0",
                                      "3 check.shown: expected clicks <= impressions"}));
}

TEST(Check, WarnsOnceAtTheEndAndKeepsTheRows) {
  support::ListeningHost host;
  const TransformRun run =
      check({{"warn", "shown", "clicks <= impressions"}, {"warn", "fine", "1"}}, {kFour, {}, kFour},
            host.host());
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.rows.size(), 8u);
  EXPECT_EQ(host.lines,
            (std::vector<std::string>{
                "check shown: 6 of 8 rows of 2026-11-22 are not: clicks <= impressions"}));
}

TEST(Check, FailsAtTheFirstRow) {
  const TransformRun run =
      check({{"fail", "counted", "clicks >= 0"}, {"reject", "known_ad", "ad_id > 0"}}, {kFour});
  EXPECT_EQ(run.status.code(), Code::invalid_data);
  EXPECT_EQ(run.status.message(),
            "check counted: a row is not: clicks >= 0; it is ad_id -1, search_word \"\"");
  EXPECT_EQ(run.status.where(), "partition 2026-11-22");
}

TEST(Check, LimitOfRows) {
  const Settings expectation = {{"reject", "known_ad", "ad_id > 0"}};
  EXPECT_TRUE(check(expectation + Settings{{"limits", "known_ad", "2"}}, {kFour}).status.ok());
  const TransformRun over = check(expectation + Settings{{"limits", "known_ad", "1"}}, {kFour});
  EXPECT_EQ(over.status.code(), Code::invalid_data);
  EXPECT_EQ(over.status.message(),
            "check known_ad: more than 1 row are not: ad_id > 0; it is ad_id -1, search_word \"\"");
  EXPECT_EQ(check({{"warn", "known_ad", "ad_id > 0"}, {"limits", "known_ad", "0"}}, {kFour})
                .status.code(),
            Code::invalid_data);
}

TEST(Check, LimitOfShare) {
  const Settings expectation = {{"warn", "known_ad", "ad_id > 0"}};
  EXPECT_TRUE(check(expectation + Settings{{"limits", "known_ad", "50%"}}, {kFour}).status.ok());
  const TransformRun over = check(expectation + Settings{{"limits", "known_ad", "49.9%"}}, {kFour});
  EXPECT_EQ(over.status.code(), Code::invalid_data);
  EXPECT_EQ(over.status.message(),
            "check known_ad: 2 of 4 rows of 2026-11-22 are not: ad_id > 0, allowed are 49.9%");
}

TEST(Check, NothingIsFine) {
  const Settings settings = {
      {"fail", "never", "0"}, {"warn", "shown", "0"}, {"limits", "shown", "0%"}};
  EXPECT_TRUE(check(settings, {}).status.ok());
  EXPECT_TRUE(check(settings, {{}}).status.ok());
}

TEST(Check, RowThatCannotBeComputedIsRejected) {
  const TransformRun run = check({{"warn", "json", "json_extract(search_word, '$') IS NULL"}},
                                 {{{"1", "{", "1", "1"}, {"2", "null", "1", "1"}}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.rows, (TextRows{{"2", "null", "1", "1"}}));
  EXPECT_EQ(run.rejects, (std::vector<std::string>{"0 check.failed: SQLite: malformed JSON"}));
}

TEST(Check, RefusesWrongSettings) {
  const Settings cases[] = {
      {},
      {{"reject", "Known Ad", "1"}},
      {{"reject", "", "1"}},
      {{"reject", "a", "1"}, {"warn", "a", "1"}},
      {{"reject", "a", "(1"}},
      {{"reject", "a", "1"}, {"limits", "b", "1"}},
      {{"fail", "a", "1"}, {"limits", "a", "1"}},
      {{"reject", "a", "1"}, {"limits", "a", "-1"}},
      {{"reject", "a", "1"}, {"limits", "a", "101%"}},
      {{"reject", "a", "1"}, {"limits", "a", "many"}},
      {{"reject", "a", "1"}, {"limits", "a", ""}},
  };
  for (const Settings& settings : cases) {
    EXPECT_EQ(check(settings, {}).status.code(), Code::invalid_config);
  }
  const Status status = check({{"warn", "shown", "clicks <= impresions"}}, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_EQ(status.next(), "did you mean \"impressions\"?");
}

}  // namespace
}  // namespace daymill::sql
