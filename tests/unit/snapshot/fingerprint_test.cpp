#include "snapshot/fingerprint.hpp"

#include <gtest/gtest.h>

#include "every_type.hpp"

namespace daymill {
namespace {

Schema raw_schema() {
  return Schema{
      {{"field", Type::binary, Role::key, false}, {"value", Type::binary, Role::attribute, true}}};
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string fingerprint(const Rows& rows) {
  BatchBuilder builder(raw_schema());
  for (const auto& [field, value] : rows) {
    builder.column(0).append_bytes(field);
    builder.column(1).append_bytes(value);
    builder.end_row();
  }
  const RecordBatch batch = builder.finish();
  RowHasher hasher(raw_schema());
  Fingerprint sum;
  hasher.add_to(sum, batch);
  return sum.text();
}

// Receipts and removal records hold these texts for years: they must never change.
TEST(Fingerprint, IsThePublishedFunction) {
  EXPECT_EQ(fingerprint({}), "0-00000000000000000000000000000000");
  EXPECT_EQ(fingerprint({{"7:shoes", "1"}}), "1-78cc4ac4129a7faf33bfa8b78378e621");
  EXPECT_EQ(fingerprint({{"7:shoes", "1"}, {"8:", "20"}}), "2-57f569bbef5577d1c833a602b5641fe1");
}

TEST(Fingerprint, DoesNotDependOnTheOrder) {
  EXPECT_EQ(fingerprint({{"a", "1"}, {"b", "2"}, {"c", "3"}}),
            fingerprint({{"c", "3"}, {"a", "1"}, {"b", "2"}}));
}

TEST(Fingerprint, TellsApartWhatLooksAlike) {
  EXPECT_NE(fingerprint({{"a", "1"}, {"b", "2"}}), fingerprint({{"a", "2"}, {"b", "1"}}));
  EXPECT_NE(fingerprint({{"ab", "c"}}), fingerprint({{"a", "bc"}}));
  EXPECT_NE(fingerprint({{"a", ""}}), fingerprint({{"", "a"}}));
  EXPECT_NE(fingerprint({{"a", "1"}}), fingerprint({{"a", "1"}, {"a", "1"}}));
}

TEST(Fingerprint, NullIsNotEmpty) {
  BatchBuilder builder(raw_schema());
  builder.column(0).append_bytes("a");
  builder.column(1).append_null();
  builder.end_row();
  const RecordBatch batch = builder.finish();
  RowHasher hasher(raw_schema());
  Fingerprint sum;
  hasher.add_to(sum, batch);
  EXPECT_NE(sum.text(), fingerprint({{"a", ""}}));
}

TEST(RowHasher, EqualKeysHashAlikeAndCompareEqual) {
  const RecordBatch one = rows_of_every_type(0, 10);
  const RecordBatch other = rows_of_every_type(5, 15);
  RowHasher hasher(every_type());
  ASSERT_TRUE(hasher.has_key());
  EXPECT_EQ(hasher.key_hash(one, 7), hasher.key_hash(other, 2));
  EXPECT_TRUE(hasher.same_key(one, 7, other, 2));
  EXPECT_FALSE(hasher.same_key(one, 7, other, 3));
}

}  // namespace
}  // namespace daymill
