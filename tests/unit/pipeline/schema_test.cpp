#include "pipeline/schema.hpp"

#include <gtest/gtest.h>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "known_plugins.hpp"

namespace daymill {
namespace {

// What a validator that knows nothing of daymill says: "ok", or the first error.
std::string validate(const nlohmann::ordered_json& schema_json, const std::string& text) {
  const nlohmann::json schema_text = nlohmann::json::parse(schema_json.dump());
  const nlohmann::json target = nlohmann::json::parse(text);
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  const valijson::adapters::NlohmannJsonAdapter schema_adapter(schema_text);
  parser.populateSchema(schema_adapter, schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target_adapter(target);
  if (validator.validate(schema, target_adapter, &results))
    return "ok";
  valijson::ValidationResults::Error error;
  return results.popError(error) ? error.description : "invalid";
}

std::string validate_pipeline(const std::string& text) {
  return validate(pipeline_schema(known_components()), text);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = ad_ctr_pipeline();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PipelineSchema, AcceptsTheProductsOwnPipeline) {
  EXPECT_EQ(validate_pipeline(ad_ctr_pipeline()), "ok");
}

TEST(PipelineSchema, NarrowsTheConfigByThePlugin) {
  EXPECT_NE(validate_pipeline(changed("\"table\":", "\"tabel\":")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"plugin\": \"postgres\"", "\"plugin\": \"redis_hash\"")),
            "ok");
  EXPECT_NE(validate_pipeline(changed("\"remove\": \"after_load\"", "\"remove\": \"always\"")),
            "ok");
  EXPECT_NE(validate_pipeline(changed("\"field\": \"{ad_id:int64}:{search_word:text}\",", "")),
            "ok");
  EXPECT_NE(validate_pipeline(
                R"({"name":"a","source":{"plugin":"redis_hash"},"sink":{"plugin":"postgres"}})"),
            "ok");
}

TEST(PipelineSchema, TakesPlaceholdersWhereNumbersAreWanted) {
  EXPECT_EQ(validate_pipeline(changed("\"${REDIS_PORT:-6379}\"", "6379")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"${REDIS_PORT:-6379}\"", "\"6379\"")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"${REDIS_PORT:-6379}\"", "0")), "ok");
  EXPECT_EQ(validate_pipeline(changed("\"remove\": \"after_load\"", "\"remove\": \"${REMOVE}\"")),
            "ok");
  EXPECT_EQ(validate_pipeline(changed("\"max_rows\": 1000", "\"max_rows\": \"${MAX_ROWS}\"")),
            "ok");
}

TEST(PipelineSchema, RefusesWhatTheLoaderRefuses) {
  EXPECT_NE(validate_pipeline("[]"), "ok");
  EXPECT_NE(validate_pipeline("{}"), "ok");
  EXPECT_NE(validate_pipeline(changed("\"name\": \"ad_ctr\"", "\"name\": \"Ad CTR\"")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"every\": \"day\"", "\"every\": \"hour\"")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"retry\"", "\"retries\"")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"attempts\": 5", "\"attempts\": 0")), "ok");
  EXPECT_NE(validate_pipeline(changed("\"cron\": \"30 0 * * *\", ", "")), "ok");
}

TEST(ComponentSchema, StandsByItself) {
  const SchemaComponent postgres = known_components().back();
  const nlohmann::ordered_json schema = component_schema(postgres);
  EXPECT_EQ(schema["title"], "sink_postgres");
  EXPECT_EQ(schema["required"].dump(), R"(["database","table","key"])");
  EXPECT_EQ(schema["properties"]["password"]["writeOnly"], true);
  EXPECT_FALSE(schema["properties"]["password"].contains("default"));
  EXPECT_EQ(schema["properties"]["port"]["default"], 5432);
  EXPECT_EQ(validate(schema, R"({"database":"d","table":"t","key":["a"],"create":"${CREATE}"})"),
            "ok");
  EXPECT_NE(validate(schema, R"({"database":"d","table":"t","key":"a"})"), "ok");
  EXPECT_NE(validate(schema, R"({"database":"d","table":"t","key":["a"],"create":"yes"})"), "ok");
  EXPECT_NE(validate(schema, R"({"database":"d","table":"t","key":["a"],"fill":2})"), "ok");
}

}  // namespace
}  // namespace daymill
