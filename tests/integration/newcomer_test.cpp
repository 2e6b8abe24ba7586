// From nothing to a running pipeline of one's own: new, validate, explain, preview, test, run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

namespace fs = std::filesystem;

class NewcomerTest : public testing::Test {
 protected:
  support::ProcessResult daymill(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), daymill_program());
    return support::run_process({.argv = std::move(arguments),
                                 .environment = {{"DAYMILL_HOME", (folder_ / "home").string()}},
                                 .unset = {"DAYMILL_PLUGIN_PATH"},
                                 .folder = folder_.path()});
  }
  support::ProcessResult make() const {
    return daymill({"new", "pipeline", "my_clicks", "--source", "jsonl", "--transform", "ctr",
                    "--sink", "sqlite", "--set", "ctr.impressions=clicks", "--set",
                    "sink.create=true"});
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    return support::read_file(folder_ / name);
  }
  void write_day() const {
    write("data/clicks-20241122.jsonl",
          "{\"ad_id\": 7, \"search_word\": \"shoes\", \"clicks\": 3}\n"
          "{\"ad_id\": 8, \"search_word\": \"tea\", \"clicks\": 2}\n"
          "{\"ad_id\": 8, \"search_word\": \"tea\", \"clicks\": 2}\n");
  }
  support::TemporaryFolder folder_{"newcomer"};
};

TEST_F(NewcomerTest, GoesFromNothingToALoadedDay) {
  const auto made = make();
  ASSERT_TRUE(exited(made, 0));
  EXPECT_EQ(made.standard_output, "pipelines/my_clicks.json\n");
  EXPECT_TRUE(exited(daymill({"validate", "my_clicks"}), 0));
  const auto explained = daymill({"explain", "my_clicks"});
  ASSERT_TRUE(exited(explained, 0));
  EXPECT_TRUE(says(explained.standard_output,
                   {"one row per ad_id", "with the sums of clicks", "The source is kept",
                    "Delivery: exactly once", "More than 1,000 of them"}));

  write_day();
  const auto previewed =
      daymill({"preview", "my_clicks", "--date", kDay, "--test", "pipelines/my_clicks.test.json"});
  ASSERT_TRUE(exited(previewed, 0));
  EXPECT_EQ(previewed.standard_output,
            "ad_id  search_word  clicks  ctr\n"
            "7      shoes        3       1.0\n"
            "8      tea          4       1.0\n");
  EXPECT_TRUE(says(previewed.standard_error, {"3 rows of 1 split read", "nothing was loaded"}));
  EXPECT_FALSE(fs::exists(folder_ / "analytics.db")) << "a preview must not reach the target";
  EXPECT_FALSE(fs::exists(folder_ / "home/snapshots/my_clicks"));

  EXPECT_TRUE(exited(daymill({"test", "--junit", "results.xml"}), 0));
  EXPECT_TRUE(says(content("results.xml"), {"tests=\"1\" failures=\"0\""}));
  const auto run = daymill({"run", "my_clicks", "--date", kDay});
  EXPECT_TRUE(exited(run, 0));
  EXPECT_TRUE(fs::exists(folder_ / "analytics.db"));
}

TEST_F(NewcomerTest, ATestThatFailsShowsWhatDiffers) {
  ASSERT_TRUE(exited(make(), 0));
  write("pipelines/my_clicks.test.json",
        R"({"tests": [{"name": "rows & rejects", "date": "2024-11-22",
    "input": {"any": [
      ["[7,\"shoes\"]", "{\"ad_id\": 7, \"search_word\": \"shoes\", \"clicks\": 3}", 1],
      ["[9,\"milk\"]", "{\"ad_id\": 9, \"search_word\": \"milk\", \"clicks\": 1}", 2],
      ["", "no json", 3]]},
    "output": [
      {"ad_id": 7, "search_word": "shoes", "clicks": 4, "ctr": 1},
      {"ad_id": 8, "search_word": "tea", "clicks": 2, "ctr": 1}],
    "rejects": [{"reason": "field.no_separator"}]}]})");
  const auto result = daymill({"test", "my_clicks", "--junit", "results.xml"});
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(
      result.standard_output,
      {"FAIL  pipelines/my_clicks.test.json: rows & rejects",
       "    row ad_id 7, search_word \"shoes\"\n      clicks: expected 4, found 3\n",
       "    missing row {\"ad_id\":8,\"search_word\":\"tea\",\"clicks\":2,\"ctr\":1.0}",
       "    unexpected row {\"ad_id\":9,", "    missing reject {\"reason\":\"field.no_separator\"}",
       "    unexpected reject", "1 test, 1 failed"}));
  EXPECT_TRUE(says(content("results.xml"),
                   {"rows &amp; rejects", "failures=\"1\"", "clicks: expected 4, found 3"}));
}

