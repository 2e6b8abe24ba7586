#include "derive.hpp"

#include "rows.hpp"

namespace daymill::sql {
namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

TransformRun derive(const Columns& columns, const Schema& in,
                    const std::vector<TextRows>& batches) {
  std::vector<Config::Entry> settings;
  for (const auto& [name, value] : columns) {
    settings.push_back({"columns", name, value});
  }
  return run_transform<Derive>(settings, in, batches);
}

TEST(Derive, AddsColumnsInTheOrderOfTheFile) {
  const TransformRun run = derive(
      {{"ctr", "float64 = clicks * 1.0 / nullif(impressions, 0)"},
       {"word", "text=lower(search_word) || '!'"},
       {"clicked", " bool  =  clicks > 0 "},
       {"day", "date = :date"}},
      kRows, {{{"1", "SHOES", "1", "4"}, {"2", "", "0", "0"}}, {}, {{"3", "x", "NULL", "1"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  ASSERT_EQ(run.schema.size(), 8u);
  EXPECT_EQ(run.schema.fields[2], kRows.fields[2]);
  EXPECT_EQ(run.schema.fields[4], (Field{"ctr", Type::float64, Role::attribute, true}));
  EXPECT_EQ(run.rows, (TextRows{{"1", "SHOES", "1", "4", "0.25", "shoes!", "true", "2026-11-22"},
                                {"2", "", "0", "0", "NULL", "!", "false", "2026-11-22"},
                                {"3", "x", "NULL", "1", "NULL", "x!", "NULL", "2026-11-22"}}));
}

TEST(Derive, ReplacesAColumnWhereItStandsFromTheOldRow) {
  const TransformRun run =
      derive({{"clicks", "int64 = impressions"}, {"impressions", "int64 = clicks"}}, kRows,
             {{{"1", "x", "3", "10"}}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.schema.fields[2], (Field{"clicks", Type::int64, Role::attribute, true}))
      << "its sum is no longer the measure's";
  EXPECT_EQ(run.rows, (TextRows{{"1", "x", "10", "3"}}));
}

TEST(Derive, PassesColumnsOnWithoutCopying) {
  const auto transform =
      std::move(Derive::create(Config({{"columns", "one", "int64 = 1"}}), Host())).value();
  const Schema out_schema = transform->bind(kRows).value();
  auto lane = std::move(transform->open(Partition{})).value();
  RecordBatch in = support::batch_of(kRows, {{"1", "shoes", "3", "10"}});
  const char* const words = in.column(1).bytes();
  support::TextEmitter out(out_schema);
  ASSERT_TRUE(lane->process(std::move(in), out).ok());
  EXPECT_EQ(out.batches.at(0).column(1).bytes(), words);
}

TEST(Derive, GivesEveryType) {
  const TransformRun run = derive({{"b", "bool = flag"},
                                   {"i", "int64 = number"},
                                   {"f", "float64 = ratio"},
                                   {"t", "text = word || char(0)"},
                                   {"d", "date = date(day, '+1 day')"},
                                   {"s", "timestamp = seen"},
                                   {"s2", "timestamp = datetime(seen)"},
                                   {"s3", "timestamp = strftime('%Y-%m-%dT%H:%M:%fZ', seen)"},
                                   {"f2", "float64 = 3"}},
                                  kEveryType, {{kFull, kAllNull}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  ASSERT_EQ(run.rows.size(), 2u);
  const TextRow full(run.rows[0].begin() + 7, run.rows[0].end());
  const TextRow null(run.rows[1].begin() + 7, run.rows[1].end());
  EXPECT_EQ(full, (TextRow{"true", "-9223372036854775808", "0.1", std::string("靴\0", 4),
                           "2026-11-23", "2026-11-22T15:04:05.25Z", "2026-11-22T15:04:05Z",
                           "2026-11-22T15:04:05.25Z", "3"}));
  EXPECT_EQ(null, (TextRow{"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "3"}));
}

TEST(Derive, ValueOfAnotherTypeIsAReject) {
  const std::pair<const char*, const char*> cases[] = {
      {"int64 = 1.5",
       "value.not_integer: column \"x\": found the real 1.5, expected an integer from -2^63 to "
       "2^63-1"},
      {"int64 = 9223372036854775807 + ad_id",
       "value.not_integer: column \"x\": found the real 9223372036854775808, expected an integer "
       "from -2^63 to 2^63-1"},
      {"int64 = '7'",
       "value.not_integer: column \"x\": found the text \"7\", expected an integer from -2^63 to "
       "2^63-1"},
      {"float64 = 'a'",
       "value.not_number: column \"x\": found the text \"a\", expected a finite number"},
      {"float64 = 1e999",
       "value.not_number: column \"x\": found the real infinity, expected a finite number"},
      {"text = 7", "value.not_text: column \"x\": found the integer 7, expected a text"},
      {"text = CAST(x'ff' AS TEXT)",
       "text.not_utf8: column \"x\": found the text \"\\xff\", expected UTF-8"},
      {"bool = 2", "value.not_boolean: column \"x\": found the integer 2, expected 1 or 0"},
      {"date = '2026-02-29'",
       "value.not_date: column \"x\": found the text \"2026-02-29\", expected the text of a date "
       "that exists, as 2026-11-22"},
      {"timestamp = :date",
       "value.not_timestamp: column \"x\": found the text \"2026-11-22\", expected the text of a "
       "UTC time, as 2026-11-22T15:04:05"},
      {"int64 = x'00'",
       "value.not_integer: column \"x\": found the blob \"\\x00\", expected an integer from -2^63 "
       "to 2^63-1"},
      {"int64 = abs(-9223372036854775807 - ad_id)", "derive.failed: SQLite: integer overflow"},
  };
  for (const auto& [value, expected] : cases) {
    const TransformRun run = derive({{"x", value}}, kRows, {{{"1", "a", "1", "1"}}});
    ASSERT_TRUE(run.status.ok()) << value << run.status.to_string();
    EXPECT_TRUE(run.rows.empty()) << value;
    EXPECT_EQ(run.rejects, (std::vector<std::string>{std::string("0 ") + expected})) << value;
  }
}

TEST(Derive, RejectedRowsLeaveTheOthersAligned) {
  const TransformRun run = derive(
      {{"a", "int64 = CASE WHEN ad_id % 3 = 0 THEN 'x' ELSE ad_id END"},
       {"b", "int64 = CASE WHEN ad_id % 4 = 0 THEN abs(-9223372036854775807 - 1) ELSE -ad_id END"}},
      kRows,
      {{{"1", "", "1", "1"},
        {"2", "", "1", "1"},
        {"3", "", "1", "1"},
        {"4", "", "1", "1"},
        {"5", "", "1", "1"},
        {"6", "", "1", "1"}}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.rows, (TextRows{{"1", "", "1", "1", "1", "-1"},
                                {"2", "", "1", "1", "2", "-2"},
                                {"5", "", "1", "1", "5", "-5"}}));
  EXPECT_EQ(run.rejects.size(), 3u);
}

TEST(Derive, RefusesToReplaceAKey) {
  const Status status = derive({{"search_word", "text = lower(search_word)"}}, kRows, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(holds(status.message(), "is a key")) << status.message();
}

TEST(Derive, SaysWhatIsWrongWithItsSettings) {
  for (const char* value :
       {"", "int64", "clicks + 1", "integer = 1", "binary = x'00'", "int64 = ", "int64 = (1"}) {
    EXPECT_EQ(derive({{"x", value}}, kRows, {}).status.code(), Code::invalid_config) << value;
  }
  EXPECT_EQ(derive({}, kRows, {}).status.code(), Code::invalid_config);
  EXPECT_EQ(derive({{"", "int64 = 1"}}, kRows, {}).status.code(), Code::invalid_config);
  const Status status =
      derive({{"ok", "int64 = 1"}, {"x", "int64 = impresions"}}, kRows, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(holds(status.message(),
                    "derive: `columns`: \"x\": no such column: impresions, in: impresions"))
      << status.message();
  EXPECT_EQ(status.next(), "did you mean \"impressions\"?");
}

}  // namespace
}  // namespace daymill::sql
