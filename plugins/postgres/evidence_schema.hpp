// The schemas daymill and daymill_stage in the target's database.
#pragma once

#include <string>

#include "connection.hpp"

namespace daymill::postgres {

/// What of them is there and may be used.
struct EvidenceSchema {
  std::string missing;           ///< empty: all is there that a run needs
  std::string denied;            ///< rights that the login lacks for a run
  bool decisions = false;        ///< daymill.decision is there and may be read
  std::string why_undecidable;   ///< empty: decisions can be read and kept
  bool may_be_extended = false;  ///< the login may run the script again
};

/// Looks; one statement, nothing is created.
[[nodiscard]] Result<EvidenceSchema> read_evidence_schema(Connection& connection);

/// Makes sure that they are there and that the login may use them; creates what is missing when it
/// may. Several processes may do this at once. PERMISSION_DENIED brings the SQL to run as its next
/// step. A schema of an older daymill, which keeps no decisions, will do.
[[nodiscard]] Result<EvidenceSchema> ensure_evidence_schema(Connection& connection);

/// PERMISSION_DENIED, with `reason` and the SQL that the owner of the database has to run.
[[nodiscard]] Status refused(const Connection& connection, const std::string& reason);

}  // namespace daymill::postgres
