#include "connection.hpp"
#include "daymill/failpoint.hpp"

#include <utility>

namespace daymill::sqlite {
namespace {

Code code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_SCHEMA:
      return Code::conflict;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return Code::resource_exhausted;
    case SQLITE_CANTOPEN:
      return Code::not_found;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Code::permission_denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::corrupt;
    case SQLITE_INTERRUPT:
      return Code::cancelled;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return Code::invalid_data;
    case SQLITE_IOERR:
      return Code::unavailable;
    default:
      return Code::internal;
  }
}

Status failure(sqlite3* handle, int result, const std::string& where) {
  std::string what = handle == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(handle);
  return sqlite_status(result, what, where);
}

int on_progress(void* host) {
  return static_cast<const Host*>(host)->stop_requested() ? 1 : 0;
}

}  // namespace

Status sqlite_status(int code, const std::string& what, const std::string& where) {
  Status status(code_of(code), what);
  return std::move(status).at(where);
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  return out + "\"";
}

Statement& Statement::note(int code) {
  if (bind_error_ == SQLITE_OK) {
    bind_error_ = code;
  }
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  return note(sqlite3_bind_int64(get(), index, value));
}
Statement& Statement::bind_double(int index, double value) {
  return note(sqlite3_bind_double(get(), index, value));
}
Statement& Statement::bind_text(int index, std::string_view value) {
  return note(sqlite3_bind_text64(get(), index, value.empty() ? "" : value.data(), value.size(),
                                  SQLITE_STATIC, SQLITE_UTF8));
}
Statement& Statement::bind_copied_text(int index, std::string_view value) {
  return note(sqlite3_bind_text64(get(), index, value.empty() ? "" : value.data(), value.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8));
}
Statement& Statement::bind_blob(int index, std::string_view value) {
  return note(sqlite3_bind_blob64(get(), index, value.empty() ? "" : value.data(), value.size(),
                                  SQLITE_STATIC));
}
Statement& Statement::bind_null(int index) {
  return note(sqlite3_bind_null(get(), index));
}

Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK) {
    return sqlite_status(std::exchange(bind_error_, SQLITE_OK), "cannot bind a value", where_);
  }
  const int result = sqlite3_step(get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    return failure(sqlite3_db_handle(get()), result, where_);
  }
  return result == SQLITE_ROW;
}

Status Statement::run() {
  Status status = detail::status_of(step());
  reset();
  return status;
}

void Statement::reset() {
  sqlite3_reset(get());  // repeats the error of the last step, which was reported
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(get(), column));
  const int size = sqlite3_column_bytes(get(), column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(get(), column) == SQLITE_NULL;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode,
                                                     int busy_ms, Host host) {
  const std::string where = "sqlite " + path;
  DAYMILL_FAILPOINT("file.open");
  int flags = SQLITE_OPEN_FULLMUTEX;
  flags |= mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == Mode::create ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, where, host));
  if (result != SQLITE_OK) {
    return failure(handle, result, where);
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_ms);
  sqlite3_progress_handler(handle, 100000, on_progress, &connection->host_);
  return connection;
}

Result<Statement> Connection::prepare(const std::string& sql, std::size_t* tail) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int result =
      sqlite3_prepare_v2(get(), sql.c_str(), static_cast<int>(sql.size()) + 1, &statement, &rest);
  if (result != SQLITE_OK) {
    return failure(get(), result, where_);
  }
  if (tail != nullptr) {
    *tail = static_cast<std::size_t>(rest - sql.c_str());
  }
  return Statement(statement, where_);
}

Status Connection::execute(const std::string& sql) {
  DAYMILL_FAILPOINT("file.execute");
  const int result = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? Status() : failure(get(), result, where_);
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  DAYMILL_TRY(connection.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ != nullptr && sqlite3_get_autocommit(connection_->get()) == 0) {
    connection_->execute("ROLLBACK").ignore("SQLite rolls back when the connection is closed");
  }
}

Status Transaction::commit() {
  DAYMILL_FAILPOINT("file.transaction_commit");
  Status status = connection_->execute("COMMIT");
  if (status.ok()) {
    connection_ = nullptr;
    return status;
  }
  // An input/output error may come after the journal was deleted, which is the moment of commit.
  if (sqlite3_get_autocommit(connection_->get()) != 0 && status.code() == Code::unavailable) {
    return Status(Code::commit_unknown, "the outcome of COMMIT is unknown: " + status.message())
        .at(connection_->where());
  }
  return status;
}

}  // namespace daymill::sqlite
