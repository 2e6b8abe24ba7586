// What `doctor` and `validate --connect` ask about a server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daymill/plugin.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// Lines for people; those that begin with "warning:" or "error:" are findings. Nothing is changed.
/// A server that cannot be used at all is a Status.
Result<std::vector<std::string>> check_access(const Settings& settings, const Host& engine);

/// The value of "name:value" in an answer to INFO; empty: it is not there.
[[nodiscard]] std::string info_value(std::string_view info, std::string_view name);

}  // namespace daymill::redis_hash
