#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "daymill/status.hpp"

namespace daymill {

// "500ms", "30s", "15m", "2h", "7d": one whole number and one unit, at most 10,000 days. A day is
// 24 hours here. INVALID_CONFIG says what was found and expected.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// For people, the two largest units: "3h 12m", "45s", "0s".
std::string duration_text(std::chrono::seconds duration);

}  // namespace daymill
