// Days on which PostgreSQL, its table, or daymill's own disk is not as it should be.
#include <random>

#include "ad_pipeline.hpp"
#include "support/free_port.hpp"

namespace daymill::integration {
namespace {

class BadTarget : public AdPipelineTest {
 protected:
  BadTarget() { counts.add(increments); }

  void record_day() const { record(increments); }
  /// Runs the day: it must end with `exit_code`, explain itself with `parts`, load nothing and
  /// remove nothing.
  void expect_refused(int exit_code, const std::vector<std::string>& parts) const {
    const auto result = run_day();
    EXPECT_TRUE(exited(result, exit_code));
    EXPECT_TRUE(says(result.standard_error, parts));
    expect_untouched(counts);
  }
  void exec(const std::string& sql) const { postgres().exec(sql, database); }

  std::vector<Increment> increments = day_of_increments(50);
  AdCounts counts;
};

TEST_F(BadTarget, PostgresThatIsDown) {
  record_day();
  const int port = support::free_port();
  pipeline["sink"]["config"]["port"] = port;
  pipeline["retry"]["attempts"] = 2;
  expect_refused(3, {"UNAVAILABLE", "127.0.0.1:" + std::to_string(port)});
  pipeline["sink"]["config"]["port"] = postgres().port();
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadTarget, PostgresThatStopsAndComesBack) {
  record_day();
  postgres().stop();
  const auto down = run_day();
  EXPECT_TRUE(exited(down, 3));
  EXPECT_TRUE(says(down.standard_error, {"UNAVAILABLE"}));
  postgres().start();
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadTarget, WrongPassword) {
  record_day();
  support::PrivatePostgres guarded({.scram = true, .fsync = false});
  pipeline["sink"]["config"]["port"] = guarded.port();
  pipeline["sink"]["config"]["database"] = "postgres";
  pipeline["sink"]["config"]["password"] = "${POSTGRES_PASSWORD}";
  environment = {{"POSTGRES_PASSWORD", "wr0ng-password"}};
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAUTHENTICATED", std::to_string(guarded.port())}));
  EXPECT_EQ(result.standard_error.find("wr0ng-password"), std::string::npos);
  expect_untouched(counts);
}

TEST_F(BadTarget, DatabaseThatDoesNotExist) {
  record_day();
  pipeline["sink"]["config"]["database"] = "no_such_database";
  expect_refused(1, {"NOT_FOUND", "no_such_database"});
}

TEST_F(BadTarget, TableThatDoesNotExist) {
  record_day();
  pipeline["sink"]["config"]["table"] = "no_such_table";
  expect_refused(1, {"NOT_FOUND", "no_such_table", "\"create\": true"});
}

TEST_F(BadTarget, ColumnThatDoesNotExist) {
  record_day();
  exec("ALTER TABLE advertisement_analytics DROP COLUMN ctr");
  expect_refused(1, {"SCHEMA_MISMATCH", "no column ctr", "ADD COLUMN"});
}

TEST_F(BadTarget, ColumnThatNobodyFills) {
  record_day();
  exec("ALTER TABLE advertisement_analytics ADD COLUMN campaign text NOT NULL");
  expect_refused(1, {"SCHEMA_MISMATCH", "campaign", "NOT NULL"});
}

TEST_F(BadTarget, ColumnsOfAnotherType) {
  record_day();
  exec("ALTER TABLE advertisement_analytics ALTER COLUMN clicks TYPE integer");
  expect_refused(1, {"SCHEMA_MISMATCH", "clicks", "integer", "bigint"});
  exec("ALTER TABLE advertisement_analytics ALTER COLUMN clicks TYPE bigint");
  exec("ALTER TABLE advertisement_analytics ALTER COLUMN ctr TYPE text");
  expect_refused(1, {"SCHEMA_MISMATCH", "ctr", "text"});
}

TEST_F(BadTarget, KeyOfOtherColumns) {
  record_day();
  pipeline["sink"]["config"]["key"] = {"date", "ad_id", "word"};
  expect_refused(2, {"INVALID_CONFIG", "key column \"word\""});
}

TEST_F(BadTarget, ViewIsNoTable) {
  record_day();
  exec("CREATE VIEW analytics AS SELECT * FROM advertisement_analytics");
  pipeline["sink"]["config"]["table"] = "analytics";
  expect_refused(2, {"UNSUPPORTED", "analytics", "not a table"});
}

TEST_F(BadTarget, LoginWithoutRights) {
  record_day();
  exec(
      "DO $$ BEGIN CREATE ROLE etl_without_rights LOGIN; EXCEPTION WHEN duplicate_object THEN "
      "NULL; END $$");
  pipeline["sink"]["config"]["user"] = "etl_without_rights";
  expect_refused(3, {"PERMISSION_DENIED", "daymill.sql", "etl_without_rights"});
}

TEST_F(BadTarget, DayThatSomethingElseFilled) {
  record_day();
  exec(
      "CREATE TABLE by_hand PARTITION OF advertisement_analytics FOR VALUES FROM ('2024-11-22') "
      "TO ('2024-11-23')");
  exec("INSERT INTO advertisement_analytics VALUES ('2024-11-22', 1, 'by hand', 1, 1, 1)");
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_output, {"NEEDS_DECISION"}));
  EXPECT_TRUE(says(result.standard_error,
                   {"NEEDS_DECISION", "2024-11-22", "no load of daymill wrote", "by_hand"}));
  EXPECT_EQ(number("SELECT count(*) FROM advertisement_analytics"), 1);
  EXPECT_EQ(redis_keys(),
            (std::vector{key_of(Event::click, kDay), key_of(Event::impression, kDay)}));
  exec("DROP TABLE by_hand");
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadTarget, SecondPipelineOnTheSameTableAndDay) {
  record_day();
  ASSERT_TRUE(exited(run_day(), 0));
  const std::string checksum = table_checksum();
  auto second = pipeline;
  second["name"] = "ad_ctr_copy";
  const auto again = increments;
  record(again);
  const auto result = daymill({"run", write_pipeline(second), "--date", kDay});
  EXPECT_TRUE(exited(result, 2));
  EXPECT_TRUE(says(result.standard_error,
                   {"INVALID_CONFIG", kDay, "ad_ctr_copy", "loaded by pipeline ad_ctr"}));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_EQ(redis().command({"HLEN", key_of(Event::click, kDay)}), "50");
}

