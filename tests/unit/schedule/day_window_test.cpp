#include "schedule/day_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace daymill {
namespace {

using namespace std::chrono_literals;

TimeZone zone(const std::string& name) {
  return TimeZone::named(name).value();
}
CivilDay civil_day(std::string_view text) {
  return CivilDay::parse(text).value();
}

struct ShownWindow {
  std::string start;
  std::string end;
  long long hours;
};

ShownWindow shown(const char* date, const char* zone_name) {
  const TimeZone there = zone(zone_name);
  const DayWindow window = day_window(civil_day(date), there).value();
  return {TimeZone::utc().text(window.start), TimeZone::utc().text(window.end),
          std::chrono::duration_cast<std::chrono::hours>(window.end - window.start).count()};
}

TEST(DayWindow, OfUtcIsTheDayItself) {
  const ShownWindow window = shown("2026-11-22", "UTC");
  EXPECT_EQ(window.start, "2026-11-22T00:00:00Z");
  EXPECT_EQ(window.end, "2026-11-23T00:00:00Z");
}

TEST(DayWindow, OfTokyoBeginsNineHoursBefore) {
  const ShownWindow window = shown("2026-11-22", "Asia/Tokyo");
  EXPECT_EQ(window.start, "2026-11-21T15:00:00Z");
  EXPECT_EQ(window.end, "2026-11-22T15:00:00Z");
}

TEST(DayWindow, Has23Or25HoursWhenTheClocksChange) {
  EXPECT_EQ(shown("2026-03-29", "Europe/Berlin").hours, 23);
  EXPECT_EQ(shown("2026-10-25", "Europe/Berlin").hours, 25);
  EXPECT_EQ(shown("2026-03-28", "Europe/Berlin").hours, 24);
}

// Midnight of 2018-11-04 did not exist in Sao Paulo: after 23:59:59 came 01:00:00.
TEST(DayWindow, BeginsAfterAMidnightThatWasSkipped) {
  const ShownWindow window = shown("2018-11-04", "America/Sao_Paulo");
  EXPECT_EQ(window.start, "2018-11-04T03:00:00Z");
  EXPECT_EQ(window.hours, 23);
  EXPECT_EQ(zone("America/Sao_Paulo")
                .text(day_window(civil_day("2018-11-04"), zone("America/Sao_Paulo")).value().start),
            "2018-11-04T01:00:00-02:00");
}

// In Havana 00:00 to 01:00 of 2024-11-03 came twice; both belong to that day.
TEST(DayWindow, HoldsBothHoursOfAMidnightThatComesTwice) {
  EXPECT_EQ(shown("2024-11-02", "America/Havana").hours, 24);
  EXPECT_EQ(shown("2024-11-03", "America/Havana").hours, 25);
}

// In St. John's the clocks went from 00:01 of 2010-11-07 back to 23:01 of the 6th: the 6th was not
// over at its first midnight.
TEST(DayWindow, EndsOnlyWhenTheDayDoesNotComeBack) {
  const ShownWindow window = shown("2010-11-06", "America/St_Johns");
  EXPECT_EQ(window.hours, 25);
  EXPECT_EQ(window.end, shown("2010-11-07", "America/St_Johns").start);
}

TEST(DayWindow, RefusesADayThatTheClocksJumpedOver) {
  const Status status = day_window(civil_day("2011-12-30"), zone("Pacific/Apia")).status();
  EXPECT_EQ(status.message(),
            "2011-12-30 does not exist in Pacific/Apia: the clocks jumped over it");
}

TEST(DayWindow, NeighboursTouchInEveryZone) {
  for (const char* name : {"America/Sao_Paulo", "America/Havana", "America/St_Johns",
                           "Africa/Cairo", "Asia/Beirut", "Europe/Berlin", "Australia/Lord_Howe"}) {
    const TimeZone there = zone(name);
    for (CivilDay at = civil_day("2010-01-01"); at < civil_day("2012-01-01"); at = at.next()) {
      const DayWindow window = day_window(at, there).value();
      ASSERT_LT(window.start, window.end) << name << " " << at.iso();
      ASSERT_EQ(there.day_at(window.start), at) << name << " " << at.iso();
      ASSERT_EQ(there.day_at(window.end - 1s), at) << name << " " << at.iso();
      const auto length = window.end - window.start;
      ASSERT_TRUE(length >= 23h && length <= 25h) << name << " " << at.iso();
    }
  }
}

TEST(DayPartition, IsWhatPluginsGet) {
  const Partition partition = day_partition(civil_day("2026-11-22"), zone("Asia/Tokyo")).value();
  EXPECT_EQ(partition.label, "2026-11-22");
  EXPECT_EQ(partition.day, civil_day("2026-11-22").days());
  EXPECT_EQ(partition.end_us - partition.start_us, 86'400'000'000);
  EXPECT_EQ(partition.start_us, 1'795'273'200'000'000);
}

TEST(Closing, HappensAtTheEndOfTheDayAndSomeTimeMore) {
  const TimeZone tokyo = zone("Asia/Tokyo");
  const Instant moment = closes_at(civil_day("2026-11-22"), tokyo, 15min).value();
  EXPECT_EQ(tokyo.text(moment), "2026-11-23T00:15:00+09:00");
  EXPECT_FALSE(is_closed(civil_day("2026-11-22"), tokyo, 15min, moment - 1s).value());
  EXPECT_TRUE(is_closed(civil_day("2026-11-22"), tokyo, 15min, moment).value());
  EXPECT_TRUE(require_closed(civil_day("2026-11-22"), tokyo, 15min, moment).ok());
}

TEST(Closing, SaysWhenAnOpenDayWillBeClosed) {
  const TimeZone tokyo = zone("Asia/Tokyo");
  const Instant moment = closes_at(civil_day("2026-11-22"), tokyo, 15min).value();
  const Status status = require_closed(civil_day("2026-11-22"), tokyo, 15min, moment - 3h - 12min);
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.message(),
            "2026-11-22 is not closed yet in Asia/Tokyo: it closes at 2026-11-23T00:15:00+09:00, "
            "in 3h 12m");
  EXPECT_EQ(status.next(), "wait until then, or name a day up to 2026-11-21");
}

TEST(Closing, KnowsTheNewestClosedDay) {
  const TimeZone tokyo = zone("Asia/Tokyo");
  const Instant moment = closes_at(civil_day("2026-11-22"), tokyo, 15min).value();
  EXPECT_EQ(newest_closed(tokyo, 15min, moment).iso(), "2026-11-22");
  EXPECT_EQ(newest_closed(tokyo, 15min, moment - 1s).iso(), "2026-11-21");
  const TimeZone apia = zone("Pacific/Apia");
  EXPECT_EQ(newest_closed(apia, 0s, apia.start_of(civil_day("2011-12-31"))).iso(), "2011-12-29");
}

TEST(TimeZoneTest, RefusesNamesThatDoNotExist) {
  EXPECT_EQ(TimeZone::named("Asia/Tokio").status().code(), Code::invalid_config);
  EXPECT_EQ(TimeZone::named("").status().code(), Code::invalid_config);
  EXPECT_EQ(TimeZone::named("../../etc/passwd").status().code(), Code::invalid_config);
  const std::vector<std::string> names = TimeZone::names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "UTC"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "Asia/Tokyo"), 1);
}

TEST(TimeZoneTest, ShowsOffsetsOfHalfHoursAndWestOfGreenwich) {
  const Instant noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} + 12h};
  EXPECT_EQ(zone("Asia/Kolkata").text(noon), "2026-01-15T17:30:00+05:30");
  EXPECT_EQ(zone("America/St_Johns").text(noon), "2026-01-15T08:30:00-03:30");
}

}  // namespace
}  // namespace daymill
