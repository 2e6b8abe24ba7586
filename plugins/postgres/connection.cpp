#include "connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "sqlstate.hpp"

namespace daymill::postgres {
namespace {

constexpr int kSliceMs = 250;  // how often a wait looks whether somebody asked to stop
constexpr auto kGrace = std::chrono::seconds(30);       // beyond the server's own time limit
constexpr auto kCancelGrace = std::chrono::seconds(5);  // for the server to obey a cancel

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())) != 0) {
      line.remove_prefix(1);
    }
    if (!line.empty() && line.substr(0, 9) != "LOCATION:") {
      out += (out.empty() ? "" : "; ") + std::string(line);
    }
  }
  return out;
}

Param array_param(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const std::string& item : items) {
    text += text.size() == 1 ? "\"" : ",\"";
    for (const char c : item) {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::string bytea_text(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\\x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return text;
}

std::string storable(const std::string& text) {
  return is_utf8(text) && text.find('\0') == std::string::npos ? text
                                                               : printable(text, text.size());
}

std::string Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::string Rows::bytes(int row, int column) const {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  const std::string hexadecimal = text(row, column);
  std::string bytes;
  for (std::size_t i = 2; i + 1 < hexadecimal.size(); i += 2) {  // after \x
    bytes += static_cast<char>(digit(hexadecimal[i]) * 16 + digit(hexadecimal[i + 1]));
  }
  return bytes;
}

std::int64_t Rows::integer(int row, int column) const {
  return parse_int64(text(row, column)).value_or(0);
}

std::int64_t Rows::affected() const {
  return parse_int64(PQcmdTuples(result_.get())).value_or(0);
}

Connection::Connection(const ConnectionSettings& settings, Host host)
    : settings_(settings), host_(host), place_(settings.place()), pg_(nullptr, &PQfinish) {}

Connection::~Connection() = default;

Result<Rows> Connection::exec(const std::string& sql, const Params& params) {
  DAYMILL_FAILPOINT("pg.statement");
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const Param& param : params) {
    if (param.text && param.text->find('\0') != std::string::npos) {
      return Status(Code::invalid_data, "PostgreSQL cannot store a text with a NUL character: " +
                                            printable(*param.text))
          .at(place_);
    }
    values.push_back(param.text ? param.text->c_str() : nullptr);
  }
  Failure failure;
  return answer(PQsendQueryParams(pg_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                  values.data(), nullptr, nullptr, /*resultFormat=*/0),
                &failure);
}

Status Connection::send_binary(const std::string& sql) {
  const int sent = PQsendQueryParams(pg_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                                     /*resultFormat=*/1);
  return sent == 1 && PQflush(pg_.get()) >= 0 ? Status() : broken();
}

Result<Rows> Connection::receive() {
  Failure failure;
  return answer(/*sent=*/1, &failure);
}

Result<Rows> Connection::describe(const std::string& sql, Failure* failure) {
  DAYMILL_TRY(answer(PQsendPrepare(pg_.get(), "", sql.c_str(), 0, nullptr), failure));
  return answer(PQsendDescribePrepared(pg_.get(), ""), failure);
}

Status Connection::script(const std::string& sql) {
  DAYMILL_FAILPOINT("pg.script");
  Failure failure;
  return answer(PQsendQuery(pg_.get(), sql.c_str()), &failure).status();
}

Result<Rows> Connection::exec_to_the_end(const std::string& sql, Failure* failure) {
  interruptible_ = false;
  Result<Rows> rows = answer(PQsendQuery(pg_.get(), sql.c_str()), failure);
  interruptible_ = true;
  return rows;
}

void Connection::start_clock() {
  deadline_ = std::nullopt;
  if (settings_.statement_timeout.count() > 0) {
    deadline_ = Clock::now() + settings_.statement_timeout + kGrace;
  }
}

// Reads all answers to what was sent; the first failure counts, otherwise the last answer.
Result<Rows> Connection::answer(int sent, Failure* failure) {
  if (sent == 0) {
    *failure = Failure{broken(), {}};
    return failure->status;
  }
  start_clock();
  Rows last(nullptr);
  for (;;) {
    Status waited = wait_for_answer();
    if (!waited.ok() && failure->status.ok()) {
      *failure = Failure{std::move(waited), {}};
    }
    // Still busy: the server does not obey. On a dead session PQgetResult says so without waiting.
    PGresult* const result = alive() && PQisBusy(pg_.get()) != 0 ? nullptr : PQgetResult(pg_.get());
    if (result == nullptr) {
      break;
    }
    last = Rows(result);
    const ExecStatusType kind = PQresultStatus(result);
    if (kind == PGRES_COPY_IN) {
      break;
    }
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK && failure->status.ok()) {
      *failure = failure_of(result);
    }
  }
  if (failure->status.ok() && !alive()) {
    *failure = Failure{broken(), {}};
  }
  if (!failure->status.ok()) {
    return failure->status;
  }
  return last;
}

