#include "ctr.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace daymill::ctr {
namespace {

using Count = std::optional<std::int64_t>;

struct Collected final : Emitter {
  std::vector<RecordBatch> batches;
  Status emit(RecordBatch batch) override {
    batches.push_back(std::move(batch));
    return {};
  }
  Status reject(const Rejection&) override { return Status(Code::internal, "unexpected"); }
};

struct RecordingHost {
  std::vector<std::string> lines;
  daymill_host c_host{sizeof(daymill_host), this,
                      [](void* self, std::int32_t level, daymill_text text) {
                        EXPECT_EQ(level, DAYMILL_LOG_WARNING);
                        static_cast<RecordingHost*>(self)->lines.emplace_back(text.data, text.size);
                      },
                      [](void*) -> std::int32_t { return 0; }};
};

Schema counts() {
  return Schema{{{"ad_id", Type::int64, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"impressions", Type::int64, Role::measure, true}}};
}

RecordBatch batch_of(const std::vector<std::pair<Count, Count>>& rows) {
  BatchBuilder builder(counts());
  for (const auto& [clicks, impressions] : rows) {
    builder.column(0).append_int64(1);
    clicks ? builder.column(1).append_int64(*clicks) : builder.column(1).append_null();
    impressions ? builder.column(2).append_int64(*impressions) : builder.column(2).append_null();
    builder.end_row();
  }
  return builder.finish();
}

std::unique_ptr<Transform> make(Host host = Host(), const char* clicks = "clicks",
                                const char* as = "ctr") {
  const Config config({{"clicks", "", clicks}, {"impressions", "", "impressions"}, {"as", "", as}});
  return std::move(Ctr::create(config, host)).value();
}

TEST(Ctr, AddsANullableColumnAtTheEnd) {
  const auto transform = make();
  const Schema out = transform->bind(counts()).value();
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(out.fields[3], (Field{"ctr", Type::float64, Role::attribute, true}));
}

TEST(Ctr, RefusesAMissingColumn) {
  const auto result = make(Host(), "klicks")->bind(counts());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::schema_mismatch);
  EXPECT_NE(result.status().message().find("\"klicks\""), std::string::npos);
  EXPECT_NE(result.status().message().find("ad_id, clicks, impressions"), std::string::npos);
}

TEST(Ctr, RefusesAColumnOfAnotherType) {
  Schema in = counts();
  in.fields[2].type = Type::float64;
  const auto result = make()->bind(in);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(), "ctr: column \"impressions\" is float64, expected int64");
}

TEST(Ctr, RefusesANameThatIsTaken) {
  const auto result = make(Host(), "clicks", "ad_id")->bind(counts());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::schema_mismatch);
  EXPECT_NE(result.status().next().find("`as`"), std::string::npos);
}

TEST(Ctr, RefusesAnEmptyName) {
  const Config config(
      {{"clicks", "", "clicks"}, {"impressions", "", "impressions"}, {"as", "", ""}});
  const auto made = Ctr::create(config, Host());
  EXPECT_EQ(made.status().code(), Code::invalid_config);
  EXPECT_EQ(made.status().message(), "found an empty `as`, expected the name of a column");
}

TEST(Ctr, DividesAndLeavesNullWhereNothingWasShown) {
  const auto transform = make();
  ASSERT_TRUE(transform->bind(counts()).ok());
  auto lane = std::move(transform->open(Partition{})).value();
  Collected out;
  ASSERT_TRUE(
      lane->process(
              batch_of(
                  {{1, 4}, {0, 7}, {0, 0}, {3, 0}, {5, std::nullopt}, {std::nullopt, 5}, {9, 3}}),
              out)
          .ok());
  ASSERT_EQ(out.batches.size(), 1u);
  const RecordBatch& batch = out.batches[0];
  ASSERT_EQ(batch.num_rows(), 7);
  const Column& ratio = batch.column(3);
  EXPECT_EQ(ratio.length(), 7);
  EXPECT_DOUBLE_EQ(ratio.float64s()[0], 0.25);
  EXPECT_DOUBLE_EQ(ratio.float64s()[1], 0.0);
  EXPECT_TRUE(ratio.is_null(2));
  EXPECT_TRUE(ratio.is_null(3));
  EXPECT_TRUE(ratio.is_null(4));
  EXPECT_TRUE(ratio.is_null(5));
  EXPECT_DOUBLE_EQ(ratio.float64s()[6], 3.0);
  EXPECT_EQ(ratio.null_count(), 4);
}

TEST(Ctr, PassesColumnsOnWithoutCopying) {
  const auto transform = make();
  ASSERT_TRUE(transform->bind(counts()).ok());
  auto lane = std::move(transform->open(Partition{})).value();
  RecordBatch in = batch_of({{1, 2}});
  const std::int64_t* const clicks = in.column(1).int64s();
  Collected out;
  ASSERT_TRUE(lane->process(std::move(in), out).ok());
  EXPECT_EQ(out.batches[0].column(1).int64s(), clicks);
}

TEST(Ctr, AcceptsAnEmptyBatch) {
  const auto transform = make();
  ASSERT_TRUE(transform->bind(counts()).ok());
  auto lane = std::move(transform->open(Partition{})).value();
  Collected out;
  ASSERT_TRUE(lane->process(batch_of({}), out).ok());
  EXPECT_EQ(out.batches[0].num_rows(), 0);
}

TEST(Ctr, ReportsMoreClicksThanImpressionsOnceAtTheEnd) {
  RecordingHost host;
  const auto transform = make(Host(&host.c_host));
  ASSERT_TRUE(transform->bind(counts()).ok());
  Partition day;
  day.label = "2026-11-20";
  auto lane = std::move(transform->open(day)).value();
  Collected out;
  ASSERT_TRUE(lane->process(batch_of({{9, 3}, {1, 0}}), out).ok());
  ASSERT_TRUE(lane->process(batch_of({{2, 1}, {1, 1}}), out).ok());
  EXPECT_TRUE(host.lines.empty());
  ASSERT_TRUE(lane->finish(out).ok());
  ASSERT_EQ(host.lines.size(), 1u);
  EXPECT_EQ(host.lines[0], "3 rows have more clicks than impressions in partition 2026-11-20");
}

TEST(Ctr, SaysNothingWhenAllIsWell) {
  RecordingHost host;
  const auto transform = make(Host(&host.c_host));
  ASSERT_TRUE(transform->bind(counts()).ok());
  auto lane = std::move(transform->open(Partition{})).value();
  Collected out;
  ASSERT_TRUE(lane->process(batch_of({{1, 1}}), out).ok());
  ASSERT_TRUE(lane->finish(out).ok());
  EXPECT_TRUE(host.lines.empty());
}

}  // namespace
}  // namespace daymill::ctr
