// Which days the server holds keys of.
#pragma once

#include <cstdint>
#include <set>

#include "connection.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// Days (since 1970-01-01) for which at least one measure's hash exists. Walks the whole key space
/// with SCAN, some thousand names at a time.
Result<std::set<std::int32_t>> days_with_keys(Connection& connection, const Settings& settings);

}  // namespace daymill::redis_hash
