#include "sqlite_sink.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "daymill/failpoint.hpp"
#include "decision.hpp"
#include "difference.hpp"

namespace daymill::sqlite {
namespace {

std::string canonical(const std::string& path) {
  std::error_code error;
  const auto found =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? path : found.string();
}

/// Found and expected, when the day does not hold what the load says; empty when it does. `verb`:
/// what the load did with the rows.
std::string difference_of(const DayContent& content, const Load& load, const char* verb = "wrote") {
  if (content.rows != load.rows_out) {
    return "the table holds " + std::to_string(content.rows) + " rows of the day, the load " +
           verb + " " + std::to_string(load.rows_out);
  }
  for (const Sum& expected : load.sums) {
    for (const Sum& found : content.sums) {
      if (found.measure == expected.measure && found.value != expected.value) {
        return "the sum of \"" + found.measure + "\" is " + std::to_string(found.value) +
               " in the table and " + std::to_string(expected.value) + " in the load";
      }
    }
  }
  return {};
}

}  // namespace

ConfigSpec SqliteSink::spec() {
  return ConfigSpec("Loads days into a table of an SQLite database, exactly once")
      .add(text_field("database", "Database file, relative to the working directory")
               .required()
               .operational()
               .example("\"analytics.db\""))
      .add(text_field("table", "Table that is filled").required().example("\"analytics\""))
      .add(text_field("partition_column", "TEXT column that holds the day's date")
               .defaults_to("date"))
      .add(text_list_field("key", "The partition column and the rows' keys")
               .required()
               .example(R"(["date", "ad_id", "search_word"])"))
      .add(boolean_field("create", "Create database and table when they are missing")
               .defaults_to(false))
      .add(integer_field("busy_timeout_ms", "How long to wait for another program's lock")
               .defaults_to(1000)
               .between(0, 60000)
               .operational());
}

Result<std::unique_ptr<Sink>> SqliteSink::create(const Config& config, Host host) {
  for (const char* setting : {"database", "table", "partition_column"}) {
    if (config.text(setting).empty()) {
      return Status(Code::invalid_config,
                    std::string("found an empty `") + setting + "`, expected a name");
    }
  }
  return std::unique_ptr<Sink>(new SqliteSink(config, host));
}

SqliteSink::SqliteSink(const Config& config, Host host)
    : path_(canonical(config.text("database"))),
      create_(config.boolean("create")),
      busy_ms_(static_cast<int>(config.integer("busy_timeout_ms"))),
      host_(host),
      target_{config.text("table"), config.text("partition_column"), config.list("key"), {}} {}

Status SqliteSink::connect() {
  using Mode = Connection::Mode;
  auto opened = Connection::open(path_, create_ ? Mode::create : Mode::read_write, busy_ms_, host_);
  if (!opened.ok() && opened.status().code() == Code::not_found) {
    return Status(Code::not_found, "cannot open the database")
        .at("sqlite " + path_)
        .next(create_ ? "make its folder" : "create it, or set \"create\": true");
  }
  DAYMILL_TRY(opened);
  connection_ = std::move(opened).value();
  // A commit is durable when it returns. The pages of a day may be written in any order, so a cache
  // of 32 MiB keeps most of them.
  return connection_->execute(
      "PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA temp.cache_size = -16384;");
}

EvidenceKey SqliteSink::key_of(const std::string& partition) const {
  return EvidenceKey{target_.table, pipeline_, partition};
}

Status SqliteSink::at_target(Status status) const {
  return std::move(status).at("sqlite " + path_ + " table " + target_.table);
}

Status SqliteSink::check_rows(const Schema& rows) {
  target_.rows = rows;
  return target_.check_settings();
}

Status SqliteSink::bind(const Schema& rows, const std::string& pipeline) {
  DAYMILL_TRY(at_target(check_rows(rows)));
  pipeline_ = pipeline;
  DAYMILL_TRY(connect());
  DAYMILL_ASSIGN(const bool exists, target_.exists(*connection_));
  if (!exists && !create_) {
    return at_target(Status(Code::not_found, "the table does not exist"))
        .next("create it, or set \"create\": true");
  }
  if (!exists) {
    DAYMILL_TRY(target_.create(*connection_));
  }
  return target_.check_table(*connection_);
}

Result<Evidence> SqliteSink::receipts(const Partition& partition, bool settle) {
  // The write lock is free only when no other attempt is in its commit.
  using Kind = Transaction::Kind;
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, settle ? Kind::write : Kind::read));
  DAYMILL_ASSIGN(Evidence evidence, read_evidence(*connection_, key_of(partition.label)));
  if (evidence.load) {
    DAYMILL_ASSIGN(const DayContent content, target_.content(*connection_, partition.label));
    evidence.difference = difference_of(content, *evidence.load);
  } else if (!evidence.receipts.empty()) {
    evidence.difference = "the receipts of pipeline " + pipeline_ +
                          " belong to another table, expected a load of " + target_.table;
  }
  return evidence;
}

