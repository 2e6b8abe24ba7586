#include "decision.hpp"

#include "daymill/failpoint.hpp"

namespace daymill::sqlite {
namespace {

constexpr const char* kTable = R"(
CREATE TABLE IF NOT EXISTS main.daymill_decision (
  target TEXT NOT NULL, pipeline TEXT NOT NULL, partition TEXT NOT NULL,
  decided_at TEXT NOT NULL, choice TEXT NOT NULL, decided_by TEXT NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS main.daymill_decision_partition
  ON daymill_decision (target, pipeline, partition);
)";

}  // namespace

Status write_decision(Connection& connection, const EvidenceKey& key,
                      const OperatorDecision& decision) {
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection, Transaction::Kind::write));
  DAYMILL_TRY(connection.execute(kTable));
  DAYMILL_FAILPOINT("file.decision");
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(std::string("INSERT INTO main.daymill_decision VALUES (?1, ?2, "
                                                "?3, ") +
                                    kNow + ", ?4, ?5, ?6, ?7)"));
  DAYMILL_TRY(statement.bind_text(1, key.target)
                  .bind_text(2, key.pipeline)
                  .bind_text(3, key.partition)
                  .bind_text(4, decision.choice)
                  .bind_text(5, decision.decided_by)
                  .bind_text(6, decision.reason)
                  .bind_text(7, decision.detail)
                  .run());
  DAYMILL_FAILPOINT("file.decision_commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT("file.decision_kept");
  return {};
}

Result<bool> decisions_exist(Connection& connection) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND "
                                    "name = 'daymill_decision'"));
  return statement.step();
}

Result<std::vector<OperatorDecision>> read_decisions(Connection& connection,
                                                     const EvidenceKey& key) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT choice, decided_by, reason, detail, decided_at FROM "
                                    "main.daymill_decision WHERE target = ?1 AND pipeline = ?2 AND "
                                    "partition = ?3 ORDER BY rowid"));
  statement.bind_text(1, key.target).bind_text(2, key.pipeline).bind_text(3, key.partition);
  std::vector<OperatorDecision> decisions;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return decisions;
    }
    decisions.push_back(OperatorDecision{statement.text(0), statement.text(1), statement.text(2),
                                         statement.text(3), statement.text(4)});
  }
}

}  // namespace daymill::sqlite
