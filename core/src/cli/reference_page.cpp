#include "cli/reference_page.hpp"

#include <fstream>
#include <map>

#include "cli/output.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

/// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  }
  return safe;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

std::string type_cell(const FieldRule& field) {
  std::string text = field_type_name(field.type);
  if (!field.choices.empty()) {
    text = "";
    for (const std::string& choice : field.choices) {
      text += (text.empty() ? "" : " or ") + code(Json(choice).dump());
    }
  }
  if (field.minimum || field.maximum) {
    text += ", " + (field.minimum ? field.minimum->dump() : "") + " … " +
            (field.maximum ? field.maximum->dump() : "");
  }
  return text + (field.secret ? ", secret" : "");
}

std::string default_cell(const FieldRule& field) {
  return field.required                    ? "required"
         : field.default_value.has_value() ? code(field.default_value->dump())
                                           : "";
}

/// The required settings and those that have an example, as they stand in a pipeline file.
std::string example_of(const PluginComponent& component, const ConfigRules& rules) {
  Json config = Json::object();
  for (const FieldRule& field : rules.fields) {
    if (field.example && !field.secret && (field.required || field.type != FieldType::text_map)) {
      config[field.name] = *field.example;
    }
  }
  const Json example = {{"plugin", component.id}, {"config", config}};
  return "```json\n" + json_text(example) + "\n```\n";
}

std::string page_name(const PluginComponent& component) {
  return std::string(kind_name(component.kind)) + "_" + component.id + ".md";
}

Status write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? Status()
              : Status(Code::permission_denied, "cannot write the page").at(path.string());
}

}  // namespace

std::string capability_names(const PluginComponent& component) {
  const std::pair<std::uint32_t, const char*> names[] = {
      {DAYMILL_SOURCE_REMOVES_BY_PROOF, "removes by proof"},
      {DAYMILL_SOURCE_REPEATS_ROWS, "repeats rows"},
      {DAYMILL_SOURCE_READS_IN_ORDER, "reads in order"},
      {DAYMILL_TRANSFORM_ROW_WISE, "row-wise"},
      {DAYMILL_TRANSFORM_KEEPS_ROWS, "keeps rows"},
      {DAYMILL_TRANSFORM_KEEPS_SUMS, "keeps sums"},
      {DAYMILL_SINK_RECEIPTS, "receipts"},
      {DAYMILL_SINK_REPLACES_PARTITION, "replaces the day"},
      {DAYMILL_SINK_FENCES, "fences"},
      {DAYMILL_SINK_STORES_REJECTS, "stores rejects"},
  };
  std::string text;
  for (const auto& [bit, name] : names) {
    if (component.can(bit)) {
      text += (text.empty() ? "" : ", ") + std::string(name);
    }
  }
  return text;
}

std::string reference_page(const PluginComponent& component, const ConfigRules& rules) {
  std::string page = "<!-- Generated: daymill plugins describe --write docs/reference -->\n# " +
                     std::string(kind_name(component.kind)) + " " + component.id + "\n\n" +
                     rules.summary + ".\n\n";
  if (const std::string capabilities = capability_names(component); !capabilities.empty()) {
    page += "Capabilities: " + capabilities + ".\n\n";
  }
  if (!rules.fields.empty()) {
    page += "| setting | type | default | meaning | example |\n|---|---|---|---|---|\n";
  }
  for (const FieldRule& field : rules.fields) {
    page += "| `" + field.name + "` | " + type_cell(field) + " | " + default_cell(field) + " | " +
            cell(field.description) + " | " +
            (field.example ? code(field.example->dump()) : std::string()) + " |\n";
  }
  return page + "\n" + example_of(component, rules);
}

Status write_reference(const std::filesystem::path& folder,
                       const std::vector<const PluginComponent*>& components) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::map<std::string, std::string> lines;  // by kind: of the index
  for (const PluginComponent* component : components) {
    DAYMILL_ASSIGN(const ConfigRules rules, parse_config_rules(component->config_spec));
    DAYMILL_TRY(write_text(folder / page_name(*component), reference_page(*component, rules)));
    lines[kind_name(component->kind)] += "| [" + component->id + "](" + page_name(*component) +
                                         ") | " + cell(rules.summary) + " |\n";
  }
  std::string index =
      "<!-- Generated: daymill plugins describe --write docs/reference -->\n# Plugins\n";
  for (const char* kind : {"source", "transform", "sink"}) {
    index +=
        std::string("\n## ") + kind + "s\n\n| plugin | what it does |\n|---|---|\n" + lines[kind];
  }
  return write_text(folder / "README.md", index);
}

}  // namespace daymill
