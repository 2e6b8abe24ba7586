#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::support {

struct PrivatePostgresOptions {
  bool scram = false;  ///< ask for passwords (SCRAM); otherwise everybody on 127.0.0.1 is trusted
  bool fsync = true;
  std::vector<std::pair<std::string, std::string>> settings{};  ///< lines of postgresql.conf
};

/// A real PostgreSQL of this test's own: TCP on a free port of 127.0.0.1 only, temporary folder,
/// superuser `postgres`, UTF-8, stepping down from root when it has to. The constructor returns
/// when it accepts connections; the destructor stops it and removes its folder. Use from one
/// thread, and keep the thread that started it alive: the server dies with it. Errors are
/// std::runtime_error.
class PrivatePostgres {
 public:
  using Row =
      std::vector<std::optional<std::string>>;  ///< text form of each column, nothing = NULL

  explicit PrivatePostgres(PrivatePostgresOptions options = {});
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// One trusting server for all tests of a program, started at the first call. Give each test its
  /// own database with create_database().
  [[nodiscard]] static PrivatePostgres& shared();

  [[nodiscard]] static std::string host() { return "127.0.0.1"; }
  [[nodiscard]] static std::string user() { return "postgres"; }
  [[nodiscard]] int port() const { return port_; }
  /// The superuser's; needed only with `scram`.
  [[nodiscard]] static const std::string& password();
  /// For PQconnectdb, password included.
  [[nodiscard]] std::string conninfo(const std::string& database = "postgres") const;

  void start();    ///< on the same port as before; nothing when it runs
  void stop();     ///< fast shutdown: sessions are ended, data is flushed
  void kill9();    ///< SIGKILL to the server and all its sessions, as a crash of the machine would
  void restart();  ///< stop() when it runs, then start()

  /// CREATE DATABASE under a new name (valid without quotes), which is returned.
  [[nodiscard]] std::string create_database();
  /// Runs one or more statements as the superuser; the rows of the last one.
  std::vector<Row> query(const std::string& sql, const std::string& database = "postgres");
  void exec(const std::string& sql, const std::string& database = "postgres");

 private:
  bool try_start();
  void configure() const;
  [[nodiscard]] bool ready();
  [[nodiscard]] std::string log() const;

  PrivatePostgresOptions options_;
  TemporaryFolder folder_{"postgres"};
  std::filesystem::path data_;
  int port_ = 0;
  int databases_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace daymill::support
