#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/config_spec.hpp"
#include "pipeline/definition.hpp"

namespace daymill {

// A plugin that a pipeline schema knows.
struct SchemaComponent {
  ComponentKind kind = ComponentKind::source;
  std::string plugin;
  ConfigRules rules;
};

// JSON Schema (draft-07) of one component's `config`: what
// schemas/plugins/<kind>_<plugin>.schema.json holds. `${...}` is allowed wherever a number, a
// boolean or one of a list of choices is expected.
nlohmann::ordered_json component_schema(const SchemaComponent& component);

// JSON Schema (draft-07) of pipeline files for exactly these plugins; choosing `plugin` narrows
// `config`. Self-contained. Components are listed in the order given.
nlohmann::ordered_json pipeline_schema(const std::vector<SchemaComponent>& components);

}  // namespace daymill
