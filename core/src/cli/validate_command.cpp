// daymill validate
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"

namespace daymill {

namespace {

struct Validation {
  std::string file;
  Findings findings;
  Status bind_error;      // schemas or guarantee
  std::string guarantee;  // when all is well

  [[nodiscard]] bool ok() const { return !has_errors(findings) && bind_error.ok(); }
};

Result<Validation> validate(Session& session, const std::string& file) {
  Validation validation;
  validation.file = file;
  DAYMILL_ASSIGN(LoadedPipeline loaded, session.load(file));
  validation.findings = loaded.findings;
  if (!loaded.ok()) {
    return validation;
  }
  DAYMILL_ASSIGN(const PluginRegistry* registry, session.plugins());
  const auto bound = bind_pipeline(std::move(loaded.definition), *registry, session.services());
  if (bound.ok()) {
    validation.guarantee = bound->delivery_guarantee();
  } else {
    validation.bind_error = Status(bound.status()).at(file);
  }
  return validation;
}

int validate_files(Session& session, const std::vector<std::string>& files) {
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  Status failure;
  for (const std::string& file : files) {
    const auto validation = validate(session, file);
    if (!validation.ok()) {
      return session.fail("validate", validation.status());
    }
    if (!validation->ok() && failure.ok()) {
      failure = Status(Code::invalid_config, "the pipeline has errors").at(file);
    }
    if (session.output() == OutputFormat::json) {
      results.push_back({{"file", file},
                         {"ok", validation->ok()},
                         {"delivery", validation->guarantee},
                         {"findings", to_json(validation->findings)},
                         {"error", to_json(validation->bind_error)}});
      continue;
    }
    std::fputs(session.redact(to_text(validation->findings)).c_str(), stderr);
    if (!validation->bind_error.ok()) {
      std::fputs(session.redact(error_text(validation->bind_error)).c_str(), stderr);
    }
    if (validation->ok()) {
      std::printf("%s: OK, %s\n", file.c_str(), validation->guarantee.c_str());
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("validate", results, failure);
  }
  return exit_code(failure.code());
}

}  // namespace

void add_validate_command(CLI::App& app, const Runner& runner) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("validate", "Check pipeline files without reaching any server");
  command->add_option("pipelines", *files, "Pipeline files, or names of ones in ./pipelines")
      ->required();
  command->callback([files, runner] {
    runner([files](Session& session) { return validate_files(session, *files); });
  });
}

}  // namespace daymill
