#include "history.hpp"

#include <map>
#include <string>

#include "daymill/failpoint.hpp"
#include "decision.hpp"
#include "evidence_rows.hpp"
#include "evidence_schema.hpp"

namespace daymill::postgres {
namespace {

using Days = std::map<std::string, Evidence>;  // by label

Status add_loads(Connection& connection, const Binding& binding, Days& days) {
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec(loads_sql("SELECT DISTINCT ON (partition) * FROM daymill.load"
                                " WHERE target = $2 AND pipeline = $3"
                                " ORDER BY partition, epoch DESC"),
                      {array_param(binding.measures), binding.table.target(), binding.pipeline}));
  for (int row = 0; row < rows.size();) {
    Evidence& day = days[partition_of_load(rows, row)];
    day.load = take_load(rows, row).load;
  }
  return {};
}

Status add_receipts(Connection& connection, const Binding& binding, Days& days) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(std::string("SELECT partition, ") + kReceiptColumns +
                                     " FROM daymill.receipt WHERE pipeline = $1"
                                     " ORDER BY partition, split, generation",
                                 {binding.pipeline}));
  for (int row = 0; row < rows.size(); ++row) {
    days[rows.text(row, 0)].receipts.push_back(receipt_of(rows, row, 1));
  }
  return {};
}

Status add_decisions(Connection& connection, const Binding& binding, Days& days) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(std::string("SELECT d.partition, ") + kDecisionColumns +
                                     " FROM daymill.decision d"
                                     " WHERE d.target = $1 AND d.pipeline = $2"
                                     " ORDER BY d.partition, d.decided_at, d.choice",
                                 {binding.table.target(), binding.pipeline}));
  for (int row = 0; row < rows.size(); ++row) {
    days[rows.text(row, 0)].decisions.push_back(decision_of(rows, row, 1));
  }
  return {};
}

// Last: another pipeline's claim counts only for a day that is known to be ours.
Status add_epochs(Connection& connection, const Binding& binding, Days& days) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT partition, epoch, pipeline = $2 FROM daymill.fence"
                                 " WHERE target = $1",
                                 {binding.table.target(), binding.pipeline}));
  for (int row = 0; row < rows.size(); ++row) {
    const std::string label = rows.text(row, 0);
    if (rows.boolean(row, 2) || days.count(label) != 0) {
      days[label].epoch = rows.integer(row, 1);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<PartitionEvidence>> read_history(Connection& connection,
                                                    const Binding& binding) {
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin_reading(connection));
  DAYMILL_FAILPOINT("pg.history");
  DAYMILL_ASSIGN(const EvidenceSchema schema, read_evidence_schema(connection));
  Days days;
  if (schema.missing.empty()) {
    DAYMILL_TRY(add_loads(connection, binding, days));
    DAYMILL_TRY(add_receipts(connection, binding, days));
    if (schema.decisions) {
      DAYMILL_TRY(add_decisions(connection, binding, days));
    }
    DAYMILL_TRY(add_epochs(connection, binding, days));
  }
  DAYMILL_TRY(transaction.commit());
  std::vector<PartitionEvidence> history;
  for (auto& [label, evidence] : days) {
    history.push_back(PartitionEvidence{label, std::move(evidence)});
  }
  return history;
}

}  // namespace daymill::postgres
