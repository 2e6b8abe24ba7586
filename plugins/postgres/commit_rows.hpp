// Load, receipts and rejects, as rows of the schema daymill.
#pragma once

#include "commit.hpp"

namespace daymill::postgres {

/// Replaces the partition's rejects, adds the load and writes the receipts. `relation` is the oid
/// of the day's own partition, 0 when the rows are inserted through the target.
Status write_evidence(Connection& connection, const Commit& commit, std::int64_t relation);

}  // namespace daymill::postgres
