#include "memory_pipeline.hpp"

#include "run/cancellation.hpp"

namespace daymill {
namespace {

RunJournal journal_in(const std::filesystem::path& folder) {
  auto journal = RunJournal::open(folder / "state.db");
  if (!journal.ok())
    throw std::runtime_error(journal.status().to_string());
  return std::move(journal).value();
}

Partition day() {
  return Partition{"2024-11-22", 20049, std::int64_t{20049} * 86'400'000'000,
                   std::int64_t{20050} * 86'400'000'000};
}

}  // namespace

MemoryPipeline::MemoryPipeline() : journal_(journal_in(folder.path())) {
  PipelineDefinition& definition = pipeline.definition;
  definition.name = "memory";
  definition.file = "memory.json";
  definition.source.plugin = "memory_source";
  definition.source.entries.push_back({});
  definition.source.entries.back().name = "remove";
  definition.source.entries.back().value = "after_load";
  definition.sink.plugin = "memory_sink";
  definition.rejects = {.max_rows = 1000, .max_share = 1.0};
  definition.retry = {.attempts = 1,
                      .backoff_min = std::chrono::milliseconds(0),
                      .backoff_max = std::chrono::milliseconds(1)};
  pipeline.config_digest = "digest";
  pipeline.plugin_versions = "[]";
  pipeline.source = std::make_unique<MemorySource>(store);
  pipeline.source_capabilities = DAYMILL_SOURCE_REMOVES_BY_PROOF | DAYMILL_SOURCE_REPEATS_ROWS;
  pipeline.sink_capabilities = DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_FENCES |
                               DAYMILL_SINK_REPLACES_PARTITION | DAYMILL_SINK_STORES_REJECTS;
  pipeline.make_sink = [this]() -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<MemorySink>(database));
  };
  EXPECT_TRUE(bind_schemas(pipeline).empty());
}

MemoryPipeline::~MemoryPipeline() {
  cancellation::reset();
}

void MemoryPipeline::add_transform(std::unique_ptr<Transform> transform,
                                   std::uint32_t capabilities) {
  BoundTransform bound;
  bound.plugin = "under_test";
  bound.transform = std::move(transform);
  bound.capabilities = capabilities;
  pipeline.transforms.push_back(std::move(bound));
  EXPECT_TRUE(bind_schemas(pipeline).empty());
}

RunReport MemoryPipeline::run_kind(RunKind kind) {
  return run_partition(kind, pipeline, day(), settings,
                       RunTools{snapshots, journal_, log, observer_});
}

void MemoryPipeline::expect_done(const RunReport& report,
                                 const std::map<std::string, MemoryDatabase::Counts>& rows) const {
  EXPECT_STREQ(run_state_name(report.state), "DONE") << report.failure.to_string();
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_EQ(database.rows, rows);
  for (const auto& [name, split] : store.splits)
    EXPECT_TRUE(split.counts.empty()) << name;
}

std::vector<StoredSnapshot> MemoryPipeline::stored() const {
  auto list = snapshots.list("memory");
  EXPECT_TRUE(list.ok());
  return std::move(list).value();
}

}  // namespace daymill
