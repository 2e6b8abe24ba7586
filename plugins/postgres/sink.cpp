#include "sink.hpp"

#include "commit.hpp"
#include "daymill/failpoint.hpp"
#include "decision.hpp"
#include "difference.hpp"
#include "doctor.hpp"
#include "evidence.hpp"
#include "evidence_schema.hpp"
#include "history.hpp"
#include "rejects.hpp"
#include "replace_day.hpp"

namespace daymill::postgres {
namespace {

// Rejects wait in memory for the commit; the engine's budget is far below this.
constexpr std::size_t kRejectBytes = std::size_t{32} << 20;

}  // namespace

Result<std::unique_ptr<Sink>> PostgresSink::create(const Config& config, Host host) {
  DAYMILL_ASSIGN(Settings settings, read_settings(config));
  return std::unique_ptr<Sink>(std::make_unique<PostgresSink>(std::move(settings), host));
}

Result<Connection*> PostgresSink::connect() {
  if (connection_ == nullptr || !connection_->alive()) {
    connection_.reset();
    DAYMILL_ASSIGN(connection_, Connection::open(settings_, host_));
  }
  return connection_.get();
}

Result<Connection*> PostgresSink::connect_bound() {
  if (!binding_) {
    return Status(Code::internal, "the sink was used before bind");
  }
  return connect();
}

Status PostgresSink::create_target(Connection& connection, const Schema& rows) {
  DAYMILL_FAILPOINT("pg.target_create");
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // One process at a time; the second finds the first one's table.
  DAYMILL_TRY(connection.exec("SELECT pg_advisory_xact_lock(hashtext('daymill create'))"));
  const auto there = find_target(connection, settings_);
  if (there.status().code() != Code::not_found) {
    return there.status();
  }
  DAYMILL_ASSIGN(const TableName name, resolve_target(connection, settings_.table));
  DAYMILL_ASSIGN(const std::string sql, create_table_sql(name, settings_, rows));
  DAYMILL_TRY(connection.exec(sql));
  DAYMILL_TRY(transaction.commit());
  host_.info("created table " + target_name(name.schema, name.name));
  return {};
}

Status PostgresSink::check_rows(const Schema& rows) {
  DAYMILL_TRY(postgres::check_rows(settings_, rows));
  return check_key_is_whole(settings_, rows);
}

Status PostgresSink::bind(const Schema& rows, const std::string& pipeline) {
  DAYMILL_ASSIGN(Connection* const connection, connect());
  DAYMILL_TRY(check_server(*connection));
  DAYMILL_ASSIGN(evidence_schema_, ensure_evidence_schema(*connection));
  auto table = find_target(*connection, settings_);
  if (table.status().code() == Code::not_found && settings_.create) {
    DAYMILL_TRY(create_target(*connection, rows).at(settings_.place()));
    table = find_target(*connection, settings_);
  }
  DAYMILL_TRY(table);
  auto binding = bind_rows(std::move(table).value(), settings_, rows, pipeline);
  DAYMILL_TRY(binding.status().at(settings_.place()));
  binding_ = std::move(binding).value();
  return {};
}

Result<Evidence> PostgresSink::receipts(const Partition& partition, bool settle) {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  return read_evidence(*connection, *binding_, evidence_schema_, partition, settle);
}

Result<std::int64_t> PostgresSink::claim(const Partition& partition) {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  DAYMILL_ASSIGN(const std::int64_t epoch,
                 claim_partition(*connection, *binding_, partition.label));
  DAYMILL_TRY(drop_older_stages(*connection, binding_->table.target(), partition.label, epoch));
  return epoch;
}

Status PostgresSink::begin(const Attempt& attempt) {
  abort();
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  DAYMILL_FAILPOINT("pg.day_layout");
  DAYMILL_ASSIGN(const auto previous, read_load(*connection, *binding_, attempt.partition.label));
  DAYMILL_ASSIGN(const DayLayout layout,
                 find_day(*connection, binding_->table, date_text(attempt.partition.day)));
  const bool attachable = !attempt.adopt && can_attach(binding_->table, layout, previous);
  if (!attachable && !attempt.adopt && !is_rehearsal(attempt)) {
    const std::string& reason = binding_->table.why_not_attached;
    host_.info("the day will be deleted and inserted, not attached: " +
               (reason.empty() ? "a partition that this sink did not make covers it" : reason));
  }
  DAYMILL_ASSIGN(auto stage, create_stage(*connection, *binding_, attempt, attachable));
  running_ = Running{attempt, std::move(stage), {}, 0, false};
  return {};
}

Result<std::unique_ptr<Writer>> PostgresSink::open() {
  if (!running_ || running_->opened) {
    return Status(Code::internal, "an attempt takes one writer, after begin");
  }
  DAYMILL_ASSIGN(auto writer,
                 open_stage(settings_, host_, *binding_, running_->attempt, running_->stage));
  running_->opened = true;
  return writer;
}

Status PostgresSink::reject(const std::vector<RejectRow>& rows) {
  if (!running_) {
    return Status(Code::internal, "rejects were given outside an attempt");
  }
  for (const RejectRow& row : rows) {
    running_->reject_bytes += row.raw.size() + row.message.size() + row.split.size();
    if (running_->reject_bytes > kRejectBytes) {
      return Status(Code::resource_exhausted, "the rejects of one day are more than " +
                                                  std::to_string(kRejectBytes >> 20) + " MiB")
          .at(settings_.place())
          .next("lower \"rejects\": {\"max_rows\": ...}");
    }
    running_->rejects.push_back(row);
  }
  return {};
}

Status PostgresSink::commit(const Load& load, const std::vector<Receipt>& receipts) {
  if (!running_) {
    return Status(Code::internal, "commit was called outside an attempt");
  }
  if (is_rehearsal(running_->attempt)) {
    return Status(Code::internal, "a rehearsal cannot be committed: it has not claimed partition " +
                                      running_->attempt.partition.label);
  }
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  DAYMILL_TRY(commit_stage(*connection, Commit{*binding_, running_->attempt, *running_->stage, load,
                                               receipts, running_->rejects}));
  running_.reset();
  return {};
}

void PostgresSink::abort() noexcept {
  if (!running_) {
    return;
  }
  try {
    // Not over a new connection: what cannot be dropped now is dropped at the next claim.
    if (connection_ != nullptr && connection_->alive()) {
      connection_->roll_back();
      Failure failure;
      connection_->exec_to_the_end("DROP TABLE IF EXISTS " + running_->stage->sql(), &failure)
          .status()
          .ignore("the next claim drops it");
    }
  } catch (...) {  // out of memory: likewise
  }
  running_.reset();
}

Status PostgresSink::mark_removed(const Partition& partition, const std::string& split,
                                  std::int64_t generation) {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  return mark_split_removed(*connection, *binding_, partition.label, split, generation);
}

Result<std::string> PostgresSink::identity() {
  DAYMILL_ASSIGN(Connection* const connection, connect());
  return target_identity(*connection, settings_.table);
}

Result<std::vector<std::string>> PostgresSink::check() {
  DAYMILL_ASSIGN(Connection* const connection, connect());
  return describe_server(*connection, settings_);
}

Result<std::vector<PartitionEvidence>> PostgresSink::history() {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  return read_history(*connection, *binding_);
}

Result<Difference> PostgresSink::difference(std::int64_t max_examples) {
  if (!running_ || !running_->stage->finished) {
    return Status(Code::internal, "a difference was asked for before the writer had finished");
  }
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  return compare_day(*connection, *binding_, running_->attempt, *running_->stage, max_examples);
}

Result<std::vector<RejectRow>> PostgresSink::rejects(const Partition& partition,
                                                     std::int64_t max_rows) {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  return read_rejects(*connection, *binding_, partition.label, max_rows);
}

Status PostgresSink::note_decision(const Partition& partition, const OperatorDecision& decision) {
  DAYMILL_ASSIGN(Connection* const connection, connect_bound());
  DAYMILL_TRY(write_decision(*connection, *binding_, partition.label, decision));
  evidence_schema_.decisions = true;
  return {};
}

}  // namespace daymill::postgres
