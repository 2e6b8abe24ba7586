#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "daymill/status.hpp"

namespace daymill {

enum class FieldType { text, integer, number, boolean, text_list, text_map };

// The name in specs: "text_list". For people: "a list of texts".
const char* field_type_name(FieldType type);
const char* field_type_phrase(FieldType type);

// One setting as a component declares it (the SDK's ConfigField, read back from its JSON).
struct FieldRule {
  std::string name;
  FieldType type = FieldType::text;
  bool required = false;
  bool secret = false;
  bool identity = true;  // changes the rows, so it is part of the config digest
  std::optional<nlohmann::ordered_json> default_value;  // of the field's JSON type
  std::vector<std::string> choices;                     // empty: any
  std::optional<nlohmann::ordered_json> minimum;        // numbers
  std::optional<nlohmann::ordered_json> maximum;
  std::string description;
  std::optional<nlohmann::ordered_json> example;
};

// All settings of a component. The host's counterpart of the SDK's ConfigSpec.
struct ConfigRules {
  std::string summary;
  std::vector<FieldRule> fields;

  const FieldRule* find(std::string_view name) const;  // null when there is none
  std::vector<std::string> names() const;
};

// Reads the JSON form of a config spec. It comes from a plugin, so everything is checked:
// INVALID_CONFIG says which field is wrong and why.
Result<ConfigRules> parse_config_rules(std::string_view spec_json);

}  // namespace daymill
