#include "plan/bound_pipeline.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"

namespace daymill {

namespace {

/// A source that can remove declares a setting of this name (docs/plugin_guide.md).
constexpr char kRemoveSetting[] = "remove";
constexpr char kRemoveAfterLoad[] = "after_load";

std::vector<Config::Entry> plugin_entries(const ComponentDefinition& component) {
  std::vector<Config::Entry> entries;
  for (const ResolvedEntry& entry : component.entries) {
    entries.push_back(Config::Entry{entry.name, entry.item, entry.value});
  }
  return entries;
}

bool asks_to_remove(const PipelineDefinition& definition) {
  return std::any_of(definition.source.entries.begin(), definition.source.entries.end(),
                     [](const ResolvedEntry& entry) {
                       return entry.name == kRemoveSetting && entry.value == kRemoveAfterLoad;
                     });
}

/// Collects name and versions of the components as they are made.
class Versions {
 public:
  void add(const PluginComponent& component) {
    json_.push_back({{"kind", kind_name(component.kind)},
                     {"id", component.id},
                     {"version", component.version},
                     {"logic", component.logic_version}});
    logic_ += ";" + component.id + "=" + std::to_string(component.logic_version);
  }
  [[nodiscard]] std::string json() const { return json_.dump(); }
  [[nodiscard]] const std::string& logic() const { return logic_; }

 private:
  nlohmann::ordered_json json_ = nlohmann::ordered_json::array();
  std::string logic_;
};

Status check_measures(const Schema& schema, const std::string& plugin) {
  for (const Field& field : schema.fields) {
    if (field.role == Role::measure && field.type != Type::int64) {
      return Status(Code::schema_mismatch,
                    "measure " + field.name + " is " + type_name(field.type) +
                        ", a measure must be int64 so that its sum can be proven")
          .at(plugin);
    }
  }
  return {};
}

Status check_removal(const BoundPipeline& pipeline) {
  if (!asks_to_remove(pipeline.definition)) {
    return {};
  }
  const std::string wish = R"("remove": "after_load" needs )";
  if ((pipeline.source_capabilities & DAYMILL_SOURCE_REMOVES_BY_PROOF) == 0) {
    return Status(Code::unsupported, wish + "a source that removes by proof; " +
                                         pipeline.definition.source.plugin + " does not")
        .at(pipeline.definition.file);
  }
  constexpr std::uint32_t kProof = DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_FENCES;
  if ((pipeline.sink_capabilities & kProof) != kProof) {
    return Status(Code::unsupported, wish + "a sink that commits receipts with the data; " +
                                         pipeline.definition.sink.plugin +
                                         " does not, so the source would be deleted without proof")
        .at(pipeline.definition.file)
        .next(R"(set "remove": "never", or use a sink with receipts: daymill plugins list)");
  }
  return {};
}

}  // namespace

bool BoundPipeline::removes() const {
  return (source_capabilities & DAYMILL_SOURCE_REMOVES_BY_PROOF) != 0 && asks_to_remove(definition);
}

std::string BoundPipeline::delivery_guarantee() const {
  if (!has_receipts()) {
    return (sink_capabilities & DAYMILL_SINK_REPLACES_PARTITION) != 0
               ? "at least once, each run replaces the whole day (the sink keeps no receipts)"
               : "at least once, rows may repeat (the sink keeps no receipts)";
  }
  return removes() ? "exactly once; the source is removed only against proof"
                   : "exactly once; the source is kept";
}

Status bind_schemas(BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(pipeline.source_schema, pipeline.source->schema());
  DAYMILL_ASSIGN(pipeline.raw_schema, pipeline.source->raw_schema());
  DAYMILL_TRY(check_measures(pipeline.source_schema, pipeline.definition.source.plugin));
  pipeline.out_schema = pipeline.source_schema;
  for (BoundTransform& bound : pipeline.transforms) {
    bound.in = pipeline.out_schema;
    DAYMILL_ASSIGN(bound.out, bound.transform->bind(bound.in));
    DAYMILL_TRY(check_measures(bound.out, bound.plugin));
    pipeline.out_schema = bound.out;
  }
  return check_removal(pipeline);
}

Result<BoundPipeline> bind_pipeline(PipelineDefinition definition, const PluginRegistry& registry,
                                    std::shared_ptr<HostServices> services) {
  BoundPipeline pipeline;
  Versions versions;
  DAYMILL_ASSIGN(const PluginComponent* source,
                 registry.find(ComponentKind::source, definition.source.plugin));
  DAYMILL_ASSIGN(pipeline.source,
                 make_source(*source, plugin_entries(definition.source), services));
  pipeline.source_capabilities = source->capabilities;
  versions.add(*source);
  for (const ComponentDefinition& transform : definition.transforms) {
    DAYMILL_ASSIGN(const PluginComponent* component,
                   registry.find(ComponentKind::transform, transform.plugin));
    BoundTransform bound;
    bound.plugin = transform.plugin;
    bound.capabilities = component->capabilities;
    DAYMILL_ASSIGN(bound.transform,
                   make_transform(*component, plugin_entries(transform), services));
    pipeline.transforms.push_back(std::move(bound));
    versions.add(*component);
  }
  DAYMILL_ASSIGN(const PluginComponent* sink,
                 registry.find(ComponentKind::sink, definition.sink.plugin));
  pipeline.sink_capabilities = sink->capabilities;
  pipeline.make_sink = [sink, services, entries = plugin_entries(definition.sink)] {
    return make_sink(*sink, entries, services);
  };
  DAYMILL_TRY(
      pipeline.make_sink());  // its settings are wrong now rather than after the source was read
  versions.add(*sink);

  pipeline.config_digest = config_digest(definition) + versions.logic();
  pipeline.plugin_versions = versions.json();
  pipeline.definition = std::move(definition);
  DAYMILL_TRY(bind_schemas(pipeline));
  return pipeline;
}

}  // namespace daymill
