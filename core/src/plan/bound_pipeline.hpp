// A pipeline with its plugins loaded and its schemas bound: what run and plan work on.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "pipeline/definition.hpp"

namespace daymill {

struct BoundTransform {
  std::string plugin;
  std::unique_ptr<Transform> transform;
  Schema in;
  Schema out;
  std::uint32_t capabilities = 0;
};

/// Owns its components; they are used from the control thread. Schemas are known, no server was
/// reached.
struct BoundPipeline {
  PipelineDefinition definition;
  /// Of everything that decides the rows: settings and the components' logic versions.
  std::string config_digest;
  std::string plugin_versions;  ///< JSON object: component → plugin version and logic version
  std::string
      logic_versions;  ///< the part of it that changes rows: "redis_hash=1,ctr=1,postgres=1"

  std::unique_ptr<Source> source;
  std::uint32_t source_capabilities = 0;
  Schema raw_schema;
  Schema source_schema;
  std::vector<BoundTransform> transforms;
  Schema out_schema;  ///< after the last transform
  std::uint32_t sink_capabilities = 0;
  /// A fresh sink, not yet bound: a connection that broke is never used again.
  std::function<Result<std::unique_ptr<Sink>>()> make_sink;

  [[nodiscard]] bool removes() const;
  [[nodiscard]] bool source_repeats_rows() const {
    return (source_capabilities & DAYMILL_SOURCE_REPEATS_ROWS) != 0;
  }
  [[nodiscard]] bool source_reads_in_order() const {
    return (source_capabilities & DAYMILL_SOURCE_READS_IN_ORDER) != 0;
  }
  [[nodiscard]] bool has_receipts() const {
    return (sink_capabilities & DAYMILL_SINK_RECEIPTS) != 0;
  }
  [[nodiscard]] bool stores_rejects() const {
    return (sink_capabilities & DAYMILL_SINK_STORES_REJECTS) != 0;
  }
  /// What lands in the target, in one sentence: "exactly once, removed from the source by proof".
  [[nodiscard]] std::string delivery_guarantee() const;
};

/// Why one component cannot be used in its pipeline.
struct BindProblem {
  std::string pointer;  ///< JSON pointer of the component: "/source", "/transforms/0", "/sink"
  Status status;
};

/// Derives source_schema, raw_schema and out_schema, column by column from the source through the
/// transforms to the sink, and checks what the combination can promise; ends at the first component
/// that cannot take its rows. UNSUPPORTED when "remove" is asked of a source or a sink that cannot
/// prove; SCHEMA_MISMATCH when measures are not int64 or columns do not fit.
std::vector<BindProblem> bind_schemas(BoundPipeline& pipeline);

class PluginRegistry;
class HostServices;

struct PipelineBinding {
  BoundPipeline pipeline;             ///< complete only when there are no problems
  std::vector<BindProblem> problems;  ///< all that can be found at once
};

/// Makes the components of `definition` from the registry and binds them; the registry outlives the
/// result. No server is reached. Components whose pointer is in `wrong` are known to be unusable:
/// they are left out, and so is what depends on them.
PipelineBinding bind_pipeline(PipelineDefinition definition, const PluginRegistry& registry,
                              std::shared_ptr<HostServices> services,
                              const std::set<std::string>& wrong = {});

}  // namespace daymill
