#include "sink_stand.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "support/private_postgres.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

constexpr const char* kRows =
    "SELECT date, ad_id, search_word, clicks, impressions FROM advertisement_analytics "
    "ORDER BY date, ad_id, search_word";

class SqliteStand final : public SinkStand {
 public:
  SqliteStand() {
    execute(
        "CREATE TABLE advertisement_analytics (date TEXT NOT NULL, ad_id INTEGER NOT NULL, "
        "search_word TEXT NOT NULL, clicks INTEGER, impressions INTEGER, "
        "PRIMARY KEY (date, ad_id, search_word))");
  }
  [[nodiscard]] std::vector<Config::Entry> settings() const override {
    return {{"database", "", (folder_ / "analytics.db").string()},
            {"table", "", "advertisement_analytics"},
            {"key", "0", "date"},
            {"key", "1", "ad_id"},
            {"key", "2", "search_word"},
            {"create", "", "false"}};
  }
  void execute(const std::string& sql) override { static_cast<void>(run(sql)); }
  std::vector<std::string> rows() override { return run(kRows); }

 private:
  std::vector<std::string> run(const std::string& sql) {
    sqlite3* handle = nullptr;
    sqlite3_open((folder_ / "analytics.db").c_str(), &handle);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> owner(handle, &sqlite3_close);
    std::vector<std::string> rows;
    const auto take = [](void* out, int count, char** values, char** /*names*/) {
      std::string row;
      for (int i = 0; i < count; ++i) {
        row += (i == 0 ? "" : "|") + std::string(values[i] == nullptr ? "~" : values[i]);
      }
      static_cast<std::vector<std::string>*>(out)->push_back(std::move(row));
      return 0;
    };
    if (sqlite3_exec(handle, sql.c_str(), take, &rows, nullptr) != SQLITE_OK) {
      throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(handle));
    }
    return rows;
  }

  support::TemporaryFolder folder_{"stand"};
};

class PostgresStand final : public SinkStand {
 public:
  PostgresStand() {
    execute(
        "CREATE TABLE advertisement_analytics (date date NOT NULL, ad_id bigint NOT NULL, "
        "search_word text COLLATE \"C\" NOT NULL, clicks bigint, impressions bigint, "
        "PRIMARY KEY (date, ad_id, search_word))");
  }
  [[nodiscard]] std::vector<Config::Entry> settings() const override {
    return {{"host", "", support::PrivatePostgres::host()},
            {"port", "", std::to_string(server_.port())},
            {"user", "", support::PrivatePostgres::user()},
            {"database", "", database_},
            {"table", "", "advertisement_analytics"},
            {"key", "0", "date"},
            {"key", "1", "ad_id"},
            {"key", "2", "search_word"},
            {"create", "", "false"}};
  }
  void execute(const std::string& sql) override { server_.exec(sql, database_); }
  std::vector<std::string> rows() override {
    std::vector<std::string> rows;
    for (const support::PrivatePostgres::Row& found : server_.query(kRows, database_)) {
      std::string row;
      for (const auto& value : found) {
        row += (row.empty() ? "" : "|") + value.value_or("~");
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  /// One for all; what a power cut leaves is not its business.
  static support::PrivatePostgres& server() {
    static support::PrivatePostgres server({.fsync = false});
    return server;
  }

  support::PrivatePostgres& server_ = server();
  std::string database_ = server_.create_database();
};

}  // namespace

std::unique_ptr<SinkStand> make_stand(std::string_view sink) {
  if (sink == "sqlite") {
    return std::make_unique<SqliteStand>();
  }
  if (sink == "postgres") {
    return std::make_unique<PostgresStand>();
  }
  return nullptr;
}

}  // namespace daymill
