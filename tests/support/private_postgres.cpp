#include "support/private_postgres.hpp"

#include <libpq-fe.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/free_port.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait_until.hpp"

namespace daymill::support {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Connection connect(const std::string& conninfo) {
  Connection connection(PQconnectdb(conninfo.c_str()), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return connection;
}

// The process ids whose parent is `parent`: a PostgreSQL session is a child in a session of its
// own.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0)
      continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    std::getline(stat, text);
    const auto name_end = text.rfind(") ");  // "pid (name) state ppid …"
    if (name_end == std::string::npos)
      continue;
    if (std::atoi(text.c_str() + name_end + 4) == parent)
      children.push_back(pid);
  }
  return children;
}

}  // namespace

PrivatePostgres::PrivatePostgres(PrivatePostgresOptions options)
    : options_(std::move(options)), data_(folder_ / "data") {
  create_postgres_cluster(data_);
  constexpr int kPortsTried = 20;
  for (int attempt = 0; attempt < kPortsTried; ++attempt) {
    port_ = free_port();
    configure();
    if (try_start())
      return;
    if (log().find("could not bind") == std::string::npos)
      break;
  }
  throw std::runtime_error("PostgreSQL does not start:\n" + log());
}

PrivatePostgres::~PrivatePostgres() {
  kill9();
}

PrivatePostgres& PrivatePostgres::shared() {
  static PrivatePostgres server;
  return server;
}

void PrivatePostgres::configure() const {
  std::ofstream settings(data_ / "postgresql.auto.conf", std::ios::trunc);
  settings << "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = " << port_
           << "\nfsync = " << (options_.fsync ? "on" : "off")
           << "\nlog_min_messages = warning\nshared_buffers = '64MB'\n";
  for (const auto& [name, value] : options_.settings)
    settings << name << " = '" << value << "'\n";
  std::ofstream access(data_ / "pg_hba.conf", std::ios::trunc);
  access << "host all all 127.0.0.1/32 " << (options_.scram ? "scram-sha-256" : "trust") << "\n";
}

bool PrivatePostgres::try_start() {
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = {(postgres_programs() / "postgres").string(), "-D", data_.string()},
                     .folder = "/",
                     .user = unprivileged_user(),
                     .death_signal = SIGQUIT});
  const bool answered =
      wait_until([this] { return !process_->running() || ready(); }, std::chrono::seconds(60));
  return answered && process_->running();
}

// The server writes its own process id and "ready" into postmaster.pid, so that nobody else's
// server on the same port is mistaken for it.
bool PrivatePostgres::ready() {
  std::ifstream file(data_ / "postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines.size() >= 8 && lines[0] == std::to_string(process_->pid()) &&
         lines[7].starts_with("ready");
}

std::string PrivatePostgres::log() const {
  return process_ ? process_->standard_error() : std::string("(no log)");
}

void PrivatePostgres::start() {
  if (process_ && process_->running())
    return;
  if (!wait_until([this] { return try_start(); }, std::chrono::seconds(60)))
    throw std::runtime_error("PostgreSQL does not start again:\n" + log());
}

void PrivatePostgres::stop() {
  if (!process_)
    return;
  process_->send_signal(SIGINT);
  if (!process_->wait(std::chrono::seconds(60)))
    throw std::runtime_error("PostgreSQL does not stop");
  process_.reset();
}

void PrivatePostgres::kill9() {
  if (!process_)
    return;
  if (process_->running()) {
    ::kill(process_->pid(), SIGSTOP);  // starts no new session while the old ones are collected
    for (const pid_t child : children_of(process_->pid()))
      ::kill(child, SIGKILL);
  }
  process_.reset();
}

void PrivatePostgres::restart() {
  stop();
  start();
}

const std::string& PrivatePostgres::password() {
  return postgres_password();
}

std::string PrivatePostgres::conninfo(const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres password=" + password() +
         " connect_timeout=10 dbname=" + database;
}

std::string PrivatePostgres::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  exec("CREATE DATABASE " + name);
  return name;
}

std::vector<PrivatePostgres::Row> PrivatePostgres::query(const std::string& sql,
                                                         const std::string& database) {
  const auto connection = connect(conninfo(database));
  const Result result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
    throw std::runtime_error(std::string(PQerrorMessage(connection.get())) + "in: " + sql);
  std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (int row = 0; row < PQntuples(result.get()); ++row)
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      auto& value = rows[static_cast<std::size_t>(row)].emplace_back();
      if (PQgetisnull(result.get(), row, column) == 0)
        value.emplace(PQgetvalue(result.get(), row, column),
                      static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
    }
  return rows;
}

void PrivatePostgres::exec(const std::string& sql, const std::string& database) {
  query(sql, database);
}

}  // namespace daymill::support
