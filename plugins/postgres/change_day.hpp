// A reload that changes few rows: these are changed where they lie, under locks that no reader of
// the target notices, instead of replacing the whole day.
#pragma once

#include <cstdint>

#include "commit.hpp"
#include "evidence.hpp"

namespace daymill::postgres {

/// Few enough (at most 5 % of the day and 100,000) of the day's rows in the target differ from the
/// staged ones. `previous` is the load that wrote the day.
[[nodiscard]] Result<bool> changes_few_rows(Connection& connection, const Commit& commit,
                                            const CommittedLoad& previous);

/// Deletes, updates and inserts the rows that differ, then checks the day's totals.
Status change_day(Connection& connection, const Commit& commit);

}  // namespace daymill::postgres
