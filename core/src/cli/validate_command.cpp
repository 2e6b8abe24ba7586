// daymill validate
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>

#include "cli/check_list.hpp"
#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "pipeline/fixes.hpp"
#include "pipeline/json_excerpt.hpp"

namespace daymill {

namespace {

struct ValidateOptions {
  std::vector<std::string> pipelines;
  bool fix = false;
  bool connect = false;
};

constexpr int kMostFixRounds = 20;  // one mistake of syntax can hide the next

/// Writes beside the file and renames, so that it is never half a file; its mode stays.
Status replace_file(const std::string& file, const std::string& text) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(file, error);
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream stream(part, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (stream && !error) {
    std::filesystem::permissions(part, std::filesystem::status(path, error).permissions(), error);
    std::filesystem::rename(part, path, error);
    if (!error) {
      return {};
    }
  }
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return Status(Code::permission_denied, "cannot write the corrected pipeline file").at(file);
}

std::string columns_text(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields) {
    text += (text.empty() ? "" : ", ") + field.name + " " + type_name(field.type);
    text += field.role == Role::attribute ? "" : std::string(" ") + role_name(field.role);
  }
  return text;
}

/// The columns after each component that changes them, and which variables are set.
std::string details_text(const BoundPipeline& pipeline) {
  std::string text =
      "  " + pipeline.definition.source.plugin + ": " + columns_text(pipeline.source_schema) + "\n";
  for (const BoundTransform& transform : pipeline.transforms) {
    text += "  " + transform.plugin + ": " + columns_text(transform.out) + "\n";
  }
  std::string variables;
  for (const VariableUse& use : pipeline.definition.variables) {
    variables += (variables.empty() ? "" : ", ") + use.name + (use.set ? " set" : " by default");
  }
  return text + (variables.empty() ? "" : "  variables: " + variables + "\n");
}

nlohmann::ordered_json columns_json(const Schema& schema) {
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();
  for (const Field& field : schema.fields) {
    columns.push_back(
        {{"name", field.name}, {"type", type_name(field.type)}, {"role", role_name(field.role)}});
  }
  return columns;
}

class Validation {
 public:
  Validation(Session& session, const ValidateOptions& options)
      : session_(session), options_(options) {}

  int run() {
    for (const std::string& pipeline : options_.pipelines) {
      std::error_code error;
      std::vector<std::string> files = {pipeline};
      if (std::filesystem::is_directory(pipeline, error)) {
        files = Session::pipelines_in(pipeline);
        if (files.empty()) {
          return session_.fail("validate",
                               Status(Code::invalid_argument,
                                      "there is no pipeline file (*.json) below " + pipeline));
        }
      }
      for (const std::string& file : files) {
        if (const Status status = validate(file); !status.ok()) {
          return session_.fail("validate", status);
        }
      }
    }
    if (session_.output() == OutputFormat::json) {
      print_envelope("validate", results_, failure_);
    }
    return exit_code(failure_.code());
  }

 private:
  Status validate(const std::string& file) {
    int fixed = 0;
    DAYMILL_ASSIGN(CheckedPipeline checked, session_.check(file));
    for (int round = 0; options_.fix && round < kMostFixRounds; ++round) {
      if (checked.document == nullptr) {
        break;
      }
      int count = 0;
      const std::string text = apply_fixes(checked.document->text(), checked.findings, count);
      if (count == 0) {
        break;
      }
      DAYMILL_TRY(replace_file(checked.file, text));
      fixed += count;
      DAYMILL_ASSIGN(checked, session_.check(file));
    }
    refuse_second_of_a_name(checked);
    CheckList servers;
    if (options_.connect && checked.ok()) {
      servers.add_servers(checked.pipeline);
    }
    if (failure_.ok() && !checked.ok()) {
      failure_ = Status(checked.first_problem, "the pipeline has errors").at(checked.file);
    } else if (failure_.ok()) {
      failure_ = servers.failure();
    }
    report(checked, fixed, servers);
    return {};
  }

  /// Receipts and snapshots are kept under a pipeline's name.
  void refuse_second_of_a_name(CheckedPipeline& checked) {
    const std::string& name = checked.pipeline.definition.name;
    if (name.empty()) {
      return;
    }
    const auto [first, is_new] = names_.try_emplace(name, checked.file);
    if (is_new || first->second == checked.file) {
      return;
    }
    Finding finding = finding_at_value(*checked.document, "/name", "pipeline.duplicate_name",
                                       "another pipeline has this name");
    finding.found = in_quotes(name) + ", also in " + first->second;
    finding.expected = "a name of its own: receipts and snapshots are kept under it";
    checked.findings.push_back(std::move(finding));
    checked.first_problem = Code::invalid_config;
    sort_by_place(checked.findings);
  }

  void report(const CheckedPipeline& checked, int fixed, const CheckList& servers) {
    const bool ok = checked.ok();
    const std::string guarantee = ok ? checked.pipeline.delivery_guarantee() : "";
    if (session_.output() == OutputFormat::json) {
      nlohmann::ordered_json result = {{"file", checked.file},
                                       {"ok", ok && servers.failure().ok()},
                                       {"delivery", guarantee},
                                       {"fixed", fixed},
                                       {"findings", to_json(checked.findings)}};
      if (ok) {
        result["columns"] = columns_json(checked.pipeline.out_schema);
      }
      if (options_.connect && ok) {
        result["servers"] = servers.json();
      }
      results_.push_back(std::move(result));
      return;
    }
    if (fixed > 0) {
      std::fprintf(stderr, "%s: corrected %d %s\n", checked.file.c_str(), fixed,
                   fixed == 1 ? "place" : "places");
    }
    std::fputs(session_.redact(to_text(checked.findings)).c_str(), stderr);
    if (ok) {
      std::printf("%s: OK, %s\n%s", checked.file.c_str(), guarantee.c_str(),
                  session_.redact(details_text(checked.pipeline) + servers.text()).c_str());
    }
  }

  Session& session_;
  const ValidateOptions& options_;
  std::map<std::string, std::string> names_;  // pipeline → file
  nlohmann::ordered_json results_ = nlohmann::ordered_json::array();
  Status failure_;
};

}  // namespace

void add_validate_command(CLI::App& app, const Runner& runner) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* command =
      app.add_subcommand("validate", "Check pipeline files without reaching any server");
  command
      ->add_option("pipelines", options->pipelines,
                   "Pipeline files, names of ones in ./pipelines, or folders of them")
      ->required();
  command->add_flag("--fix", options->fix,
                    "Correct what can only mean one thing; every other byte stays");
  command->add_flag("--connect", options->connect,
                    "Reach the servers, too: settings, rights, target, clocks; what a sink may "
                    "create, it creates");
  command->callback([options, runner] {
    runner([options](Session& session) { return Validation(session, *options).run(); });
  });
}

}  // namespace daymill
