#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daymill/status.hpp"
#include "schedule/civil_day.hpp"

namespace daymill {

// A moment in UTC, to the second.
using Instant = std::chrono::sys_seconds;

// By the system's clock.
Instant current_instant();

// A zone of the system's IANA database (Debian: package tzdata). "UTC" needs no database. Cheap to
// copy, usable from any thread.
class TimeZone {
 public:
  // INVALID_CONFIG when there is no such zone; NOT_FOUND when the machine has no database.
  static Result<TimeZone> named(const std::string& name);
  static TimeZone utc();
  // All names of the database and "UTC"; only "UTC" when there is no database.
  static std::vector<std::string> names();

  const std::string& name() const { return name_; }

  // The first moment from which on the clocks never again show a day before `day`. A midnight that
  // is skipped gives the moment of the jump; of a midnight that comes twice it is the one that the
  // day before really ends with.
  Instant start_of(CivilDay day) const;
  CivilDay day_at(Instant instant) const;
  // When the clocks show `time` on `day`: the first and the second time, which are the same but for
  // the hour that is repeated in autumn. A time that they skip is the moment of the jump.
  std::pair<Instant, Instant> moments_of(CivilDay day, std::chrono::minutes time) const;
  // "2026-11-23T00:15:00+09:00"
  std::string text(Instant instant) const;

 private:
  struct Rules;  // hides the date library
  TimeZone(std::string name, std::shared_ptr<const Rules> rules);

  std::string name_;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace daymill
