#include "schedule/civil_day.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

std::string why(std::string_view text) {
  const Result<CivilDay> day = CivilDay::parse(text);
  return day.ok() ? "ok" : day.status().message();
}

CivilDay day(std::string_view text) {
  return CivilDay::parse(text).value();
}

TEST(CivilDay, KeepsTheDateThatWasParsed) {
  for (const char* text : {"2026-11-22", "0001-01-01", "9999-12-31", "2024-02-29", "1970-01-01"})
    EXPECT_EQ(day(text).iso(), text);
  EXPECT_EQ(day("1970-01-02").days(), 1);
}

TEST(CivilDay, SaysWhyADateDoesNotExist) {
  EXPECT_EQ(why("2026-02-30"), "2026-02-30 does not exist: February 2026 has 28 days");
  EXPECT_EQ(why("2024-02-30"), "2024-02-30 does not exist: February 2024 has 29 days");
  EXPECT_EQ(why("2100-02-29"), "2100-02-29 does not exist: February 2100 has 28 days");
  EXPECT_EQ(why("2026-04-31"), "2026-04-31 does not exist: April 2026 has 30 days");
  EXPECT_EQ(why("2026-13-01"), "2026-13-01 does not exist: months run from 01 to 12");
  EXPECT_EQ(why("2026-00-01"), "2026-00-01 does not exist: months run from 01 to 12");
  EXPECT_EQ(why("2026-01-00"), "2026-01-00 does not exist: days run from 01");
  EXPECT_EQ(why("0000-01-01"), "0000-01-01 does not exist: years run from 0001 to 9999");
}

TEST(CivilDay, AcceptsOnlyTheOneForm) {
  for (const char* text : {"", "2026-1-2", "20261122", "2026/11/22", "2026-11-22 ", " 2026-11-22",
                           "2026-11-22T00:00", "-026-11-22", "+026-11-22", "2026-1a-22", "today"})
    EXPECT_NE(why(text).find("is not a date; expected YYYY-MM-DD"), std::string::npos) << text;
  EXPECT_EQ(why("\x1b[31mred"),
            "\"?[31mred\" is not a date; expected YYYY-MM-DD, as in 2026-11-22");
}

TEST(CivilDay, StepsOverMonthsAndLeapDays) {
  EXPECT_EQ(day("2026-12-31").next().iso(), "2027-01-01");
  EXPECT_EQ(day("2024-02-28").next().iso(), "2024-02-29");
  EXPECT_EQ(day("2026-03-01").previous().iso(), "2026-02-28");
  EXPECT_EQ(day("2026-01-01").plus(365).iso(), "2027-01-01");
  EXPECT_LT(day("2026-01-01"), day("2026-01-02"));
}

TEST(CivilDay, FormatsWithTheThreeDirectives) {
  EXPECT_EQ(day("2026-11-22").format("%Y%m%d").value(), "20261122");
  EXPECT_EQ(day("2026-01-02").format("y=%Y/m=%m/d=%d/100%%").value(), "y=2026/m=01/d=02/100%");
  EXPECT_EQ(day("2026-11-22").format("").value(), "");
  EXPECT_EQ(day("2026-11-22").format("%H").status().code(), Code::invalid_argument);
  EXPECT_EQ(day("2026-11-22").format("%").status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace daymill
