#include "schedule/trigger.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

using namespace std::chrono_literals;

const Timetable kHalfPastMidnight(CronLine::parse("30 0 * * *").value(), TimeZone::utc(), 0s,
                                  std::chrono::days(7));
const Instant kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30);

TEST(Trigger, MakesUpForTheTimeBeforeItsStart) {
  Trigger trigger;
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight), kMidnight - 24h + 30min);
  trigger.begin(kHalfPastMidnight, kMidnight);
  trigger.end(false, kMidnight + 1s);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 1s), kMidnight + 30min);
}

TEST(Trigger, RunsOnceForAllTimesThatARunTook) {
  Trigger trigger;
  trigger.begin(kHalfPastMidnight, kMidnight + 30min);
  trigger.end(false, kMidnight + 60h);
  EXPECT_LE(trigger.due(kHalfPastMidnight, kMidnight + 60h), kMidnight + 60h);
  trigger.begin(kHalfPastMidnight, kMidnight + 60h);
  trigger.end(false, kMidnight + 61h);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 61h), kMidnight + 72h + 30min);
}

TEST(Trigger, TriesAgainAfterPausesThatGrow) {
  Trigger trigger;
  Instant now = kMidnight + 30min;
  for (const auto pause : {5min, 10min, 20min, 40min, 60min, 60min}) {
    trigger.begin(kHalfPastMidnight, now);
    now += 1min;  // what the run takes
    trigger.end(true, now);
    EXPECT_EQ(trigger.due(kHalfPastMidnight, now), now + pause);
    now += pause;
  }
  trigger.begin(kHalfPastMidnight, now);
  trigger.end(false, now);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, now), kMidnight + 24h + 30min) << "it is done";
  trigger.begin(kHalfPastMidnight, kMidnight + 24h + 30min);
  trigger.end(true, kMidnight + 24h + 31min);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 24h + 31min), kMidnight + 24h + 36min)
      << "another night, short pauses again";
}

TEST(Trigger, PrefersTheNextTimeToALongPause) {
  Trigger trigger;
  trigger.begin(kHalfPastMidnight, kMidnight + 26min);
  trigger.end(true, kMidnight + 27min);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 27min), kMidnight + 30min);
}

TEST(Trigger, HasShortPausesAgainAfterANightOfLongOnes) {
  Trigger trigger;
  Instant now = kMidnight + 30min;
  for (int i = 0; i < 10; ++i) {
    trigger.begin(kHalfPastMidnight, now);
    trigger.end(true, now);
    now = trigger.due(kHalfPastMidnight, now);
  }
  now = kMidnight + 24h + 30min;
  trigger.begin(kHalfPastMidnight, now);
  trigger.end(true, now);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, now), now + 5min);
}

TEST(Trigger, RunsAtOnceWhenTheClockWasPutRight) {
  Trigger trigger;
  const Instant wrong = kMidnight + 24h * 365 * 4;
  trigger.begin(kHalfPastMidnight, wrong);
  trigger.end(false, wrong);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 12h), kMidnight + 30min);
  trigger.begin(kHalfPastMidnight, kMidnight + 12h);
  trigger.end(false, kMidnight + 12h);
  EXPECT_EQ(trigger.due(kHalfPastMidnight, kMidnight + 13h), kMidnight + 24h + 30min);
}

}  // namespace
}  // namespace daymill
