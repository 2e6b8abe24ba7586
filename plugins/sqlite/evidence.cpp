#include "evidence.hpp"

#include <algorithm>
#include <utility>

#include "decision.hpp"

namespace daymill::sqlite {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS main.daymill_load (
  target TEXT NOT NULL, partition TEXT NOT NULL, epoch INTEGER NOT NULL,
  pipeline TEXT NOT NULL, run_id TEXT NOT NULL,
  rows_out INTEGER NOT NULL, rejected INTEGER NOT NULL, filtered INTEGER NOT NULL,
  sums TEXT NOT NULL, config_digest TEXT NOT NULL, plugins TEXT NOT NULL,
  committed_at TEXT NOT NULL,
  PRIMARY KEY (target, partition, epoch)) STRICT;
CREATE TABLE IF NOT EXISTS main.daymill_receipt (
  pipeline TEXT NOT NULL, partition TEXT NOT NULL, split TEXT NOT NULL,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL, fingerprint TEXT NOT NULL, rows_in INTEGER NOT NULL,
  snapshot TEXT NOT NULL, removed_at TEXT,
  PRIMARY KEY (pipeline, partition, split, generation)) STRICT;
CREATE TABLE IF NOT EXISTS main.daymill_fence (
  target TEXT NOT NULL, partition TEXT NOT NULL,
  pipeline TEXT NOT NULL, epoch INTEGER NOT NULL,
  PRIMARY KEY (target, partition)) STRICT;
CREATE TABLE IF NOT EXISTS main.daymill_reject (
  pipeline TEXT NOT NULL, partition TEXT NOT NULL, split TEXT NOT NULL,
  generation INTEGER NOT NULL, raw BLOB NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL)
  STRICT;
CREATE INDEX IF NOT EXISTS main.daymill_reject_partition
  ON daymill_reject (pipeline, partition);
)";

Result<std::vector<Sum>> read_sums(Connection& connection, const std::string& json) {
  DAYMILL_ASSIGN(Statement statement, connection.prepare("SELECT key, value FROM json_each(?1)"));
  statement.bind_text(1, json);
  std::vector<Sum> sums;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return sums;
    }
    sums.push_back(Sum{statement.text(0), statement.integer(1)});
  }
}

Result<std::string> sums_json(Connection& connection, const std::vector<Sum>& sums) {
  std::string parameters;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    parameters += i == 0 ? "?, ?" : ", ?, ?";
  }
  DAYMILL_ASSIGN(Statement statement, connection.prepare("SELECT json_object(" + parameters + ")"));
  int index = 0;
  for (const Sum& sum : sums) {
    statement.bind_text(++index, sum.measure);
    statement.bind(++index, sum.value);
  }
  DAYMILL_TRY(statement.step());
  return statement.text(0);
}

Result<std::optional<Load>> read_load(Connection& connection, const EvidenceKey& key) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(
                     "SELECT epoch, pipeline, run_id, rows_out, rejected, filtered, sums, "
                     "config_digest, plugins, committed_at FROM main.daymill_load WHERE target = "
                     "?1 AND partition = ?2 ORDER BY epoch DESC LIMIT 1"));
  DAYMILL_ASSIGN(const bool row,
                 statement.bind_text(1, key.target).bind_text(2, key.partition).step());
  if (!row) {
    return std::optional<Load>();
  }
  Load load;
  load.epoch = statement.integer(0);
  load.pipeline = statement.text(1);
  load.run_id = statement.text(2);
  load.rows_out = statement.integer(3);
  load.rejected = statement.integer(4);
  load.filtered = statement.integer(5);
  DAYMILL_ASSIGN(load.sums, read_sums(connection, statement.text(6)));
  load.config_digest = statement.text(7);
  load.plugins = statement.text(8);
  load.committed_at = statement.text(9);
  return std::optional<Load>(std::move(load));
}

Result<std::vector<Receipt>> read_receipts(Connection& connection, const EvidenceKey& key) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(
                     "SELECT split, generation, epoch, fingerprint, rows_in, snapshot, removed_at "
                     "FROM main.daymill_receipt WHERE pipeline = ?1 AND partition = ?2 "
                     "ORDER BY split, generation"));
  statement.bind_text(1, key.pipeline).bind_text(2, key.partition);
  std::vector<Receipt> receipts;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return receipts;
    }
    receipts.push_back(Receipt{statement.text(0), statement.integer(1), statement.integer(2),
                               statement.text(3), statement.integer(4), statement.text(5),
                               !statement.is_null(6), statement.text(6)});
  }
}

