#include "certify_stand.hpp"

#include <sqlite3.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/private_postgres.hpp"
#include "support/private_redis.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

const Json kColumns = {{"ad_id", "int64"}, {"search_word", "text"}, {"clicks", "int64"}};
const Json kKeys = {"ad_id", "search_word"};
const Json kTargetKeys = {"date", "ad_id", "search_word"};

class CsvStand final : public CertifyStand {
 public:
  CsvStand() {
    folder_.write("clicks-20261122.csv",
                  "ad_id,search_word,clicks\n7,shoes,1\n8,größe,2\n9,\"a,b\",three\n10,,4\n");
  }
  [[nodiscard]] std::string config() const override {
    return Json{{"source:csv",
                 {{"config",
                   {{"path", (folder_ / "clicks-{date:%Y%m%d}.csv").string()},
                    {"columns", kColumns},
                    {"keys", kKeys},
                    {"measures", {"clicks"}}}},
                  {"date", "2026-11-22"}}},
                {"sink:csv",
                 {{"config", {{"path", (folder_ / "out/{date}.csv").string()}, {"create", true}}}}}}
        .dump();
  }

 private:
  support::TemporaryFolder folder_{"certify"};
};

class JsonlStand final : public CertifyStand {
 public:
  JsonlStand() {
    folder_.write("clicks-20261122.jsonl",
                  "{\"ad_id\":7,\"search_word\":\"shoes\",\"clicks\":1}\n"
                  "{\"ad_id\":8,\"search_word\":\"größe\",\"clicks\":\"two\"}\n"
                  "{\"ad_id\":9,\"search_word\":\"\",\"clicks\":3}\n");
  }
  [[nodiscard]] std::string config() const override {
    return Json{
        {"source:jsonl",
         {{"config",
           {{"path", (folder_ / "clicks-{date:%Y%m%d}.jsonl").string()},
            {"columns", kColumns},
            {"keys", kKeys},
            {"measures", {"clicks"}}}},
          {"date", "2026-11-22"}}},
        {"sink:jsonl",
         {{"config", {{"path", (folder_ / "out/{date}.jsonl").string()}, {"create", true}}}}}}
        .dump();
  }

 private:
  support::TemporaryFolder folder_{"certify"};
};

class SqliteStand final : public CertifyStand {
 public:
  SqliteStand() {
    sqlite3* handle = nullptr;
    sqlite3_open((folder_ / "shop.db").c_str(), &handle);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> owner(handle, &sqlite3_close);
    constexpr const char* kRows =
        "CREATE TABLE counts (day TEXT, ad_id INTEGER, search_word TEXT, clicks);"
        "INSERT INTO counts VALUES ('2026-11-22', 7, 'shoes', 1), ('2026-11-22', 8, 'hats', 'x'),"
        "('2026-11-22', 9, '', 3)";
    if (sqlite3_exec(handle, kRows, nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(handle));
    }
  }
  [[nodiscard]] std::string config() const override {
    return Json{{"source:sqlite",
                 {{"config",
                   {{"database", (folder_ / "shop.db").string()},
                    {"query", "SELECT ad_id, search_word, clicks FROM counts WHERE day = :date"},
                    {"columns", kColumns},
                    {"keys", kKeys},
                    {"measures", {"clicks"}}}},
                  {"date", "2026-11-22"}}},
                {"sink:sqlite",
                 {{"config",
                   {{"database", (folder_ / "analytics.db").string()},
                    {"table", "advertisement_analytics"},
                    {"key", kTargetKeys},
                    {"create", true}}}}}}
        .dump();
  }

 private:
  support::TemporaryFolder folder_{"certify"};
};

