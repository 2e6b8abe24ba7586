// Mistakes in the pipeline file and on the command line: each is explained, and nothing is touched.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class BadArguments : public AdPipelineTest {
 protected:
  BadArguments() {
    record(increments);
    counts.add(increments);
  }
  ~BadArguments() override { expect_untouched(counts); }

  /// Runs a pipeline that must be refused, with exit code 2 and all `parts` in the explanation.
  void expect_refused(const std::string& file, const std::vector<std::string>& parts) const {
    for (const auto& arguments : {std::vector<std::string>{"run", file, "--date", kDay},
                                  std::vector<std::string>{"validate", file}}) {
      const auto result = daymill(arguments);
      EXPECT_TRUE(exited(result, 2));
      EXPECT_TRUE(says(result.standard_output + result.standard_error, parts)) << arguments[0];
    }
  }
  std::string write_text(const std::string& text) const {
    return folder.write("bad.json", text).string();
  }
  /// 1-based line and column of `text` in the pipeline file that write_pipeline() makes.
  std::string place_of(const std::string& text) const {
    const std::string file = pipeline.dump(2);
    const auto at = file.find(text);
    const auto line = 1 + std::count(file.begin(), file.begin() + static_cast<long>(at), '\n');
    const auto column = at - file.rfind('\n', at);
    return ":" + std::to_string(line) + ":" + std::to_string(column);
  }

  std::vector<Increment> increments = day_of_increments(10);
  AdCounts counts;
};

TEST_F(BadArguments, UnknownKeyIsNamedWithPlaceAndSuggestion) {
  auto& config = pipeline["source"]["config"];
  config["feild"] = config["field"];
  config.erase("field");
  expect_refused(write_pipeline(), {"ad_ctr.json" + place_of("\"feild\""), "unknown", "\"feild\"",
                                    "did you mean \"field\""});
  config["field"] = config["feild"];
  config.erase("feild");
  pipeline.erase("rejects");
  pipeline["reject"] = {{"max_rows", 1}};
  expect_refused(write_pipeline(), {"ad_ctr.json" + place_of("\"reject\""), "\"reject\"",
                                    "did you mean \"rejects\""});
}

TEST_F(BadArguments, UnsetVariableIsNamed) {
  pipeline["sink"]["config"]["password"] = "${DAYMILL_TEST_UNSET}";
  expect_refused(write_pipeline(),
                 {"DAYMILL_TEST_UNSET", place_of("\"${DAYMILL_TEST_UNSET}\"").substr(0, 4)});
  pipeline["sink"]["config"]["password"] = "${file:/nonexistent/secret}";
  expect_refused(write_pipeline(), {"/nonexistent/secret"});
}

TEST_F(BadArguments, MalformedJsonIsShownWhereItBreaks) {
  expect_refused(write_text("{\n  \"name\": \"ad_ctr\",\n  \"source\": }\n"), {"bad.json:3:13"});
  expect_refused(write_text(""), {"bad.json"});
  expect_refused(write_text("[1, 2]"), {"bad.json", "object"});
}

TEST_F(BadArguments, WrongTypeSaysFoundAndExpected) {
  pipeline["source"]["config"]["port"] = true;
  expect_refused(write_pipeline(), {place_of("true"), "port", "found", "expected"});
  pipeline["source"]["config"]["port"] = 70000;
  expect_refused(write_pipeline(), {"70000", "65535"});
}

TEST_F(BadArguments, PluginThatIsMissingOrMisspeltIsSaidSo) {
  pipeline["sink"]["plugin"] = "postgress";
  expect_refused(write_pipeline(), {"postgress", "did you mean \"postgres\""});
  pipeline["sink"]["plugin"] = "mainframe";
  expect_refused(write_pipeline(), {"mainframe", "postgres"});
}

TEST_F(BadArguments, BrokenPluginIsListedWithItsReasonAndHurtsNobodyElse) {
  folder.write("plugins/warehouse.so", "this is not a shared library\n");
  environment = {{"DAYMILL_PLUGIN_PATH", (folder / "plugins").string()}};
  EXPECT_TRUE(exited(daymill({"validate", write_pipeline()}), 0));
  const auto list = daymill({"plugins", "list"});
  EXPECT_TRUE(says(list.standard_output, {"warehouse", "postgres", "redis_hash"}));
  pipeline["sink"]["plugin"] = "warehouse";
  expect_refused(write_pipeline(), {"warehouse.so"});
}

