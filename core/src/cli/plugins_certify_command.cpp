// daymill plugins certify
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "certify/certify.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"

namespace daymill {

namespace {

constexpr const char* kPluginsCertify = "plugins certify";

Status verdict(const Scorecard& card) {
  if (const auto failed = card.count(Outcome::fail); failed > 0) {
    return Status(Code::internal, "the plugin does not keep all promises: " +
                                      std::to_string(failed) + " of the checks failed")
        .at(card.file);
  }
  if (const auto left = card.count(Outcome::not_run); left > 0) {
    return Status(Code::invalid_argument,
                  "partly certified: " + std::to_string(left) + " of the checks were not run")
        .at(card.file)
        .next("give what they need by --config FILE");
  }
  return {};
}

int certify_file(Session& session, const std::string& path, const std::string& config) {
  const auto plugin = describe_plugin_file(path);
  if (!plugin.ok()) {
    return session.fail(kPluginsCertify, plugin.status());
  }
  Findings findings;
  const auto settings =
      read_certify_config(config, plugin->components, environment_variables(), findings);
  if (!settings.ok()) {
    return session.fail(kPluginsCertify, settings.status());
  }
  std::vector<std::string> secrets;
  for (const auto& [key, given] : *settings) {
    secrets.insert(secrets.end(), given.secret_values.begin(), given.secret_values.end());
  }
  session.log().hide(secrets);
  std::fputs(session.redact(to_text(findings)).c_str(), stderr);
  if (has_errors(findings)) {
    return session.fail(kPluginsCertify,
                        Status(Code::invalid_config, "the settings have errors").at(config));
  }
  const auto card = certify(*plugin, *settings,
                            [&](const Score&) { return !session.services()->stop_requested(); });
  if (!card.ok()) {
    return session.fail(kPluginsCertify, card.status());
  }
  const Status end = verdict(*card);
  if (session.output() == OutputFormat::json) {
    const auto shown = nlohmann::ordered_json::parse(session.redact(to_json(*card).dump()));
    print_envelope(kPluginsCertify, shown, end);
  } else {
    std::fputs(session.redact(to_text(*card)).c_str(), stdout);
    if (!end.ok()) {
      std::fputs(("\n" + error_text(end)).c_str(), stderr);
    }
  }
  return exit_code(end.code());
}

}  // namespace

void add_plugins_certify_command(CLI::App& plugins, const Runner& runner) {
  auto path = std::make_shared<std::string>();
  auto config = std::make_shared<std::string>();
  CLI::App* command = plugins.add_subcommand(
      "certify", "Try whether a plugin keeps the promises of the plugin interface");
  command->add_option("path", *path, "The plugin's file")->required();
  command->add_option("--config", *config,
                      "JSON file with settings for its components: what it needs to be tried on "
                      "data");
  command->callback([path, config, runner] {
    runner([path, config](Session& session) { return certify_file(session, *path, *config); });
  });
}

}  // namespace daymill
