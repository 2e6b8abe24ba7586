// SQLite's C interface with owners and Status: connections, statements, transactions.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <daymill/plugin.hpp>

namespace daymill::sqlite {

/// "name" with its quotes doubled: safe wherever SQL expects an identifier.
std::string quote_name(std::string_view name);

/// A prepared statement. Parameters count from 1, columns from 0. Not thread-safe.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3_stmt* statement, std::string where)
      : statement_(statement), where_(std::move(where)) {}

  Statement& bind(int index, std::int64_t value);
  Statement& bind_double(int index, double value);
  /// The text is viewed until the statement is stepped to its end or reset.
  Statement& bind_text(int index, std::string_view value);
  Statement& bind_copied_text(int index, std::string_view value);
  Statement& bind_blob(int index, std::string_view value);
  Statement& bind_null(int index);

  /// True: there is a row. Reports a failed bind too.
  Result<bool> step();
  /// Steps to the end of a statement that gives no rows, and makes it ready for the next time.
  Status run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] sqlite3_stmt* get() const { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement& note(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string where_;
  int bind_error_ = SQLITE_OK;
};

/// One open database. While the host asks to stop, statements end with CANCELLED.
class Connection {
 public:
  enum class Mode { read_only, read_write, create };

  /// NOT_FOUND, PERMISSION_DENIED, CORRUPT when it is no database. Waits up to `busy_ms` for other
  /// connections' locks, then CONFLICT.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode, int busy_ms,
                                                  Host host);

  /// `tail`, when given, gets the offset of what follows the first statement.
  Result<Statement> prepare(const std::string& sql, std::size_t* tail = nullptr);
  /// Runs statements without parameters and rows.
  Status execute(const std::string& sql);
  [[nodiscard]] sqlite3* get() const { return handle_.get(); }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Connection(sqlite3* handle, std::string where, Host host)
      : handle_(handle), where_(std::move(where)), host_(host) {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::string where_;  // "sqlite /path/to/file"
  Host host_;
};

/// Rolled back by the destructor unless it was committed.
class Transaction {
 public:
  enum class Kind { read, write };  ///< write: takes the write lock at once, or CONFLICT
  static Result<Transaction> begin(Connection& connection, Kind kind);
  Transaction(Transaction&& other) noexcept : connection_(other.connection_) {
    other.connection_ = nullptr;
  }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// COMMIT_UNKNOWN when SQLite cannot say whether it happened; after any other error it did not.
  Status commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

/// What an SQLite result code means; `what` begins the message.
Status sqlite_status(int code, const std::string& what, const std::string& where);

}  // namespace daymill::sqlite