class RedisStand final : public CertifyStand {
 public:
  RedisStand() {
    fill("clicks:20261122", 1'000);
    fill("views:20261122", 5'000);
    redis_.command({"HSET", "clicks:20261122", "no separator", "1"});
  }
  [[nodiscard]] std::string config() const override {
    return Json{
        {"source:redis_hash",
         {{"config",
           {{"host", support::PrivateRedis::host()},
            {"port", redis_.port()},
            {"password", "${CERTIFY_NO_PASSWORD:-}"},
            {"field", "{ad_id:int64}:{search_word:text}"},
            {"measures", {{"clicks", "clicks:{date:%Y%m%d}"}, {"views", "views:{date:%Y%m%d}"}}},
            {"remove", "after_load"}}},
          {"date", "2026-11-22"},
          {"may_remove", true},
          {"change",
           {"redis-cli", "-h", support::PrivateRedis::host(), "-p", std::to_string(redis_.port()),
            "HINCRBY", "clicks:20261122", "1:shoes", "1"}}}},
        {"sink:redis_hash",
         {{"config",
           {{"host", support::PrivateRedis::host()},
            {"port", redis_.port()},
            {"key", "out:{date:%Y%m%d}"},
            {"field", "{ad_id:int64}:{search_word:text}"},
            {"value", "clicks"}}},
          {"columns",
           {{"ad_id", "int64 key"}, {"search_word", "text key"}, {"clicks", "int64 measure"}}}}}}
        .dump();
  }

 private:
  /// Of several pages, and of another size than the other hash.
  void fill(const std::string& key, int fields) {
    std::vector<std::string> command = {"HSET", key};
    for (int ad = 0; ad < fields; ++ad) {
      command.push_back(std::to_string(ad) + ":shoes");
      command.push_back("3");
    }
    redis_.command(command);
  }

  support::PrivateRedis redis_;
};

class PostgresStand final : public CertifyStand {
 public:
  PostgresStand() {
    server_.exec(
        "CREATE TABLE counts (day date, ad_id bigint, search_word text, clicks bigint);"
        "INSERT INTO counts VALUES ('2026-11-22', 7, 'shoes', 1), ('2026-11-22', 8, 'hats', 2),"
        "('2026-11-22', 9, '', 3)",
        database_);
  }
  [[nodiscard]] std::string config() const override {
    return Json{{"source:postgres",
                 {{"config",
                   {{"host", support::PrivatePostgres::host()},
                    {"port", server_.port()},
                    {"user", support::PrivatePostgres::user()},
                    {"database", database_},
                    {"query", "SELECT ad_id, search_word, clicks FROM counts WHERE day = {date}"},
                    {"columns", kColumns},
                    {"keys", kKeys},
                    {"measures", {"clicks"}}}},
                  {"date", "2026-11-22"}}},
                {"sink:postgres",
                 {{"config",
                   {{"host", support::PrivatePostgres::host()},
                    {"port", server_.port()},
                    {"user", support::PrivatePostgres::user()},
                    {"database", database_},
                    {"table", "advertisement_analytics"},
                    {"key", kTargetKeys},
                    {"create", true}}}}}}
        .dump();
  }

 private:
  support::PrivatePostgres server_{{.fsync = false}};
  std::string database_ = server_.create_database();
};

/// Transforms need neither files nor servers.
class TransformStand final : public CertifyStand {
 public:
  [[nodiscard]] std::string config() const override {
    return Json{
        {"transform:ctr", {{"config", Json::object()}}},
        {"transform:select",
         {{"config", {{"columns", {"ad_id", "search_word as word", "clicks"}}}}}},
        {"transform:filter", {{"config", {{"where", "clicks > 1"}}}}},
        {"transform:derive", {{"config", {{"columns", {{"twice", "int64 = clicks * 2"}}}}}}},
        {"transform:check",
         {{"config",
           {{"warn", {{"counted", "clicks > 0"}}}, {"reject", {{"shown", "clicks < 400"}}}}}}},
        {"transform:aggregate",
         {{"config", {{"by", {"search_word"}}, {"sum", {"clicks", "impressions"}}}}}},
        {"transform:deduplicate", {{"config", {{"by", {"ad_id"}}}}}},
        {"transform:sql",
         {{"config",
           {{"query", "SELECT ad_id, search_word, clicks FROM rows WHERE clicks > 0"},
            {"columns", kColumns},
            {"keys", kKeys},
            {"measures", {"clicks"}}}}}}}
        .dump();
  }
};

}  // namespace

std::unique_ptr<CertifyStand> make_certify_stand(std::string_view plugin) {
  if (plugin == "csv") {
    return std::make_unique<CsvStand>();
  }
  if (plugin == "jsonl") {
    return std::make_unique<JsonlStand>();
  }
  if (plugin == "sqlite") {
    return std::make_unique<SqliteStand>();
  }
  if (plugin == "redis_hash") {
    return std::make_unique<RedisStand>();
  }
  if (plugin == "postgres") {
    return std::make_unique<PostgresStand>();
  }
  if (plugin == "ctr" || plugin == "select" || plugin == "sql") {
    return std::make_unique<TransformStand>();
  }
  return nullptr;
}

}  // namespace daymill
