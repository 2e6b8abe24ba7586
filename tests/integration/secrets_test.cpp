// A secret never leaves the program: not in its output, its logs, its journal, its snapshots, the
// receipts, and whether it is right or wrong.
#include <filesystem>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

const std::string kSecret = "C@n4ry'\"&%";
/// Its beginning survives every kind of quoting and escaping.
const std::string kTrace = "C@n4ry";

/// Which commands have to keep silent: all, or those that read the pipeline file first.
enum class Silence { everywhere = 1, of_the_file };

class Secrets : public AdPipelineTest {
 protected:
  Secrets() {
    guarded_redis.command({"CONFIG", "SET", "requirepass", kSecret});
    guarded_postgres().exec(
        "DROP SCHEMA IF EXISTS daymill, daymill_stage CASCADE;"
        "DROP TABLE IF EXISTS advertisement_analytics;"
        "DROP ROLE IF EXISTS etl; CREATE ROLE etl LOGIN SUPERUSER PASSWORD 'C@n4ry''\"&%'");
    guarded_postgres().exec(support::read_file(DAYMILL_SCHEMAS "/sql/advertisement_analytics.sql"));
    auto& source = pipeline["source"]["config"];
    source["port"] = guarded_redis.port();
    source["password"] = "${TEST_REDIS_PASSWORD}";
    auto& sink = pipeline["sink"]["config"];
    sink["port"] = guarded_postgres().port();
    sink["database"] = "postgres";
    sink["user"] = "etl";
    sink["password"] = "${file:" + (folder / "postgres_password").string() + "}";
    give(kSecret, kSecret);
    const auto increments = day_of_increments(20);
    RedisClient(guarded_redis.port(), kSecret).record(kDay, increments);
    counts.add(increments);
  }

  void give(const std::string& redis_password, const std::string& postgres_password) {
    environment = {{"TEST_REDIS_PASSWORD", redis_password}};
    folder.write("postgres_password", postgres_password + "\n");
  }
  /// Runs every command that could tell, in all kinds of output.
  void expect_silence(Silence how = Silence::everywhere) {
    const std::string file = write_pipeline();
    std::vector<std::vector<std::string>> commands = {
        {"validate", file}, {"run", file, "--date", kDay, "--log-level", "debug"}};
    if (how == Silence::everywhere)
      commands.insert(commands.end(), {{"plan", file, "--date", kDay},
                                       {"replay", file, "--date", kDay, "--force"},
                                       {"status", "ad_ctr"},
                                       {"doctor", file},
                                       {"snapshots", "list", "ad_ctr"}});
    for (const auto& command : commands)
      for (const auto& format : std::vector<std::vector<std::string>>{
               {}, {"--output", "json", "--log-format", "json"}}) {
        auto arguments = command;
        arguments.insert(arguments.end(), format.begin(), format.end());
        const auto result = daymill(arguments);
        EXPECT_EQ((result.standard_output + result.standard_error).find(kTrace), std::string::npos)
            << command[0] << "\n"
            << result.standard_output << result.standard_error;
      }
    const auto runs = nlohmann::json::parse(
        daymill({"status", "--runs", "--output", "json"}).standard_output)["result"]["runs"];
    for (const auto& run : runs) {
      const auto shown = daymill({"show", run["run_id"]});
      EXPECT_EQ(shown.standard_output.find(kTrace), std::string::npos) << shown.standard_output;
    }
    expect_silent_files();
    expect_silent_tables();
  }
  void expect_silent_files() const {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "home"))
      if (entry.is_regular_file()) {
        ++files;
        EXPECT_EQ(support::read_file(entry.path()).find(kTrace), std::string::npos) << entry;
      }
    EXPECT_GT(files, 0);
  }
  static void expect_silent_tables() {
    for (const char* table : {"load", "receipt", "reject", "fence"}) {
      const std::string name = std::string("daymill.") + table;
      if (guarded_postgres().query("SELECT to_regclass('" + name + "')")[0][0].has_value()) {
        EXPECT_EQ(guarded_postgres().query("SELECT count(*) FROM " + name +
                                           " AS t WHERE t::text LIKE '%" + kTrace + "%'")[0][0],
                  "0")
            << name;
      }
    }
    for (const auto& row :
         guarded_postgres().query("SELECT application_name FROM pg_stat_activity"))
      EXPECT_EQ(row[0].value_or("").find(kTrace), std::string::npos);
  }

  static support::PrivatePostgres& guarded_postgres() {
    static support::PrivatePostgres server({.scram = true, .fsync = false});
    return server;
  }

  support::PrivateRedis guarded_redis;
  AdCounts counts;
};

TEST_F(Secrets, RightOnesAreUsedAndNotShown) {
  ASSERT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(difference(counts, guarded_postgres(), "postgres", "advertisement_analytics", kDay),
            "");
  expect_silence();
}

TEST_F(Secrets, WrongOneForTheSource) {
  give(kSecret + "-wrong", kSecret);
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAUTHENTICATED", "redis"}));
  expect_silence();
}

TEST_F(Secrets, WrongOneForTheSink) {
  give(kSecret, kSecret + "-wrong");
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAUTHENTICATED", "postgres"}));
  expect_silence();
}

TEST_F(Secrets, WrittenIntoThePipelineOrIntoTheWrongPlace) {
  pipeline["source"]["config"]["password"] = kSecret;
  expect_silence(Silence::of_the_file);
  pipeline["source"]["config"]["password"] = "${TEST_REDIS_PASSWORD}";
  pipeline["source"]["config"]["passwort"] = kSecret;
  EXPECT_TRUE(exited(run_day(), 2));
  expect_silence(Silence::of_the_file);
  pipeline["source"]["config"].erase("passwort");
  pipeline["source"]["config"]["port"] = "${TEST_REDIS_PASSWORD}";
  EXPECT_TRUE(exited(run_day(), 2));
  expect_silence(Silence::of_the_file);
  pipeline["source"]["config"]["port"] = guarded_redis.port();
  pipeline["source"]["config"]["password"] = nlohmann::json::array({kSecret});
  EXPECT_TRUE(exited(run_day(), 2));
  expect_silence(Silence::of_the_file);
}

}  // namespace
}  // namespace daymill::integration
