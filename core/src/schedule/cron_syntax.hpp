#pragma once

#include <string_view>

#include "daymill/status.hpp"

namespace daymill {

// Whether `text` is a cron line of five fields (minute, hour, day of month, month, day of week) of
// `*`, numbers, ranges, lists, steps and the names jan-dec and sun-sat. INVALID_CONFIG names the
// first field that is not, and what it may hold.
Status check_cron(std::string_view text);

}  // namespace daymill
