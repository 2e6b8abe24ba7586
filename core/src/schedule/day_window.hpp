#pragma once

#include <chrono>

#include "daymill/partition.hpp"
#include "schedule/civil_day.hpp"
#include "schedule/time_zone.hpp"

namespace daymill {

// The time a civil day takes in a zone: 23, 24 or 25 hours as a rule. Windows of neighbouring days
// touch and never overlap.
struct DayWindow {
  Instant start;
  Instant end;  // exclusive
};

// INVALID_ARGUMENT for a day that the zone's clocks jumped over (2011-12-30 in Pacific/Apia).
Result<DayWindow> day_window(CivilDay day, const TimeZone& zone);

// The same as the plugins' Partition.
Result<Partition> day_partition(CivilDay day, const TimeZone& zone);

// The moment from which on a day counts as closed: its end and `closed_after` more.
Result<Instant> closes_at(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after);

Result<bool> is_closed(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after,
                       Instant now);

// OK for a closed day; otherwise INVALID_ARGUMENT with the moment when it will be closed and the
// wait until then.
Status require_closed(CivilDay day, const TimeZone& zone, std::chrono::seconds closed_after,
                      Instant now);

// The newest day that is closed at `now`.
CivilDay newest_closed(const TimeZone& zone, std::chrono::seconds closed_after, Instant now);

}  // namespace daymill
