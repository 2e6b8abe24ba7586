#include "stage.hpp"

#include <random>

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

// In the name of a rehearsal's stage, where others have their epoch.
constexpr char kRehearsalMark = 'r';

// Constraints first: then the statements are in the order in which they can be run.
constexpr const char* kIndexes = R"sql(
SELECT format('ALTER TABLE %2$s ADD CONSTRAINT %1$I ', k.conname, $2::text) || pg_get_constraintdef(k.oid),
       format('ALTER TABLE %2$s DROP CONSTRAINT %1$I', k.conname, $2::text)
FROM pg_constraint k
WHERE k.conrelid = $1::oid AND k.contype IN ('p', 'u', 'x')
UNION ALL
SELECT pg_get_indexdef(i.indexrelid), format('DROP INDEX %I.%I', n.nspname, c.relname)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = $1::oid
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                                                AND k.contype IN ('p', 'u', 'x')))sql";

std::string bounds_check(const Binding& binding, const Partition& partition) {
  const std::string column = quote_name(binding.partition_column);
  return std::string("CHECK (") + column + " IS NOT NULL AND " + column + " >= DATE " +
         literal(date_text(partition.day)) + " AND " + column + " < DATE " +
         literal(date_text(partition.day + 1)) + ")";
}

std::string key_index(const Binding& binding, const Stage& stage) {
  std::string columns;
  for (const std::string& name : binding.key) {
    columns += (columns.empty() ? "" : ", ") + quote_name(name);
  }
  return "CREATE UNIQUE INDEX " + quote_name(stage.name + "_key") + " ON " + stage.sql() + " (" +
         columns + ")";
}

// The server writes down the indexes that it made from the target's; then they are dropped until
// the rows are in.
Status postpone_indexes(Connection& connection, Stage& stage) {
  DAYMILL_ASSIGN(const Rows rows, connection.exec(kIndexes, {stage.oid, stage.sql()}));
  for (int i = 0; i < rows.size(); ++i) {
    stage.indexes.push_back(rows.text(i, 0));
    DAYMILL_TRY(connection.exec(rows.text(i, 1)));
  }
  return {};
}

std::string create_sql(const Binding& binding, const Stage& stage) {
  const std::string target = binding.table.sql();
  return stage.attachable ? "CREATE TABLE " + stage.sql() + " (LIKE " + target +
                                " INCLUDING ALL EXCLUDING IDENTITY)"
                          : "CREATE TABLE " + stage.sql() + " AS SELECT " + binding.column_list() +
                                " FROM " + target + " WITH NO DATA";
}

Status dropped_by_claim(const Connection& connection, const Attempt& attempt) {
  if (is_rehearsal(attempt)) {
    return Status(Code::conflict, "a run has claimed partition " + attempt.partition.label +
                                      " and dropped the rows that were staged to be compared")
        .at(connection.place());
  }
  return Status(Code::fenced, "the stage of epoch " + std::to_string(attempt.epoch) +
                                  " is gone: a later claim of the partition dropped it")
      .at(connection.place());
}

// Two rehearsals of a day may run at once, on machines that know nothing of each other.
std::string rehearsal_name(const std::string& prefix) {
  std::random_device random;
  std::string name = prefix + kRehearsalMark;
  for (int i = 0; i < 16; ++i) {
    name += "0123456789abcdef"[random() & 15U];
  }
  return name;
}

// Nobody waits for a rehearsal: one that holds its stage is left alone.
Status drop_unless_locked(Connection& connection, const std::string& stage) {
  DAYMILL_FAILPOINT("pg.rehearsal_drop");
  return connection.script("LOCK TABLE " + stage + " IN ACCESS EXCLUSIVE MODE NOWAIT; DROP TABLE " +
                           stage);
}

