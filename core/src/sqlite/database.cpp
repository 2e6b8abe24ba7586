#include "sqlite/database.hpp"
#include "daymill/failpoint.hpp"

namespace daymill {

namespace {

Code code_of(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_FULL:
      return Code::resource_exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::corrupt;
    case SQLITE_CANTOPEN:
      return Code::not_found;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Code::permission_denied;
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
      return Code::resource_exhausted;
    default:
      return Code::internal;
  }
}

/// As it comes, SQLite sets aside twenty pages for each file that it opens: 640 KiB for a snapshot,
/// of which a day may have thousands open.
void take_pages_one_by_one() {
  [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
}

}  // namespace

Status sqlite_failure(sqlite3* connection, int code) {
  const char* path = connection == nullptr ? nullptr : sqlite3_db_filename(connection, "main");
  std::string message = std::string("SQLite: ") +
                        (connection == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection));
  if ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN) {
    const int system_error = connection == nullptr ? 0 : sqlite3_system_errno(connection);
    if (system_error != 0) {
      message += " (" + std::string(std::generic_category().message(system_error)) + ")";
    }
  }
  return Status(code_of(code), std::move(message)).at(path == nullptr ? "" : path);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), index, value);
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_blob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), index, bytes.data() == nullptr ? "" : bytes.data(),
                      bytes.size(), SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind_blob_view(int index, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), index, bytes.data() == nullptr ? "" : bytes.data(),
                      bytes.size(), SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(handle_.get(), index);
  return *this;
}

Status Statement::failure(int code) const {
  return sqlite_failure(sqlite3_db_handle(handle_.get()), code);
}

Result<bool> Statement::step() {
  DAYMILL_FAILPOINT("sqlite.step");
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  Status status = code == SQLITE_DONE ? Status() : failure(code);
  sqlite3_reset(handle_.get());
  if (!status.ok()) {
    return status;
  }
  return false;
}

Status Statement::run() {
  while (true) {
    DAYMILL_ASSIGN(const bool row, step());
    if (!row) {
      return {};
    }
  }
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return data == nullptr
             ? std::string_view()
             : std::string_view(
                   data, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}
std::string_view Statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return data == nullptr
             ? std::string_view()
             : std::string_view(
                   data, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  DAYMILL_FAILPOINT("sqlite.open");
  take_pages_one_by_one();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == Mode::create ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) {
    return sqlite_failure(handle, code).at(path.string());
  }
  sqlite3_busy_timeout(handle, 10'000);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Status Database::execute(const std::string& sql) {
  DAYMILL_FAILPOINT("sqlite.execute");
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : sqlite_failure(handle_.get(), code);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    return sqlite_failure(handle_.get(), code);
  }
  return Statement(statement);
}

}  // namespace daymill
