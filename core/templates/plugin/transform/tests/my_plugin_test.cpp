#include "my_plugin.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using daymill::Role;
using daymill::Schema;
using daymill::Type;

const Schema kRows{
    {{"ad_id", Type::int64, Role::key, false}, {"search_word", Type::text, Role::key, true}}};

class Collector final : public daymill::Emitter {
 public:
  daymill::Status emit(daymill::RecordBatch batch) override {
    batches.push_back(std::move(batch));
    return {};
  }
  daymill::Status reject(const daymill::Rejection& /*rejection*/) override { return {}; }
  std::vector<daymill::RecordBatch> batches;
};

TEST(MyPluginTest, AddsTheNumberOfCharacters) {
  MyPlugin transform("search_word", "length");
  const auto bound = transform.bind(kRows);
  ASSERT_TRUE(bound.ok()) << bound.status().to_string();
  ASSERT_EQ(bound->size(), 3u);
  EXPECT_EQ(bound->fields[2].name, "length");

  daymill::BatchBuilder rows(kRows);
  rows.column(0).append_int64(1);
  rows.column(1).append_bytes("größe");
  rows.end_row();
  rows.column(0).append_int64(2);
  rows.column(1).append_null();
  rows.end_row();
  auto lane = transform.open(daymill::Partition{});
  ASSERT_TRUE(lane.ok());
  Collector out;
  ASSERT_TRUE((*lane)->process(rows.finish(), out).ok());
  ASSERT_EQ(out.batches.size(), 1u);
  EXPECT_EQ(out.batches[0].column(0).int64s()[1], 2);
  EXPECT_EQ(out.batches[0].column(2).int64s()[0], 5);
  EXPECT_TRUE(out.batches[0].column(2).is_null(1));
}

TEST(MyPluginTest, RefusesColumnsThatDoNotFit) {
  EXPECT_EQ(MyPlugin("nothing", "length").bind(kRows).status().code(),
            daymill::Code::schema_mismatch);
  EXPECT_EQ(MyPlugin("ad_id", "length").bind(kRows).status().code(),
            daymill::Code::schema_mismatch);
  EXPECT_EQ(MyPlugin("search_word", "ad_id").bind(kRows).status().code(),
            daymill::Code::schema_mismatch);
}

}  // namespace
