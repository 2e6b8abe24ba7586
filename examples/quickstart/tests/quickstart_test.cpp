// The commands of the quickstart's README, and the table they give against expected.txt, which was
// computed from the CSV files without daymill.
#include <sqlite3.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

struct Quickstart {
  [[nodiscard]] support::ProcessResult daymill(std::vector<std::string> arguments) const {
    support::ProcessOptions options;
    options.argv = {DAYMILL_PROGRAM};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = {{"DAYMILL_HOME", (folder / "home").string()},
                           {"DAYMILL_QUICKSTART_DB", database}};
    options.folder = DAYMILL_ROOT;
    return support::run_process(options);
  }
  /// The result of a query as the sqlite3 program prints it.
  [[nodiscard]] std::string query(const char* sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    std::string out;
    const auto add_row = [](void* text, int count, char** values, char**) {
      for (int i = 0; i < count; ++i) {
        *static_cast<std::string*>(text) +=
            std::string(i == 0 ? "" : "|") + (values[i] == nullptr ? "" : values[i]);
      }
      *static_cast<std::string*>(text) += "\n";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, sql, add_row, &out, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return out;
  }

  support::TemporaryFolder folder{"quickstart"};
  std::string database = (folder / "quickstart.db").string();
};

constexpr const char* kPipeline = "examples/quickstart/pipeline.json";

TEST(Quickstart, FillsTheTableExactlyOnceAndReplays) {
  const Quickstart q;
  const auto run = q.daymill({"run", kPipeline, "--from", "2026-11-20", "--to", "2026-11-22"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_output << run.standard_error;
  constexpr const char* kTable =
      "SELECT date, ad_id, search_word, clicks, impressions, printf('%.6f', ctr) FROM "
      "advertisement_analytics WHERE impressions > 0 UNION ALL SELECT date, ad_id, search_word, "
      "clicks, impressions, '' FROM advertisement_analytics WHERE impressions = 0 ORDER BY 1, 2, 3";
  const std::string expected = support::read_file(DAYMILL_ROOT "/examples/quickstart/expected.txt");
  EXPECT_EQ(q.query(kTable), expected);
  EXPECT_EQ(q.query("SELECT partition, split, reason FROM daymill_reject"),
            "2026-11-22|clicks|value.not_integer\n");

  const auto again = q.daymill({"run", kPipeline, "--date", "2026-11-20"});
  EXPECT_EQ(again.exit_code, 0) << again.standard_error;
  EXPECT_EQ(q.query("SELECT count(*) FROM daymill_load"), "3\n");

  const auto replay = q.daymill({"replay", kPipeline, "--date", "2026-11-21", "--force"});
  EXPECT_EQ(replay.exit_code, 0) << replay.standard_error;
  EXPECT_EQ(q.query("SELECT count(*) FROM daymill_load"), "4\n");
  EXPECT_EQ(q.query(kTable), expected);
}

}  // namespace
}  // namespace daymill
