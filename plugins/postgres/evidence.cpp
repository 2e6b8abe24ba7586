#include "evidence.hpp"

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "decision.hpp"

namespace daymill::postgres {
namespace {

// As many times may a commit come between the questions before it is somebody else's turn.
constexpr int kReadings = 3;

Status belongs_to(const Connection& connection, const Binding& binding,
                  const std::string& partition, const std::string& owner) {
  return Status(Code::invalid_config, "partition " + partition + " of " + binding.table.target() +
                                          " was loaded by pipeline " + printable(owner) +
                                          ", expected " + printable(binding.pipeline))
      .at(connection.place())
      .next("let pipeline " + printable(binding.pipeline) +
            " write to another table, or load this day with " + printable(owner));
}

// Waits for an attempt that is committing.
Status lock_fence_row(Connection& connection, const Binding& binding,
                      const std::string& partition) {
  return connection
      .exec(
          "SELECT FROM daymill.fence WHERE target = $1 AND partition = $2"
          " FOR UPDATE",
          {binding.table.target(), partition})
      .status();
}

// The epoch and, in the same question, the decisions.
Status read_fence(Connection& connection, const Binding& binding, const EvidenceSchema& schema,
                  const std::string& partition, Evidence& evidence) {
  std::string sql =
      "FROM (SELECT max(epoch) AS epoch FROM daymill.fence"
      " WHERE target = $1 AND partition = $2) AS f";
  Params params = {binding.table.target(), partition};
  if (schema.decisions) {
    sql = std::string("SELECT f.epoch, ") + kDecisionColumns + " " + sql +
          " LEFT JOIN daymill.decision d"
          " ON d.target = $1 AND d.partition = $2 AND d.pipeline = $3"
          " ORDER BY d.decided_at, d.choice";
    params.emplace_back(binding.pipeline);
  } else {
    sql = "SELECT f.epoch " + sql;
  }
  DAYMILL_ASSIGN(const Rows rows, connection.exec(sql, params));
  evidence.epoch = rows.integer(0, 0);
  for (int i = 0; schema.decisions && i < rows.size() && !rows.is_null(i, 1); ++i) {
    evidence.decisions.push_back(decision_of(rows, i, 1));
  }
  return {};
}

// A swap may be committed between the reading of the load and that of the day; then the load is
// another one now and all is read again.
Result<Evidence> read_consistently(Connection& connection, const Binding& binding,
                                   const EvidenceSchema& schema, const Partition& partition) {
  const std::string& label = partition.label;
  for (int reading = 1;; ++reading) {
    Evidence evidence;
    DAYMILL_TRY(read_fence(connection, binding, schema, label, evidence));
    DAYMILL_ASSIGN(const auto committed, read_load(connection, binding, label));
    DAYMILL_ASSIGN(evidence.receipts, read_receipts(connection, binding, label));
    if (!committed) {
      if (!evidence.receipts.empty()) {
        evidence.difference = "pipeline " + binding.pipeline +
                              " has receipts for this partition, but no load of " +
                              binding.table.target() + ": its table was changed";
      }
      return evidence;
    }
    evidence.load = committed->load;
    DAYMILL_ASSIGN(const Totals totals,
                   read_totals(connection, binding, binding.table.sql(), date_text(partition.day)));
    evidence.difference = totals.difference_to(*evidence.load, binding);
    DAYMILL_ASSIGN(const auto again, read_load(connection, binding, label));
    if (again && again->load.epoch == evidence.load->epoch) {
      return evidence;
    }
    if (reading == kReadings) {
      return Status(Code::conflict, "partition " + label + " was loaded while it was looked at")
          .at(connection.place());
    }
  }
}

}  // namespace

Result<std::optional<CommittedLoad>> read_load(Connection& connection, const Binding& binding,
                                               const std::string& partition) {
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec(loads_sql("SELECT * FROM daymill.load WHERE target = $2"
                                " AND partition = $3 ORDER BY epoch DESC LIMIT 1"),
                      {array_param(binding.measures), binding.table.target(), partition}));
  if (rows.empty()) {
    return std::optional<CommittedLoad>();
  }
  int row = 0;
  CommittedLoad committed = take_load(rows, row);
  if (committed.load.pipeline != binding.pipeline) {
    return belongs_to(connection, binding, partition, committed.load.pipeline);
  }
  return std::optional<CommittedLoad>(std::move(committed));
}

