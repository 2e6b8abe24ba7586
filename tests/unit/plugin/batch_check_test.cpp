#include "plugin/batch_check.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "daymill/plugin.hpp"

namespace daymill {
namespace {

const Schema kSchema{{{"n", Type::int64, Role::measure, true}, {"t", Type::text, Role::key, true}}};

/// Three rows: (1, "a"), (null, "bc"), (3, null).
RecordBatch three_rows() {
  BatchBuilder rows(kSchema);
  rows.column(0).append_int64(1);
  rows.column(1).append_bytes("a");
  rows.end_row();
  rows.column(0).append_null();
  rows.column(1).append_bytes("bc");
  rows.end_row();
  rows.column(0).append_int64(3);
  rows.column(1).append_null();
  rows.end_row();
  return rows.finish();
}

/// The message of check_batch after `spoil`, which is undone before the batch is released.
std::string spoiled(const std::function<void(ArrowArray&)>& spoil,
                    const std::function<void(ArrowArray&)>& mend, BatchCheck depth) {
  ArrowArray array{};
  three_rows().export_to(&array);
  const detail::ArrayOwner owner(&array);
  spoil(array);
  const Status status = check_batch(array, kSchema, depth);
  mend(array);
  EXPECT_TRUE(status.ok() || status.code() == Code::internal);
  return status.message();
}

TEST(BatchCheckTest, AcceptsWhatBuildersMake) {
  EXPECT_EQ(spoiled([](ArrowArray&) {}, [](ArrowArray&) {}, BatchCheck::data), "");
  ArrowArray empty{};
  BatchBuilder(kSchema).finish().export_to(&empty);
  const detail::ArrayOwner owner(&empty);
  EXPECT_TRUE(check_batch(empty, kSchema, BatchCheck::data).ok());
}

struct Breach {
  const char* name;
  std::function<void(ArrowArray&)> spoil;
  std::function<void(ArrowArray&)> mend;
  const char* message;
};

void PrintTo(const Breach& breach, std::ostream* out) {
  *out << breach.name;
}

template <typename Value>
Breach on_member(const char* name, std::function<Value&(ArrowArray&)> member, Value bad,
                 const char* message) {
  auto kept = std::make_shared<Value>();
  return Breach{name,
                [=](ArrowArray& array) {
                  *kept = member(array);
                  member(array) = bad;
                },
                [=](ArrowArray& array) { member(array) = *kept; }, message};
}

Breach on_top(const char* name, std::int64_t ArrowArray::*member, std::int64_t bad,
              const char* message) {
  return on_member<std::int64_t>(
      name, [member](ArrowArray& array) -> std::int64_t& { return array.*member; }, bad, message);
}

Breach on_column(const char* name, std::size_t column, std::int64_t ArrowArray::*member,
                 std::int64_t bad, const char* message) {
  return on_member<std::int64_t>(
      name, [=](ArrowArray& array) -> std::int64_t& { return array.children[column]->*member; },
      bad, message);
}

Breach on_buffer(const char* name, std::size_t column, std::size_t buffer, const void* bad,
                 const char* message) {
  return on_member<const void*>(
      name,
      [=](ArrowArray& array) -> const void*& { return array.children[column]->buffers[buffer]; },
      bad, message);
}

const std::int32_t kBackwards[] = {0, 2, 1, 3};
const std::int32_t kNegative[] = {-1, 1, 3, 3};
const std::int32_t kSplitCharacter[] = {0, 1, 2, 2};
const std::uint8_t kAllValid[] = {0xff};
const char kLetter[] = "\xc3\xa4";  // one letter of two bytes

class StructureTest : public testing::TestWithParam<Breach> {};

TEST_P(StructureTest, IsAlwaysChecked) {
  for (const BatchCheck depth : {BatchCheck::structure, BatchCheck::data}) {
    const std::string message = spoiled(GetParam().spoil, GetParam().mend, depth);
    EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Breaches, StructureTest,
    testing::Values(
        on_top("rows", &ArrowArray::length, -1, "number of rows is -1, expected at least 0"),
        on_top("other_rows", &ArrowArray::length, 4, "length of column n (int64) is 3, expected 4"),
        on_top("offset", &ArrowArray::offset, 1, "the offset is 1, expected 0"),
        on_top("top_nulls", &ArrowArray::null_count, 1, "null count of the rows is 1, expected 0"),
        on_top("children", &ArrowArray::n_children, 1,
               "number of columns is 1, expected 2 by the schema"),
        on_column("column_offset", 1, &ArrowArray::offset, 2,
                  "offset of column t (text) is 2, expected 0"),
        on_column("grandchildren", 0, &ArrowArray::n_children, 1,
                  "number of children of column n (int64) is 1, expected 0"),
        on_column("buffers", 1, &ArrowArray::n_buffers, 2,
                  "number of buffers of column t (text) is 2, expected 3"),
        on_column("nulls", 0, &ArrowArray::null_count, 4,
                  "null count of column n (int64) is 4, expected between 0 and 3"),
        on_buffer("validity", 0, 0, nullptr, "buffer 0 (validity) of column n (int64) is NULL"),
        on_buffer("values", 0, 1, nullptr, "buffer 1 of column n (int64) is NULL"),
        on_buffer("alignment", 0, 1, reinterpret_cast<const void*>(1),
                  "address of buffer 1 modulo 8 of column n (int64) is 1, expected 0"),
        on_buffer("bytes", 1, 2, nullptr, "buffer 2 of column t (text) is NULL"),
        on_buffer("negative_offset", 1, 1, kNegative,
                  "first offset of column t (text) is -1, expected at least 0")),
    [](const auto& test) { return std::string(test.param.name); });

class DataTest : public testing::TestWithParam<Breach> {};

TEST_P(DataTest, IsCheckedWhenAsked) {
  EXPECT_EQ(spoiled(GetParam().spoil, GetParam().mend, BatchCheck::structure), "");
  const std::string message = spoiled(GetParam().spoil, GetParam().mend, BatchCheck::data);
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Breaches, DataTest,
    testing::Values(on_buffer("offsets", 1, 1, kBackwards,
                              "offset 2 of column t (text) is 1, expected at least 2"),
                    on_buffer("null_count", 0, 0, kAllValid,
                              "null count of column n (int64) is 1, expected 0 by the validity"),
                    on_buffer("utf8", 1, 2, "\xff...", "row 0 of column t (text) is \"\\xff\"")),
    [](const auto& test) { return std::string(test.param.name); });

TEST(BatchCheckTest, ACharacterMayNotLieInTwoRows) {
  ArrowArray array{};
  three_rows().export_to(&array);
  const detail::ArrayOwner owner(&array);
  const void** buffers = array.children[1]->buffers;
  const void* const offsets = std::exchange(buffers[1], kSplitCharacter);
  const void* const bytes = std::exchange(buffers[2], kLetter);
  const Status status = check_batch(array, kSchema, BatchCheck::data);
  buffers[1] = offsets;
  buffers[2] = bytes;
  EXPECT_NE(status.message().find("row 0 of column t (text) is \"\\xc3\", expected valid UTF-8"),
            std::string::npos)
      << status.message();
}

TEST(BatchCheckTest, RefusesReleasedBatches) {
  const ArrowArray released{};
  EXPECT_NE(check_batch(released, kSchema, BatchCheck::structure).message().find("released"),
            std::string::npos);
}

}  // namespace
}  // namespace daymill