/// Which tables there are: before the first claim none, in an older database no decisions.
struct Tables {
  bool evidence = false;
  bool decisions = false;
};

Result<Tables> find_tables(Connection& connection) {
  Tables tables;
  DAYMILL_ASSIGN(tables.evidence, evidence_tables_exist(connection));
  DAYMILL_ASSIGN(tables.decisions, decisions_exist(connection));
  return tables;
}

Result<Evidence> read_evidence(Connection& connection, const Tables& tables,
                               const EvidenceKey& key) {
  Evidence evidence;
  if (tables.evidence) {
    DAYMILL_ASSIGN(const Fence fence, read_fence(connection, key));
    evidence.epoch = fence.epoch;
    DAYMILL_ASSIGN(evidence.load, read_load(connection, key));
    DAYMILL_ASSIGN(evidence.receipts, read_receipts(connection, key));
  }
  if (tables.decisions) {
    DAYMILL_ASSIGN(evidence.decisions, read_decisions(connection, key));
  }
  return evidence;
}

Result<std::vector<std::string>> partitions_of(Connection& connection, const Tables& tables,
                                               const EvidenceKey& key) {
  constexpr const char* kMine = " WHERE target = ?1 AND pipeline = ?2";
  std::string sql = "SELECT '' AS partition WHERE ?1 <> ?1 OR ?2 <> ?2";  // no rows, both bound
  if (tables.evidence) {
    sql += std::string(" UNION SELECT partition FROM main.daymill_fence") + kMine +
           " UNION SELECT partition FROM main.daymill_load" + kMine +
           " UNION SELECT partition FROM main.daymill_receipt WHERE pipeline = ?2";
  }
  if (tables.decisions) {
    sql += std::string(" UNION SELECT partition FROM main.daymill_decision") + kMine;
  }
  DAYMILL_ASSIGN(Statement statement, connection.prepare(sql + " ORDER BY partition"));
  statement.bind_text(1, key.target).bind_text(2, key.pipeline);
  std::vector<std::string> partitions;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return partitions;
    }
    partitions.push_back(statement.text(0));
  }
}

Status write_load(Connection& connection, const EvidenceKey& key, const Load& load) {
  DAYMILL_ASSIGN(const std::string sums, sums_json(connection, load.sums));
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(std::string("INSERT INTO main.daymill_load VALUES (?1, ?2, ?3, "
                                                "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ") +
                                    kNow + ")"));
  return statement.bind_text(1, key.target)
      .bind_text(2, key.partition)
      .bind(3, load.epoch)
      .bind_text(4, key.pipeline)
      .bind_text(5, load.run_id)
      .bind(6, load.rows_out)
      .bind(7, load.rejected)
      .bind(8, load.filtered)
      .bind_text(9, sums)
      .bind_text(10, load.config_digest)
      .bind_text(11, load.plugins)
      .run();
}

}  // namespace

Status create_evidence_tables(Connection& connection) {
  return connection.execute(kTables);
}

Result<bool> evidence_tables_exist(Connection& connection) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' "
                                    "AND name IN ('daymill_load', 'daymill_receipt', "
                                    "'daymill_fence', 'daymill_reject')"));
  DAYMILL_TRY(statement.step());
  return statement.integer(0) == 4;
}

Result<Fence> read_fence(Connection& connection, const EvidenceKey& key) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT pipeline, epoch FROM main.daymill_fence WHERE target = "
                                    "?1 AND partition = ?2"));
  DAYMILL_ASSIGN(const bool row,
                 statement.bind_text(1, key.target).bind_text(2, key.partition).step());
  return row ? Fence{statement.text(0), statement.integer(1)} : Fence{};
}

Result<std::int64_t> raise_fence(Connection& connection, const EvidenceKey& key) {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(
                     "INSERT INTO main.daymill_fence VALUES (?1, ?2, ?3, 1) ON CONFLICT (target, "
                     "partition) DO UPDATE SET pipeline = excluded.pipeline, epoch = epoch + 1 "
                     "RETURNING epoch"));
  statement.bind_text(1, key.target).bind_text(2, key.partition).bind_text(3, key.pipeline);
  DAYMILL_TRY(statement.step());
  const std::int64_t epoch = statement.integer(0);
  DAYMILL_TRY(statement.step());  // to the end, so that it takes effect
  return epoch;
}

