#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "schedule/civil_day.hpp"

namespace daymill {

// Consecutive civil days, both ends included; never empty.
struct DayRange {
  CivilDay first;
  CivilDay last;

  std::size_t size() const { return static_cast<std::size_t>(last.days() - first.days()) + 1; }
  std::vector<CivilDay> days() const;  // oldest first
  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// As typed on the command line.
struct DayArguments {
  std::optional<std::string> date;
  std::optional<std::string> from;
  std::optional<std::string> to;
};

// `--date D`, or `--from A --to B` with A not after B. INVALID_ARGUMENT names the options at fault.
Result<DayRange> parse_day_range(const DayArguments& arguments);

}  // namespace daymill
