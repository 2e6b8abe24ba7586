// What `doctor` and `validate --connect` ask about a server.
#pragma once

#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// Lines for people; those that begin with "warning:" or "error:" are findings. Nothing is changed.
/// A server that cannot be used at all is a Status.
Result<std::vector<std::string>> check_access(const Settings& settings, const Host& engine);

}  // namespace daymill::redis_hash
