#include "decision.hpp"

#include "daymill/failpoint.hpp"
#include "evidence_schema.hpp"

namespace daymill::postgres {

OperatorDecision decision_of(const Rows& rows, int row, int column) {
  return OperatorDecision{rows.text(row, column), rows.text(row, column + 1),
                          rows.text(row, column + 2), rows.text(row, column + 3),
                          rows.text(row, column + 4)};
}

Status write_decision(Connection& connection, const Binding& binding, const std::string& partition,
                      const OperatorDecision& decision) {
  DAYMILL_ASSIGN(const EvidenceSchema schema, ensure_evidence_schema(connection));
  if (!schema.why_undecidable.empty()) {
    return refused(connection, "the decision cannot be kept: " + schema.why_undecidable);
  }
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  DAYMILL_TRY(connection.exec(std::string("SELECT ") + kCommitDurably));
  DAYMILL_FAILPOINT("pg.decision");
  DAYMILL_TRY(connection.exec(
      "INSERT INTO daymill.decision"
      " (target, pipeline, partition, choice, decided_by, reason, detail)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {binding.table.target(), binding.pipeline, partition, storable(decision.choice),
       storable(decision.decided_by), storable(decision.reason), storable(decision.detail)}));
  DAYMILL_FAILPOINT("pg.decision_commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT("pg.decision_reply");
  return {};
}

}  // namespace daymill::postgres
