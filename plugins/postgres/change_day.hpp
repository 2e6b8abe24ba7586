// A reload that changes few rows: these are changed where they lie, under locks that no reader of
// the target notices, instead of replacing the whole day.
#pragma once

#include <cstdint>
#include <optional>

#include "commit.hpp"
#include "evidence.hpp"

namespace daymill::postgres {

/// Compares the day in the target with the stage and notes the rows that differ in a table beside
/// the stage. How many they are; nothing when they are too many (more than 5 % of the day, or
/// 100,000) or cannot be told apart. `previous` is the load that wrote the day.
[[nodiscard]] Result<std::optional<std::int64_t>> find_changes(Connection& connection,
                                                               const Commit& commit,
                                                               const CommittedLoad& previous);

/// Deletes, updates and inserts the rows that find_changes() noted, then checks the day's totals.
Status change_day(Connection& connection, const Commit& commit, std::int64_t changes);

}  // namespace daymill::postgres
