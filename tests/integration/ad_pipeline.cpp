#include "ad_pipeline.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "support/wait_until.hpp"

namespace daymill::integration {

using support::PrivatePostgres;
using support::PrivateRedis;
using support::ProcessOptions;
using support::ProcessResult;

namespace {

nlohmann::ordered_json ad_ctr(int redis_port, int postgres_port, const std::string& database) {
  return {
      {"name", "ad_ctr"},
      {"partition", {{"every", "day"}, {"timezone", "Asia/Tokyo"}, {"closed_after", "15m"}}},
      {"source",
       {{"plugin", "redis_hash"},
        {"config",
         {{"host", "127.0.0.1"},
          {"port", redis_port},
          {"field", "{ad_id:int64}:{search_word:text}"},
          {"measures",
           {{"clicks", "clicklog_keys:{date:%Y%m%d}"},
            {"impressions", "viewlog_keys:{date:%Y%m%d}"}}},
          {"remove", "after_load"}}}}},
      {"transforms",
       nlohmann::ordered_json::array(
           {{{"plugin", "ctr"},
             {"config", {{"clicks", "clicks"}, {"impressions", "impressions"}, {"as", "ctr"}}}}})},
      {"sink",
       {{"plugin", "postgres"},
        {"config",
         {{"host", "127.0.0.1"},
          {"port", postgres_port},
          {"database", database},
          {"user", "postgres"},
          {"table", "advertisement_analytics"},
          {"partition_column", "date"},
          {"key", {"date", "ad_id", "search_word"}}}}}},
      {"rejects", {{"max_rows", 1000}, {"max_share", "100%"}}},
      {"retry", {{"attempts", 1}, {"backoff", "1ms..2ms"}}}};
}

bool writes(const std::string& command) {
  constexpr const char* kReading[] = {
      "hello", "auth", "select", "client|setinfo", "client|setname", "watch",  "unwatch",
      "get",   "type", "hlen",   "hscan",          "scan",           "exists", "info",
      "ping",  "role", "ttl",    "dbsize",         "hgetall",        "keys",   "command|docs",
      "mget",  "pttl", "memory"};
  return std::find(std::begin(kReading), std::end(kReading), command) == std::end(kReading);
}

}  // namespace

std::string daymill_program() {
  const char* chosen = std::getenv("DAYMILL_PROGRAM");
  return chosen != nullptr && *chosen != '\0' ? chosen : DAYMILL_BUILT_PROGRAM;
}

AdPipelineTest::AdPipelineTest()
    : database(postgres().create_database()),
      pipeline(ad_ctr(redis().port(), postgres().port(), database)) {
  redis().command({"FLUSHALL"});
  postgres().exec(support::read_file(DAYMILL_SCHEMAS "/sql/advertisement_analytics.sql"), database);
}

PrivateRedis& AdPipelineTest::redis() {
  static PrivateRedis server;
  return server;
}

// Only what a test asks for may write: no autovacuum, no periodic records in the write-ahead log.
PrivatePostgres& AdPipelineTest::postgres() {
  static PrivatePostgres server(
      {.fsync = false,
       .settings = {{"autovacuum", "off"}, {"wal_level", "minimal"}, {"max_wal_senders", "0"}}});
  return server;
}

std::string AdPipelineTest::write_pipeline(const nlohmann::ordered_json& definition) const {
  return folder.write(definition["name"].get<std::string>() + ".json", definition.dump(2)).string();
}

ProcessOptions AdPipelineTest::options(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), daymill_program());
  Environment all = {{"DAYMILL_HOME", (folder / "home").string()}};
  all.insert(all.end(), environment.begin(), environment.end());
  return {.argv = std::move(arguments),
          .environment = std::move(all),
          .unset = {"PGPASSWORD", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE"},
          .folder = folder.path()};
}

ProcessResult AdPipelineTest::daymill(std::vector<std::string> arguments) const {
  return support::run_process(options(std::move(arguments)));
}

ProcessResult AdPipelineTest::run_day(const std::string& day) const {
  return daymill({"run", write_pipeline(), "--date", day});
}

ProcessResult AdPipelineTest::replay_day(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"replay", write_pipeline(), "--date", kDay};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return daymill(std::move(arguments));
}

