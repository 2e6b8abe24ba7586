#include "pipeline/load_pipeline.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "known_plugins.hpp"

namespace daymill {
namespace {

using namespace std::chrono_literals;

LoadedPipeline load(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return parse_pipeline("pipelines/ad_ctr.json", text, known_plugin,
                        fixed_variables(std::move(variables)));
}

const std::string* value(const ComponentDefinition& component, std::string_view name) {
  for (const ResolvedEntry& entry : component.entries) {
    if (entry.name == name)
      return &entry.value;
  }
  return nullptr;
}

TEST(LoadPipeline, ReadsTheProductsOwn) {
  const LoadedPipeline loaded = load(ad_ctr_pipeline(), {{"REDIS_PORT", "7001"}});
  ASSERT_TRUE(loaded.ok()) << to_text(loaded.findings);
  EXPECT_TRUE(loaded.findings.empty()) << to_text(loaded.findings);
  const PipelineDefinition& pipeline = loaded.definition;
  EXPECT_EQ(pipeline.name, "ad_ctr");
  EXPECT_EQ(pipeline.file, "pipelines/ad_ctr.json");
  EXPECT_EQ(pipeline.partition.timezone, "Asia/Tokyo");
  EXPECT_EQ(pipeline.partition.closed_after, 15min);
  ASSERT_TRUE(pipeline.schedule);
  EXPECT_EQ(pipeline.schedule->cron, "30 0 * * *");
  EXPECT_EQ(pipeline.schedule->catch_up.count(), 7);
  EXPECT_EQ(pipeline.source.plugin, "redis_hash");
  EXPECT_EQ(*value(pipeline.source, "port"), "7001");
  EXPECT_EQ(*value(pipeline.source, "host"), "localhost");
  ASSERT_EQ(pipeline.transforms.size(), 1u);
  EXPECT_EQ(pipeline.transforms[0].pointer, "/transforms/0");
  EXPECT_EQ(pipeline.sink.kind, ComponentKind::sink);
  EXPECT_EQ(*value(pipeline.sink, "create"), "false");
  EXPECT_EQ(pipeline.sink.config["password"], "${POSTGRES_PASSWORD:-}");
  EXPECT_EQ(pipeline.rejects.max_rows, 1000);
  EXPECT_DOUBLE_EQ(pipeline.rejects.max_share, 0.01);
  EXPECT_EQ(pipeline.retry.attempts, 5);
  EXPECT_EQ(pipeline.retry.backoff_min, 1s);
  EXPECT_EQ(pipeline.retry.backoff_max, 30s);
  ASSERT_EQ(pipeline.variables.size(), 7u);
  EXPECT_EQ(pipeline.variables[6].name, "REDIS_PORT");
  EXPECT_TRUE(pipeline.variables[6].set);
}

TEST(LoadPipeline, FillsInDefaults) {
  const LoadedPipeline loaded = load(
      R"({"name":"a","source":{"plugin":"redis_hash","config":{"field":"{id:int64}","measures":{"n":"k"}}},
          "sink":{"plugin":"postgres","config":{"database":"d","table":"t","key":["id"]}}})");
  ASSERT_TRUE(loaded.ok()) << to_text(loaded.findings);
  const PipelineDefinition& pipeline = loaded.definition;
  EXPECT_EQ(pipeline.partition.every, "day");
  EXPECT_EQ(pipeline.partition.timezone, "UTC");
  EXPECT_EQ(pipeline.partition.closed_after, 0s);
  EXPECT_FALSE(pipeline.schedule);
  EXPECT_FALSE(pipeline.snapshots);
  EXPECT_TRUE(pipeline.transforms.empty());
  EXPECT_EQ(pipeline.rejects.max_rows, 1000);
  EXPECT_DOUBLE_EQ(pipeline.rejects.max_share, 0.01);
  EXPECT_EQ(pipeline.retry.attempts, 5);
  EXPECT_EQ(pipeline.retry.backoff_max, 30s);
}

TEST(LoadPipeline, KeepsSecretsForRedactionOnly) {
  const LoadedPipeline loaded = load(ad_ctr_pipeline(), {{"POSTGRES_PASSWORD", "hunter2"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.definition.secret_values(), std::vector<std::string>{"hunter2"});
  EXPECT_EQ(loaded.definition.sink.config.dump().find("hunter2"), std::string::npos);
  EXPECT_TRUE(load(ad_ctr_pipeline()).definition.secret_values().empty());
}

TEST(LoadPipeline, ListsFindingsInTheOrderOfTheFile) {
  const LoadedPipeline loaded = load("{\n\"rejects\": 1,\n\"name\": \"A\",\n\"sink\": 2\n}");
  std::string places;
  for (const Finding& finding : loaded.findings)
    places += std::to_string(finding.line) + " " + finding.code + "; ";
  EXPECT_EQ(places,
            "1 pipeline.missing_key; 2 config.wrong_type; 3 pipeline.name; 4 config.wrong_type; ");
}

TEST(LoadPipeline, SaysWhyAFileCannotBeRead) {
  const LoadedPipeline missing =
      load_pipeline("/nonexistent/x.json", known_plugin, fixed_variables({}));
  EXPECT_EQ(to_text(missing.findings),
            "/nonexistent/x.json: error: cannot read the pipeline file: No such file or directory "
            "(file.unreadable)\n\n1 error\n");
  EXPECT_EQ(load_pipeline("/", known_plugin, fixed_variables({})).findings[0].message,
            "cannot read the pipeline file: Is a directory");
}

TEST(LoadPipeline, ReadsAFile) {
  const std::string path = testing::TempDir() + "daymill_load_pipeline_test.json";
  std::ofstream(path) << ad_ctr_pipeline();
  const LoadedPipeline loaded = load_pipeline(path, known_plugin, fixed_variables({}));
  EXPECT_TRUE(loaded.ok()) << to_text(loaded.findings);
  EXPECT_EQ(loaded.definition.file, path);
  EXPECT_EQ(std::remove(path.c_str()), 0);
}

// Whatever stands in the file: no crash, and at least one finding when a byte is missing.
TEST(LoadPipeline, SurvivesEveryCutAndEveryDamagedByte) {
  const std::string text = ad_ctr_pipeline();
  for (std::size_t length = 0; length + 2 < text.size(); length += 7)
    EXPECT_FALSE(load(text.substr(0, length)).ok()) << length;
  for (std::size_t i = 0; i < text.size(); i += 5) {
    for (const char byte : {'\0', '"', '{', ']', ',', '$', '\xff'}) {
      std::string damaged = text;
      damaged[i] = byte;
      const LoadedPipeline loaded = load(damaged);
      EXPECT_EQ(loaded.ok(), to_text(loaded.findings).find("error:") == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace daymill
