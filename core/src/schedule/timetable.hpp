#pragma once

#include <chrono>
#include <vector>

#include "schedule/civil_day.hpp"
#include "schedule/cron_line.hpp"
#include "schedule/time_zone.hpp"

namespace daymill {

// When a pipeline runs by itself, and for which days. Each time of the cron line stands for the
// newest day that is closed then; so what is due follows from the clock alone, and a time that
// nobody attended to is made up by asking again.
class Timetable {
 public:
  // `closed_after` as in day_window.hpp; `catch_up`: how many days before the newest are looked at
  // again, whether they were missed or have late data.
  Timetable(CronLine cron, TimeZone zone, std::chrono::seconds closed_after,
            std::chrono::days catch_up);

  // The first time after `now`, the last one not after it.
  Instant next_time(Instant now) const { return cron_.next(now, zone_); }
  Instant last_time(Instant now) const { return cron_.last(now, zone_); }

  // The days that the times up to `now` stand for, as far back as catch_up says; oldest first. A
  // weekly line has one such day a week.
  std::vector<CivilDay> due_days(Instant now) const;

  // Whether times come on the day on which another day is closed, but before that, so that they
  // stand for the one before it: 00:00, where days are closed at 00:15.
  bool is_too_early() const;

  const TimeZone& zone() const { return zone_; }

 private:
  CronLine cron_;
  TimeZone zone_;
  std::chrono::seconds closed_after_;
  std::chrono::days catch_up_;
};

}  // namespace daymill
