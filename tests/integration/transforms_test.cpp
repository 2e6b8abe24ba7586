// The general transforms in one chain, from a CSV file to an SQLite table, through the program.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

constexpr const char* kPipeline = R"json({
  "name": "words",
  "partition": { "every": "day", "timezone": "UTC" },
  "source": { "plugin": "csv", "config": {
      "path": "counts-{date}.csv",
      "columns": { "ad_id": "int64", "search_word": "text", "clicks": "int64", "impressions": "int64", "seen": "text" },
      "keys": ["ad_id", "search_word"], "measures": ["clicks", "impressions"] } },
  "transforms": [
    { "plugin": "check", "config": {
        "reject": { "known_ad": "ad_id > 0" }, "warn": { "shown": "clicks <= impressions" },
        "fail": { "counted": "clicks >= 0" }, "limits": { "known_ad": "50%" } } },
    { "plugin": "select", "config": {
        "columns": ["search_word", "ad_id", "clicks", "impressions", "seen::timestamp as last_seen"] } },
    { "plugin": "filter", "config": { "where": "clicks > 0" } },
    { "plugin": "derive", "config": { "columns": { "word": "text = lower(search_word)" } } },
    { "plugin": "aggregate", "config": {
        "by": ["word"], "sum": ["clicks", "impressions"], "max": ["last_seen"], "count": "ads" } },
    { "plugin": "ctr" },
    { "plugin": "deduplicate", "config": { "by": ["word"] } },
    { "plugin": "sql", "config": {
        "query": "SELECT word, clicks, impressions, ads, last_seen, rank() OVER (ORDER BY ctr DESC) AS place FROM rows WHERE last_seen >= :date",
        "columns": { "word": "text", "clicks": "int64", "impressions": "int64", "ads": "int64", "last_seen": "timestamp", "place": "int64" },
        "keys": ["word"], "measures": ["clicks", "impressions"] } }
  ],
  "sink": { "plugin": "sqlite", "config": {
      "database": "words.db", "table": "words", "partition_column": "date", "key": ["date", "word"], "create": true } },
  "rejects": { "max_rows": 10, "max_share": "50%" }
})json";

class TransformsTest : public testing::Test {
 protected:
  TransformsTest() {
    write(kPipeline);
    folder_.write("counts-2026-11-20.csv",
                  "ad_id,search_word,clicks,impressions,seen\n"
                  "1,Shoes,3,10,2026-11-20T10:00:00Z\n"
                  "2,shoes,2,20,2026-11-20T09:00:00.5Z\n"
                  "0,Shoes,7,70,2026-11-20T09:30:00Z\n"
                  "3,hats,0,5,2026-11-20T11:00:00Z\n"
                  "4,Hats,4,40,yesterday\n"
                  "5,HATS,1,9,2026-11-20T12:00:00Z\n");
    folder_.write("counts-2026-11-21.csv", "ad_id,search_word,clicks,impressions,seen\n");
  }
  void write(const std::string& pipeline) { folder_.write("words.json", pipeline); }
  [[nodiscard]] support::ProcessResult daymill(std::vector<std::string> arguments) const {
    support::ProcessOptions options;
    options.argv = {DAYMILL_PROGRAM};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = {{"DAYMILL_HOME", (folder_ / "home").string()}};
    options.unset = {"DAYMILL_PLUGIN_PATH"};
    options.folder = folder_.path();
    return support::run_process(options);
  }
  [[nodiscard]] nlohmann::json report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--output", "json"});
    const auto result = daymill(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.standard_output << result.standard_error;
    const auto envelope = nlohmann::json::parse(result.standard_output, nullptr, false);
    return envelope.is_discarded() ? nlohmann::json() : envelope["result"]["runs"][0];
  }
  [[nodiscard]] std::vector<std::string> query(const char* sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(
        sqlite3_open_v2((folder_ / "words.db").c_str(), &handle, SQLITE_OPEN_READONLY, nullptr),
        SQLITE_OK);
    std::vector<std::string> rows;
    const auto add_row = [](void* out, int count, char** values, char**) {
      std::string row;
      for (int i = 0; i < count; ++i)
        row += (i == 0 ? "" : "|") + std::string(values[i] == nullptr ? "NULL" : values[i]);
      static_cast<std::vector<std::string>*>(out)->push_back(row);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, sql, add_row, &rows, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return rows;
  }

  support::TemporaryFolder folder_{"transforms"};
};

const std::vector<std::string> kTable = {"2026-11-20|hats|1|9|1|2026-11-20T12:00:00Z|2",
                                         "2026-11-20|shoes|5|30|2|2026-11-20T10:00:00Z|1"};

TEST_F(TransformsTest, ChainIsCountedToTheLastRow) {
  const nlohmann::json run = report({"run", "words.json", "--date", "2026-11-20"});
  EXPECT_EQ(query("SELECT * FROM words ORDER BY word"), kTable);
  EXPECT_EQ(run["rows"],
            nlohmann::json::parse(R"({"read":6,"merged":1,"filtered":1,"rejected":2,"out":2})"));
  EXPECT_EQ(run["reject_reasons"],
            nlohmann::json::parse(R"({"check.known_ad":1,"cast.timestamp":1})"));
  EXPECT_EQ(run["sums"], nlohmann::json::parse(R"({"read":{"clicks":17,"impressions":154},
      "rejected":{"clicks":11,"impressions":110},"out":{"clicks":6,"impressions":39}})"));
  EXPECT_EQ(
      query("SELECT split, reason, message FROM daymill_reject ORDER BY reason"),
      (std::vector<std::string>{
          "select|cast.timestamp|column \"last_seen\": found \"yesterday\", expected a UTC time, "
          "as 2026-11-22T15:04:05Z",
          "check|check.known_ad|expected ad_id > 0"}));

  const nlohmann::json replay = report({"replay", "words.json", "--date", "2026-11-20", "--force"});
  EXPECT_EQ(replay["rows"], run["rows"]);
  EXPECT_EQ(query("SELECT * FROM words ORDER BY word"), kTable);
}

TEST_F(TransformsTest, DayWithoutRows) {
  const nlohmann::json run = report({"run", "words.json", "--date", "2026-11-21"});
  EXPECT_EQ(run["rows"]["out"], 0);
  EXPECT_EQ(run["state"], "DONE");
}

TEST_F(TransformsTest, WrongExpressionIsFoundWithoutData) {
  std::string pipeline = kPipeline;
  pipeline.replace(pipeline.find("clicks > 0"), 10, "klicks > 0");
  write(pipeline);
  const auto result = daymill({"validate", "words.json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.standard_error.find("no such column: klicks, in: klicks > 0"), std::string::npos)
      << result.standard_error;
  EXPECT_NE(result.standard_error.find("did you mean \"clicks\"?"), std::string::npos)
      << result.standard_error;
}

}  // namespace
}  // namespace daymill
