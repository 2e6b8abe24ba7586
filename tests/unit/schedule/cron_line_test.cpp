#include "schedule/cron_line.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

using namespace std::chrono_literals;

Status parsed(const char* text) {
  return CronLine::parse(text).status();
}

Instant instant(int year, unsigned month, unsigned day, std::chrono::minutes time = 0min) {
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + time;
}

/// The moments after 2026-11-30T12:00 in UTC, a Monday.
std::string next(const char* cron, int count = 1) {
  const CronLine line = CronLine::parse(cron).value();
  Instant moment = instant(2026, 11, 30, 12h);
  std::string text;
  for (int i = 0; i < count; ++i) {
    moment = line.next(moment, TimeZone::utc());
    text += (text.empty() ? "" : " ") + TimeZone::utc().text(moment).substr(0, 16);
  }
  return text;
}

/// All moments of the local day, as the zone's clocks show them.
std::string on(const char* cron, const char* zone_name, Instant begin) {
  const CronLine line = CronLine::parse(cron).value();
  const TimeZone zone = TimeZone::named(zone_name).value();
  const CivilDay day = zone.day_at(begin);
  std::string text;
  for (Instant moment = line.next(zone.start_of(day) - 1s, zone);
       moment < zone.start_of(day.next()); moment = line.next(moment, zone)) {
    EXPECT_EQ(line.last(moment, zone), moment);
    EXPECT_EQ(line.last(moment + 59s, zone), moment);
    text += (text.empty() ? "" : " ") + zone.text(moment).substr(11);
  }
  return text;
}

TEST(CronLine, AcceptsWhatCronAccepts) {
  for (const char* text : {"30 0 * * *", "*/10 * * * *", "0 1,13 * * *", "0 0 1-15/2 * mon-fri",
                           "0 0 * JAN,Jul 7", "  5   4 * * sun "})
    EXPECT_TRUE(parsed(text).ok()) << text << ": " << parsed(text).to_string();
}

TEST(CronLine, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(parsed("60 0 * * *").message(), "the field for the minute is not understood");
  EXPECT_EQ(parsed("0 24 * * *").message(), "the field for the hour is not understood");
  EXPECT_EQ(parsed("0 0 0 * *").message(), "the field for the day of month is not understood");
  EXPECT_EQ(parsed("0 0 * foo *").message(), "the field for the month is not understood");
  EXPECT_EQ(parsed("0 0 * * 8").message(), "the field for the day of week is not understood");
  for (const char* text : {"5-1 0 * * *", "*/0 0 * * *", "1- 0 * * *", ", 0 * * *", "-1 0 * * *",
                           "1/2/3 0 * * *", "1.5 0 * * *", "+1 0 * * *", "5/10 0 * * *"})
    EXPECT_EQ(parsed(text).code(), Code::invalid_config) << text;
}

TEST(CronLine, WantsFiveFields) {
  EXPECT_EQ(parsed("30 0 * *").message(), "a cron line has five fields, this one has 4");
  EXPECT_EQ(parsed("").message(), "a cron line has five fields, this one has 0");
  EXPECT_EQ(parsed("@daily").message(), "a cron line has five fields, this one has 1");
}

TEST(CronLine, RefusesDaysThatNeverCome) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *"})
    EXPECT_EQ(parsed(text).message(), "no month of these has such a day: it would never come");
  EXPECT_TRUE(parsed("0 0 29 2 *").ok());
  EXPECT_TRUE(parsed("0 0 30 2 mon").ok()) << "Mondays of February";
}

TEST(CronLine, FindsTheNextMoments) {
  EXPECT_EQ(next("30 0 * * *", 2), "2026-12-01T00:30 2026-12-02T00:30");
  EXPECT_EQ(next("0 12 * * *"), "2026-12-01T12:00") << "after, not at";
  EXPECT_EQ(next("*/25 * * * *", 3), "2026-11-30T12:25 2026-11-30T12:50 2026-11-30T13:00");
  EXPECT_EQ(next("5-7/2 13,1 * * *", 3), "2026-11-30T13:05 2026-11-30T13:07 2026-12-01T01:05");
  EXPECT_EQ(next("0 0 29 2 *", 2), "2028-02-29T00:00 2032-02-29T00:00");
  EXPECT_EQ(next("0 3 * * 0"), "2026-12-06T03:00");
  EXPECT_EQ(next("0 3 * * 7"), "2026-12-06T03:00");
  EXPECT_EQ(next("0 3 * jan sun-mon", 2), "2027-01-03T03:00 2027-01-04T03:00");
}

TEST(CronLine, TakesEitherDayFieldWhenBothAreGiven) {
  EXPECT_EQ(next("0 0 5 * mon", 2), "2026-12-05T00:00 2026-12-07T00:00");
  EXPECT_EQ(next("0 0 */2 * mon", 2), "2026-12-07T00:00 2026-12-21T00:00")
      << "both: it begins with *";
}

TEST(CronLine, FindsTheLastMoment) {
  const CronLine line = CronLine::parse("0 0 29 2 *").value();
  EXPECT_EQ(line.last(instant(2026, 11, 30), TimeZone::utc()), instant(2024, 2, 29));
}

// Berlin, 2026-03-29: after 01:59 comes 03:00.
TEST(CronLine, ComesWhenTheClocksJumpOverIt) {
  const Instant day = instant(2026, 3, 29);
  EXPECT_EQ(on("30 2 * * *", "Europe/Berlin", day), "03:00:00+02:00");
  EXPECT_EQ(on("0,30 2,3 * * *", "Europe/Berlin", day), "03:00:00+02:00 03:30:00+02:00");
}

// Berlin, 2026-10-25: 02:00 to 02:59 comes twice.
TEST(CronLine, ComesOnceInAnHourThatComesTwice) {
  const Instant day = instant(2026, 10, 25);
  EXPECT_EQ(on("30 2 * * *", "Europe/Berlin", day), "02:30:00+02:00");
  EXPECT_EQ(on("30 0-3 * * *", "Europe/Berlin", day),
            "00:30:00+02:00 01:30:00+02:00 02:30:00+02:00 03:30:00+01:00");
}

TEST(CronLine, ComesEveryHourWhereThatIsAskedFor) {
  const std::string hours = on("30 * * * *", "Europe/Berlin", instant(2026, 10, 25));
  EXPECT_NE(hours.find("02:30:00+02:00 02:30:00+01:00 03:30"), std::string::npos) << hours;
}

// In Havana 00:00 to 01:00 of 2024-11-03 came twice.
TEST(CronLine, KnowsMidnightsThatComeTwice) {
  EXPECT_EQ(on("30 0 * * *", "America/Havana", instant(2024, 11, 3, 12h)), "00:30:00-04:00");
}

}  // namespace
}  // namespace daymill
