#include "aggregate.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include "rows.hpp"

namespace daymill::sql {
namespace {

using Settings = std::vector<Config::Entry>;

TransformRun aggregate(const Settings& settings, const Schema& in,
                       const std::vector<TextRows>& batches) {
  return run_transform<Aggregate>(settings, in, batches);
}

const Settings kByWord = list("by", {"search_word"});

TEST(Aggregate, MakesOneRowForEachCombination) {
  const TransformRun run = aggregate(
      kByWord + list("sum", {"clicks", "impressions as views"}) + Settings{{"count", "", "ads"}} +
          list("min", {"ad_id as first_ad"}) + list("max", {"clicks as most_clicks"}),
      kRows,
      {{{"1", "shoes", "3", "10"}, {"2", "hats", "NULL", "5"}},
       {},
       {{"3", "shoes", "NULL", "7"}, {"2", "shoes", "4", "1"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.schema, (Schema{{{"search_word", Type::text, Role::key, false},
                                 {"clicks", Type::int64, Role::measure, true},
                                 {"views", Type::int64, Role::measure, true},
                                 {"first_ad", Type::int64, Role::attribute, true},
                                 {"most_clicks", Type::int64, Role::attribute, true},
                                 {"ads", Type::int64, Role::attribute, true}}}));
  EXPECT_EQ(run.rows, (TextRows{{"hats", "NULL", "5", "2", "NULL", "1"},
                                {"shoes", "7", "18", "1", "4", "3"}}));
}

TEST(Aggregate, EmptyPartitionGivesNoRow) {
  EXPECT_TRUE(aggregate(kByWord + list("sum", {"clicks"}), kRows, {}).rows.empty());
  const TransformRun run = aggregate(kByWord, kRows, {{}});
  EXPECT_TRUE(run.status.ok());
  EXPECT_TRUE(run.rows.empty());
}

TEST(Aggregate, SumsAreExactWhateverTheirOrder) {
  const std::string big = "9223372036854775807";
  const TextRows rows = {{"1", "x", big, "1"},
                         {"2", "x", big, "1"},
                         {"3", "x", "-" + big, "1"},
                         {"4", "x", "-2", "-9223372036854775808"}};
  const TransformRun run =
      aggregate(kByWord + list("sum", {"clicks", "impressions"}), kRows, {rows});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.rows, (TextRows{{"x", "9223372036854775805", "-9223372036854775805"}}));
}

TEST(Aggregate, SumThatLeavesInt64Fails) {
  const TextRows rows = {{"1", "x", "9223372036854775807", "-9223372036854775808"},
                         {"2", "x", "1", "-1"}};
  for (const char* measure : {"clicks", "impressions"}) {
    const TransformRun run = aggregate(kByWord + list("sum", {measure}), kRows, {rows});
    EXPECT_EQ(run.status.code(), Code::invalid_data);
    EXPECT_TRUE(holds(run.status.message(), "a sum leaves int64")) << run.status.message();
  }
}

TEST(Aggregate, KeepsEveryType) {
  for (const char* by : {"flag", "number", "word", "bytes", "day", "seen"}) {
    const TransformRun run =
        aggregate(list("by", {by}) +
                      list("min", {"flag as a", "number as b", "ratio as c", "word as d",
                                   "bytes as e", "day as f", "seen as g"}) +
                      list("max", {"ratio as h", "seen as i"}) + list("sum", {"ratio as sum"}),
                  kEveryType, {{kFull, kAllNull, kFull}});
    ASSERT_TRUE(run.status.ok()) << by << run.status.to_string();
    ASSERT_EQ(run.rows.size(), 1u) << by;
    const auto cells = run.rows[0].begin();
    EXPECT_EQ(cells[1], "0.2");
    EXPECT_EQ(TextRow(cells + 2, cells + 9), kFull);
    EXPECT_EQ(TextRow(cells + 9, run.rows[0].end()), (TextRow{"0.1", "2026-11-22T15:04:05.25Z"}));
    EXPECT_EQ(run.schema.fields[1], (Field{"sum", Type::float64, Role::attribute, true}));
    ASSERT_EQ(run.rejects.size(), 1u) << "a key is never null";
    EXPECT_EQ(run.rejects[0],
              "1 key.missing: column \"" + std::string(by) + "\" is in `by` and has no value");
  }
}

TEST(Aggregate, TimesAreOrderedAsTimes) {
  const Schema in{
      {{"k", Type::int64, Role::key, false}, {"t", Type::timestamp, Role::attribute, true}}};
  const TransformRun run =
      aggregate(list("by", {"k"}) + list("min", {"t as a"}) + list("max", {"t as b"}), in,
                {{{"1", "2026-11-22T15:04:05.5Z"},
                  {"1", "2026-11-22T15:04:05Z"},
                  {"1", "2026-11-22T15:04:05.25Z"}}});
  EXPECT_EQ(run.rows, (TextRows{{"1", "2026-11-22T15:04:05Z", "2026-11-22T15:04:05.5Z"}}));
}

TEST(Aggregate, RefusesWhatCannotBe) {
  const std::pair<Settings, Code> cases[] = {
      {{}, Code::invalid_config},
      {list("by", {""}), Code::invalid_config},
      {list("by", {"word"}), Code::schema_mismatch},
      {kByWord + list("sum", {"search_word as w"}), Code::schema_mismatch},
      {kByWord + list("sum", {"klicks"}), Code::schema_mismatch},
      {kByWord + list("sum", {"clicks as impressions"}), Code::schema_mismatch},
      {kByWord + list("min", {"clicks"}) + list("max", {"clicks"}), Code::invalid_config},
      {kByWord + Settings{{"count", "", "search_word"}}, Code::invalid_config},
      {list("by", {"search_word", "search_word"}), Code::invalid_config},
  };
  for (const auto& [settings, code] : cases) {
    EXPECT_EQ(aggregate(settings, kRows, {}).status.code(), code);
  }
  EXPECT_EQ(aggregate(list("by", {"ratio"}), kEveryType, {}).status.code(), Code::schema_mismatch);
  EXPECT_EQ(aggregate(kByWord + list("max", {"klicks"}), kRows, {}).status.next(),
            "did you mean \"clicks\"?");
}

using Count = std::optional<std::int64_t>;

std::string text_of(const Count& count) {
  return count ? std::to_string(*count) : "NULL";
}

struct Group {
  Count sum;
  Count least;
  Count most;
  double weights = 0;
  std::int64_t rows = 0;

  void add(const Count& value) {
    ++rows;
    if (value) {
      sum = sum.value_or(0) + *value;
      least = std::min(least.value_or(*value), *value);
      most = std::max(most.value_or(*value), *value);
    }
  }
};

/// Random rows against a map, in any order of rows and any cut into batches.
TEST(Aggregate, AgreesWithAMapInAnyOrder) {
  const Schema in{{{"word", Type::text, Role::key, false},
                   {"day", Type::date, Role::key, false},
                   {"clicks", Type::int64, Role::measure, true},
                   {"weight", Type::float64, Role::attribute, true}}};
  const Settings settings = list("by", {"day", "word"}) + list("sum", {"clicks", "weight as all"}) +
                            list("min", {"clicks as least"}) + list("max", {"clicks as most"}) +
                            Settings{{"count", "", "n"}};
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 20; ++round) {
    TextRows rows;
    std::map<std::pair<std::string, std::string>, Group> expected;
    const auto num_rows = static_cast<int>(random() % 400);
    for (int i = 0; i < num_rows; ++i) {
      const std::string word =
          random() % 5 == 0 ? std::string("\0靴", 4) : std::string(random() % 4, 'a');
      const std::string day = date_text(static_cast<std::int32_t>(20000 + random() % 3));
      const Count clicks =
          random() % 4 == 0 ? Count() : Count(static_cast<std::int64_t>(random() % 2001) - 1000);
      rows.push_back({word, day, text_of(clicks),
                      float64_text(1.0 / static_cast<double>(1 + random() % 1000))});
      expected[{day, word}].add(clicks);
    }
    TextRows first;
    for (int order = 0; order < 3; ++order) {
      std::vector<TextRows> batches(1 + random() % 5);
      for (const TextRow& row : rows) {
        batches[random() % batches.size()].push_back(row);
      }
      for (TextRows& batch : batches) {
        std::shuffle(batch.begin(), batch.end(), random);
      }
      const TransformRun run = aggregate(settings, in, batches);
      ASSERT_TRUE(run.status.ok()) << run.status.to_string();
      ASSERT_EQ(run.rows.size(), expected.size());
      for (const TextRow& row : run.rows) {
        const Group& group = expected.at({row[0], row[1]});
        EXPECT_EQ((TextRow{row[2], row[4], row[5], row[6]}),
                  (TextRow{text_of(group.sum), text_of(group.least), text_of(group.most),
                           std::to_string(group.rows)}));
      }
      if (order == 0) {
        first = run.rows;
      }
      EXPECT_EQ(run.rows, first) << "sums of float64, too, do not depend on the order";
    }
  }
}

TEST(Aggregate, MoreRowsThanTheCacheHolds) {
  TextRows batch;
  for (int i = 0; i < 4000; ++i) {
    batch.push_back(
        {std::to_string(i), std::string(2500, static_cast<char>('a' + i % 26)), "1", "1"});
  }
  const TransformRun run =
      aggregate(list("by", {"ad_id"}) + list("sum", {"clicks"}) + list("max", {"search_word"}),
                kRows, std::vector<TextRows>(5, batch));  // 50 MB
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  ASSERT_EQ(run.rows.size(), 4000u);
  EXPECT_EQ(run.rows[7], (TextRow{"7", "5", std::string(2500, 'h')}));
}

}  // namespace
}  // namespace daymill::sql
