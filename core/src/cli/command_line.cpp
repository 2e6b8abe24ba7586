#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "daymill/value.hpp"
#include "pipeline/did_you_mean.hpp"
#include "run/cancellation.hpp"

namespace daymill {

namespace {

constexpr int kExitUsage = 2;

const std::map<std::string, OutputFormat> kOutputs = {{"text", OutputFormat::text},
                                                      {"json", OutputFormat::json}};
const std::map<std::string, LogFormat> kLogFormats = {{"text", LogFormat::text},
                                                      {"json", LogFormat::json}};
const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::debug},
                                                    {"info", LogLevel::info},
                                                    {"warning", LogLevel::warning},
                                                    {"error", LogLevel::error}};

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--output", options.output, "What stdout gets: text or json")
      ->transform(CLI::CheckedTransformer(kOutputs))
      ->option_text("text|json");
  app.add_option("--log-format", options.log_format, "What stderr gets: text or json")
      ->transform(CLI::CheckedTransformer(kLogFormats))
      ->option_text("text|json");
  app.add_option("--log-level", options.log_level, "What is logged at least")
      ->transform(CLI::CheckedTransformer(kLogLevels))
      ->option_text("debug|info|warning|error");
}

template <typename Value>
std::string word_of(const std::map<std::string, Value>& words, Value value) {
  return std::find_if(words.begin(), words.end(),
                      [&](const auto& word) { return word.second == value; })
      ->first;
}

/// CLI11 only says that a command is missing; this says which one was misspelt.
Status check_command(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  if (argc < 2 || argv[1][0] == '-' ||
      std::find(names.begin(), names.end(), argv[1]) != names.end()) {
    return {};
  }
  const std::string advice = did_you_mean(argv[1], names);
  return Status(Code::invalid_argument, "there is no command \"" + printable(argv[1]) + "\"")
      .next(advice.empty() ? "daymill --help" : advice);
}

int run(int argc, char** argv) {
  CLI::App app(
      "daymill: ETL for work that comes in days. A pipeline is one JSON file; every day of it "
      "lands exactly once.",
      "daymill");
  app.set_version_flag("--version", "daymill " DAYMILL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done (also nothing to do), 1 a partition failed, 2 a mistake in arguments or "
      "configuration,\n"
      "3 the environment (server unreachable, disk full), 130 interrupted.\n"
      "DAYMILL_HOME (default ~/.local/share/daymill) holds snapshots and the run journal.");
  GlobalOptions options;
  add_global_options(app, options);

  int exit_code = 0;
  const Runner runner = [&](const CommandBody& body) {
    Session session(options);
    exit_code = body(session);
  };
  add_run_command(app, runner);
  add_resume_command(app, runner);
  add_schedule_command(app, runner);
  add_replay_command(app, runner);
  add_why_command(app, runner);
  add_decide_command(app, runner);
  add_adopt_command(app, runner);
  add_plan_command(app, runner);
  add_new_command(app, runner);
  add_validate_command(app, runner);
  add_explain_command(app, runner);
  add_preview_command(app, runner);
  add_test_command(app, runner);
  add_status_command(app, runner);
  add_show_command(app, runner);
  add_rejects_command(app, runner);
  add_snapshots_command(app, runner);
  add_state_command(app, runner);
  add_plugins_command(app, runner);
  add_schema_command(app, runner);
  add_doctor_command(app, runner);
  if (const Status known = check_command(app, argc, argv); !known.ok()) {
    std::fputs(error_text(known).c_str(), stderr);
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return exit_code;
}

}  // namespace

std::vector<std::string> GlobalOptions::arguments() const {
  return {"--output",     word_of(kOutputs, output),
          "--log-format", word_of(kLogFormats, log_format),
          "--log-level",  word_of(kLogLevels, log_level)};
}

int run_command_line(int argc, char** argv) {
  cancellation::install_signal_handlers();
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("error: RESOURCE_EXHAUSTED: out of memory\n", stderr);
    return exit_code(Code::resource_exhausted);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: INTERNAL: %s\n", error.what());
    return exit_code(Code::internal);
  }
}

}  // namespace daymill
