#include "pipeline/config_spec.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "pipeline/finding.hpp"

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

struct TypeNames {
  FieldType type;
  const char* name;
  const char* phrase;
};

constexpr std::array<TypeNames, 6> kTypes{{
    {FieldType::text, "text", "a text"},
    {FieldType::integer, "integer", "a whole number"},
    {FieldType::number, "number", "a number"},
    {FieldType::boolean, "boolean", "true or false"},
    {FieldType::text_list, "text_list", "a list of texts"},
    {FieldType::text_map, "text_map", "an object whose values are texts"},
}};

bool is_integer(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<std::uint64_t>() <=
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

bool fits(FieldType type, const Json& value) {
  const auto is_text = [](const Json& item) { return item.is_string(); };
  switch (type) {
    case FieldType::text:
      return value.is_string();
    case FieldType::integer:
      return is_integer(value);
    case FieldType::number:
      return value.is_number();
    case FieldType::boolean:
      return value.is_boolean();
    case FieldType::text_list:
      return value.is_array() && std::all_of(value.begin(), value.end(), is_text);
    case FieldType::text_map:
      return value.is_object() && std::all_of(value.begin(), value.end(), is_text);
  }
  return false;
}

class RuleReader {
 public:
  explicit RuleReader(const Json& json) : json_(json) {}

  Result<FieldRule> read() {
    if (!json_.is_object() || !json_.contains("name") || !json_["name"].is_string())
      return wrong("every field needs a name");
    rule_.name = json_["name"].get<std::string>();
    DAYMILL_TRY(read_type());
    DAYMILL_TRY(read_flag("required", rule_.required));
    DAYMILL_TRY(read_flag("secret", rule_.secret));
    DAYMILL_TRY(read_flag("identity", rule_.identity));
    DAYMILL_TRY(read_value("default", rule_.type, rule_.default_value));
    DAYMILL_TRY(read_value("minimum", FieldType::number, rule_.minimum));
    DAYMILL_TRY(read_value("maximum", FieldType::number, rule_.maximum));
    if (json_.contains("example"))
      rule_.example = json_["example"];
    DAYMILL_TRY(read_texts());
    if (rule_.required && rule_.default_value)
      return wrong("a required field cannot have a default");
    return std::move(rule_);
  }

 private:
  Status wrong(const std::string& what) const {
    return Status(Code::invalid_config, "broken config spec: " + what)
        .at(rule_.name.empty() ? "a field without a name" : "field " + in_quotes(rule_.name))
        .next("the plugin has to be corrected");
  }

  Status read_type() {
    const std::string name = json_.value("type", Json()).is_string() ? json_["type"] : Json("");
    for (const TypeNames& type : kTypes) {
      if (name == type.name) {
        rule_.type = type.type;
        return ok_status();
      }
    }
    return wrong("unknown type " + in_quotes(name));
  }

  Status read_flag(const char* key, bool& flag) const {
    if (!json_.contains(key))
      return ok_status();
    if (!json_[key].is_boolean())
      return wrong(std::string(key) + " must be true or false");
    flag = json_[key].get<bool>();
    return ok_status();
  }

  Status read_value(const char* key, FieldType type, std::optional<Json>& value) const {
    if (!json_.contains(key))
      return ok_status();
    if (!fits(type, json_[key]))
      return wrong(std::string(key) + " must be " + field_type_phrase(type));
    value = json_[key];
    return ok_status();
  }

  Status read_texts() {
    std::optional<Json> description;
    std::optional<Json> choices;
    DAYMILL_TRY(read_value("description", FieldType::text, description));
    DAYMILL_TRY(read_value("choices", FieldType::text_list, choices));
    if (description)
      rule_.description = description->get<std::string>();
    if (choices)
      rule_.choices = choices->get<std::vector<std::string>>();
    return ok_status();
  }

  const Json& json_;
  FieldRule rule_;
};

}  // namespace

const char* field_type_name(FieldType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

const char* field_type_phrase(FieldType type) {
  return kTypes[static_cast<std::size_t>(type)].phrase;
}

const FieldRule* ConfigRules::find(std::string_view name) const {
  for (const FieldRule& field : fields) {
    if (field.name == name)
      return &field;
  }
  return nullptr;
}

std::vector<std::string> ConfigRules::names() const {
  std::vector<std::string> names;
  for (const FieldRule& field : fields)
    names.push_back(field.name);
  return names;
}

Result<ConfigRules> parse_config_rules(std::string_view spec_json) {
  const Json json = Json::parse(spec_json, nullptr, false);
  const auto broken = [](const std::string& what) {
    return Status(Code::invalid_config, "broken config spec: " + what)
        .next("the plugin has to be corrected");
  };
  if (!json.is_object() || !json.contains("fields") || !json["fields"].is_array())
    return broken("it is not a JSON object with a list of fields");
  ConfigRules rules;
  if (json.contains("summary") && json["summary"].is_string())
    rules.summary = json["summary"].get<std::string>();
  for (const Json& field : json["fields"]) {
    DAYMILL_ASSIGN(FieldRule rule, RuleReader(field).read());
    if (rules.find(rule.name) != nullptr)
      return broken("the field " + in_quotes(rule.name) + " is declared twice");
    rules.fields.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace daymill