TEST_F(BadArguments, PluginOfAnotherAbiIsRefusedWithBothVersions) {
  fs::create_directories(folder / "plugins");
  fs::copy_file(DAYMILL_FIXTURE_PLUGINS "/broken/other_major.so",
                folder / "plugins/other_major.so");
  environment = {{"DAYMILL_PLUGIN_PATH", (folder / "plugins").string()}};
  pipeline["transforms"][0] = {{"plugin", "other_major"}, {"config", Json::object()}};
  expect_refused(write_pipeline(),
                 {"\"other_major\" is disabled", "found version 2.", "expected 1.x"});
}

TEST_F(BadArguments, PluginFileThatOthersMayWriteIsRefused) {
  const auto file = folder.write("plugins/warehouse.so", "x");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  environment = {{"DAYMILL_PLUGIN_PATH", (folder / "plugins").string()}};
  pipeline["sink"]["plugin"] = "warehouse";
  expect_refused(write_pipeline(),
                 {"\"warehouse\" is disabled", "written by others", "found mode"});
}

TEST_F(BadArguments, DatesThatDoNotExistOrAreUpsideDown) {
  const std::string file = write_pipeline();
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> cases = {
      {{"--date", "2026-02-30"}, {"2026-02-30", "--date"}},
      {{"--date", "20241122"}, {"20241122", "YYYY-MM-DD"}},
      {{"--date", ""}, {"--date"}},
      {{"--from", "2024-11-22", "--to", "2024-11-20"}, {"--from", "2024-11-22", "2024-11-20"}},
      {{"--from", "2024-11-20"}, {"--to"}},
      {{"--date", kDay, "--from", kDay}, {"--date", "--from"}},
      {{}, {"--date"}}};
  for (const auto& [dates, parts] : cases) {
    std::vector<std::string> arguments = {"run", file};
    arguments.insert(arguments.end(), dates.begin(), dates.end());
    const auto result = daymill(arguments);
    EXPECT_TRUE(exited(result, 2));
    EXPECT_TRUE(says(result.standard_error, parts));
  }
}

TEST_F(BadArguments, DayThatIsNotOverInItsTimeZoneIsRefused) {
  // Somewhere it is always still this day: UTC-12.
  pipeline["partition"]["timezone"] = "Etc/GMT+12";
  const auto now = std::chrono::system_clock::now() - std::chrono::hours(12);
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  const auto result = run_day(text);
  EXPECT_TRUE(exited(result, 2));
  EXPECT_TRUE(says(result.standard_error, {text, "Etc/GMT+12", "closed"}));
  const auto future = run_day("2999-01-01");
  EXPECT_TRUE(exited(future, 2));
  EXPECT_TRUE(says(future.standard_error, {"2999-01-01"}));
}

TEST_F(BadArguments, FilesCommandsAndOptionsThatDoNotExist) {
  const auto missing = daymill({"run", "no_such.json", "--date", kDay});
  EXPECT_TRUE(exited(missing, 2));
  EXPECT_TRUE(says(missing.standard_error, {"no_such.json"}));
  EXPECT_TRUE(exited(daymill({"frobnicate"}), 2));
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--dat", kDay}), 2));
  EXPECT_TRUE(exited(daymill({}), 2));
  EXPECT_TRUE(exited(daymill({"--help"}), 0));
  EXPECT_TRUE(exited(daymill({"--version"}), 0));
}

TEST_F(BadArguments, GuaranteeThatCannotBeKeptIsRefused) {
  pipeline["sink"] = {{"plugin", "csv"},
                      {"config", {{"path", (folder / "out-{date}.csv").string()}}}};
  expect_refused(write_pipeline(), {"delivery.refused", "remove"});
}

TEST_F(BadArguments, JsonOutputCarriesTheSameError) {
  const auto result =
      daymill({"run", write_pipeline(), "--date", "2026-02-30", "--output", "json"});
  EXPECT_TRUE(exited(result, 2));
  const auto envelope = nlohmann::json::parse(result.standard_output, nullptr, false);
  ASSERT_FALSE(envelope.is_discarded()) << result.standard_output;
  EXPECT_EQ(envelope["ok"], false);
  EXPECT_EQ(envelope["error"]["code"], "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace daymill::integration
