#pragma once

#include <array>
#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/status.hpp"
#include "schedule/time_zone.hpp"

namespace daymill {

// A cron line of five fields: minute, hour, day of month, month, day of week, of `*`, numbers,
// ranges, lists, steps and the names jan-dec and sun-sat. As in Vixie's cron, a day matches either
// of the two day fields when neither begins with `*`, otherwise both.
//
// A time that the zone's clocks skip comes when they jump. One that they show twice comes once, the
// first time, unless the hour field begins with `*`.
class CronLine {
 public:
  // INVALID_CONFIG names the first field that is not understood, and what it may hold; also for
  // days that no calendar has (30 February).
  static Result<CronLine> parse(std::string_view text);

  // The first moment after `moment`, the last one not after it.
  Instant next(Instant moment, const TimeZone& zone) const;
  Instant last(Instant moment, const TimeZone& zone) const;

 private:
  static constexpr std::size_t kNumFields = 5;
  struct Field {
    std::bitset<64> values;
    bool is_open = false;  // begins with *
  };

  CronLine() = default;
  bool has_day(CivilDay day) const;
  bool ever_has_a_day() const;
  std::vector<Instant> moments_of(CivilDay day, const TimeZone& zone) const;

  std::array<Field, kNumFields> fields_;
};

}  // namespace daymill