class StageWriter final : public Writer {
 public:
  StageWriter(std::unique_ptr<Connection> connection, Transaction transaction,
              std::unique_ptr<CopyEncoder> encoder, std::shared_ptr<Stage> stage)
      : connection_(std::move(connection)),
        transaction_(std::move(transaction)),
        encoder_(std::move(encoder)),
        stage_(std::move(stage)) {
    encoder_->begin(buffer_);
  }

  Status write(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows();) {
      DAYMILL_ASSIGN(row, encoder_->append(batch, row, buffer_));
      if (buffer_.is_full()) {
        DAYMILL_TRY(send());
      }
    }
    rows_ += batch.num_rows();
    return {};
  }

  Status finish() override {
    encoder_->end(buffer_);
    DAYMILL_TRY(send());
    DAYMILL_ASSIGN(const std::int64_t taken, connection_->end_copy());
    if (taken != rows_) {
      return Status(Code::internal, "the server took " + std::to_string(taken) +
                                        " rows, expected " + std::to_string(rows_))
          .at(connection_->place());
    }
    DAYMILL_TRY(build_indexes());
    DAYMILL_FAILPOINT("pg.stage_commit");
    DAYMILL_TRY(transaction_.commit());
    DAYMILL_FAILPOINT("pg.stage_committed");
    stage_->finished = true;
    return {};
  }

 private:
  Status send() {
    if (buffer_.size() != 0) {
      DAYMILL_TRY(connection_->put_copy(buffer_.data(), buffer_.size()));
      buffer_.clear();
    }
    return {};
  }

  Status build_indexes() {
    DAYMILL_FAILPOINT("pg.index");
    // More memory only where the server has less: sorting a million keys takes about 100 MB. And
    // one worker, who sorts half of them: a second has little left to gain, and much to lose where
    // the server has two cores (docs/adr/0012).
    DAYMILL_TRY(connection_->exec(
        "SELECT set_config('maintenance_work_mem', '256MB', true)"
        " WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < 268435456"));
    DAYMILL_TRY(
        connection_->exec("SELECT set_config('max_parallel_maintenance_workers', '1', true)"
                          " WHERE current_setting('max_parallel_maintenance_workers')::int > 1"));
    DAYMILL_TRY(connection_->exec("SELECT set_config('statement_timeout', $1, true)",
                                  {connection_->settings().statement_timeout.count()}));
    for (const std::string& sql : stage_->indexes) {
      DAYMILL_TRY(connection_->exec(sql));
    }
    // A rough picture for the first queries; autovacuum draws the fine one within minutes.
    DAYMILL_TRY(
        connection_->exec("SELECT set_config('default_statistics_target', '30', true)"
                          " WHERE current_setting('default_statistics_target')::int > 30"));
    return connection_->exec("ANALYZE " + stage_->sql()).status();
  }

  std::unique_ptr<Connection> connection_;
  Transaction transaction_;
  std::unique_ptr<CopyEncoder> encoder_;
  std::shared_ptr<Stage> stage_;
  CopyBuffer buffer_;
  std::int64_t rows_ = 0;
};

}  // namespace