Status SqliteSink::check_owner(const Fence& fence, const std::string& partition) const {
  if (fence.epoch == 0 || fence.pipeline == pipeline_) {
    return {};
  }
  return at_target(Status(Code::needs_decision, "partition " + partition +
                                                    " belongs to the pipeline \"" + fence.pipeline +
                                                    "\", found \"" + pipeline_ + "\""))
      .next("load into another table, or keep the name \"" + fence.pipeline + "\"");
}

Result<std::int64_t> SqliteSink::claim(const Partition& partition) {
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::write));
  DAYMILL_TRY(create_evidence_tables(*connection_));
  const EvidenceKey key = key_of(partition.label);
  DAYMILL_FAILPOINT("file.claim");
  DAYMILL_ASSIGN(const Fence fence, read_fence(*connection_, key));
  DAYMILL_TRY(check_owner(fence, partition.label));
  DAYMILL_ASSIGN(const std::int64_t epoch, raise_fence(*connection_, key));
  DAYMILL_FAILPOINT("file.claim_commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT("file.claimed");
  return epoch;
}

Status SqliteSink::begin(const Attempt& attempt) {
  abort();
  attempt_ = attempt;
  DAYMILL_ASSIGN(stage_, Stage::create(connection_, target_.rows, host_));
  return {};
}

Result<std::unique_ptr<Writer>> SqliteSink::open() {
  if (!stage_) {
    return Status(Code::internal, "sqlite: open before begin");
  }
  return stage_->open_writer();
}

Status SqliteSink::reject(const std::vector<RejectRow>& rows) {
  if (!stage_) {
    return Status(Code::internal, "sqlite: reject before begin");
  }
  return stage_->add_rejects(rows);
}

Status SqliteSink::check_receipts(const EvidenceKey& key, const Evidence& held,
                                  const std::vector<Receipt>& receipts) const {
  for (const Receipt& old : held.receipts) {
    bool kept = false;
    for (const Receipt& next : receipts) {
      kept |= next.split == old.split && next.generation == old.generation;
    }
    if (!kept) {
      return at_target(
          Status(Code::needs_decision,
                 "partition " + key.partition + " holds generation " +
                     std::to_string(old.generation) + " of split " + old.split +
                     ", which this load lacks; replacing the day would lose its rows"));
    }
  }
  return {};
}

Status SqliteSink::check_foreign_rows(const EvidenceKey& key, const Evidence& held) {
  if (attempt_.replace_foreign) {
    return {};
  }
  DAYMILL_ASSIGN(const DayContent content, target_.content(*connection_, key.partition));
  const std::int64_t ours = held.load ? held.load->rows_out : 0;
  if (content.rows <= ours) {
    return {};
  }
  return at_target(Status(Code::needs_decision,
                          "partition " + key.partition + " holds " + std::to_string(content.rows) +
                              " rows, of which loads wrote " + std::to_string(ours) +
                              "; replacing the day would lose the others"));
}

Status SqliteSink::replace_day(const EvidenceKey& key, const Load& load) {
  DAYMILL_FAILPOINT("file.replace_day");
  DAYMILL_TRY(target_.remove_day(*connection_, key.partition));
  DAYMILL_TRY(target_.insert_day(*connection_, key.partition, stage_->finished_tables()));
  DAYMILL_ASSIGN(const DayContent content, target_.content(*connection_, key.partition));
  const std::string difference = difference_of(content, load);
  return difference.empty() ? Status() : at_target(Status(Code::internal, difference));
}

