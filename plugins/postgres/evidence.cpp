#include "evidence.hpp"

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

constexpr const char* kLoad = R"sql(
SELECT epoch, pipeline, run_id, rows_out, rejected, filtered, config_digest, plugins, relation,
       to_char(committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM daymill.load
WHERE target = $1 AND partition = $2
ORDER BY epoch DESC LIMIT 1)sql";

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

Status read_sums(Connection& connection, const Binding& binding, const std::string& partition,
                 Load& load) {
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec(
          "SELECT s.key, s.value FROM daymill.load l, jsonb_each_text(l.sums) s"
          " WHERE l.target = $1 AND l.partition = $2 AND l.epoch = $3::bigint"
          " ORDER BY array_position($4::text[], s.key), s.key",
          {binding.table.target(), partition, load.epoch, array_param(binding.measures)}));
  for (int i = 0; i < rows.size(); ++i) {
    load.sums.push_back(Sum{rows.text(i, 0), rows.integer(i, 1)});
  }
  return {};
}

Result<std::int64_t> read_epoch(Connection& connection, const Binding& binding,
                                const std::string& partition, bool lock) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(std::string("SELECT epoch FROM daymill.fence"
                                             " WHERE target = $1 AND partition = $2") +
                                     (lock ? " FOR UPDATE" : ""),
                                 {binding.table.target(), partition}));
  return rows.empty() ? 0 : rows.integer(0, 0);
}

// A swap may be committed between the reading of the load and that of the day; then the load is
// another one now and all is read again.
Result<Evidence> read_consistently(Connection& connection, const Binding& binding,
                                   const Partition& partition) {
  const std::string& label = partition.label;
  for (int reading = 1;; ++reading) {
    Evidence evidence;
    DAYMILL_ASSIGN(evidence.epoch, read_epoch(connection, binding, label, false));
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
  DAYMILL_ASSIGN(const Rows rows, connection.exec(kLoad, {binding.table.target(), partition}));
  if (rows.empty()) {
    return std::optional<CommittedLoad>();
  }
  CommittedLoad committed;
  Load& load = committed.load;
  load.epoch = rows.integer(0, 0);
  load.pipeline = rows.text(0, 1);
  load.run_id = rows.text(0, 2);
  load.rows_out = rows.integer(0, 3);
  load.rejected = rows.integer(0, 4);
  load.filtered = rows.integer(0, 5);
  load.config_digest = rows.text(0, 6);
  load.plugins = rows.text(0, 7);
  committed.relation = rows.integer(0, 8);
  load.committed_at = rows.text(0, 9);
  if (load.pipeline != binding.pipeline) {
    return belongs_to(connection, binding, partition, load.pipeline);
  }
  DAYMILL_TRY(read_sums(connection, binding, partition, load));
  return std::optional<CommittedLoad>(std::move(committed));
}

Result<std::vector<Receipt>> read_receipts(Connection& connection, const Binding& binding,
                                           const std::string& partition) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT split, generation, epoch, fingerprint, rows_in, snapshot,"
                                 " removed_at IS NOT NULL FROM daymill.receipt"
                                 " WHERE pipeline = $1 AND partition = $2"
                                 " ORDER BY split, generation",
                                 {binding.pipeline, partition}));
  std::vector<Receipt> receipts;
  for (int i = 0; i < rows.size(); ++i) {
    receipts.push_back(Receipt{rows.text(i, 0), rows.integer(i, 1), rows.integer(i, 2),
                               rows.text(i, 3), rows.integer(i, 4), rows.text(i, 5),
                               rows.boolean(i, 6)});
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
    sql += ", trim_scale(coalesce(sum(" + quoted(measure) + "), 0))";
  }
  sql += " FROM " + relation;
  Params params;
  if (day) {
    sql += " WHERE " + quoted(binding.partition_column) + " = $1::date";
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
                               const Partition& partition, bool settle) {
  DAYMILL_FAILPOINT("pg.evidence_read");
  if (!settle) {
    return read_consistently(connection, binding, partition);
  }
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // As long as a commit may take; a stop request ends the waiting.
  DAYMILL_TRY(connection.exec("SELECT set_config('lock_timeout', '0', true)"));
  DAYMILL_TRY(read_epoch(connection, binding, partition.label, true));
  DAYMILL_FAILPOINT("pg.settle_locked");
  DAYMILL_ASSIGN(Evidence evidence, read_consistently(connection, binding, partition));
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
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("UPDATE daymill.receipt"
                                 " SET removed_at = coalesce(removed_at, now())"
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
