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

/// The setting that the message names in backticks, first one first; empty when there is none.
std::string named_setting(const JsonDocument& document, const std::string& config,
                          const std::string& message) {
  for (std::size_t begin = message.find('`'); begin != std::string::npos;) {
    const std::size_t end = message.find('`', begin + 1);
    if (end == std::string::npos) {
      break;
    }
    std::string setting = member_pointer(config, message.substr(begin + 1, end - begin - 1));
    if (document.at(setting) != nullptr) {
      return setting;
    }
    begin = message.find('`', end + 1);
  }
  return {};
}

/// Looks for the longest text, value or key, that a message has; in quotes rather than without.
class QuotedText {
 public:
  QuotedText(const JsonDocument& document, const std::string& message)
      : document_(document), message_(message) {}

  /// The pointer of the best one below `pointer`; empty when there is none.
  std::string below(const std::string& pointer) {
    look(pointer);
    return found_;
  }

 private:
  static constexpr std::size_t kLongEnough = 5;  // to be no coincidence without quotes

  void look(const std::string& at) {
    const nlohmann::ordered_json* value = document_.at(at);
    if (value == nullptr) {
      return;
    }
    if (value->is_object()) {
      for (const auto& [key, item] : value->items()) {
        weigh(key, /*counts_bare=*/false, member_pointer(at, key));
        look(member_pointer(at, key));
      }
    } else if (value->is_array()) {
      for (std::size_t i = 0; i < value->size(); ++i) {
        look(item_pointer(at, i));
      }
    } else if (value->is_string()) {
      const auto& text = value->get_ref<const std::string&>();
      weigh(text, /*counts_bare=*/text.size() >= kLongEnough, at);
    }
  }
  void weigh(const std::string& text, bool counts_bare, const std::string& at) {
    const bool quoted = message_.find('"' + text + '"') != std::string::npos;
    const bool bare = counts_bare && message_.find(text) != std::string::npos;
    const std::size_t weight = quoted ? message_.size() + text.size() : bare ? text.size() : 0;
    if (weight > heaviest_) {
      heaviest_ = weight;
      found_ = at;
    }
  }

  const JsonDocument& document_;
  const std::string& message_;
  std::string found_;
  std::size_t heaviest_ = 0;
};

/// Where in the component at `pointer` the message points, as far as it says; otherwise the plugin.
std::string place_of(const JsonDocument& document, const std::string& pointer,
                     const std::string& message) {
  const std::string config = pointer + "/config";
  const std::string named = named_setting(document, config, message);
  for (const auto& place : {QuotedText(document, message).below(named.empty() ? config : named),
                            named, pointer + "/plugin"}) {
    if (!place.empty() && document.at(place) != nullptr) {
      return place;
    }
  }
  return pointer;
}

bool is_secret(const PipelineDefinition& definition, const std::string& pointer) {
  for (const ComponentDefinition* component : components_of(definition)) {
    for (const ResolvedEntry& entry : component->entries) {
      const std::string secret = member_pointer(component->pointer + "/config", entry.name);
      if (entry.is_secret && pointer.compare(0, secret.size(), secret) == 0) {
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
