// The part of Connection that connects.
#include <algorithm>
#include <array>

#include "connection.hpp"
#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "sqlstate.hpp"

namespace daymill::postgres {
namespace {

// "FATAL:  28P01: password authentication failed": the only place where libpq gives the code of a
// connection that was refused.
std::string sqlstate_in(std::string_view message) {
  const auto is_code = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  };
  for (std::size_t at = message.find(":  "); at != std::string_view::npos;
       at = message.find(":  ", at + 1)) {
    const std::string_view code = message.substr(at + 3, 5);
    if (code.size() == 5 && is_code(code) && message.substr(at + 8, 1) == ":") {
      return std::string(code);
    }
  }
  return {};
}

// The settings as libpq takes them; never as one string, in which a password could be misread.
class Keywords {
 public:
  explicit Keywords(const ConnectionSettings& settings) : port_(std::to_string(settings.port)) {
    add("host", settings.host);
    add("port", port_);
    add("dbname", settings.database);
    add("user", settings.user);
    add("password", settings.password);
    add("sslmode", settings.sslmode);
    add("sslrootcert", settings.sslrootcert);
    add("application_name", settings.application_name);
    for (const auto& [name, value] : kFixed) {
      names_.push_back(name);
      values_.push_back(value);
    }
    names_.push_back(nullptr);
    values_.push_back(nullptr);
  }
  [[nodiscard]] const char* const* names() const { return names_.data(); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }

 private:
  // A peer that is gone is noticed within a minute.
  static constexpr std::array<std::pair<const char*, const char*>, 6> kFixed = {
      {{"client_encoding", "UTF8"},
       {"keepalives", "1"},
       {"keepalives_idle", "30"},
       {"keepalives_interval", "10"},
       {"keepalives_count", "3"},
       {"tcp_user_timeout", "30000"}}};

  void add(const char* name, const std::string& value) {
    if (!value.empty()) {
      names_.push_back(name);
      values_.push_back(value.c_str());
    }
  }

  std::string port_;
  std::vector<const char*> names_;
  std::vector<const char*> values_;
};

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionSettings& settings,
                                                     Host host) {
  std::unique_ptr<Connection> connection(new Connection(settings, host));
  DAYMILL_TRY(connection->connect());
  DAYMILL_TRY(connection->set_up_session());
  return connection;
}

Status Connection::connect() {
  DAYMILL_FAILPOINT("pg.connect");
  const Keywords keywords(settings_);
  pg_.reset(PQconnectStartParams(keywords.names(), keywords.values(), /*expand_dbname=*/0));
  if (pg_ == nullptr) {
    return Status(Code::resource_exhausted, "out of memory while connecting").at(place_);
  }
  PQsetErrorVerbosity(pg_.get(), PQERRORS_VERBOSE);
  if (settings_.connect_timeout.count() > 0) {
    deadline_ = Clock::now() + settings_.connect_timeout;
  }
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED || PQstatus(pg_.get()) == CONNECTION_BAD) {
      return connect_failure();
    }
    DAYMILL_TRY(wait_for_socket(state == PGRES_POLLING_WRITING));
    state = PQconnectPoll(pg_.get());
  }
  PQsetErrorVerbosity(pg_.get(), PQERRORS_DEFAULT);
  PQsetNoticeProcessor(
      pg_.get(), [](void*, const char*) {}, nullptr);
  return PQsetnonblocking(pg_.get(), 1) == 0 ? Status() : broken();
}

Status Connection::connect_failure() const {
  const std::string message = one_line(PQerrorMessage(pg_.get()));
  const std::string sqlstate = sqlstate_in(message);
  Code code = code_of(sqlstate);
  if (PQconnectionNeedsPassword(pg_.get()) != 0) {
    code = Code::unauthenticated;
  }
  Status status(code, "cannot connect: " + message);
  if (code == Code::unauthenticated) {
    return std::move(status).at(place_).next("check \"user\" and \"password\" of the " +
                                             settings_.component + " (user is " +
                                             printable(settings_.user) + ")");
  }
  if (code == Code::not_found) {
    return std::move(status).at(place_).next("check \"database\" of the " + settings_.component);
  }
  return std::move(status).at(place_).next(
      "check \"host\" and \"port\" of the " + settings_.component +
      ", and that the server runs: pg_isready -h " + settings_.host + " -p " +
      std::to_string(settings_.port));
}

Status Connection::set_up_session() {
  DAYMILL_FAILPOINT("pg.session");
  DAYMILL_ASSIGN(const Rows schemas, exec("SELECT unnest(pg_catalog.current_schemas(false))"));
  for (int row = 0; row < schemas.size(); ++row) {
    search_path_.push_back(schemas.text(row, 0));
  }
  const char* const path =
      settings_.only_reads ? "" : "set_config('search_path', 'pg_catalog, pg_temp', false), ";
  DAYMILL_TRY(
      exec(std::string("SELECT ") + path +
               "set_config('datestyle', 'ISO, YMD', false), set_config('timezone', 'UTC', false),"
               " set_config('bytea_output', 'hex', false),"
               " set_config('standard_conforming_strings', 'on', false),"
               " set_config('client_min_messages', 'warning', false),"
               " set_config('statement_timeout', $1, false),"
               " set_config('lock_timeout', $2, false)",
           {settings_.statement_timeout.count(), settings_.lock_timeout.count()}));
  return settings_.only_reads ? set_up_reading() : Status();
}

// Readers of one day wait for each other within their transactions, and a cursor is read to its
// end; transaction_timeout is PostgreSQL 17's.
Status Connection::set_up_reading() {
  return exec(
             "SELECT set_config(name, CASE name WHEN 'default_transaction_read_only' THEN 'on'"
             " WHEN 'cursor_tuple_fraction' THEN '1' ELSE '0' END, false)"
             " FROM pg_catalog.pg_settings WHERE name IN ('default_transaction_read_only',"
             " 'cursor_tuple_fraction', 'idle_in_transaction_session_timeout',"
             " 'transaction_timeout')")
      .status();
}

}  // namespace daymill::postgres
