#include "pipeline/component_loader.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "pipeline/did_you_mean.hpp"
#include "pipeline/fixes.hpp"
#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

class ComponentLoader {
 public:
  ComponentLoader(PipelineReader& reader, const SpecLookup& specs, ComponentKind kind,
                  std::string pointer)
      : reader_(reader), specs_(specs), kind_(kind), pointer_(std::move(pointer)) {}

  ComponentDefinition load() {
    ComponentDefinition component;
    component.kind = kind_;
    component.pointer = pointer_;
    if (!reader_.require_object(pointer_))
      return component;
    const std::vector<std::string> known{"plugin", "config"};
    refuse_unknown_keys(reader_.document(), pointer_, known, reader_.findings());
    const std::string config = pointer_ + "/config";
    const bool present = reader_.present(config);
    const bool usable = !present || reader_.require_object(config);
    const std::optional<std::string> plugin = reader_.read_text(
        pointer_ + "/plugin", !is_misspelt("plugin", *reader_.document().at(pointer_), known));
    if (!plugin)
      return component;
    component.plugin = *plugin;
    const std::optional<ConfigRules> rules = find_rules(*plugin);
    if (!rules || !usable)
      return component;
    ResolvedConfig resolved = resolve_config(
        *rules, {reader_.document(), reader_.texts(), present ? config : pointer_, present},
        reader_.findings());
    component.config = std::move(resolved.shown);
    component.entries = std::move(resolved.entries);
    return component;
  }

 private:
  std::optional<ConfigRules> find_rules(const std::string& plugin) {
    const SpecAnswer answer = specs_(kind_, plugin);
    if (answer.state == SpecAnswer::State::unknown) {
      report_unknown(plugin, answer.known_ids);
      return std::nullopt;
    }
    if (answer.state == SpecAnswer::State::disabled) {
      report("plugin.disabled", the_plugin() + " is disabled: " + answer.reason, "",
             "see: daymill plugins list");
      return std::nullopt;
    }
    Result<ConfigRules> rules = parse_config_rules(answer.spec_json);
    if (rules.ok())
      return std::move(rules).value();
    report("plugin.broken_spec", the_plugin() + " cannot be used: " + rules.status().to_string(),
           "", rules.status().next());
    return std::nullopt;
  }

  void report_unknown(const std::string& plugin, const std::vector<std::string>& known) {
    std::string expected;
    for (const std::string& id : known)
      expected += (expected.empty() ? "" : ", ") + id;
    std::string suggestion =
        reader_.from_variable(pointer_ + "/plugin") ? std::string() : did_you_mean(plugin, known);
    for (const ComponentKind other :
         {ComponentKind::source, ComponentKind::transform, ComponentKind::sink}) {
      if (other != kind_ && specs_(other, plugin).state != SpecAnswer::State::unknown)
        suggestion = name() + " is a " + kind_name(other) + ", not a " + kind_name(kind_);
    }
    if (suggestion.empty())
      suggestion = "see: daymill plugins list";
    report("plugin.unknown", std::string("unknown ") + kind_name(kind_) + " plugin " + name(),
           std::move(expected), std::move(suggestion),
           fix_of_case(reader_.document(), pointer_ + "/plugin", known));
  }

  void report(const std::string& code, std::string message, std::string expected,
              std::string suggestion, std::optional<TextEdit> fix = {}) {
    Finding finding =
        finding_at_value(reader_.document(), pointer_ + "/plugin", code, std::move(message));
    finding.fix = std::move(fix);
    reader_.report(std::move(finding), "", std::move(expected), std::move(suggestion));
  }

  // As it stands in the file: the value of a variable is not shown.
  std::string name() const {
    return in_quotes(reader_.document().at(pointer_ + "/plugin")->get_ref<const std::string&>());
  }

  std::string the_plugin() const {
    return std::string("the ") + kind_name(kind_) + " plugin " + name();
  }

  PipelineReader& reader_;
  const SpecLookup& specs_;
  ComponentKind kind_;
  std::string pointer_;
};

}  // namespace

ComponentDefinition read_component(PipelineReader& reader, const SpecLookup& specs,
                                   ComponentKind kind, const std::string& pointer) {
  return ComponentLoader(reader, specs, kind, pointer).load();
}

}  // namespace daymill
