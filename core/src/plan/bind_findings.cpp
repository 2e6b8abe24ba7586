#include "plan/bind_findings.hpp"

#include <algorithm>

#include "pipeline/json_excerpt.hpp"

namespace daymill {

namespace {

const char* finding_code(Code code) {
  switch (code) {
    case Code::invalid_config:
    case Code::invalid_argument:
      return "plugin.config";
    case Code::schema_mismatch:
      return "schema.mismatch";
    case Code::unsupported:
      return "delivery.refused";
    default:
      return "plugin.failed";
  }
}

std::vector<const ComponentDefinition*> components_of(const PipelineDefinition& definition) {
  std::vector<const ComponentDefinition*> components{&definition.source};
  for (const ComponentDefinition& transform : definition.transforms) {
    components.push_back(&transform);
  }
  components.push_back(&definition.sink);
  return components;
}

/// The setting of the component at `pointer` that the message names first, or the plugin's name.
std::string place_of(const JsonDocument& document, const std::string& pointer,
                     const std::string& message) {
  for (std::size_t begin = message.find('`'); begin != std::string::npos;) {
    const std::size_t end = message.find('`', begin + 1);
    if (end == std::string::npos) {
      break;
    }
    const std::string setting =
        member_pointer(pointer + "/config", message.substr(begin + 1, end - begin - 1));
    if (document.at(setting) != nullptr) {
      return setting;
    }
    begin = message.find('`', end + 1);
  }
  const std::string plugin = pointer + "/plugin";
  return document.at(plugin) != nullptr ? plugin : pointer;
}

bool is_secret(const PipelineDefinition& definition, const std::string& pointer) {
  for (const ComponentDefinition* component : components_of(definition)) {
    for (const ResolvedEntry& entry : component->entries) {
      if (entry.is_secret &&
          pointer == member_pointer(component->pointer + "/config", entry.name)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::set<std::string> wrong_components(const PipelineDefinition& definition,
                                       const Findings& findings) {
  std::set<std::string> wrong;
  for (const ComponentDefinition* component : components_of(definition)) {
    const std::string& pointer = component->pointer;
    const bool has_error =
        std::any_of(findings.begin(), findings.end(), [&pointer](const Finding& finding) {
          return finding.severity == Severity::error &&
                 (finding.pointer == pointer || finding.pointer.rfind(pointer + "/", 0) == 0);
        });
    if (has_error) {
      wrong.insert(pointer);
    }
  }
  return wrong;
}

Findings bind_findings(const LoadedPipeline& loaded, const std::vector<BindProblem>& problems) {
  Findings findings;
  for (const BindProblem& problem : problems) {
    const Status& status = problem.status;
    const std::string pointer = place_of(*loaded.document, problem.pointer, status.message());
    Finding finding = finding_at_value(
        *loaded.document, pointer, finding_code(status.code()),
        status.message() + (status.where().empty() ? "" : " (" + status.where() + ")"),
        is_secret(loaded.definition, pointer) ? Show::nothing : Show::text);
    finding.suggestion = status.next();
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace daymill
