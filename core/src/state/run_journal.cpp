#include "state/run_journal.hpp"

#include "daymill/failpoint.hpp"
#include "observe/time_text.hpp"

namespace daymill {

namespace {

// What happens during a run is history that a power cut may take; how it ended is synced
// (finish_run).
constexpr char kSchema[] = R"(
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS run (
  run_id TEXT PRIMARY KEY, kind TEXT NOT NULL, pipeline TEXT NOT NULL, partition TEXT NOT NULL, state TEXT NOT NULL,
  started_at TEXT NOT NULL, finished_at TEXT NOT NULL DEFAULT '', error_code TEXT NOT NULL DEFAULT '',
  error_message TEXT NOT NULL DEFAULT '', report TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX IF NOT EXISTS run_partition ON run (pipeline, partition, started_at);
CREATE TABLE IF NOT EXISTS attempt (
  run_id TEXT NOT NULL, attempt INTEGER NOT NULL, started_at TEXT NOT NULL, PRIMARY KEY (run_id, attempt)) STRICT;
CREATE TABLE IF NOT EXISTS step (
  run_id TEXT NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS step_run ON step (run_id);
CREATE TABLE IF NOT EXISTS error (
  run_id TEXT NOT NULL, attempt INTEGER NOT NULL, at TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  place TEXT NOT NULL, next TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS error_run ON error (run_id);
)";

constexpr char kColumns[] =
    "SELECT run_id, kind, pipeline, partition, state, started_at, finished_at,"
    " (SELECT count(*) FROM attempt WHERE attempt.run_id = run.run_id), error_code, error_message, "
    "report FROM run ";

constexpr char kIsOtherLook[] =
    "pipeline = ?1 AND partition = ?2 AND run_id <> ?3 AND kind = 'run' AND state = ?4"
    " AND CASE WHEN json_valid(report) THEN json_extract(report, '$.wrote_nothing') END"
    " AND NOT EXISTS (SELECT 1 FROM error WHERE error.run_id = run.run_id)";

bool found_nothing_to_do(const RunReport& report) {
  return report.kind == "run" && report.wrote_nothing &&
         (report.state == RunState::done || report.state == RunState::empty);
}

Result<Database> open_database(const std::filesystem::path& path) {
  DAYMILL_ASSIGN(Database database, Database::open(path, Database::Mode::create));
  DAYMILL_TRY(database.execute(kSchema));
  return database;
}

}  // namespace

Result<RunJournal> RunJournal::open(const std::filesystem::path& path) {
  DAYMILL_FAILPOINT("state.open");
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return Status(Code::permission_denied,
                  "cannot create the folder of state.db: " + error.message())
        .at(path.parent_path().string())
        .next("set DAYMILL_HOME to a folder that can be written");
  }
  auto database = open_database(path);
  if (!database.ok() && database.status().code() == Code::corrupt) {
    std::filesystem::rename(path, path.string() + ".damaged", error);
    database = open_database(path);
  }
  if (!database.ok()) {
    return Status(database.status()).at(path.string());
  }
  return RunJournal(std::move(database).value());
}

Status RunJournal::start_run(const RunReport& report) {
  DAYMILL_FAILPOINT("state.start_run");
  DAYMILL_ASSIGN(
      Statement insert,
      database_.prepare("INSERT INTO run (run_id, kind, pipeline, partition, state, started_at) "
                        "VALUES (?, ?, ?, ?, ?, ?)"));
  return insert.bind(1, report.run_id)
      .bind(2, report.kind)
      .bind(3, report.pipeline)
      .bind(4, report.partition)
      .bind(5, run_state_name(report.state))
      .bind(6, report.started_at)
      .run();
}

Status RunJournal::start_attempt(const std::string& run_id, std::int64_t attempt) {
  DAYMILL_FAILPOINT("state.start_attempt");
  DAYMILL_ASSIGN(Statement insert, database_.prepare("INSERT INTO attempt VALUES (?, ?, ?)"));
  return insert.bind(1, run_id).bind(2, attempt).bind(3, rfc3339_now()).run();
}

Status RunJournal::step(const std::string& run_id, std::int64_t attempt, RunState state,
                        const std::string& detail) {
  DAYMILL_FAILPOINT("state.step_begin");
  DAYMILL_TRY(database_.execute("BEGIN IMMEDIATE"));
  Status status;
  {
    DAYMILL_ASSIGN(Statement insert, database_.prepare("INSERT INTO step VALUES (?, ?, ?, ?, ?)"));
    DAYMILL_ASSIGN(Statement update,
                   database_.prepare("UPDATE run SET state = ? WHERE run_id = ?"));
    status = insert.bind(1, run_id)
                 .bind(2, attempt)
                 .bind(3, run_state_name(state))
                 .bind(4, rfc3339_now())
                 .bind(5, detail)
                 .run();
    if (status.ok()) {
      status = update.bind(1, run_state_name(state)).bind(2, run_id).run();
    }
  }
  DAYMILL_FAILPOINT_HERE("state.step_before_commit");
  const Status ended = database_.execute(status.ok() ? "COMMIT" : "ROLLBACK");
  DAYMILL_FAILPOINT("state.step_after_commit");
  return status.ok() ? ended : status;
}

Status RunJournal::attempt_failed(const std::string& run_id, std::int64_t attempt,
                                  const Status& cause) {
  DAYMILL_FAILPOINT("state.attempt_failed");
  DAYMILL_ASSIGN(Statement insert,
                 database_.prepare("INSERT INTO error VALUES (?, ?, ?, ?, ?, ?, ?)"));
  return insert.bind(1, run_id)
      .bind(2, attempt)
      .bind(3, rfc3339_now())
      .bind(4, code_name(cause.code()))
      .bind(5, cause.message())
      .bind(6, cause.where())
      .bind(7, cause.next())
      .run();
}

Status RunJournal::finish_run(const RunReport& report) {
  DAYMILL_FAILPOINT("state.finish_run");
  DAYMILL_TRY(database_.execute("PRAGMA synchronous = NORMAL"));
  DAYMILL_ASSIGN(
      Statement update,
      database_.prepare(
          "UPDATE run SET state = ?, finished_at = ?, error_code = ?, error_message = ?, "
          "report = ? WHERE run_id = ?"));
  DAYMILL_TRY(update.bind(1, run_state_name(report.state))
                  .bind(2, report.finished_at)
                  .bind(3, report.failure.ok() ? "" : code_name(report.failure.code()))
                  .bind(4, report.failure.message())
                  .bind(5, to_json(report).dump(-1, ' ', false,
                                                nlohmann::ordered_json::error_handler_t::replace))
                  .bind(6, report.run_id)
                  .run());
  DAYMILL_TRY(database_.execute("PRAGMA synchronous = OFF"));
  return found_nothing_to_do(report) ? forget_looks_before(report) : Status();
}

/// A schedule looks at each day again and again for as long as late data may come.
Status RunJournal::forget_looks_before(const RunReport& report) {
  DAYMILL_TRY(database_.execute("BEGIN IMMEDIATE"));
  Status status;
  for (const char* table : {"step", "attempt", "run"}) {  // "run" last: the others ask it
    auto forget =
        database_.prepare(std::string("DELETE FROM ") + table +
                          " WHERE run_id IN (SELECT run_id FROM run WHERE " + kIsOtherLook + ")");
    status = forget.ok() ? forget->bind(1, report.pipeline)
                               .bind(2, report.partition)
                               .bind(3, report.run_id)
                               .bind(4, run_state_name(report.state))
                               .run()
                         : forget.status();
    if (!status.ok()) {
      break;
    }
  }
  const Status ended = database_.execute(status.ok() ? "COMMIT" : "ROLLBACK");
  return status.ok() ? ended : status;
}

Result<std::vector<JournalRun>> RunJournal::select(const std::string& sql,
                                                   const std::vector<std::string>& texts,
                                                   int limit) {
  DAYMILL_ASSIGN(Statement statement, database_.prepare(kColumns + sql));
  int index = 0;
  for (const std::string& text : texts) {
    statement.bind(++index, text);
  }
  statement.bind(++index, limit);
  std::vector<JournalRun> runs;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return runs;
    }
    auto text = [&](int column) { return std::string(statement.text(column)); };
    runs.push_back(JournalRun{text(0), text(1), text(2), text(3), text(4), text(5), text(6),
                              statement.int64(7), text(8), text(9), text(10)});
  }
}