Result<std::vector<Receipt>> read_receipts(Connection& connection, const Binding& binding,
                                           const std::string& partition) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(std::string("SELECT ") + kReceiptColumns +
                                     " FROM daymill.receipt WHERE pipeline = $1"
                                     " AND partition = $2 ORDER BY split, generation",
                                 {binding.pipeline, partition}));
  std::vector<Receipt> receipts;
  for (int i = 0; i < rows.size(); ++i) {
    receipts.push_back(receipt_of(rows, i, 0));
  }
  return receipts;
}

std::string Totals::difference_to(const Load& load, const Binding& binding) const {
  std::string found;
  std::string expected;
  const auto compare = [&](const std::string& what, const std::string& has,
                           const std::string& should) {
    if (has != should) {
      found += (found.empty() ? "" : ", ") + what + " " + has;
      expected += (expected.empty() ? "" : ", ") + what + " " + should;
    }
  };
  compare("rows", std::to_string(rows), std::to_string(load.rows_out));
  for (const Sum& sum : load.sums) {
    for (std::size_t i = 0; i < binding.measures.size(); ++i) {
      if (binding.measures[i] == sum.measure) {
        compare(sum.measure, sums[i], std::to_string(sum.value));
      }
    }
  }
  return found.empty() ? "" : "found " + found + "; expected " + expected;
}

Result<Totals> read_totals(Connection& connection, const Binding& binding,
                           const std::string& relation, const std::optional<std::string>& day) {
  std::string sql = "SELECT count(*)";
  for (const std::string& measure : binding.measures) {
    sql += ", trim_scale(coalesce(sum(" + quote_name(measure) + "), 0))";
  }
  sql += " FROM " + relation;
  Params params;
  if (day) {
    sql += " WHERE " + quote_name(binding.partition_column) + " = $1::date";
    params.emplace_back(*day);
  }
  DAYMILL_ASSIGN(const Rows rows, connection.exec(sql, params));
  Totals totals{rows.integer(0, 0), {}};
  for (std::size_t i = 0; i < binding.measures.size(); ++i) {
    totals.sums.push_back(rows.text(0, static_cast<int>(i) + 1));
  }
  return totals;
}

Result<Evidence> read_evidence(Connection& connection, const Binding& binding,
                               const EvidenceSchema& schema, const Partition& partition,
                               bool settle) {
  DAYMILL_FAILPOINT("pg.evidence_read");
  if (!settle) {
    return read_consistently(connection, binding, schema, partition);
  }
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // As long as a commit may take; a stop request ends the waiting.
  DAYMILL_TRY(connection.exec("SELECT set_config('lock_timeout', '0', true)"));
  DAYMILL_TRY(lock_fence_row(connection, binding, partition.label));
  DAYMILL_FAILPOINT("pg.settle_locked");
  DAYMILL_ASSIGN(Evidence evidence, read_consistently(connection, binding, schema, partition));
  DAYMILL_TRY(transaction.commit());
  return evidence;
}

Result<std::int64_t> claim_partition(Connection& connection, const Binding& binding,
                                     const std::string& partition) {
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  DAYMILL_FAILPOINT("pg.claim_sent");
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("INSERT INTO daymill.fence AS f"
                                 " (target, partition, pipeline, epoch) VALUES ($1, $2, $3, 1)"
                                 " ON CONFLICT (target, partition) DO UPDATE"
                                 " SET epoch = f.epoch + 1, pipeline = excluded.pipeline"
                                 " RETURNING epoch",
                                 {binding.table.target(), partition, binding.pipeline}));
  // In a second statement, which sees what was committed while the first waited for the row.
  DAYMILL_TRY(read_load(connection, binding, partition));
  DAYMILL_FAILPOINT("pg.claim_commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT("pg.claim_reply");
  return rows.integer(0, 0);
}

Status mark_split_removed(Connection& connection, const Binding& binding,
                          const std::string& partition, const std::string& split,
                          std::int64_t generation) {
  DAYMILL_FAILPOINT("pg.mark_removed");
  // The removal record in the source is the proof; a mark that a power cut takes is made again by
  // the next run. So it need not wait for the disk.
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("WITH unsynced AS MATERIALIZED"
                                 " (SELECT set_config('synchronous_commit', 'off', true))"
                                 " UPDATE daymill.receipt"
                                 " SET removed_at = coalesce(removed_at, now()) FROM unsynced"
                                 " WHERE pipeline = $1 AND partition = $2 AND split = $3"
                                 " AND generation = $4::bigint",
                                 {binding.pipeline, partition, split, generation}));
  if (rows.affected() == 0) {
    return Status(Code::not_found, "there is no receipt of split " + printable(split) +
                                       " generation " + std::to_string(generation) +
                                       " of partition " + partition)
        .at(connection.place());
  }
  return {};
}

}  // namespace daymill::postgres