// Until an answer, or the news that there will be none, can be read without waiting.
Status Connection::wait_for_answer() {
  for (;;) {
    const int unsent = PQflush(pg_.get());
    if (unsent < 0 || PQisBusy(pg_.get()) == 0) {
      return {};
    }
    DAYMILL_TRY(wait_for_socket(unsent != 0));
    if (PQconsumeInput(pg_.get()) == 0) {
      return {};
    }
  }
}

Status Connection::wait_for_socket(bool write) {
  for (;;) {
    if (interruptible_ && host_.stop_requested()) {
      return give_up(Code::cancelled, "stopped while waiting for the server");
    }
    if (deadline_ && Clock::now() > *deadline_) {
      return give_up(Code::timeout, "the server did not answer in time");
    }
    pollfd socket{PQsocket(pg_.get()), static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&socket, 1, kSliceMs);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return Status(Code::unavailable, "cannot wait for the server's answer").at(place_);
    }
  }
}

void Connection::cancel() noexcept {
  if (!alive() || PQtransactionStatus(pg_.get()) != PQTRANS_ACTIVE) {
    return;
  }
  if (PGcancel* const cancel = PQgetCancel(pg_.get()); cancel != nullptr) {
    char error[256];
    PQcancel(cancel, error, sizeof error);
    PQfreeCancel(cancel);
  }
}

// Cancels the statement and waits a little for the server to obey; a session that does not is
// closed.
Status Connection::give_up(Code code, const std::string& message) {
  if (alive() && PQtransactionStatus(pg_.get()) == PQTRANS_ACTIVE) {
    cancel();
    const auto until = Clock::now() + kCancelGrace;
    while (alive() && PQisBusy(pg_.get()) != 0) {
      pollfd socket{PQsocket(pg_.get()), POLLIN, 0};
      if (::poll(&socket, 1, kSliceMs) == 0 && Clock::now() > until) {
        ::shutdown(PQsocket(pg_.get()), SHUT_RDWR);
      }
      PQconsumeInput(pg_.get());
    }
  }
  return Status(code, message).at(place_);
}

Failure Connection::failure_of(const PGresult* result) const {
  const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) {
    message = one_line(PQresultErrorMessage(result));
  }
  for (const int part : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_CONTEXT}) {
    const std::string more = one_line(field(result, part));
    if (!more.empty()) {
      message += "; " + more;
    }
  }
  Code code = code_of(sqlstate);
  if (sqlstate == "25006" && settings_.only_reads) {
    return Failure{Status(Code::invalid_config,
                          "the query writes (" + message + "), expected one that only reads")
                       .at(place_),
                   sqlstate};
  }
  Status status(code, sqlstate.empty() ? message : message + " (SQLSTATE " + sqlstate + ")");
  if (sqlstate == "25006") {
    status = std::move(status).next(
        "the server is read-only (a standby?): let \"host\" name the primary");
  }
  if (code == Code::permission_denied) {
    status = std::move(status).next("grant the right to " + printable(settings_.user) +
                                    ": the plugin's README lists what the " + settings_.component +
                                    " needs");
  }
  return Failure{std::move(status).at(place_), sqlstate};
}

