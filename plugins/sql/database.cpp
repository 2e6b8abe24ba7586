#include "database.hpp"

#include <array>
#include <utility>

#include "clockless.hpp"
#include "permissions.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

constexpr int kProgressSteps = 100'000;

Code code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Code::resource_exhausted;
    case SQLITE_INTERRUPT:
      return Code::cancelled;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return Code::unavailable;
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return Code::invalid_data;
    default:
      return Code::internal;
  }
}

int on_progress(void* host) {
  return static_cast<const Host*>(host)->stop_requested() ? 1 : 0;
}

Status check_parameters(sqlite3_stmt* statement) {
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    if (name == nullptr || std::string_view(name) != ":date") {
      return Status(Code::invalid_config, "found the parameter " +
                                              std::string(name == nullptr ? "?" : name) +
                                              ", expected no other than :date");
    }
  }
  return {};
}

bool is_blank(const char* tail) {
  const auto tokens = tokens_of(tail);
  if (!tokens.ok()) {
    return false;
  }
  for (const Token& token : *tokens) {
    if (token.kind != Token::Kind::semicolon) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_row_failure(int result) {
  return code_of(result) == Code::invalid_data;
}

Result<std::unique_ptr<Database>> Database::open(Storage storage, Host host) {
  const char* const vfs = clockless_vfs();
  if (vfs == nullptr) {
    return Status(Code::internal, "SQLite has no VFS to build on");
  }
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(storage == Storage::memory ? ":memory:" : "", &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs);
  std::unique_ptr<Database> database(new Database(handle, host));
  if (result != SQLITE_OK) {
    return database->failure(result);
  }
  DAYMILL_TRY(database->configure(storage));
  return database;
}

Status Database::configure(Storage storage) {
  // "klicks" in double quotes is a column that does not exist, not a text.
  sqlite3_db_config(get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(get(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_progress_handler(get(), kProgressSteps, on_progress, &host_);
  if (storage == Storage::memory) {
    return {};
  }
  return execute(
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
      // The first use of a table-valued function declares its table, which no setting's SQL may do.
      "SELECT 1 FROM json_each('[]'), json_tree('[]');"
      "PRAGMA cache_size = -" +
      std::to_string(kCacheBytes / 1024));
}

Status Database::failure(int result) const {
  if ((result & 0xFF) == SQLITE_INTERRUPT) {
    return Status(Code::cancelled, "stopped while SQL was running");
  }
  const char* message = get() == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(get());
  Status status(code_of(result), std::string("SQLite: ") + message);
  return status.code() == Code::resource_exhausted
             ? std::move(status).next(
                   "give room where temporary files lie: SQLITE_TMPDIR, or /var/tmp or /tmp")
             : status;
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  Statement owned(statement);
  if (result != SQLITE_OK) {
    return failure(result);
  }
  return owned;
}

Status Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? Status() : failure(result);
}

Result<Statement> Database::compile(const std::string& sql, SqlKind kind, const std::string& date) {
  Permissions permissions(get(), kind);
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int result =
      sqlite3_prepare_v3(get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  Statement owned(statement);
  if (!permissions.refusal().empty()) {
    return Status(Code::invalid_config, permissions.refusal());
  }
  if (result != SQLITE_OK) {
    return Status(Code::schema_mismatch, sqlite3_errmsg(get()));
  }
  if (statement == nullptr || sqlite3_stmt_readonly(statement) == 0 ||
      sqlite3_stmt_isexplain(statement) != 0 || sqlite3_column_count(statement) == 0) {
    return Status(Code::invalid_config, "expected a SELECT");
  }
  if (!is_blank(tail)) {
    return Status(Code::invalid_config, "found more than one statement, expected one SELECT");
  }
  DAYMILL_TRY(check_parameters(statement));
  if (sqlite3_bind_parameter_count(statement) != 0) {
    const int bound = sqlite3_bind_text(statement, 1, date.data(), static_cast<int>(date.size()),
                                        SQLITE_TRANSIENT);
    if (bound != SQLITE_OK) {
      return failure(bound);
    }
  }
  return owned;
}

Result<bool> Database::step(const Statement& statement) const {
  const int result = sqlite3_step(statement.get());
  if (result == SQLITE_ROW || result == SQLITE_DONE) {
    return result == SQLITE_ROW;
  }
  return failure(result);
}

}  // namespace daymill::sql
