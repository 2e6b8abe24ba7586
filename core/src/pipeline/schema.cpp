#include "pipeline/schema.hpp"

#include <string_view>
#include <utility>

#include "pipeline/sections.hpp"

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDraft = "http://json-schema.org/draft-07/schema#";

Json placeholder_schema() {
  return {{"type", "string"},
          {"pattern", "\\$\\{[^}]+\\}"},
          {"description", "${NAME}, ${NAME:-default} or ${file:/path}"}};
}

Json number_schema(const FieldRule& rule, const char* type) {
  Json number{{"type", type}};
  if (rule.minimum)
    number["minimum"] = *rule.minimum;
  if (rule.maximum)
    number["maximum"] = *rule.maximum;
  return number;
}

Json text_schema(const FieldRule& rule) {
  if (rule.choices.empty())
    return {{"type", "string"}};
  return {{"anyOf", Json::array({Json{{"enum", rule.choices}}, placeholder_schema()})}};
}

Json or_placeholder(Json schema) {
  return {{"anyOf", Json::array({std::move(schema), placeholder_schema()})}};
}

Json type_schema(const FieldRule& rule) {
  switch (rule.type) {
    case FieldType::text:
      return text_schema(rule);
    case FieldType::integer:
      return or_placeholder(number_schema(rule, "integer"));
    case FieldType::number:
      return or_placeholder(number_schema(rule, "number"));
    case FieldType::boolean:
      return or_placeholder({{"type", "boolean"}});
    case FieldType::text_list:
      return {{"type", "array"}, {"items", text_schema(rule)}};
    case FieldType::text_map:
      return {{"type", "object"}, {"additionalProperties", text_schema(rule)}};
  }
  return Json::object();
}

Json field_schema(const FieldRule& rule) {
  Json schema{{"description", rule.description}};
  schema.update(type_schema(rule));
  if (rule.default_value && !rule.secret)
    schema["default"] = *rule.default_value;
  if (rule.example)
    schema["examples"] = Json::array({*rule.example});
  if (rule.secret)
    schema["writeOnly"] = true;
  return schema;
}

Json object_schema(const ConfigRules& rules) {
  Json schema{{"type", "object"},
              {"description", rules.summary},
              {"additionalProperties", false},
              {"properties", Json::object()}};
  Json required = Json::array();
  for (const FieldRule& rule : rules.fields) {
    schema["properties"][rule.name] = field_schema(rule);
    if (rule.required)
      required.push_back(rule.name);
  }
  if (!required.empty())
    schema["required"] = std::move(required);
  return schema;
}

std::string definition_name(const SchemaComponent& component) {
  return std::string(kind_name(component.kind)) + "_" + component.plugin;
}

// { "plugin": one of them, "config": what that one takes }
Json choice_schema(const std::vector<SchemaComponent>& components, ComponentKind kind,
                   const char* description) {
  Json names = Json::array();
  Json cases = Json::array();
  std::string summaries = description;
  for (const SchemaComponent& component : components) {
    if (component.kind != kind)
      continue;
    names.push_back(component.plugin);
    summaries += "\n- " + component.plugin + ": " + component.rules.summary;
    Json then{
        {"properties", {{"config", {{"$ref", "#/definitions/" + definition_name(component)}}}}}};
    for (const FieldRule& rule : component.rules.fields) {
      if (rule.required)
        then["required"] = Json::array({"config"});
    }
    cases.push_back({{"if", {{"properties", {{"plugin", {{"const", component.plugin}}}}}}},
                     {"then", std::move(then)}});
  }
  Json schema{{"type", "object"},
              {"description", summaries},
              {"additionalProperties", false},
              {"required", Json::array({"plugin"})},
              {"properties",
               {{"plugin", {{"description", summaries}, {"enum", std::move(names)}}},
                {"config", {{"type", "object"}}}}}};
  if (!cases.empty())
    schema["allOf"] = std::move(cases);
  return schema;
}

Json top_level_properties() {
  Json properties;
  properties["$schema"] = {{"type", "string"}, {"description", "Where editors find this schema"}};
  properties["name"] = {
      {"type", "string"},
      {"pattern", "^[a-z][a-z0-9_]{0,62}$"},
      {"description", "Identity of the pipeline: renaming it abandons its receipts"},
      {"examples", Json::array({"ad_ctr"})}};
  properties["description"] = {{"type", "string"}, {"description", "One sentence for people"}};
  properties["partition"] = object_schema(partition_rules());
  properties["schedule"] = object_schema(schedule_rules());
  properties["source"] = {{"$ref", "#/definitions/source"}};
  properties["transforms"] = {{"type", "array"},
                              {"description", "What happens to the rows, one after the other"},
                              {"items", {{"$ref", "#/definitions/transform"}}}};
  properties["sink"] = {{"$ref", "#/definitions/sink"}};
  properties["rejects"] = object_schema(rejects_rules());
  properties["retry"] = object_schema(retry_rules());
  properties["snapshots"] = object_schema(snapshots_rules());
  return properties;
}

}  // namespace

nlohmann::ordered_json component_schema(const SchemaComponent& component) {
  Json schema{{"$schema", kDraft}, {"title", definition_name(component)}};
  schema.update(object_schema(component.rules));
  return schema;
}

nlohmann::ordered_json pipeline_schema(const std::vector<SchemaComponent>& components) {
  Json schema{
      {"$schema", kDraft},
      {"title", "daymill pipeline"},
      {"description", "A source, a chain of transforms and a sink, for work that comes in days"},
      {"type", "object"},
      {"additionalProperties", false},
      {"required", Json::array({"name", "source", "sink"})},
      {"properties", top_level_properties()}};
  Json& definitions = schema["definitions"];
  definitions["source"] =
      choice_schema(components, ComponentKind::source, "Where the rows come from");
  definitions["transform"] =
      choice_schema(components, ComponentKind::transform, "What happens to the rows");
  definitions["sink"] = choice_schema(components, ComponentKind::sink, "Where the rows go");
  for (const SchemaComponent& component : components)
    definitions[definition_name(component)] = object_schema(component.rules);
  return schema;
}

}  // namespace daymill
