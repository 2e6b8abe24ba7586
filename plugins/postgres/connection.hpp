// A connection to PostgreSQL over libpq that can be interrupted, never reconnects behind its user's
// back, and reports every failure as a Status with the server's own code and words.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection_settings.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// A parameter of a statement, sent in text form; nothing is NULL.
struct Param {
  Param(std::string value) : text(std::move(value)) {}        // NOLINT: implicit on purpose
  Param(const char* value) : text(value) {}                   // NOLINT
  Param(std::int64_t value) : text(std::to_string(value)) {}  // NOLINT
  Param(std::nullopt_t) {}                                    // NOLINT
  std::optional<std::string> text;
};
using Params = std::vector<Param>;

/// libpq's messages have several lines, one for each address tried, some for its developers only.
[[nodiscard]] std::string one_line(std::string_view text);

/// A parameter for `$n::text[]`.
[[nodiscard]] Param array_param(const std::vector<std::string>& items);
/// An element for `$n::bytea[]`: \x and hexadecimal digits.
[[nodiscard]] std::string bytea_text(std::string_view bytes);
/// The text, or its printable form when it is not UTF-8 or has a NUL, which PostgreSQL's text
/// cannot hold.
[[nodiscard]] std::string storable(const std::string& text);

/// For a SELECT at the begin of a transaction: its COMMIT is answered when it is durable.
/// `remote_apply` and the like promise more than `on` and stay.
inline constexpr const char* kCommitDurably =
    "set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit')"
    " IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, true)";
/// For a SELECT in a transaction that sorts or hashes whole days.
inline constexpr const char* kWorkInMemory =
    "set_config('work_mem', CASE WHEN pg_size_bytes(current_setting('work_mem')) < 67108864"
    " THEN '64MB' ELSE current_setting('work_mem') END, true)";

/// The answer to one statement.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result, &PQclear) {}
  [[nodiscard]] int size() const { return PQntuples(result_.get()); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] bool is_null(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  [[nodiscard]] std::string text(int row, int column) const;
  [[nodiscard]] std::int64_t integer(int row, int column) const;  ///< 0 for NULL
  [[nodiscard]] bool boolean(int row, int column) const { return text(row, column) == "t"; }
  /// Of a bytea.
  [[nodiscard]] std::string bytes(int row, int column) const;
  /// Rows that the statement changed.
  [[nodiscard]] std::int64_t affected() const;
  [[nodiscard]] int columns() const { return PQnfields(result_.get()); }
  [[nodiscard]] std::string column_name(int column) const { return PQfname(result_.get(), column); }
  /// Number of the type in pg_type; of a domain its base type's.
  [[nodiscard]] std::int64_t column_type(int column) const {
    return static_cast<std::int64_t>(PQftype(result_.get(), column));
  }
  [[nodiscard]] std::int64_t column_modifier(int column) const {
    return PQfmod(result_.get(), column);
  }
  /// The value as the server sent it; lives as long as these rows.
  [[nodiscard]] std::string_view view(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  /// "COMMIT", "INSERT 0 5"
  [[nodiscard]] std::string command() const { return PQcmdStatus(result_.get()); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

/// A failure of the server, with what callers have to tell apart.
struct Failure {
  Status status;
  std::string sqlstate;  ///< empty: the connection broke without a report
};

/// One session. Use from one thread at a time. Broken is broken: alive() stays false.
class Connection {
 public:
  /// Connects and sets the session up: dates are ISO, times UTC, time limits as configured; what is
  /// found, and whether anything may be changed, as the settings say. UNAVAILABLE, UNAUTHENTICATED,
  /// NOT_FOUND (database), TIMEOUT.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectionSettings& settings,
                                                                Host host);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// One statement. CANCELLED when a stop is requested meanwhile: the statement is then cancelled
  /// on the server too.
  Result<Rows> exec(const std::string& sql, const Params& params = {});
  /// Sends one statement without parameters whose values come in PostgreSQL's binary form; the next
  /// call is receive(), which waits for its answer. In between the server works.
  Status send_binary(const std::string& sql);
  Result<Rows> receive();
  /// Asks the server to stop what it does for this session, if it does anything.
  void cancel() noexcept;
  /// The columns that one statement would give, as an answer without rows; it is not run.
  Result<Rows> describe(const std::string& sql, Failure* failure);
  /// Several statements without parameters; outside a transaction they are one.
  Status script(const std::string& sql);
  /// As exec, but is not interrupted, and tells how it failed. For COMMIT.
  Result<Rows> exec_to_the_end(const std::string& sql, Failure* failure);

  Status begin_copy(const std::string& copy_sql);
  Status put_copy(const char* data, std::size_t size);
  /// The number of rows that the server took.
  Result<std::int64_t> end_copy();

  /// Ends a transaction that is under way, without a word.
  void roll_back() noexcept;
  [[nodiscard]] bool alive() const { return PQstatus(pg_.get()) == CONNECTION_OK; }
  [[nodiscard]] int server_version() const { return PQserverVersion(pg_.get()); }
  /// The schemas in which the login looks for a table without schema, in order.
  [[nodiscard]] const std::vector<std::string>& search_path() const { return search_path_; }
  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] const ConnectionSettings& settings() const { return settings_; }
  /// "UTF8"
  [[nodiscard]] std::string server_encoding() const;

 private:
  using Clock = std::chrono::steady_clock;

  Connection(const ConnectionSettings& settings, Host host);
  Status connect();
  Status set_up_session();
  Status set_up_reading();
  Result<Rows> answer(int sent, Failure* failure);
  void start_clock();
  Status wait_for_answer();
  Status wait_for_socket(bool write);
  Status copy_failure();
  Status give_up(Code code, const std::string& message);
  Failure failure_of(const PGresult* result) const;
  Status broken() const;
  Status connect_failure() const;

  ConnectionSettings settings_;
  Host host_;
  std::string place_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> pg_;
  std::vector<std::string> search_path_;
  std::optional<Clock::time_point> deadline_;
  bool interruptible_ = true;
};

/// BEGIN now, ROLLBACK at the end of its life unless commit() was called.
class Transaction {
 public:
  /// READ COMMITTED, READ WRITE
  [[nodiscard]] static Result<Transaction> begin(Connection& connection);
  /// REPEATABLE READ, READ ONLY: all its statements see one moment.
  [[nodiscard]] static Result<Transaction> begin_reading(Connection& connection);
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (connection_ != nullptr) {
      connection_->roll_back();
    }
  }
  /// `lost` when the session ended before the answer came: COMMIT_UNKNOWN where it matters whether
  /// it was done.
  Status commit(Code lost = Code::unavailable);

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  static Result<Transaction> start(Connection& connection, const char* sql);
  Connection* connection_;
};

}  // namespace daymill::postgres
