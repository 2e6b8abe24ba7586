// What the certification finds in plugins that break promises, crash, or are no plugins.
#include <gtest/gtest.h>

#include "program.hpp"

namespace daymill {
namespace {

const std::string kFixtures = DAYMILL_FIXTURE_PLUGINS;

std::vector<std::string> failed(const nlohmann::json& card, const std::string& component) {
  std::vector<std::string> names;
  for (const auto& [name, outcome] : outcomes(card, component)) {
    if (outcome == "fail") {
      names.push_back(name);
    }
  }
  return names;
}

TEST(BrokenPromisesTest, EachIsFoundByTheCheckThatIsForIt) {
  const Program program;
  const auto config = program.folder.write(
      "certify.json",
      R"({"sink:forgetful": {}, "source:two_places": {}, "source:falls_back": {}})");
  const auto card = program.result(
      {"plugins", "certify", kFixtures + "/promises/promises.so", "--config", config.string()}, 1);
  using Names = std::vector<std::string>;
  EXPECT_EQ(failed(card, "transform counts_per_batch"), Names{"transform.batch_cutting"});
  EXPECT_EQ(failed(card, "transform crashes_on_nulls"), Names{"transform.batches_valid"});
  EXPECT_EQ(failed(card, "transform drops_rows"),
            (Names{"transform.batch_cutting", "transform.batches_valid"}));
  EXPECT_EQ(failed(card, "transform leaks_secret"), Names{"errors.no_secret"});
  EXPECT_EQ(failed(card, "source two_places"), Names{"source.order"});
  EXPECT_EQ(failed(card, "source falls_back"), Names{"source.order"});
  const Names forgetful = failed(card, "sink forgetful");
  for (const char* check : {"sink.commits", "sink.fences", "sink.verifies", "sink.killed"}) {
    EXPECT_NE(std::find(forgetful.begin(), forgetful.end(), check), forgetful.end()) << check;
  }
}

TEST(BrokenPromisesTest, ACrashIsAFindingAndSaysSo) {
  const Program program;
  const auto end = program.run({"plugins", "certify", kFixtures + "/promises/promises.so"});
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_NE(end.standard_output.find("FAIL     transform.batches_valid"), std::string::npos)
      << end.standard_output;
  EXPECT_NE(end.standard_output.find("crashed: signal"), std::string::npos) << end.standard_output;
}

TEST(BrokenPromisesTest, WhatCannotBeLoadedIsAnError) {
  const Program program;
  const auto crashed = program.run({"plugins", "certify", kFixtures + "/crashes/crashes.so"});
  EXPECT_EQ(crashed.exit_code, 1) << crashed.standard_error;
  EXPECT_NE(crashed.standard_error.find("loading the plugin crashed: signal 11"), std::string::npos)
      << crashed.standard_error;
  EXPECT_NE(program.run({"plugins", "certify", "/nowhere/nothing.so"}).exit_code, 0);
}

TEST(BrokenPromisesTest, ErrorsOfTheSettingsHaveTheirPlace) {
  const Program program;
  const auto config = program.folder.write(
      "certify.json", "{\n  \"transform:drops_rows\": { \"columns\": { \"a\": \"decimal\" } }\n}");
  const auto end = program.run(
      {"plugins", "certify", kFixtures + "/promises/promises.so", "--config", config.string()});
  EXPECT_EQ(end.exit_code, 2);
  EXPECT_NE(end.standard_error.find("certify.json:2:"), std::string::npos) << end.standard_error;
  EXPECT_NE(end.standard_error.find("column a: found \"decimal\""), std::string::npos)
      << end.standard_error;
}

}  // namespace
}  // namespace daymill
