// daymill plugins doctor
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "plugin/plugin_doctor.hpp"
#include "plugin/plugin_folders.hpp"

namespace daymill {

namespace {

constexpr const char* kPluginsDoctor = "plugins doctor";
constexpr std::chrono::seconds kTimeLimit{10};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

/// What keeps a plugin from being used is a mistake in what is installed, or the environment's.
int exit_code_of(const Status& problem) {
  return problem.ok() ? 0 : exit_code(problem.code()) == 3 ? 3 : 2;
}

nlohmann::ordered_json to_json(const PluginHealth& health) {
  return {{"file", health.file.string()},
          {"ok", health.problem.ok()},
          {"version", health.version},
          {"components", health.components},
          {"error", to_json(health.problem)}};
}

int examine(Session& session) {
  const auto folders = default_plugin_folders();
  if (!folders.ok()) {
    return session.fail(kPluginsDoctor, folders.status());
  }
  int code = 0;
  std::int64_t broken = 0;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"STATE", "FILE", "VERSION", "COMPONENTS"}};
  std::string problems;
  for (const PluginHealth& health : examine_plugins(*folders, kTimeLimit)) {
    json.push_back(to_json(health));
    const bool ok = health.problem.ok();
    rows.push_back({ok ? "ok" : "broken", health.file.string(), ok ? health.version : "-",
                    joined(health.components)});
    if (!ok) {
      problems += "\n" + error_text(health.problem);
      code = std::max(code, exit_code_of(health.problem));
      ++broken;
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope(kPluginsDoctor, {{"plugins", json}},
                   broken == 0 ? Status()
                               : Status(Code::unsupported,
                                        std::to_string(broken) + " plugin files cannot be used"));
  } else {
    std::fputs((table_text(rows) + problems).c_str(), stdout);
  }
  return code;
}

}  // namespace

void add_plugins_doctor_command(CLI::App& plugins, const Runner& runner) {
  plugins
      .add_subcommand("doctor",
                      "Load each plugin in a process of its own and say why one cannot be used")
      ->callback([runner] { runner(examine); });
}

}  // namespace daymill
