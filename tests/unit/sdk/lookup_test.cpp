// What transforms share: finding columns by name, keeping some rows.
#include <gtest/gtest.h>

#include "daymill/column_lookup.hpp"
#include "daymill/kept_rows.hpp"

namespace daymill {
namespace {

const Schema kRows{{{"ad_id", Type::int64, Role::key, false},
                    {"search_word", Type::text, Role::key, false},
                    {"clicks", Type::int64, Role::measure, true}}};

TEST(ColumnLookup, NamesWhatWasProbablyMeant) {
  EXPECT_EQ(find_column(kRows, "clicks", "`sum`").value(), 2u);
  const Status status = find_column(kRows, "serch_word", "`by`").status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_EQ(status.message(),
            "`by` names the column \"serch_word\", which the rows do not have; they have ad_id, "
            "search_word, clicks");
  EXPECT_EQ(status.next(), "did you mean \"search_word\"?");
  EXPECT_EQ(did_you_mean(kRows, "AD_ID"), "did you mean \"ad_id\"?");
  EXPECT_EQ(did_you_mean(kRows, "price"), "");
  EXPECT_EQ(did_you_mean(kRows, std::string(10'000, 'c')), "");
  EXPECT_EQ(did_you_mean(Schema{}, ""), "");
}

TEST(ColumnLookup, SplitsNewNames) {
  using Names = std::pair<std::string, std::string>;
  EXPECT_EQ(split_new_name("clicks"), (Names{"clicks", "clicks"}));
  EXPECT_EQ(split_new_name("clicks as views"), (Names{"clicks", "views"}));
  EXPECT_EQ(split_new_name("a as b as c"), (Names{"a as b", "c"}));
  EXPECT_EQ(split_new_name("basil"), (Names{"basil", "basil"}));
}

RecordBatch three_rows() {
  BatchBuilder rows(kRows);
  for (int i = 0; i < 3; ++i) {
    rows.column(0).append_int64(i);
    rows.column(1).append_bytes("word " + std::to_string(i));
    i == 1 ? rows.column(2).append_null() : rows.column(2).append_int64(10 * i);
    rows.end_row();
  }
  return rows.finish();
}

TEST(KeptRows, AllOfThemAreNotCopied) {
  RecordBatch batch = three_rows();
  const void* const values = batch.column(0).int64s();
  const KeptRows kept(3);
  EXPECT_EQ(kept.take(kRows, std::move(batch)).column(0).int64s(), values);
}

TEST(KeptRows, SomeAreCopiedInOrder) {
  KeptRows kept(3);
  kept.drop(0);
  kept.drop(0);
  EXPECT_FALSE(kept.keeps(0));
  EXPECT_EQ(kept.num_kept(), 2);
  const RecordBatch batch = kept.take(kRows, three_rows());
  ASSERT_EQ(batch.num_rows(), 2);
  EXPECT_EQ(batch.column(0).int64s()[0], 1);
  EXPECT_EQ(batch.column(1).bytes_at(1), "word 2");
  EXPECT_TRUE(batch.column(2).is_null(0));
  EXPECT_EQ(batch.column(2).int64s()[1], 20);
}

}  // namespace
}  // namespace daymill
