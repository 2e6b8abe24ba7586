#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "daymill/status.hpp"

namespace daymill {

// A date on the calendar, without a time zone: what `--date` means. Years 0001 to 9999.
class CivilDay {
 public:
  // Exactly YYYY-MM-DD and a date that exists. INVALID_ARGUMENT says which of the two is wrong:
  // "2026-02-30 does not exist: February 2026 has 28 days".
  static Result<CivilDay> parse(std::string_view text);
  // Days since 1970-01-01.
  static CivilDay from_days(std::int32_t days) { return CivilDay(days); }

  std::int32_t days() const { return days_; }
  CivilDay next() const { return plus(1); }
  CivilDay previous() const { return plus(-1); }
  CivilDay plus(std::int32_t days) const { return CivilDay(days_ + days); }

  std::string iso() const;  // "2026-11-22"
  // %Y %m %d and %% are replaced, everything else stays. INVALID_ARGUMENT on any other directive.
  Result<std::string> format(std::string_view pattern) const;

  friend auto operator<=>(const CivilDay&, const CivilDay&) = default;

 private:
  explicit CivilDay(std::int32_t days) : days_(days) {}
  std::int32_t days_;
};

}  // namespace daymill
