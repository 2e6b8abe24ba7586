#include "filter.hpp"

#include "rows.hpp"

namespace daymill::sql {
namespace {

TransformRun filter(const std::string& where, const Schema& in,
                    const std::vector<TextRows>& batches, Host host = Host()) {
  return run_transform<Filter>({{"where", "", where}}, in, batches, host);
}

const TextRows kThree = {
    {"1", "shoes", "3", "10"}, {"2", "hats", "0", "5"}, {"3", "", "NULL", "7"}};

TEST(Filter, KeepsRowsForWhichItIsTrue) {
  const TransformRun run = filter("clicks > 0", kRows, {kThree, {}, {{"4", "x", "1", "1"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.schema, kRows);
  EXPECT_EQ(run.rows, (TextRows{{"1", "shoes", "3", "10"}, {"4", "x", "1", "1"}}));
  EXPECT_TRUE(run.rejects.empty());
}

TEST(Filter, NullIsNotTrue) {
  EXPECT_EQ(filter("NOT clicks > 0", kRows, {kThree}).rows, (TextRows{{"2", "hats", "0", "5"}}));
  EXPECT_TRUE(filter("NULL", kRows, {kThree}).rows.empty());
}

TEST(Filter, PassesAWholeBatchOnWithoutCopying) {
  const auto transform =
      std::move(Filter::create(Config({{"where", "", "impressions > 0"}}), Host())).value();
  ASSERT_TRUE(transform->bind(kRows).ok());
  auto lane = std::move(transform->open(Partition{})).value();
  RecordBatch in = support::batch_of(kRows, kThree);
  const std::int64_t* const clicks = in.column(2).int64s();
  support::TextEmitter out(kRows);
  ASSERT_TRUE(lane->process(std::move(in), out).ok());
  ASSERT_EQ(out.batches.size(), 1u);
  EXPECT_EQ(out.batches[0].column(2).int64s(), clicks);
}

TEST(Filter, NothingInNothingOut) {
  EXPECT_TRUE(filter("clicks > 0", kRows, {}).status.ok());
  EXPECT_TRUE(filter("clicks > 0", kRows, {{}}).rows.empty());
}

TEST(Filter, SeesEveryType) {
  const char* const conditions[] = {
      "flag",
      "flag = 1",
      "number = -9223372036854775808",
      "typeof(number) = 'integer'",
      "ratio = 0.1",
      "typeof(ratio) = 'real'",
      "word = '靴' AND length(word) = 1",
      "hex(bytes) = 'FF0078' AND typeof(bytes) = 'blob'",
      "day = '2026-11-22'",
      "strftime('%d', day) = '22'",
      "day = :date",
      "seen = '2026-11-22T15:04:05.25'",
      "seen > '2026-11-22T15:04:05' AND seen < '2026-11-22T15:04:06'",
      "strftime('%H:%M', seen) = '15:04'",
      "seen > day",
  };
  for (const char* condition : conditions) {
    const TransformRun run = filter(condition, kEveryType, {{kAllNull, kFull, kAllNull}});
    ASSERT_TRUE(run.status.ok()) << condition << ": " << run.status.to_string();
    EXPECT_EQ(run.rows, (TextRows{kFull})) << condition;
  }
  EXPECT_EQ(filter("coalesce(flag, number, ratio, word, bytes, day, seen) IS NULL", kEveryType,
                   {{kFull, kAllNull}})
                .rows,
            (TextRows{kAllNull}));
}

TEST(Filter, TextMayHoldANul) {
  const Schema in{{{"word", Type::text, Role::key, false}}};
  const std::string nul("a\0b", 3);
  const TransformRun run =
      filter("word > 'a' AND instr(word, 'b') = 3", in, {{{"a"}, {nul}, {"c"}}});
  EXPECT_EQ(run.rows, (TextRows{{nul}})) << run.status.to_string();
}

TEST(Filter, RowThatCannotBeComputedIsRejected) {
  const Schema in{{{"json", Type::text, Role::attribute, true}}};
  const TransformRun run = filter("json_extract(json, '$.a') = 1", in,
                                  {{{R"({"a":1})"}, {"{"}, {R"({"a":2})"}, {"["}, {R"({"a":1})"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.rows, (TextRows{{R"({"a":1})"}, {R"({"a":1})"}}));
  EXPECT_EQ(run.rejects, (std::vector<std::string>{"1 filter.failed: SQLite: malformed JSON",
                                                   "3 filter.failed: SQLite: malformed JSON"}));
  EXPECT_EQ(filter("json_extract('{', '$.a')", in, {{{"x"}, {"y"}}}).rejects.size(), 2u)
      << "what fails before the first row fails for each";
}

TEST(Filter, StopsWhenAsked) {
  support::ListeningHost host;
  TextRows many;
  for (int i = 0; i < 3000; ++i) {
    many.push_back({std::to_string(i), std::string(200, 'a'), "1", "1"});
  }
  host.stop = true;
  EXPECT_EQ(filter("search_word LIKE '%a%a%b' OR clicks = 1", kRows,
                   std::vector<TextRows>(30, many), host.host())
                .status.code(),
            Code::cancelled);
}

TEST(Filter, SaysWhichColumnWasMeant) {
  const Status status = filter("klicks > 0", kRows, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_EQ(
      status.message(),
      "filter: `where`: no such column: klicks, in: klicks > 0 (the rows have ad_id, search_word, "
      "clicks, impressions)");
  EXPECT_EQ(status.next(), "did you mean \"clicks\"?");
}

TEST(Filter, RefusesColumnsThatSqlCannotTellApart) {
  const Schema in{{{"Word", Type::text, Role::key, false}, {"word", Type::text, Role::key, false}}};
  const Status status = filter("1", in, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(holds(status.message(), "upper case")) << status.message();
}

}  // namespace
}  // namespace daymill::sql