Result<std::vector<JournalRun>> RunJournal::runs(const std::string& pipeline, int limit) {
  return select("WHERE ?1 = '' OR pipeline = ?1 ORDER BY started_at DESC, rowid DESC LIMIT ?2",
                {pipeline}, limit);
}

Result<std::vector<JournalRun>> RunJournal::newest_by_partition(const std::string& pipeline,
                                                                int limit) {
  return select(
      "WHERE (?1 = '' OR pipeline = ?1) AND rowid = (SELECT max(rowid) FROM run AS other WHERE "
      "other.pipeline = run.pipeline"
      " AND other.partition = run.partition) ORDER BY pipeline, partition DESC LIMIT ?2",
      {pipeline}, limit);
}

Result<std::vector<JournalRun>> RunJournal::runs_of(const std::string& pipeline,
                                                    const std::string& partition, int limit) {
  return select("WHERE pipeline = ?1 AND partition = ?2 ORDER BY rowid DESC LIMIT ?3",
                {pipeline, partition}, limit);
}

Status RunJournal::restore_run(const JournalRun& run) {
  DAYMILL_FAILPOINT("state.restore_run");
  DAYMILL_ASSIGN(Statement insert,
                 database_.prepare("INSERT INTO run (run_id, kind, pipeline, partition, state, "
                                   "started_at, finished_at, report) "
                                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  return insert.bind(1, run.run_id)
      .bind(2, run.kind)
      .bind(3, run.pipeline)
      .bind(4, run.partition)
      .bind(5, run.state)
      .bind(6, run.started_at)
      .bind(7, run.finished_at)
      .bind(8, run.report_json)
      .run();
}

Result<std::optional<JournalRun>> RunJournal::find(const std::string& run_id) {
  DAYMILL_ASSIGN(
      std::vector<JournalRun> found,
      select("WHERE substr(run_id, 1, length(?1)) = ?1 OR substr(run_id, -length(?1)) = ?1"
             " ORDER BY started_at DESC LIMIT ?2",
             {run_id}, 2));
  if (found.size() > 1 && found[0].run_id != run_id) {
    return Status(Code::invalid_argument, "run id \"" + run_id + "\" is not unique: " +
                                              found[0].run_id + ", " + found[1].run_id + ", ...");
  }
  if (found.empty()) {
    return std::optional<JournalRun>();
  }
  return std::optional<JournalRun>(std::move(found.front()));
}

Result<std::vector<JournalStep>> RunJournal::steps(const std::string& run_id) {
  DAYMILL_ASSIGN(Statement statement,
                 database_.prepare("SELECT attempt, state, at, detail FROM (SELECT attempt, state, "
                                   "at, detail, rowid AS n, 0 AS kind "
                                   "FROM step WHERE run_id = ?1 UNION ALL SELECT attempt, 'ERROR', "
                                   "at, code || ': ' || message || "
                                   "CASE place WHEN '' THEN '' ELSE ' (' || place || ')' END, "
                                   "rowid, 1 FROM error WHERE run_id = ?1) "
                                   "ORDER BY attempt, at, kind, n"));
  statement.bind(1, run_id);
  std::vector<JournalStep> steps;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return steps;
    }
    steps.push_back(JournalStep{statement.int64(0), std::string(statement.text(1)),
                                std::string(statement.text(2)), std::string(statement.text(3))});
  }
}

}  // namespace daymill
