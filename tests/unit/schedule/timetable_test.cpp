#include "schedule/timetable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace daymill {
namespace {

using namespace std::chrono_literals;

Timetable timetable(const char* cron, const char* zone, std::chrono::seconds closed_after,
                    int catch_up) {
  return Timetable(CronLine::parse(cron).value(), TimeZone::named(zone).value(), closed_after,
                   std::chrono::days(catch_up));
}

Instant noon(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + 12h;
}

std::string due(const Timetable& times, Instant now) {
  std::string text;
  for (const CivilDay day : times.due_days(now))
    text += (text.empty() ? "" : " ") + day.iso().substr(5);
  return text;
}

TEST(Timetable, StandsForTheNewestClosedDayAndThoseBefore) {
  const Timetable tokyo = timetable("30 0 * * *", "Asia/Tokyo", 15min, 3);
  EXPECT_EQ(due(tokyo, noon(2026, 11, 30)), "11-26 11-27 11-28 11-29");
  EXPECT_EQ(due(tokyo, noon(2026, 11, 30) + 3h + 29min), "11-26 11-27 11-28 11-29")
      << "00:29 in Tokyo";
  EXPECT_EQ(due(tokyo, noon(2026, 11, 30) + 3h + 30min), "11-27 11-28 11-29 11-30");
  EXPECT_EQ(due(timetable("30 0 * * *", "UTC", 0s, 0), noon(2026, 12, 1)), "11-30");
}

TEST(Timetable, IsOneDayForEachTimeOfAWeek) {
  const Timetable mondays = timetable("0 3 * * 1", "Asia/Tokyo", 2h, 7);
  EXPECT_EQ(due(mondays, noon(2026, 11, 30)), "11-22 11-29") << "a Monday: Sundays are due";
  EXPECT_EQ(due(mondays, noon(2026, 12, 2)), "11-22 11-29") << "until the next Monday";
}

TEST(Timetable, LooksAtADayAgainAtEachTime) {
  const Timetable hourly = timetable("0 * * * *", "UTC", 0s, 1);
  EXPECT_EQ(due(hourly, noon(2026, 11, 30)), "11-28 11-29");
  EXPECT_EQ(hourly.next_time(noon(2026, 11, 30)), noon(2026, 11, 30) + 1h);
  EXPECT_EQ(hourly.last_time(noon(2026, 11, 30)), noon(2026, 11, 30));
}

TEST(Timetable, LeavesOutADayThatTheClocksJumpedOver) {
  EXPECT_EQ(due(timetable("0 1 * * *", "Pacific/Apia", 0s, 3), noon(2012, 1, 1)),
            "12-29 12-31 01-01");
}

TEST(Timetable, KnowsTimesThatComeTooEarly) {
  EXPECT_TRUE(timetable("0 0 * * *", "UTC", 15min, 7).is_too_early());
  EXPECT_TRUE(timetable("0 0 * * 1", "UTC", 15min, 7).is_too_early());
  for (const char* cron : {"30 0 * * *", "15 0 * * *", "*/10 * * * *", "0 0,12 * * *"})
    EXPECT_FALSE(timetable(cron, "UTC", 15min, 7).is_too_early()) << cron;
  EXPECT_FALSE(timetable("0 0 * * *", "UTC", 0s, 7).is_too_early());
  EXPECT_FALSE(timetable("0 0 * * *", "UTC", 48h, 7).is_too_early());
}

}  // namespace
}  // namespace daymill
