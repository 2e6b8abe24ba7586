// A thin owner of an SQLite connection and of its statements, with daymill's errors.
//
//   DAYMILL_ASSIGN(Database database, Database::open(path, Database::Mode::create));
//   DAYMILL_TRY(database.execute("CREATE TABLE t (a INTEGER, b TEXT) STRICT"));
//   DAYMILL_ASSIGN(Statement insert, database.prepare("INSERT INTO t VALUES (?, ?)"));
//   DAYMILL_TRY(insert.bind(1, 7).bind(2, "x").run());
//
// Used by the snapshot files and the run journal. One thread at a time for one Database and its
// statements.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "daymill/status.hpp"

namespace daymill {

class Statement {
 public:
  /// Parameters count from 1. Text and blobs are copied. An error shows at run() or step().
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
  Statement& bind_blob(int index, std::string_view bytes);
  /// Not copied: must live until the next reset.
  Statement& bind_blob_view(int index, std::string_view bytes);
  Statement& bind_null(int index);

  /// Executes to the end and resets; rows are dropped.
  Status run();
  /// true: a row is there to be read by the accessors; false: the end, and the statement is reset.
  Result<bool> step();
  /// Columns count from 0. Views are valid until the next step.
  [[nodiscard]] std::int64_t int64(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
  }
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view blob(int column) const;
  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  [[nodiscard]] Status failure(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalizer> handle_;
};

class Database {
 public:
  enum class Mode { read_only = 1, read_write = 2, create = 3 };

  /// UNAVAILABLE, NOT_FOUND or CORRUPT with the path.
  static Result<Database> open(const std::filesystem::path& path, Mode mode);

  /// One or more statements without parameters.
  Status execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);

 private:
  struct Closer {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Closer> handle_;
};

/// The Status of an SQLite result code on a connection; RESOURCE_EXHAUSTED for a full disk,
/// CORRUPT, CONFLICT when busy.
Status sqlite_failure(sqlite3* connection, int code);

}  // namespace daymill
