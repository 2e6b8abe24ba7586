// daymill schema: JSON Schema of pipeline files for exactly this program with its plugins
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "pipeline/schema.hpp"

namespace daymill {

namespace {

Result<std::vector<SchemaComponent>> schema_components(Session& session) {
  DAYMILL_ASSIGN(const PluginRegistry* registry, session.plugins());
  std::vector<SchemaComponent> components;
  for (const PluginComponent* component : registry->components()) {
    DAYMILL_ASSIGN(ConfigRules rules, parse_config_rules(component->config_spec));
    components.push_back(SchemaComponent{component->kind, component->id, std::move(rules)});
  }
  return components;
}

Status write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << json.dump(2) << "\n";
  file.flush();
  return file ? Status()
              : Status(Code::permission_denied, "cannot write the schema").at(path.string());
}

Status write_schemas(const std::filesystem::path& folder,
                     const std::vector<SchemaComponent>& components) {
  DAYMILL_TRY(write_json(folder / "pipeline.schema.json", pipeline_schema(components)));
  for (const SchemaComponent& component : components) {
    const std::string name =
        std::string(kind_name(component.kind)) + "_" + component.plugin + ".schema.json";
    DAYMILL_TRY(write_json(folder / "plugins" / name, component_schema(component)));
  }
  return {};
}

int print_schema(Session& session, const std::string& folder) {
  const auto components = schema_components(session);
  if (!components.ok()) {
    return session.fail("schema", components.status());
  }
  if (!folder.empty()) {
    const Status written = write_schemas(folder, *components);
    return written.ok() ? 0 : session.fail("schema", written);
  }
  const nlohmann::ordered_json schema = pipeline_schema(*components);
  if (session.output() == OutputFormat::json) {
    print_envelope("schema", schema, {});
  } else {
    std::puts(schema.dump(2).c_str());
  }
  return 0;
}

}  // namespace

void add_schema_command(CLI::App& app, const Runner& runner) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "schema", "JSON Schema of pipeline files for this program and its plugins");
  command->add_option(
      "--write", *folder,
      "Write pipeline.schema.json and plugins/*.schema.json into this folder instead");
  command->callback([folder, runner] {
    runner([folder](Session& session) { return print_schema(session, *folder); });
  });
}

}  // namespace daymill
