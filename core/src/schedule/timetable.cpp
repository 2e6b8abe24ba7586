#include "schedule/timetable.hpp"

#include <utility>

#include "schedule/day_window.hpp"

namespace daymill {

Timetable::Timetable(CronLine cron, TimeZone zone, std::chrono::seconds closed_after,
                     std::chrono::days catch_up)
    : cron_(std::move(cron)),
      zone_(std::move(zone)),
      closed_after_(closed_after),
      catch_up_(catch_up) {}

std::vector<CivilDay> Timetable::due_days(Instant now) const {
  const CivilDay newest = newest_closed(zone_, closed_after_, last_time(now));
  std::vector<CivilDay> days;
  for (CivilDay day = newest.plus(-static_cast<std::int32_t>(catch_up_.count())); day <= newest;
       day = day.next()) {
    const auto closed = closes_at(day, zone_, closed_after_);
    if (!closed.ok())
      continue;  // the zone's clocks jumped over it
    const Instant first = next_time(*closed - std::chrono::seconds(1));
    if (newest_closed(zone_, closed_after_, first) == day)
      days.push_back(day);
  }
  return days;
}

bool Timetable::is_too_early() const {
  const Instant time = next_time(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
  const CivilDay coming = newest_closed(zone_, closed_after_, time).next();
  const auto closed = closes_at(coming, zone_, closed_after_);
  if (!closed.ok() || zone_.day_at(*closed) != zone_.day_at(time))
    return false;
  const Instant first = next_time(*closed - std::chrono::seconds(1));
  return zone_.day_at(first) != zone_.day_at(*closed);
}

}  // namespace daymill