TEST_F(BadTarget, SamePipelineAgainstAnotherDatabase) {
  record_day();
  record(increments, "2024-11-21");
  ASSERT_TRUE(exited(run_day("2024-11-21"), 0));
  const std::string laptop = postgres().create_database();
  postgres().exec(support::read_file(DAYMILL_SCHEMAS "/sql/advertisement_analytics.sql"), laptop);
  pipeline["sink"]["config"]["database"] = laptop;
  const auto result = run_day();
  EXPECT_EQ(result.exit_code, 2) << result.standard_error;
  EXPECT_TRUE(says(result.standard_error,
                   {"INVALID_CONFIG", "daymill:ad_ctr:sink", "/" + database, "/" + laptop}));
  EXPECT_EQ(redis().command({"HLEN", key_of(Event::click, kDay)}), "50") << "production's counts";
  EXPECT_EQ(redis().command({"GET", "{" + key_of(Event::click, kDay) + "}:daymill"}), std::nullopt);
  // Production's own run still finds them all.
  pipeline["sink"]["config"]["database"] = database;
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadTarget, NoRoomForTheSnapshot) {
  // Too little to compress: the snapshot is larger than the limit, the journal is smaller.
  std::mt19937_64 random(3);
  std::vector<Increment> large;
  for (int i = 0; i < 20'000; ++i)
    large.push_back(
        {Event::click, {static_cast<std::int64_t>(random() >> 1), std::to_string(random())}, 1});
  AdCounts large_counts;
  large_counts.add(large);
  record(large);
  // What a process may write to one file stands for a full disk: it needs no rights and no mount.
  auto limited = options({});
  limited.argv = {"sh",
                  "-c",
                  "trap '' XFSZ; ulimit -f 400; exec \"$@\"",
                  "sh",
                  daymill_program(),
                  "run",
                  write_pipeline(),
                  "--date",
                  kDay};
  const auto result = support::run_process(limited);
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(
      says(result.standard_error, {"RESOURCE_EXHAUSTED", (folder / "home/snapshots").string()}));
  EXPECT_TRUE(says(result.standard_output, {"RETRY_WAIT"}));
  expect_untouched(large_counts);
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "home/snapshots"))
    if (entry.is_regular_file())
      left.push_back(entry.path());
  EXPECT_EQ(left, std::vector<std::string>()) << "unfinished files are removed";
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(large_counts), "");
}

TEST_F(BadTarget, HomeThatCannotBeWritten) {
  record_day();
  folder.write("home", "a file, not a folder");
  expect_refused(3, {"DAYMILL_HOME", (folder / "home").string()});
}

}  // namespace
}  // namespace daymill::integration
