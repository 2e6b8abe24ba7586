#include "schedule/day_window.hpp"

#include <string>

#include "schedule/duration.hpp"

namespace daymill {
namespace {

std::int64_t microseconds(Instant instant) {
  return std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch()).count();
}

}  // namespace

Result<DayWindow> day_window(CivilDay day, const TimeZone& zone) {
  const DayWindow window{zone.start_of(day), zone.start_of(day.next())};
  if (window.start == window.end)
    return Status(Code::invalid_argument,
                  day.iso() + " does not exist in " + zone.name() + ": the clocks jumped over it");
  return window;
}

Result<Partition> day_partition(CivilDay day, const TimeZone& zone) {
  DAYMILL_ASSIGN(const DayWindow window, day_window(day, zone));
  return Partition{day.iso(), day.days(), microseconds(window.start), microseconds(window.end)};
}

Result<Instant> closes_at(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after) {
  DAYMILL_ASSIGN(const DayWindow window, day_window(day, zone));
  return window.end + closed_after;
}

Result<bool> is_closed(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after,
                       Instant now) {
  DAYMILL_ASSIGN(const Instant moment, closes_at(day, zone, closed_after));
  return now >= moment;
}

Status require_closed(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after,
                      Instant now) {
  DAYMILL_ASSIGN(const Instant moment, closes_at(day, zone, closed_after));
  if (now >= moment)
    return ok_status();
  return Status(Code::invalid_argument, day.iso() + " is not closed yet in " + zone.name() +
                                            ": it closes at " + zone.text(moment) + ", in " +
                                            duration_text(moment - now))
      .next("wait until then, or name a day up to " + newest_closed(zone, closed_after, now).iso());
}

CivilDay newest_closed(const TimeZone& zone, std::chrono::seconds closed_after, Instant now) {
  CivilDay day = zone.day_at(now - closed_after).previous();
  while (zone.start_of(day.next()) + closed_after > now ||
         zone.start_of(day) == zone.start_of(day.next()))
    day = day.previous();
  return day;
}

}  // namespace daymill