Result<Evidence> read_evidence(Connection& connection, const EvidenceKey& key) {
  DAYMILL_ASSIGN(const Tables tables, find_tables(connection));
  return read_evidence(connection, tables, key);
}

Result<std::vector<PartitionEvidence>> read_history(Connection& connection, EvidenceKey key) {
  DAYMILL_ASSIGN(const Tables tables, find_tables(connection));
  DAYMILL_ASSIGN(const std::vector<std::string> labels, partitions_of(connection, tables, key));
  std::vector<PartitionEvidence> history;
  for (const std::string& label : labels) {
    key.partition = label;
    DAYMILL_ASSIGN(Evidence evidence, read_evidence(connection, tables, key));
    history.push_back(PartitionEvidence{label, std::move(evidence)});
  }
  return history;
}

Status write_evidence(Connection& connection, const EvidenceKey& key, const Load& load,
                      const std::vector<Receipt>& receipts) {
  DAYMILL_TRY(write_load(connection, key, load));
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(
                     std::string("INSERT INTO main.daymill_receipt VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                                 "?7, ?8, CASE WHEN ?9 THEN ") +
                     kNow +
                     " END) ON CONFLICT (pipeline, partition, split, generation) DO UPDATE SET "
                     "epoch = excluded.epoch, fingerprint = excluded.fingerprint, rows_in = "
                     "excluded.rows_in, snapshot = excluded.snapshot, removed_at = CASE WHEN ?9 "
                     "THEN coalesce(removed_at, excluded.removed_at) END"));
  for (const Receipt& receipt : receipts) {
    DAYMILL_TRY(statement.bind_text(1, key.pipeline)
                    .bind_text(2, key.partition)
                    .bind_text(3, receipt.split)
                    .bind(4, receipt.generation)
                    .bind(5, receipt.epoch)
                    .bind_text(6, receipt.fingerprint)
                    .bind(7, receipt.rows_in)
                    .bind_text(8, receipt.snapshot)
                    .bind(9, receipt.removed ? 1 : 0)
                    .run());
  }
  return {};
}

Status write_rejects(Connection& connection, const EvidenceKey& key, const std::string& stage) {
  DAYMILL_ASSIGN(Statement remove,
                 connection.prepare("DELETE FROM main.daymill_reject WHERE pipeline = ?1 AND "
                                    "partition = ?2"));
  DAYMILL_TRY(remove.bind_text(1, key.pipeline).bind_text(2, key.partition).run());
  DAYMILL_ASSIGN(Statement insert,
                 connection.prepare("INSERT INTO main.daymill_reject SELECT ?1, ?2, split, "
                                    "generation, raw, reason, message FROM temp." +
                                    stage));
  return insert.bind_text(1, key.pipeline).bind_text(2, key.partition).run();
}

Result<std::vector<RejectRow>> read_rejects(Connection& connection, const EvidenceKey& key,
                                            std::int64_t max_rows) {
  std::vector<RejectRow> rejects;
  DAYMILL_ASSIGN(const bool exist, evidence_tables_exist(connection));
  if (!exist) {
    return rejects;
  }
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT split, generation, raw, reason, message FROM "
                                    "main.daymill_reject WHERE pipeline = ?1 AND partition = ?2 "
                                    "ORDER BY split, generation, raw, reason, message LIMIT ?3"));
  statement.bind_text(1, key.pipeline)
      .bind_text(2, key.partition)
      .bind(3, std::max<std::int64_t>(max_rows, 0));
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return rejects;
    }
    rejects.push_back(RejectRow{statement.text(0), statement.integer(1), statement.text(2),
                                statement.text(3), statement.text(4)});
  }
}

Status note_removal(Connection& connection, const EvidenceKey& key, const std::string& split,
                    std::int64_t generation) {
  DAYMILL_ASSIGN(
      Statement statement,
      connection.prepare(std::string("UPDATE main.daymill_receipt SET removed_at = ") + kNow +
                         " WHERE pipeline = ?1 AND partition = ?2 AND split = ?3 AND "
                         "generation = ?4 AND removed_at IS NULL"));
  return statement.bind_text(1, key.pipeline)
      .bind_text(2, key.partition)
      .bind_text(3, split)
      .bind(4, generation)
      .run();
}

}  // namespace daymill::sqlite