Result<std::shared_ptr<Stage>> create_stage(Connection& connection, const Binding& binding,
                                            const Attempt& attempt, bool attachable) {
  const std::string target = binding.table.target();
  auto stage = std::make_shared<Stage>();
  const std::string prefix = stage_prefix(target, attempt.partition.label);
  stage->name =
      is_rehearsal(attempt) ? rehearsal_name(prefix) : prefix + std::to_string(attempt.epoch);
  stage->attachable = attachable;
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  DAYMILL_FAILPOINT("pg.stage_create");
  if (is_rehearsal(attempt)) {
    DAYMILL_FAILPOINT("pg.rehearsal_stage");
  }
  DAYMILL_TRY(connection.exec("DROP TABLE IF EXISTS " + stage->sql()));
  DAYMILL_TRY(connection.exec(create_sql(binding, *stage)));
  DAYMILL_ASSIGN(const Rows oid, connection.exec("SELECT $1::regclass::oid", {stage->sql()}));
  stage->oid = oid.integer(0, 0);
  DAYMILL_TRY(postpone_indexes(connection, *stage));
  if (attachable) {
    DAYMILL_TRY(connection.exec("ALTER TABLE " + stage->sql() + " ADD CONSTRAINT " + kBoundsCheck +
                                " " + bounds_check(binding, attempt.partition)));
  }
  if (!binding.key.empty() && !(attachable && binding.key_is_unique)) {
    stage->indexes.push_back(key_index(binding, *stage));
    if (attachable) {  // only to find duplicates: the target has no such index
      stage->indexes.push_back("DROP INDEX " + quote_name("daymill_stage", stage->name + "_key"));
    }
  }
  DAYMILL_TRY(
      connection.exec("COMMENT ON TABLE " + stage->sql() + " IS " +
                      literal("daymill: " + target + " " + attempt.partition.label + " epoch " +
                              std::to_string(attempt.epoch) + " run " + attempt.run_id)));
  DAYMILL_FAILPOINT("pg.stage_create_commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT("pg.stage_created");
  return stage;
}

Result<std::unique_ptr<Writer>> open_stage(const Settings& settings, Host host,
                                           const Binding& binding, const Attempt& attempt,
                                           std::shared_ptr<Stage> stage) {
  DAYMILL_ASSIGN(std::unique_ptr<Connection> connection, Connection::open(settings, host));
  std::unique_ptr<CopyEncoder> encoder = CopyEncoder::make(binding, attempt.partition.day);
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(*connection));
  // A table emptied in the same transaction takes its rows frozen: nothing has to touch them again.
  DAYMILL_FAILPOINT("pg.stage_open");
  const Status emptied = connection->exec("TRUNCATE " + stage->sql()).status();
  if (emptied.code() == Code::not_found) {
    return dropped_by_claim(*connection, attempt);
  }
  DAYMILL_TRY(emptied);
  DAYMILL_TRY(connection->exec("SELECT set_config('statement_timeout', '0', true)"));
  DAYMILL_TRY(connection->begin_copy("COPY " + stage->sql() + " (" + binding.column_list() +
                                     ") FROM STDIN (FREEZE, FORMAT " + encoder->format() + ")"));
  return std::unique_ptr<Writer>(std::make_unique<StageWriter>(
      std::move(connection), std::move(transaction), std::move(encoder), std::move(stage)));
}

Status find_stage(Connection& connection, const Attempt& attempt, const Stage& stage) {
  DAYMILL_FAILPOINT("pg.stage_find");
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT FROM pg_class WHERE oid = $1::oid", {stage.oid}));
  return rows.empty() ? dropped_by_claim(connection, attempt) : Status();
}

Status drop_older_stages(Connection& connection, const std::string& target,
                         const std::string& partition, std::int64_t epoch) {
  DAYMILL_FAILPOINT("pg.stage_clean");
  const std::string prefix = stage_prefix(target, partition);
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec("SELECT c.relname FROM pg_class c"
                      " JOIN pg_namespace n ON n.oid = c.relnamespace"
                      " WHERE n.nspname = 'daymill_stage' AND c.relkind = 'r'"
                      " AND starts_with(c.relname::text, $1)"
                      " AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)",
                      {prefix}));
  for (int i = 0; i < rows.size(); ++i) {
    const std::string sql = quote_name("daymill_stage", rows.text(i, 0));
    const std::string rest = rows.text(i, 0).substr(prefix.size());
    const auto older = parse_int64(rest);
    Status dropped;
    if (rest.substr(0, 1) == std::string(1, kRehearsalMark)) {
      dropped = drop_unless_locked(connection, sql);
    } else if (older && *older < epoch) {
      DAYMILL_FAILPOINT("pg.stage_drop");
      dropped = connection.exec("DROP TABLE IF EXISTS " + sql).status();
    }
    if (!connection.alive() || dropped.code() == Code::cancelled) {
      return dropped;
    }
  }
  return {};
}

}  // namespace daymill::postgres
