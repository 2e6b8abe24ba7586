// The fixture of the tests on real servers: a Redis, a database with the advertisement table, a
// folder of its own for daymill, and the program as a process.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ad_counts.hpp"
#include "redis_clients.hpp"
#include "support/private_postgres.hpp"
#include "support/private_redis.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::integration {

inline const std::string kDay = "2024-11-22";

/// The program under test: DAYMILL_PROGRAM, or the build's own.
std::string daymill_program();

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The servers are started once per test program; every test has a flushed Redis, a new database
/// with the table of schemas/sql, and an empty DAYMILL_HOME.
class AdPipelineTest : public testing::Test {
 protected:
  AdPipelineTest();

  static support::PrivateRedis& redis();
  static support::PrivatePostgres& postgres();

  /// Writes `pipeline` to <folder>/<name>.json and returns the path.
  std::string write_pipeline() const { return write_pipeline(pipeline); }
  std::string write_pipeline(const nlohmann::ordered_json& definition) const;
  /// Options of `daymill`, for running in the background.
  [[nodiscard]] support::ProcessOptions options(std::vector<std::string> arguments) const;
  [[nodiscard]] support::ProcessResult daymill(std::vector<std::string> arguments) const;
  /// `daymill run <pipeline> --date <day>` with the pipeline as it is now.
  [[nodiscard]] support::ProcessResult run_day(const std::string& day = kDay) const;
  [[nodiscard]] support::ProcessResult replay_day(std::vector<std::string> more = {}) const;
  /// The same with --output json: the report of the one run.
  nlohmann::json run_report(const std::string& day = kDay) const;

  /// Empty when the table holds exactly `expected` for the day.
  [[nodiscard]] std::string table_differs_from(const AdCounts& expected,
                                               const std::string& day = kDay) const;
  /// Every row of the table in order, as one checksum.
  [[nodiscard]] std::string table_checksum() const;
  std::vector<support::PrivatePostgres::Row> query(const std::string& sql) const;
  /// The one number that a query gives; -1 when the relation does not exist.
  [[nodiscard]] std::int64_t number(const std::string& sql) const;
  /// All keys in Redis, sorted.
  static std::vector<std::string> redis_keys();
  /// What is left in Redis of days that are done: removal records, and the sink's identity.
  static std::vector<std::string> records_of(const std::vector<std::string>& days);
  static void record(const std::vector<Increment>& increments, const std::string& day = kDay);

  /// Expects that no row, load or receipt of the day exists and that Redis holds `counts`.
  void expect_untouched(const AdCounts& counts, const std::string& day = kDay) const;

  support::TemporaryFolder folder{"integration"};
  std::string database;
  nlohmann::ordered_json pipeline;
  Environment environment;  ///< added to DAYMILL_HOME
};

/// The writes that the servers have counted, by their own statistics.
struct WriteCounters {
  std::string redis;     ///< changes of the data set, calls of writing commands
  std::string postgres;  ///< write-ahead log position, tuples written
  bool operator==(const WriteCounters&) const = default;
};
std::ostream& operator<<(std::ostream& out, const WriteCounters& counters);

/// Waits until nobody but this test is connected, so that every session has reported.
WriteCounters write_counters(support::PrivateRedis& redis, support::PrivatePostgres& postgres,
                             const std::string& database);

/// For EXPECT_TRUE: the program ended with `exit_code`; shows its output otherwise.
testing::AssertionResult exited(const support::ProcessResult& result, int exit_code);
/// For EXPECT_TRUE: standard error (or output) has every one of `parts`.
testing::AssertionResult says(const std::string& text, const std::vector<std::string>& parts);

}  // namespace daymill::integration
