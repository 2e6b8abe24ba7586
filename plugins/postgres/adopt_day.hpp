// A day whose rows are right already, whoever wrote them: load and receipts are written for them,
// and they stay as they are.
#pragma once

#include "commit.hpp"

namespace daymill::postgres {

/// Under the fence's lock: count and sums of the day in the target are the load's. Otherwise
/// NEEDS_DECISION with found and expected.
Status check_adoption(Connection& connection, const Commit& commit);

/// Drops the stage; nothing else is to be done.
Status adopt_day(Connection& connection, const Commit& commit);

}  // namespace daymill::postgres
