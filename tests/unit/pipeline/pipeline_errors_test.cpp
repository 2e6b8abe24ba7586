// tests/golden/pipeline_errors: each <case>.json is a wrong pipeline file, <case>.expected.txt what
// daymill says about it. With DAYMILL_UPDATE_GOLDEN=1 the expected texts are written anew.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "known_plugins.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(DAYMILL_PIPELINE_ERRORS)) {
    if (entry.path().extension() == ".json")
      names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string findings_of(const std::string& name, const fs::path& path) {
  const LoadedPipeline loaded = parse_pipeline(
      "pipelines/" + name + ".json", content_of(path), known_plugin,
      fixed_variables(
          {{"BAD_PORT", "6379x"}, {"REDIS_PASSWORD", "hunter2"}, {"ZONE", "Moon/Base"}}));
  return to_text(loaded.findings);
}

class PipelineErrors : public testing::TestWithParam<std::string> {};

TEST_P(PipelineErrors, AreExplained) {
  const fs::path folder = DAYMILL_PIPELINE_ERRORS;
  const std::string text = findings_of(GetParam(), folder / (GetParam() + ".json"));
  const fs::path expected = folder / (GetParam() + ".expected.txt");
  EXPECT_FALSE(text.empty()) << "nothing was found wrong with " << GetParam();
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << "a secret is shown:\n" << text;
  EXPECT_EQ(text.find("6379x"), std::string::npos) << "the value of a variable is shown:\n" << text;
  if (std::getenv("DAYMILL_UPDATE_GOLDEN") != nullptr)
    std::ofstream(expected, std::ios::binary) << text;
  EXPECT_EQ(text, content_of(expected)) << "DAYMILL_UPDATE_GOLDEN=1 writes the expected texts anew";
}

INSTANTIATE_TEST_SUITE_P(Golden, PipelineErrors, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param; });

TEST(PipelineErrorsFolder, HoldsNoExpectationWithoutItsCase) {
  for (const auto& entry : fs::directory_iterator(DAYMILL_PIPELINE_ERRORS)) {
    if (entry.path().extension() != ".txt")
      continue;
    const std::string name = entry.path().stem().stem();
    EXPECT_TRUE(fs::exists(entry.path().parent_path() / (name + ".json"))) << entry.path();
  }
}

}  // namespace
}  // namespace daymill
