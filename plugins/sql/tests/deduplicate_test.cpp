#include "deduplicate.hpp"

#include <algorithm>
#include <random>

#include "rows.hpp"

namespace daymill::sql {
namespace {

using Settings = std::vector<Config::Entry>;

const Settings kByAd = list("by", {"ad_id"});
const Settings kFirst = {{"keep", "", "first"}};
const Settings kLast = {{"keep", "", "last"}};

TransformRun deduplicate(const Settings& settings, const Schema& in,
                         const std::vector<TextRows>& batches) {
  return run_transform<Deduplicate>(settings, in, batches);
}

const TextRows kFive = {{"2", "b", "5", "1"},
                        {"1", "x", "3", "9"},
                        {"1", "y", "3", "2"},
                        {"1", "z", "1", "9"},
                        {"2", "a", "5", "1"}};

TEST(Deduplicate, KeepsTheFirstOrTheLastOfAnOrder) {
  const Settings by_clicks = kByAd + list("order_by", {"clicks"});
  EXPECT_EQ(deduplicate(by_clicks + kFirst, kRows, {kFive}).rows,
            (TextRows{{"1", "z", "1", "9"}, {"2", "a", "5", "1"}}));
  EXPECT_EQ(deduplicate(by_clicks + kLast, kRows, {kFive}).rows,
            (TextRows{{"1", "y", "3", "2"}, {"2", "b", "5", "1"}}));
  const Settings falling = kByAd + list("order_by", {"clicks desc", "impressions asc"});
  EXPECT_EQ(deduplicate(falling + kFirst, kRows, {kFive}).rows,
            (TextRows{{"1", "y", "3", "2"}, {"2", "a", "5", "1"}}));
  EXPECT_EQ(deduplicate(falling + kLast, kRows, {kFive}).rows,
            (TextRows{{"1", "z", "1", "9"}, {"2", "b", "5", "1"}}));
  EXPECT_EQ(deduplicate(kByAd + kFirst, kRows, {kFive}).rows,
            (TextRows{{"1", "x", "3", "9"}, {"2", "a", "5", "1"}}));
}

TEST(Deduplicate, KeysAreWhatRowsDifferBy) {
  const TransformRun run = deduplicate(kByAd + kFirst, kRows, {});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.schema, (Schema{{{"ad_id", Type::int64, Role::key, false},
                                 {"search_word", Type::text, Role::attribute, false},
                                 {"clicks", Type::int64, Role::measure, true},
                                 {"impressions", Type::int64, Role::measure, true}}}));
  EXPECT_TRUE(run.rows.empty());
}

TEST(Deduplicate, DoesNotDependOnTheOrderOfRows) {
  std::mt19937_64 random(7);
  TextRows rows;
  for (int i = 0; i < 300; ++i) {
    rows.push_back({std::to_string(random() % 20), std::string(1 + random() % 3, 'w'),
                    random() % 3 == 0 ? "NULL" : std::to_string(random() % 3),
                    std::to_string(random() % 4)});
  }
  for (const Settings& keep : {kFirst, kLast}) {
    const Settings settings = kByAd + list("order_by", {"clicks desc"}) + keep;
    const TextRows expected = deduplicate(settings, kRows, {rows}).rows;
    ASSERT_EQ(expected.size(), 20u);
    for (int round = 0; round < 10; ++round) {
      std::shuffle(rows.begin(), rows.end(), random);
      const auto cut = rows.begin() + static_cast<std::ptrdiff_t>(random() % rows.size());
      EXPECT_EQ(
          deduplicate(settings, kRows, {TextRows(rows.begin(), cut), {}, TextRows(cut, rows.end())})
              .rows,
          expected);
    }
  }
}

TEST(Deduplicate, KeepsEveryTypeAndRejectsRowsWithoutAKey) {
  for (const char* by : {"flag", "number", "word", "bytes", "day", "seen"}) {
    const TransformRun run =
        deduplicate(list("by", {by}) + kFirst, kEveryType, {{kFull, kAllNull}, {kFull}});
    ASSERT_TRUE(run.status.ok()) << run.status.to_string();
    EXPECT_EQ(run.rows, (TextRows{kFull}));
    EXPECT_EQ(run.rejects.size(), 1u);
  }
}

TEST(Deduplicate, RefusesWrongSettings) {
  EXPECT_EQ(deduplicate(kFirst, kRows, {}).status.code(), Code::invalid_config);
  EXPECT_EQ(deduplicate(list("by", {""}), kRows, {}).status.code(), Code::invalid_config);
  EXPECT_EQ(deduplicate(list("by", {"clicks"}), kRows, {}).status.code(), Code::schema_mismatch);
  EXPECT_EQ(deduplicate(list("by", {"ratio"}), kEveryType, {}).status.code(),
            Code::schema_mismatch);
  const Status status = deduplicate(kByAd + list("order_by", {"klicks desc"}), kRows, {}).status;
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_EQ(status.next(), "did you mean \"clicks\"?");
}

}  // namespace
}  // namespace daymill::sql