TEST_F(NewcomerTest, AWrongTestFileIsExplained) {
  ASSERT_TRUE(exited(make(), 0));
  write("pipelines/my_clicks.test.json",
        "{\"tests\": [\n  {\"name\": \"a\", \"date\": \"2024-02-30\", \"inputs\": {}, "
        "\"output\": {}}]}");
  const auto result = daymill({"test"});
  EXPECT_TRUE(exited(result, 2));
  EXPECT_TRUE(says(result.standard_error,
                   {"pipelines/my_clicks.test.json:2:25: error: this is no date (test.date)",
                    "unknown key \"inputs\"", "did you mean \"input\"?",
                    "\"output\" has the wrong type", "expected: a list of rows"}));
  write("pipelines/my_clicks.test.json",
        R"({"tests": [{"name": "a", "date": "2024-11-22", "input": {"any": [{"lime": "x"}]},
           "output": []}]})");
  const auto column = daymill({"test"});
  EXPECT_TRUE(exited(column, 1));
  EXPECT_TRUE(says(column.standard_output, {"there is no column \"lime\"", "did you mean \"line\"?",
                                            "input row 1 of split any"}));
}

/// A file that is called otherwise holds, as a rule, the same rows.
TEST_F(NewcomerTest, ADayIsNotLoadedAgainFromAnotherPath) {
  ASSERT_TRUE(exited(make(), 0));
  write_day();
  ASSERT_TRUE(exited(daymill({"run", "my_clicks", "--date", kDay}), 0));
  fs::rename(folder_ / "data", folder_ / "moved");
  fs::rename(folder_ / "moved/clicks-20241122.jsonl", folder_ / "moved/20241122.jsonl");
  std::string pipeline = content("pipelines/my_clicks.json");
  const std::string path = "data/clicks-{date:%Y%m%d}.jsonl";
  write("pipelines/my_clicks.json",
        pipeline.replace(pipeline.find(path), path.size(), "moved/{date:%Y%m%d}.jsonl"));
  const auto again = daymill({"run", "my_clicks", "--date", kDay});
  EXPECT_TRUE(exited(again, 2));
  EXPECT_TRUE(says(again.standard_output + again.standard_error,
                   {"was loaded from the split \"clicks-20241122.jsonl\"", "could count rows twice",
                    "former settings"}));
}

TEST_F(NewcomerTest, NothingIsOverwritten) {
  ASSERT_TRUE(exited(make(), 0));
  const std::string before = content("pipelines/my_clicks.json");
  const auto again = make();
  EXPECT_TRUE(exited(again, 2));
  EXPECT_TRUE(says(again.standard_error, {"the file is there already"}));
  EXPECT_EQ(content("pipelines/my_clicks.json"), before);
}

TEST_F(NewcomerTest, MistakesInWhatIsGivenAreExplained) {
  const auto nothing = daymill({"new", "pipeline", "x"});
  EXPECT_TRUE(exited(nothing, 2));
  EXPECT_TRUE(says(nothing.standard_error, {"which source?", "jsonl", "add --source ID"}));
  const auto setting = daymill(
      {"new", "pipeline", "x", "--source", "jsonl", "--sink", "sqlite", "--set", "sink.tabel=t"});
  EXPECT_TRUE(exited(setting, 2));
  EXPECT_TRUE(says(setting.standard_error, {"no component has the setting sink.tabel"}));
  EXPECT_FALSE(fs::exists(folder_ / "pipelines"));
  const auto name = daymill({"new", "pipeline", "My Clicks", "--source", "jsonl"});
  EXPECT_TRUE(exited(name, 2));
  EXPECT_TRUE(says(name.standard_error, {"perhaps my_clicks"}));
}

}  // namespace
}  // namespace daymill::integration
