// The schemas daymill and daymill_stage in the target's database.
#pragma once

#include "connection.hpp"

namespace daymill::postgres {

/// Makes sure that they are there and that the login may use them; creates what is missing when it
/// may. Several processes may do this at once. PERMISSION_DENIED brings the SQL to run as its next
/// step.
Status ensure_evidence_schema(Connection& connection);

}  // namespace daymill::postgres
