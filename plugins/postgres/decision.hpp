// What people decided about days, as rows of daymill.decision.
#pragma once

#include <string>

#include "binding.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// Of a row of daymill.decision, alias d; what decision_of() reads.
inline constexpr const char* kDecisionColumns =
    "d.choice, d.decided_by, d.reason, d.detail,"
    " to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// From `row`, the first of kDecisionColumns being in `column`.
[[nodiscard]] OperatorDecision decision_of(const Rows& rows, int row, int column);

/// Durable when it returns. PERMISSION_DENIED brings the SQL to run when the evidence schema is an
/// older one, without that table, and the login may not add it.
Status write_decision(Connection& connection, const Binding& binding, const std::string& partition,
                      const OperatorDecision& decision);

}  // namespace daymill::postgres
