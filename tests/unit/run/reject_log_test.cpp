#include "run/reject_log.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

RejectRow row(const std::string& raw, const std::string& reason = "field.empty") {
  return RejectRow{"clicks", 1, raw, reason, "found nothing"};
}

Schema measures(const std::vector<std::string>& names) {
  Schema schema;
  for (const std::string& name : names) {
    schema.fields.push_back({name, Type::int64, Role::measure, true});
  }
  return schema;
}

TEST(RejectLog, CountsByReasonAndSumsByMeasure) {
  RejectLog log({.max_rows = 10, .max_share = 1.0}, measures({"clicks", "views"}));
  EXPECT_TRUE(log.add(row("a"), 0, 5).ok());
  EXPECT_TRUE(log.add(row("b"), 1, 7).ok());
  EXPECT_TRUE(log.add(row("c", "value.not_count"), -1, 99).ok());
  EXPECT_EQ(log.count(), 3);
  EXPECT_EQ(log.reasons().at("field.empty"), 2);
  EXPECT_EQ(log.reasons().at("value.not_count"), 1);
  EXPECT_EQ(log.sums(), (std::vector<Sum>{{"clicks", 5}, {"views", 7}}));
  EXPECT_EQ(log.rows().size(), 3u);
  EXPECT_FALSE(log.over_budget());
}

TEST(RejectLog, StopsAtTheRowThatIsOneTooMany) {
  RejectLog log({.max_rows = 2, .max_share = 1.0}, Schema());
  EXPECT_TRUE(log.add(row("a"), -1, 0).ok());
  EXPECT_TRUE(log.add(row("b"), -1, 0).ok());
  const Status status = log.add(row("c\n\x1b"), -1, 0);
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_TRUE(log.over_budget());
  EXPECT_NE(status.message().find("rejects.max_rows"), std::string::npos);
  EXPECT_NE(status.message().find("c\\x0a\\x1b"), std::string::npos) << "bytes are escaped";
}

TEST(RejectLog, NoBudgetAtAllStopsAtTheFirst) {
  RejectLog log({.max_rows = 0, .max_share = 1.0}, Schema());
  EXPECT_FALSE(log.add(row("a"), -1, 0).ok());
}

TEST(RejectLog, ShareIsOfTheRowsRead) {
  RejectLog log({.max_rows = 100, .max_share = 0.01}, Schema());
  EXPECT_TRUE(log.check_share(0).ok()) << "an empty day has no share";
  EXPECT_TRUE(log.add(row("a"), -1, 0).ok());
  EXPECT_TRUE(log.check_share(100).ok()) << "exactly the share";
  const Status status = log.check_share(99);
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_NE(status.message().find("1 of 99 rows"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("rejects.max_share"), std::string::npos);
  EXPECT_TRUE(log.over_budget());
}

TEST(RejectLog, SumThatLeavesInt64IsAnError) {
  RejectLog log({.max_rows = 10, .max_share = 1.0}, measures({"clicks"}));
  EXPECT_TRUE(log.add(row("a"), 0, INT64_MAX).ok());
  EXPECT_EQ(log.add(row("b"), 0, 1).code(), Code::invalid_data);
}

TEST(RawRow, JoinsColumnsByTabWithTheirBytes) {
  const Schema schema{{{"field", Type::binary, Role::key, false},
                       {"count", Type::int64, Role::attribute, true},
                       {"day", Type::date, Role::attribute, true}}};
  BatchBuilder builder(schema);
  builder.column(0).append_bytes(std::string("7:\0\xff", 4));
  builder.column(1).append_null();
  builder.column(2).append_date(20049);
  builder.end_row();
  EXPECT_EQ(raw_row(schema, builder.finish(), 0), std::string("7:\0\xff\t\t2024-11-22", 16));
}

}  // namespace
}  // namespace daymill