nlohmann::json AdPipelineTest::run_report(const std::string& day) const {
  const auto result = daymill({"run", write_pipeline(), "--date", day, "--output", "json"});
  const auto envelope = nlohmann::json::parse(result.standard_output, nullptr, false);
  if (envelope.is_discarded() || !envelope["result"].is_object()) {
    ADD_FAILURE() << "no report:\n" << result.standard_output << result.standard_error;
    return nlohmann::json::object();
  }
  nlohmann::json report = envelope["result"]["runs"][0];
  report["exit_code"] = result.exit_code;
  return report;
}

std::string AdPipelineTest::table_differs_from(const AdCounts& expected,
                                               const std::string& day) const {
  return difference(expected, postgres(), database, "advertisement_analytics", day);
}

std::string AdPipelineTest::table_checksum() const {
  return query(
             "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY date, "
             "ad_id, search_word)), '-') FROM advertisement_analytics AS t")[0][0]
      .value();
}

std::vector<PrivatePostgres::Row> AdPipelineTest::query(const std::string& sql) const {
  return postgres().query(sql, database);
}

std::int64_t AdPipelineTest::number(const std::string& sql) const {
  try {
    return std::stoll(query(sql)[0][0].value());
  } catch (const std::runtime_error& error) {
    if (std::string(error.what()).find("does not exist") == std::string::npos)
      throw;
    return -1;
  }
}

std::vector<std::string> AdPipelineTest::redis_keys() {
  auto keys = redis().list({"KEYS", "*"});
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> AdPipelineTest::records_of(const std::vector<std::string>& days) {
  std::vector<std::string> keys = {"daymill:ad_ctr:sink"};
  for (const std::string& day : days)
    for (const Event event : {Event::click, Event::impression})
      keys.push_back("{" + key_of(event, day) + "}:daymill");
  std::sort(keys.begin(), keys.end());
  return keys;
}

void AdPipelineTest::record(const std::vector<Increment>& increments, const std::string& day) {
  integration::record(redis().port(), day, increments);
}

void AdPipelineTest::expect_untouched(const AdCounts& counts, const std::string& day) const {
  EXPECT_LE(number("SELECT count(*) FROM advertisement_analytics WHERE date = '" + day + "'"), 0);
  EXPECT_LE(number("SELECT count(*) FROM daymill.load WHERE partition = '" + day + "'"), 0);
  EXPECT_LE(number("SELECT count(*) FROM daymill.receipt WHERE partition = '" + day + "'"), 0);
  Counts found;
  for (const Event event : {Event::click, Event::impression}) {
    const auto values = redis().list({"HVALS", key_of(event, day)});
    for (const std::string& value : values)
      (event == Event::click ? found.clicks : found.impressions) += std::stoll(value);
    EXPECT_EQ(redis().command({"GET", "{" + key_of(event, day) + "}:daymill"}), std::nullopt);
  }
  EXPECT_EQ(found, counts.sums()) << found.clicks << " " << found.impressions;
}

std::ostream& operator<<(std::ostream& out, const WriteCounters& counters) {
  return out << counters.redis << "\n" << counters.postgres;
}

WriteCounters write_counters(PrivateRedis& redis, PrivatePostgres& postgres,
                             const std::string& database) {
  EXPECT_TRUE(support::wait_until([&] {
    return postgres.query(
               "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client "
               "backend' AND pid <> pg_backend_pid()")[0][0] == "0";
  }));
  WriteCounters counters;
  std::istringstream lines(redis.command({"INFO", "all"}).value());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("rdb_changes_since_last_save:"))
      counters.redis += line + "\n";
    if (constexpr std::string_view kStat = "cmdstat_"; line.starts_with(kStat)) {
      const std::string command = line.substr(kStat.size(), line.find(':') - kStat.size());
      if (writes(command))
        counters.redis += line.substr(0, line.find(',')) + "\n";
    }
  }
  const auto row = postgres.query(
      "SELECT pg_current_wal_insert_lsn(), sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) "
      "FROM pg_stat_user_tables",
      database)[0];
  for (const auto& value : row)
    counters.postgres += value.value_or("null") + " ";
  return counters;
}

testing::AssertionResult exited(const ProcessResult& result, int exit_code) {
  if (result.exit_code == exit_code && !result.timed_out)
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "exit code " << result.exit_code << " (signal " << result.signal << "), expected "
         << exit_code << "\nstandard output:\n"
         << result.standard_output << "standard error:\n"
         << result.standard_error;
}

testing::AssertionResult says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (text.find(part) == std::string::npos)
      return testing::AssertionFailure() << "\"" << part << "\" is not in:\n" << text;
  return testing::AssertionSuccess();
}

}  // namespace daymill::integration
