// What a commit of the staged rows would change in the target, for people who look before they
// decide.
#pragma once

#include <cstdint>

#include "binding.hpp"
#include "daymill/plugin.hpp"
#include "stage.hpp"

namespace daymill::postgres {

/// Compares as SQL compares, after both sides went through the target's column types: 0.30 in a
/// numeric column is 0.3. Without a unique key rows are compared as a whole, and a row that differs
/// is one removed and one added. Examples come added, changed, removed, then by key. Writes
/// nothing. CONFLICT (a rehearsal) or FENCED when a claim has dropped the stage meanwhile.
[[nodiscard]] Result<Difference> compare_day(Connection& connection, const Binding& binding,
                                             const Attempt& attempt, const Stage& stage,
                                             std::int64_t max_examples);

}  // namespace daymill::postgres
