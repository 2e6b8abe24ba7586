// Conversions between C structures and classes: what older and newer sides leave out or add, and
// what is refused. That everything survives the trip is shown by tests/conformance/round_trip_test.
#include <gtest/gtest.h>

#include <cstddef>

#include "daymill/plugin.hpp"

namespace daymill::detail {
namespace {

/// daymill_split as a plugin of a later minor version would have it.
struct LongerSplit {
  daymill_split known;
  std::int64_t added;
};

TEST(ExchangeTest, StepsByTheWritersSize) {
  LongerSplit splits[2] = {};
  for (LongerSplit& split : splits) {
    split.known.struct_size = sizeof(LongerSplit);
    split.added = -1;
  }
  splits[0].known.id = to_c(std::string_view("first"));
  splits[1].known.id = to_c(std::string_view("second"));
  splits[1].known.estimated_rows = 7;
  auto list = empty_struct<daymill_split_list>();
  list.n_splits = 2;
  list.splits = &splits[0].known;
  const std::vector<Split> read = from_c(&list);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, "first");
  EXPECT_EQ(read[1].id, "second");
  EXPECT_EQ(read[1].estimated_rows, 7);
}

TEST(ExchangeTest, ReadsWhatAnOlderSideLeftOutAsZero) {
  auto partition = empty_struct<daymill_partition>();
  partition.label = to_c(std::string_view("2026-11-22"));
  partition.day = 5;
  partition.start_us = 6;
  partition.end_us = 7;
  partition.struct_size = offsetof(daymill_partition, end_us);
  const Partition read = from_c(&partition);
  EXPECT_EQ(read.label, "2026-11-22");
  EXPECT_EQ(read.start_us, 6);
  EXPECT_EQ(read.end_us, 0);
}

TEST(ExchangeTest, RefusesUnknownFormatsAndRoles) {
  auto field = empty_struct<daymill_field>();
  field.name = to_c(std::string_view("price"));
  field.format = to_c(std::string_view("d:10,2"));
  field.role = DAYMILL_ROLE_KEY;
  auto schema = empty_struct<daymill_schema>();
  schema.n_fields = 1;
  schema.fields = &field;
  Status status = from_c(&schema).status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_NE(status.message().find("price has the unknown format \"d:10,2\""), std::string::npos);
  field.format = to_c(std::string_view("l"));
  field.role = 9;
  status = from_c(&schema).status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_NE(status.message().find("unknown role 9"), std::string::npos);
}

TEST(ExchangeTest, ListsAreReleasedOnce) {
  Received<daymill_schema> schema;
  own(Schema{{{"a", Type::date, Role::key, false}}}, schema.out());
  EXPECT_NE(schema->release, nullptr);
  schema.out()->release(schema.out());
  EXPECT_EQ(schema->release, nullptr);  // the destructor does not release it again
}

TEST(ExchangeTest, ErrorsWithoutTextsAreErrorsToo) {
  const Received<daymill_error> nothing;
  const Status silent = from_c(DAYMILL_TIMEOUT, nothing);
  EXPECT_EQ(silent.code(), Code::timeout);
  EXPECT_EQ(silent.message(), "failed without a message");
  const Status unknown = from_c(4711, nothing);
  EXPECT_EQ(unknown.code(), Code::internal);
  EXPECT_NE(unknown.message().find("4711"), std::string::npos);
  EXPECT_TRUE(from_c(DAYMILL_OK, nothing).ok());
}

TEST(ExchangeTest, AnErrorThatCallsItselfOkIsInternal) {
  Received<daymill_error> error;
  EXPECT_EQ(to_c(Status(Code::ok, "odd"), error.out()), DAYMILL_INTERNAL);
  EXPECT_STREQ(error->message, "odd");
  EXPECT_EQ(to_c(Status(Code::timeout, "no room for texts"), nullptr), DAYMILL_TIMEOUT);
}

TEST(ExchangeTest, GuardedCatchesEverything) {
  Received<daymill_error> error;
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw std::bad_alloc(); }),
            DAYMILL_RESOURCE_EXHAUSTED);
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw 1; }), DAYMILL_INTERNAL);
  EXPECT_EQ(guarded(error.out(), []() -> Status { throw std::runtime_error("why"); }),
            DAYMILL_INTERNAL);
  EXPECT_STREQ(error->message, "uncaught exception: why");
}

TEST(ExchangeTest, SettingsKeepTheirOrder) {
  const std::vector<Config::Entry> entries = {
      {"measures", "impressions", "b"}, {"measures", "clicks", "a"}, {"port", "", "6379"}};
  const ConfigView view(entries);
  const Config config = from_c(view.get());
  EXPECT_EQ(config.integer("port"), 6379);
  EXPECT_EQ(config.map("measures"), (std::vector<std::pair<std::string, std::string>>{
                                        {"impressions", "b"}, {"clicks", "a"}}));
}

}  // namespace
}  // namespace daymill::detail
