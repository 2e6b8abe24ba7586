// daymill plugins list, daymill plugins describe
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/reference_page.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "pipeline/config_spec.hpp"

namespace daymill {

namespace {

int list_plugins(Session& session) {
  const auto registry = session.plugins();
  if (!registry.ok()) {
    return session.fail("plugins list", registry.status());
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"KIND", "ID", "VERSION", "CAPABILITIES", "FILE"}};
  for (const PluginComponent* component : (*registry)->components()) {
    rows.push_back({kind_name(component->kind), component->id, component->version,
                    capability_names(*component), component->file.string()});
    json.push_back({{"kind", kind_name(component->kind)},
                    {"id", component->id},
                    {"version", component->version},
                    {"logic_version", component->logic_version},
                    {"capabilities", capability_names(*component)},
                    {"file", component->file.string()},
                    {"enabled", true}});
  }
  std::string disabled;
  for (const PluginFile& file : (*registry)->files()) {
    if (!file.enabled()) {
      disabled += "disabled: " + file.file.string() + "\n  " + file.problem.message() + "\n" +
                  (file.problem.next().empty() ? "" : "  next  " + file.problem.next() + "\n");
      json.push_back(
          {{"file", file.file.string()}, {"enabled", false}, {"error", to_json(file.problem)}});
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("plugins list", {{"plugins", json}}, {});
    return 0;
  }
  std::fputs((table_text(rows) + disabled).c_str(), stdout);
  return 0;
}

std::string describe_text(const PluginComponent& component, const ConfigRules& rules) {
  std::string text = std::string(kind_name(component.kind)) + " " + component.id + " " +
                     component.version + ": " + rules.summary + "\n";
  if (const std::string capabilities = capability_names(component); !capabilities.empty()) {
    text += "capabilities: " + capabilities + "\n";
  }
  std::vector<std::vector<std::string>> rows = {{"SETTING", "TYPE", "DEFAULT", "DESCRIPTION"}};
  for (const FieldRule& field : rules.fields) {
    const std::string standard = field.required                    ? "(required)"
                                 : field.default_value.has_value() ? field.default_value->dump()
                                                                   : "";
    rows.push_back({field.name,
                    std::string(field_type_name(field.type)) + (field.secret ? ", secret" : ""),
                    standard, field.description});
  }
  return text + table_text(rows);
}

int describe_plugin(Session& session, const std::string& id) {
  const auto registry = session.plugins();
  if (!registry.ok()) {
    return session.fail("plugins describe", registry.status());
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::string text;
  for (const PluginComponent* component : (*registry)->components()) {
    if (component->id != id) {
      continue;
    }
    const auto rules = parse_config_rules(component->config_spec);
    if (!rules.ok()) {
      return session.fail("plugins describe", rules.status());
    }
    text += describe_text(*component, *rules);
    json.push_back({{"kind", kind_name(component->kind)},
                    {"id", component->id},
                    {"version", component->version},
                    {"capabilities", capability_names(*component)},
                    {"config", nlohmann::ordered_json::parse(component->config_spec)}});
  }
  if (json.empty()) {
    return session.fail(
        "plugins describe",
        Status(Code::not_found, "no plugin component \"" + id + "\"").next("daymill plugins list"));
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("plugins describe", {{"components", json}}, {});
  } else {
    std::fputs(text.c_str(), stdout);
  }
  return 0;
}

int write_pages(Session& session, const std::string& folder) {
  const auto registry = session.plugins();
  const Status status =
      registry.ok() ? write_reference(folder, (*registry)->components()) : registry.status();
  return status.ok() ? 0 : session.fail("plugins describe", status);
}

}  // namespace

void add_plugins_command(CLI::App& app, const Runner& runner) {
  auto id = std::make_shared<std::string>();
  CLI::App* plugins =
      app.add_subcommand("plugins", "Sources, transforms and sinks that are installed");
  plugins->require_subcommand(1);
  plugins->add_subcommand("list", "All of them, disabled ones with the reason")->callback([runner] {
    runner(list_plugins);
  });
  auto folder = std::make_shared<std::string>();
  CLI::App* describe = plugins->add_subcommand("describe", "The settings of one");
  auto* id_option = describe->add_option("id", *id, "As in \"plugin\" of a pipeline file");
  describe
      ->add_option("--write", *folder,
                   "Write a page of reference for every plugin into this folder instead")
      ->excludes(id_option);
  describe->callback([id, folder, runner] {
    runner([id, folder](Session& session) {
      return folder->empty() ? describe_plugin(session, *id) : write_pages(session, *folder);
    });
  });
  add_plugins_certify_command(*plugins, runner);
  add_plugins_doctor_command(*plugins, runner);
}

}  // namespace daymill