std::string Connection::server_encoding() const {
  const char* encoding = PQparameterStatus(pg_.get(), "server_encoding");
  return encoding == nullptr ? std::string() : std::string(encoding);
}

Status Connection::broken() const {
  const std::string message = one_line(PQerrorMessage(pg_.get()));
  return Status(Code::unavailable,
                message.empty() ? "the connection is closed" : "connection lost: " + message)
      .at(place_);
}

Status Connection::begin_copy(const std::string& copy_sql) {
  DAYMILL_FAILPOINT("pg.copy_start");
  Failure failure;
  return answer(PQsendQuery(pg_.get(), copy_sql.c_str()), &failure).status();
}

Status Connection::put_copy(const char* data, std::size_t size) {
  DAYMILL_FAILPOINT("pg.copy_data");
  start_clock();
  if (host_.stop_requested()) {
    return Status(Code::cancelled, "stopped while rows were sent").at(place_);
  }
  if (PQputCopyData(pg_.get(), data, static_cast<int>(size)) != 1) {
    return copy_failure();
  }
  for (;;) {
    const int unsent = PQflush(pg_.get());
    pollfd socket{PQsocket(pg_.get()), POLLIN, 0};
    if (unsent < 0 || ::poll(&socket, 1, 0) != 0) {
      return copy_failure();  // during COPY the server speaks only to refuse
    }
    if (unsent == 0) {
      return {};
    }
    DAYMILL_TRY(wait_for_socket(true));
  }
}

// libpq shows what the server said during a COPY only after its end.
Status Connection::copy_failure() {
  Failure failure;
  const int sent = PQputCopyEnd(pg_.get(), "given up because the server interrupted it");
  const Result<Rows> said = answer(sent == 1 || !alive() ? 1 : 0, &failure);
  if (said.ok() || failure.sqlstate == "57014") {
    return Status(Code::unavailable, "the server interrupted the COPY without saying why")
        .at(place_);
  }
  return said.status();
}

Result<std::int64_t> Connection::end_copy() {
  DAYMILL_FAILPOINT("pg.copy_end");
  Failure failure;
  DAYMILL_ASSIGN(const Rows rows, answer(PQputCopyEnd(pg_.get(), nullptr) == 1 ? 1 : 0, &failure));
  return rows.affected();
}

void Connection::roll_back() noexcept {
  DAYMILL_FAILPOINT_HERE("pg.roll_back");
  try {
    if (alive() && PQtransactionStatus(pg_.get()) != PQTRANS_IDLE) {
      Failure failure;
      exec_to_the_end("ROLLBACK", &failure).status().ignore("the session ends it otherwise");
    }
  } catch (...) {  // out of memory: the server rolls back when the session ends
  }
}

Result<Transaction> Transaction::start(Connection& connection, const char* sql) {
  DAYMILL_FAILPOINT("pg.begin");
  DAYMILL_TRY(connection.exec(sql));
  return Transaction(connection);
}

Result<Transaction> Transaction::begin(Connection& connection) {
  return start(connection, "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE");
}

Result<Transaction> Transaction::begin_reading(Connection& connection) {
  return start(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
}

Status Transaction::commit(Code lost) {
  Connection& connection = *std::exchange(connection_, nullptr);
  Failure failure;
  const Result<Rows> rows = connection.exec_to_the_end("COMMIT", &failure);
  if (!rows.ok()) {
    if (!ends_session(failure.sqlstate)) {
      return rows.status();
    }
    return Status(lost,
                  "the session ended before the answer to COMMIT: " + failure.status.message())
        .at(connection.place());
  }
  if (rows.value().command() != "COMMIT") {
    return Status(Code::internal,
                  "the transaction was rolled back at COMMIT: the server answered " +
                      rows.value().command())
        .at(connection.place());
  }
  return {};
}

}  // namespace daymill::postgres
