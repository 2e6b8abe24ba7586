// tests/golden/validate: pipeline files that are well-formed and still wrong, because of what their
// plugins are; <case>.expected.txt is what `daymill validate` says. With DAYMILL_UPDATE_GOLDEN=1
// the expected texts are written anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = DAYMILL_TREE "/tests/golden/validate";

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".json") {
      names.push_back(entry.path().stem());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

support::ProcessResult validate(const fs::path& folder, const support::TemporaryFolder& home,
                                std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {daymill_program(), "validate"});
  return support::run_process({.argv = std::move(arguments),
                               .environment = {{"DAYMILL_HOME", (home / "home").string()}},
                               .unset = {"DAYMILL_PLUGIN_PATH"},
                               .folder = folder});
}

class WrongPipelines : public testing::TestWithParam<std::string> {};

TEST_P(WrongPipelines, AreExplained) {
  const support::TemporaryFolder home("validate");
  const auto result = validate(kFolder, home, {GetParam() + ".json"});
  EXPECT_TRUE(exited(result, 2));
  const fs::path expected = kFolder / (GetParam() + ".expected.txt");
  if (std::getenv("DAYMILL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << result.standard_error;
  }
  EXPECT_EQ(result.standard_error, support::read_file(expected))
      << "DAYMILL_UPDATE_GOLDEN=1 writes the expected texts anew";
}

INSTANTIATE_TEST_SUITE_P(Golden, WrongPipelines, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param; });

class ValidateTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  support::TemporaryFolder folder_{"validate"};
};

/// Three mistakes with one meaning each, a comment-like oddity of layout, CRLF: only the mistakes
/// go.
TEST_F(ValidateTest, FixChangesOnlyWhatIsWrong) {
  const std::string good =
      "{ \"name\" : \"layout\",\r\n\t\"partition\": {\"timezone\":\"Asia/Tokyo\"},\n"
      "  \"source\": { \"plugin\": \"csv\", \"config\": { \"path\": \"in/{date}.csv\",\n"
      "      \"columns\": { \"ad_id\": \"int64\" },    \"keys\": [\"ad_id\"] } },\n"
      "  \"sink\": { \"plugin\": \"sqlite\", \"config\": { \"database\": \"d\", \"table\": \"t\",\n"
      "      \"key\": [\"date\", \"ad_id\"], \"create\": true } }\n}\n\n";
  std::string bad = good;
  const auto spoil = [&bad](const std::string& right, const std::string& wrong) {
    bad.replace(bad.find(right), right.size(), wrong);
  };
  spoil("Asia/Tokyo", "ASIA/tokyo");
  spoil("\"columns\"", "\"colums\"");
  spoil("[\"ad_id\"]", "\"ad_id\"");
  spoil("true }", "\"true\", }");
  write("layout.json", bad);
  fs::permissions(folder_ / "layout.json", fs::perms(0640));

  EXPECT_TRUE(exited(validate(folder_.path(), folder_, {"layout.json"}), 2));
  EXPECT_EQ(support::read_file(folder_ / "layout.json"), bad) << "validate alone must not write";
  const auto fixed = validate(folder_.path(), folder_, {"--fix", "layout.json"});
  EXPECT_TRUE(exited(fixed, 0));
  EXPECT_TRUE(says(fixed.standard_error, {"layout.json: corrected 5 places"}));
  EXPECT_EQ(support::read_file(folder_ / "layout.json"), good);
  EXPECT_EQ(fs::status(folder_ / "layout.json").permissions(), fs::perms(0640));
  EXPECT_TRUE(exited(validate(folder_.path(), folder_, {"--fix", "layout.json"}), 0));
  EXPECT_EQ(support::read_file(folder_ / "layout.json"), good);
}

TEST_F(ValidateTest, FixLeavesWhatCouldMeanMoreThanOneThing) {
  const std::string text = "{ \"name\": \"Bad Name\", \"nothing_like_it\": 1 }";
  write("odd.json", text);
  EXPECT_TRUE(exited(validate(folder_.path(), folder_, {"--fix", "odd.json"}), 2));
  EXPECT_EQ(support::read_file(folder_ / "odd.json"), text);
}

TEST_F(ValidateTest, FixGivesANameToOneKeyOnly) {
  write("twice.json", "{ \"naem\": \"a\", \"nmae\": \"b\" }");
  EXPECT_TRUE(exited(validate(folder_.path(), folder_, {"--fix", "twice.json"}), 2));
  EXPECT_EQ(support::read_file(folder_ / "twice.json"), "{ \"name\": \"a\", \"nmae\": \"b\" }");
}

TEST_F(ValidateTest, AFolderIsCheckedWholeAndNamesMustDiffer) {
  const std::string pipeline =
      R"({"name": "same", "source": {"plugin": "csv", "config": {"path": "p", "columns":
         {"a": "int64"}, "keys": ["a"]}}, "sink": {"plugin": "csv", "config": {"path": "o/{date}"}}})";
  fs::create_directory(folder_ / "pipelines");
  write("pipelines/first.json", pipeline);
  write("pipelines/second.json", pipeline);
  write("pipelines/first.test.json", "{}");
  const auto result = validate(folder_.path(), folder_, {"pipelines"});
  EXPECT_TRUE(exited(result, 2));
  EXPECT_TRUE(says(result.standard_error, {"pipelines/second.json:1:10: error: another pipeline",
                                           "pipeline.duplicate_name", "pipelines/first.json"}));
  EXPECT_TRUE(says(result.standard_output, {"pipelines/first.json: OK, at least once"}));
  fs::create_directory(folder_ / "empty");
  EXPECT_TRUE(exited(validate(folder_.path(), folder_, {"empty"}), 2));
}

/// The real servers of the main job.
class ConnectTest : public AdPipelineTest {};

TEST_F(ConnectTest, SaysWhatTheServersLack) {
  const auto good = daymill({"validate", "--connect", write_pipeline()});
  EXPECT_TRUE(exited(good, 0));
  EXPECT_TRUE(says(good.standard_output, {"removal is allowed", "[OK]   sink postgres target"}));
  query("ALTER TABLE advertisement_analytics DROP COLUMN ctr");
  const auto bad = daymill({"validate", "--connect", write_pipeline()});
  EXPECT_EQ(bad.exit_code, 3) << bad.standard_error;
  EXPECT_TRUE(says(bad.standard_output, {"[FAIL] sink postgres target: postgres: table public."
                                         "advertisement_analytics has no column ctr",
                                         "ALTER TABLE"}));
}

}  // namespace
}  // namespace daymill::integration
