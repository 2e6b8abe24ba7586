// The schemas kept in the tree are those of the program, and every pipeline kept in the tree fits
// them and passes the program's own check.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> schema_files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().string().ends_with(".schema.json"))
      files[fs::relative(entry.path(), folder)] = support::read_file(entry.path());
  return files;
}

/// pipelines/*.json without the tests beside them, and every pipeline.json under examples/.
std::vector<fs::path> pipelines_of_the_tree() {
  std::vector<fs::path> files;
  const fs::path tree = DAYMILL_TREE;
  for (const auto& entry : fs::directory_iterator(tree / "pipelines"))
    if (entry.path().extension() == ".json" && entry.path().stem().extension() != ".test")
      files.push_back(fs::relative(entry.path(), tree));
  for (const auto& entry : fs::recursive_directory_iterator(tree / "examples"))
    if (entry.path().filename() == "pipeline.json")
      files.push_back(fs::relative(entry.path(), tree));
  return files;
}

/// Empty, or what a validator that knows nothing of daymill finds wrong.
std::string validate(const nlohmann::json& schema_json, const nlohmann::json& target) {
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(target), &results))
    return {};
  std::string text = "invalid";
  for (valijson::ValidationResults::Error error; results.popError(error);)
    text += "\n" + error.description;
  return text;
}

nlohmann::json pipeline_schema() {
  return nlohmann::json::parse(support::read_file(DAYMILL_SCHEMAS "/pipeline.schema.json"));
}

TEST(SchemaFiles, AreThoseOfTheProgram) {
  const support::TemporaryFolder folder("schemas");
  const auto result =
      support::run_process({.argv = {daymill_program(), "schema", "--write", folder.path()},
                            .environment = {{"DAYMILL_HOME", (folder / "home").string()}},
                            .unset = {"DAYMILL_PLUGIN_PATH"}});
  ASSERT_TRUE(exited(result, 0));
  const auto made = schema_files(folder.path());
  const auto kept = schema_files(DAYMILL_SCHEMAS);
  EXPECT_GE(made.size(), 2u);
  for (const auto& [name, text] : made)
    EXPECT_TRUE(kept.contains(name) && kept.at(name) == text)
        << name << " is out of date: daymill schema --write schemas";
  for (const auto& [name, text] : kept)
    EXPECT_TRUE(made.contains(name)) << name << " is the schema of no plugin";
}

std::map<std::string, std::string> pages(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename()] = support::read_file(entry.path());
  return files;
}

TEST(ReferencePages, AreThoseOfTheProgram) {
  const support::TemporaryFolder folder("reference");
  const std::string made_in = (folder / "made").string();
  const auto result =
      support::run_process({.argv = {daymill_program(), "plugins", "describe", "--write", made_in},
                            .environment = {{"DAYMILL_HOME", (folder / "home").string()}},
                            .unset = {"DAYMILL_PLUGIN_PATH"}});
  ASSERT_TRUE(exited(result, 0));
  const auto made = pages(made_in);
  EXPECT_GE(made.size(), 2u);
  EXPECT_EQ(pages(fs::path(DAYMILL_TREE) / "docs/reference"), made)
      << "out of date: daymill plugins describe --write docs/reference";
}

TEST(SchemaFiles, EveryPipelineOfTheTreeFits) {
  const nlohmann::json schema = pipeline_schema();
  const auto files = pipelines_of_the_tree();
  EXPECT_GE(files.size(), 2u);
  for (const fs::path& file : files)
    EXPECT_EQ(validate(schema, nlohmann::json::parse(support::read_file(DAYMILL_TREE / file))), "")
        << file;
}

TEST(SchemaFiles, MistakesDoNotFit) {
  const nlohmann::json schema = pipeline_schema();
  const auto good =
      nlohmann::json::parse(support::read_file(DAYMILL_TREE "/pipelines/ad_ctr.json"));
  auto unknown_key = good;
  unknown_key["source"]["config"]["feild"] = "x";
  EXPECT_NE(validate(schema, unknown_key), "");
  auto wrong_type = good;
  wrong_type["rejects"]["max_rows"] = "many";
  EXPECT_NE(validate(schema, wrong_type), "");
  auto no_sink = good;
  no_sink.erase("sink");
  EXPECT_NE(validate(schema, no_sink), "");
}

TEST(SchemaFiles, EveryPipelineOfTheTreeIsValidToTheProgram) {
  const support::TemporaryFolder folder("schemas");
  for (const fs::path& file : pipelines_of_the_tree()) {
    const auto result =
        support::run_process({.argv = {daymill_program(), "validate", file},
                              .environment = {{"DAYMILL_HOME", (folder / "home").string()},
                                              {"REDIS_PASSWORD", "x"},
                                              {"POSTGRES_PASSWORD", "x"}},
                              .unset = {"DAYMILL_PLUGIN_PATH"},
                              .folder = DAYMILL_TREE});
    EXPECT_TRUE(exited(result, 0)) << file;
  }
}

}  // namespace
}  // namespace daymill::integration
