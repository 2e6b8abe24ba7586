#include "plan/day_range.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

CivilDay day(std::string_view text) {
  return CivilDay::parse(text).value();
}

Status why(const DayArguments& arguments) {
  return parse_day_range(arguments).status();
}

TEST(DayRangeTest, OfOneDate) {
  const DayRange range = parse_day_range({"2026-11-22", {}, {}}).value();
  EXPECT_EQ(range.size(), 1u);
  EXPECT_EQ(range.first, day("2026-11-22"));
  EXPECT_EQ(range.last, day("2026-11-22"));
}

TEST(DayRangeTest, HoldsBothEnds) {
  const DayRange range = parse_day_range({{}, "2026-02-27", "2026-03-02"}).value();
  std::string text;
  for (const CivilDay at : range.days())
    text += at.iso() + " ";
  EXPECT_EQ(text, "2026-02-27 2026-02-28 2026-03-01 2026-03-02 ");
  EXPECT_EQ(range.size(), 4u);
  EXPECT_EQ(parse_day_range({{}, "2026-02-27", "2026-02-27"}).value().size(), 1u);
}

TEST(DayRangeTest, UpsideDownNamesBothEnds) {
  const Status status = why({{}, "2026-11-23", "2026-11-20"});
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.message(), "--from 2026-11-23 is after --to 2026-11-20");
  EXPECT_EQ(status.next(), "--from 2026-11-20 --to 2026-11-23");
}

TEST(DayRangeTest, SaysWhichOptionIsWrong) {
  EXPECT_EQ(why({{}, "2026-02-01", "2026-02-30"}).message(),
            "--to: 2026-02-30 does not exist: February 2026 has 28 days");
  EXPECT_EQ(why({"yesterday", {}, {}}).message().rfind("--date: ", 0), 0u);
  EXPECT_EQ(why({{}, "2026-02-01", {}}).message(), "--from needs --to");
  EXPECT_EQ(why({{}, {}, "2026-02-01"}).message(), "--to needs --from");
  EXPECT_EQ(why({}).message(), "no date was given");
  EXPECT_EQ(why({"2026-02-01", "2026-02-01", {}}).code(), Code::invalid_argument);
}

}  // namespace
}  // namespace daymill
