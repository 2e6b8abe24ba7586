// daymill doctor: is everything there that a run needs?
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "cli/check_list.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"

namespace daymill {

namespace {

std::string folders_text(const std::vector<std::filesystem::path>& folders) {
  std::string text;
  for (const auto& folder : folders) {
    text += (text.empty() ? "" : ", ") + folder.string();
  }
  return text;
}

void examine_program(Session& session, CheckList& checks) {
  const auto home = session.home();
  checks.add("home", home.status(), home.ok() ? home->string() : "");
  if (home.ok()) {
    const bool writable = ::access(home->c_str(), W_OK) == 0;
    checks.add(
        "home writable",
        writable ? Status() : Status(Code::permission_denied, "cannot write").at(home->string()));
  }
  checks.add("run journal", session.journal().status());
  const auto registry = session.plugins();
  checks.add("plugin folders", registry.status(),
             registry.ok() ? folders_text((*registry)->folders()) : "");
  if (!registry.ok()) {
    return;
  }
  const std::size_t count = (*registry)->components().size();
  checks.add("plugins", count == 0 ? Status(Code::not_found, "no plugin is installed") : Status(),
             std::to_string(count) + " components");
  for (const PluginFile& file : (*registry)->files()) {
    if (!file.enabled()) {
      checks.warn("plugin " + file.file.filename().string(), file.problem);
    }
  }
}

int examine(Session& session, const std::string& file) {
  CheckList checks;
  examine_program(session, checks);
  if (!file.empty()) {
    const auto pipeline = session.bind(file);
    checks.add("pipeline", pipeline.status(), pipeline.ok() ? pipeline->delivery_guarantee() : "");
    if (pipeline.ok()) {
      checks.add_servers(*pipeline);
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("doctor", {{"checks", checks.json()}}, checks.failure());
  } else {
    std::fputs(session.redact(checks.text()).c_str(), stdout);
  }
  return checks.exit_code();
}

}  // namespace

void add_doctor_command(CLI::App& app, const Runner& runner) {
  auto pipeline = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Check folders and plugins, and with a pipeline also its servers, rights and settings");
  command->add_option("pipeline", *pipeline, "Pipeline file, or the name of one in ./pipelines");
  command->callback([pipeline, runner] {
    runner([pipeline](Session& session) { return examine(session, *pipeline); });
  });
}

}  // namespace daymill
