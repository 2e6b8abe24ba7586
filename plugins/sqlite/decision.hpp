// What somebody decided: daymill_decision, a table that is made when there is something to keep.
#pragma once

#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"
#include "evidence.hpp"

namespace daymill::sqlite {

/// Durable when it returns. Creates the table.
Status write_decision(Connection& connection, const EvidenceKey& key,
                      const OperatorDecision& decision);
/// Does the database have the table? One that was made by an older version does not.
Result<bool> decisions_exist(Connection& connection);
/// Oldest first. The table exists.
Result<std::vector<OperatorDecision>> read_decisions(Connection& connection,
                                                     const EvidenceKey& key);

}  // namespace daymill::sqlite
