// A private SQLite database in which settings' SQL is run: it can read the rows at hand and call
// functions, and nothing else.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <daymill/plugin.hpp>

namespace daymill::sql {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// What kind of SQL a setting holds.
enum class SqlKind {
  expression,  ///< over one row: no SELECT inside
  query,       ///< one SELECT over `rows`
};

/// One thread at a time. While the host asks to stop, statements end with CANCELLED.
class Database {
 public:
  enum class Storage {
    memory,
    temporary_file,  ///< unnamed, gone with the process; at most kCacheBytes of it in memory
  };
  static constexpr std::int64_t kCacheBytes = std::int64_t{32} << 20;

  static Result<std::unique_ptr<Database>> open(Storage storage, Host host);

  /// The plugin's own SQL.
  Result<Statement> prepare(const std::string& sql);
  Status execute(const std::string& sql);

  /// SQL that holds the text of a setting. SCHEMA_MISMATCH with SQLite's message when it does not
  /// compile, INVALID_CONFIG when it wants what it may not. The only parameter it may have is
  /// :date, which gets `date`.
  Result<Statement> compile(const std::string& sql, SqlKind kind, const std::string& date);

  /// A row: true; the end: false.
  Result<bool> step(const Statement& statement) const;
  /// What the last step that failed means: the same Status as step() gives.
  [[nodiscard]] Status failure(int result) const;
  [[nodiscard]] sqlite3* get() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Database(sqlite3* handle, Host host) : handle_(handle), host_(host) {}
  Status configure(Storage storage);

  std::unique_ptr<sqlite3, Close> handle_;
  Host host_;
};

/// May the row go on without the value that SQLite could not compute (malformed JSON, an overflow)?
/// Other failures end the load.
bool is_row_failure(int result);

}  // namespace daymill::sql
