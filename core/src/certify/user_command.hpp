// Running a command that the user gave in the settings of a certification.
#pragma once

#include <string>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

/// Waits for its end; nothing goes through a shell. INVALID_CONFIG unless it ends with 0.
Status run_user_command(const std::vector<std::string>& command);

}  // namespace daymill
