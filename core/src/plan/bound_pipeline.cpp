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
        .next(R"(set "remove": "never", or use a source that removes: daymill plugins list)");
  }
  constexpr std::uint32_t kProof = DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_FENCES;
  if ((pipeline.sink_capabilities & kProof) != kProof) {
    return Status(Code::unsupported, wish + "a sink that commits receipts with the data; " +
                                         pipeline.definition.sink.plugin +
                                         " does not, so the source would be deleted without proof")
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

std::vector<BindProblem> bind_schemas(BoundPipeline& pipeline) {
  std::string at = "/source";
  const auto bind = [&]() -> Status {
    DAYMILL_ASSIGN(pipeline.source_schema, pipeline.source->schema());
    DAYMILL_ASSIGN(pipeline.raw_schema, pipeline.source->raw_schema());
    DAYMILL_TRY(check_measures(pipeline.source_schema, pipeline.definition.source.plugin));
    pipeline.out_schema = pipeline.source_schema;
    for (std::size_t i = 0; i < pipeline.transforms.size(); ++i) {
      at = "/transforms/" + std::to_string(i);
      BoundTransform& bound = pipeline.transforms[i];
      bound.in = pipeline.out_schema;
      DAYMILL_ASSIGN(bound.out, bound.transform->bind(bound.in));
      DAYMILL_TRY(check_measures(bound.out, bound.plugin));
      pipeline.out_schema = bound.out;
    }
    at = "/sink";
    DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
    return sink->check_rows(pipeline.out_schema);
  };
  std::vector<BindProblem> problems;
  if (Status status = bind(); !status.ok()) {
    problems.push_back({at, std::move(status)});
  }
  if (Status status = check_removal(pipeline); !status.ok()) {
    problems.push_back({"/source/config/remove", std::move(status)});
  }
  return problems;
}

namespace {

class PipelineBinder {
 public:
  PipelineBinder(const PluginRegistry& registry, std::shared_ptr<HostServices> services,
                 const std::set<std::string>& wrong)
      : registry_(registry), services_(std::move(services)), wrong_(wrong) {}

  PipelineBinding bind(PipelineDefinition definition) {
    make(definition.source, [&](const PluginComponent& component, const auto& entries) -> Status {
      pipeline_.source_capabilities = component.capabilities;
      DAYMILL_ASSIGN(pipeline_.source, make_source(component, entries, services_));
      return {};
    });
    for (const ComponentDefinition& transform : definition.transforms) {
      make(transform, [&](const PluginComponent& component, const auto& entries) -> Status {
        BoundTransform bound;
        bound.plugin = component.id;
        bound.capabilities = component.capabilities;
        DAYMILL_ASSIGN(bound.transform, make_transform(component, entries, services_));
        pipeline_.transforms.push_back(std::move(bound));
        return {};
      });
    }
    make(definition.sink, [&](const PluginComponent& component, const auto& entries) -> Status {
      pipeline_.sink_capabilities = component.capabilities;
      pipeline_.make_sink = [found = &component, services = services_, entries] {
        return make_sink(*found, entries, services);
      };
      // Its settings are wrong now rather than after the source was read.
      return pipeline_.make_sink().status();
    });
    pipeline_.config_digest = config_digest(definition) + versions_.logic();
    pipeline_.plugin_versions = versions_.json();
    pipeline_.definition = std::move(definition);
    if (complete_) {
      problems_ = bind_schemas(pipeline_);
    }
    return PipelineBinding{std::move(pipeline_), std::move(problems_)};
  }

 private:
  template <typename Maker>
  void make(const ComponentDefinition& definition, const Maker& maker) {
    if (wrong_.count(definition.pointer) != 0 || definition.plugin.empty()) {
      complete_ = false;
      return;
    }
    const auto component = registry_.find(definition.kind, definition.plugin);
    Status status = component.status();
    if (status.ok()) {
      versions_.add(**component);
      status = maker(**component, plugin_entries(definition));
    }
    if (!status.ok()) {
      complete_ = false;
      problems_.push_back({definition.pointer, std::move(status)});
    }
  }

  const PluginRegistry& registry_;
  std::shared_ptr<HostServices> services_;
  const std::set<std::string>& wrong_;
  BoundPipeline pipeline_;
  Versions versions_;
  std::vector<BindProblem> problems_;
  bool complete_ = true;
};

}  // namespace

PipelineBinding bind_pipeline(PipelineDefinition definition, const PluginRegistry& registry,
                              std::shared_ptr<HostServices> services,
                              const std::set<std::string>& wrong) {
  return PipelineBinder(registry, std::move(services), wrong).bind(std::move(definition));
}

}  // namespace daymill