Status SqliteSink::adopt_day(const EvidenceKey& key, const Load& load) {
  DAYMILL_FAILPOINT("file.adopt");
  DAYMILL_ASSIGN(const DayContent content, target_.content(*connection_, key.partition));
  const std::string difference = difference_of(content, load, "has");
  return difference.empty() ? Status()
                            : at_target(Status(Code::needs_decision,
                                               "partition " + key.partition +
                                                   " cannot be adopted as it is: " + difference))
                                  .next("correct the rows, or decide to replace them");
}

Status SqliteSink::commit(const Load& load, const std::vector<Receipt>& receipts) {
  if (!stage_) {
    return Status(Code::internal, "sqlite: commit before begin");
  }
  if (attempt_.epoch == 0) {
    return Status(Code::internal, "sqlite: commit of a rehearsal");
  }
  const EvidenceKey key = key_of(attempt_.partition.label);
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::write));
  DAYMILL_ASSIGN(const Fence fence, read_fence(*connection_, key));
  if (fence.epoch != attempt_.epoch || fence.pipeline != pipeline_) {
    return at_target(Status(Code::fenced, "partition " + key.partition +
                                              " was claimed with epoch " +
                                              std::to_string(fence.epoch) + ", this attempt has " +
                                              std::to_string(attempt_.epoch)));
  }
  DAYMILL_ASSIGN(const Evidence held, read_evidence(*connection_, key));
  DAYMILL_TRY(check_receipts(key, held, receipts));
  if (attempt_.adopt) {
    DAYMILL_TRY(adopt_day(key, load));
  } else {
    DAYMILL_TRY(check_foreign_rows(key, held));
    DAYMILL_TRY(replace_day(key, load));
  }
  DAYMILL_FAILPOINT("file.reject_insert");
  DAYMILL_TRY(write_rejects(*connection_, key, Stage::reject_table()));
  DAYMILL_FAILPOINT("file.evidence_write");
  DAYMILL_TRY(write_evidence(*connection_, key, load, receipts));
  DAYMILL_FAILPOINT("file.commit");
  DAYMILL_TRY(transaction.commit());
  DAYMILL_FAILPOINT_CODE("file.committed", Code::commit_unknown);
  abort();  // the stage is of no use any more
  return {};
}

void SqliteSink::abort() noexcept {
  if (stage_) {
    stage_->drop();
    stage_.reset();
  }
}

Status SqliteSink::mark_removed(const Partition& partition, const std::string& split,
                                std::int64_t generation) {
  DAYMILL_FAILPOINT("file.mark_removed");
  return note_removal(*connection_, key_of(partition.label), split, generation);
}

Result<std::vector<PartitionEvidence>> SqliteSink::history() {
  DAYMILL_FAILPOINT("file.history");
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::read));
  return read_history(*connection_, key_of({}));
}

Result<Difference> SqliteSink::difference(std::int64_t max_examples) {
  if (!stage_) {
    return Status(Code::internal, "sqlite: difference before begin");
  }
  return compare_day(*connection_, target_, attempt_.partition.label, stage_->finished_tables(),
                     max_examples);
}

Result<std::vector<RejectRow>> SqliteSink::rejects(const Partition& partition,
                                                   std::int64_t max_rows) {
  DAYMILL_FAILPOINT("file.rejects_read");
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::read));
  return read_rejects(*connection_, key_of(partition.label), max_rows);
}

Status SqliteSink::note_decision(const Partition& partition, const OperatorDecision& decision) {
  return write_decision(*connection_, key_of(partition.label), decision);
}

Result<std::string> SqliteSink::identity() {
  return "sqlite:" + path_ + "/" + target_.table;
}

Result<std::vector<std::string>> SqliteSink::check() {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) {
    return std::vector<std::string>{(create_ ? "sqlite: will create " : "error: no database ") +
                                    path_};
  }
  DAYMILL_ASSIGN(const auto connection,
                 Connection::open(path_, Connection::Mode::read_only, busy_ms_, host_));
  DAYMILL_ASSIGN(const bool exists, target_.exists(*connection));
  return std::vector<std::string>{exists    ? "sqlite: found table " + target_.table
                                  : create_ ? "sqlite: will create table " + target_.table
                                            : "error: sqlite: no table " + target_.table};
}

}  // namespace daymill::sqlite
