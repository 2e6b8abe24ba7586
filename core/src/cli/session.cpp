#include "cli/session.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "daymill/value.hpp"
#include "pipeline/did_you_mean.hpp"
#include "pipeline/variables.hpp"
#include "plan/bind_findings.hpp"
#include "plugin/plugin_folders.hpp"
#include "run/cancellation.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

/// What plugins see of the program.
class ProgramServices final : public HostServices {
 public:
  explicit ProgramServices(std::shared_ptr<Log> log) : log_(std::move(log)) {}
  void log(std::int32_t level, std::string_view plugin, std::string_view message) override {
    log_->write(static_cast<LogLevel>(level), plugin, message);
  }
  [[nodiscard]] bool stop_requested() const override { return cancellation::requested(); }

 private:
  std::shared_ptr<Log> log_;
};

Result<std::filesystem::path> home_folder() {
  if (const char* home = std::getenv("DAYMILL_HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home);
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".local/share/daymill";
  }
  if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr && user->pw_dir != nullptr) {
    return std::filesystem::path(user->pw_dir) / ".local/share/daymill";
  }
  return Status(Code::invalid_argument, "neither DAYMILL_HOME nor HOME is set")
      .next("export DAYMILL_HOME=/var/lib/daymill");
}

Status no_pipeline(const std::string& pipeline) {
  std::vector<std::string> names;
  for (const std::string& file : Session::pipelines_in("pipelines")) {
    names.push_back(std::filesystem::path(file).stem().string());
  }
  std::string advice = did_you_mean(pipeline, names);
  if (advice.empty()) {
    advice = "name a pipeline file";
    for (std::size_t i = 0; i < names.size(); ++i) {
      advice += (i == 0 ? ", or one of ./pipelines: " : ", ") + names[i];
    }
  }
  return Status(Code::invalid_argument, "there is no pipeline file \"" + printable(pipeline) + "\"")
      .next(advice);
}

}  // namespace

Session::Session(const GlobalOptions& options)
    : options_(options),
      log_(std::make_shared<Log>(options.log_level, options.log_format)),
      services_(std::make_shared<ProgramServices>(log_)) {}

std::string Session::file_of(const std::string& pipeline) {
  std::error_code error;
  const std::filesystem::path by_name = std::filesystem::path("pipelines") / (pipeline + ".json");
  return !std::filesystem::exists(pipeline, error) && std::filesystem::exists(by_name, error)
             ? by_name.string()
             : pipeline;
}

Result<std::filesystem::path> Session::home() {
  DAYMILL_ASSIGN(std::filesystem::path folder, home_folder());
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return Status(error == std::errc::no_space_on_device ? Code::resource_exhausted
                                                         : Code::permission_denied,
                  "cannot create daymill's folder: " + error.message())
        .at(folder.string())
        .next("set DAYMILL_HOME to a folder that can be written");
  }
  return std::filesystem::absolute(folder);
}

Result<SnapshotStore> Session::snapshots() {
  DAYMILL_ASSIGN(const std::filesystem::path folder, home());
  return SnapshotStore(folder / "snapshots");
}

Result<RunJournal> Session::journal() {
  DAYMILL_ASSIGN(const std::filesystem::path folder, home());
  return RunJournal::open(folder / "state.db");
}

Result<const PluginRegistry*> Session::plugins() {
  if (!registry_.has_value()) {
    DAYMILL_ASSIGN(const std::vector<std::filesystem::path> folders, default_plugin_folders());
    registry_ = PluginRegistry::load(folders, services_);
  }
  return &*registry_;
}

Result<LoadedPipeline> Session::load(const std::string& pipeline, const VariableLookup& variables) {
  DAYMILL_ASSIGN(const PluginRegistry* registry, plugins());
  const SpecLookup specs = [registry](ComponentKind kind, const std::string& id) {
    SpecAnswer answer;
    const auto component = registry->find(kind, id);
    if (component.ok()) {
      answer.state = SpecAnswer::State::found;
      answer.spec_json = (*component)->config_spec;
      return answer;
    }
    for (const PluginFile& file : registry->files()) {
      if (!file.enabled() && file.file.stem() == id) {
        answer.state = SpecAnswer::State::disabled;
        answer.reason = file.problem.message();
        return answer;
      }
    }
    for (const PluginComponent* known : registry->components()) {
      if (known->kind == kind) {
        answer.known_ids.push_back(known->id);
      }
    }
    return answer;
  };
  LoadedPipeline loaded = load_pipeline(file_of(pipeline), specs, variables);
  log_->hide(loaded.definition.secret_values());
  return loaded;
}

std::string Session::name_of(const std::string& pipeline) {
  if (pipeline.find('.') == std::string::npos) {
    return pipeline;
  }
  const auto loaded = load(pipeline);
  return loaded.ok() && !loaded->definition.name.empty() ? loaded->definition.name : pipeline;
}

Status Session::require_file(const std::string& pipeline) {
  std::error_code error;
  return std::filesystem::exists(file_of(pipeline), error) ? Status() : no_pipeline(pipeline);
}

Result<BoundPipeline> Session::bind(const std::string& pipeline) {
  DAYMILL_TRY(require_file(pipeline));
  DAYMILL_ASSIGN(CheckedPipeline checked, check(pipeline));
  if (!checked.findings.empty()) {
    std::fputs(redact(to_text(checked.findings)).c_str(), stderr);
  }
  if (!checked.ok()) {
    return Status(checked.first_problem, "the pipeline has errors")
        .at(checked.file)
        .next("daymill validate " + pipeline);
  }
  return std::move(checked.pipeline);
}

Result<CheckedPipeline> Session::check(const std::string& pipeline,
                                       const VariableLookup& variables) {
  DAYMILL_ASSIGN(const PluginRegistry* registry, plugins());
  DAYMILL_ASSIGN(const LoadedPipeline loaded, load(pipeline, variables));
  CheckedPipeline checked;
  checked.file = loaded.definition.file;
  checked.findings = loaded.findings;
  checked.document = loaded.document;
  if (loaded.document == nullptr || !loaded.document->root().is_object()) {
    checked.first_problem = Code::invalid_config;
    return checked;
  }
  PipelineBinding binding = bind_pipeline(loaded.definition, *registry, services_,
                                          wrong_components(loaded.definition, loaded.findings));
  if (!loaded.ok()) {
    checked.first_problem = Code::invalid_config;
  } else if (!binding.problems.empty()) {
    // What the machine lacks is not the file's fault.
    const Code code = binding.problems.front().status.code();
    checked.first_problem =
        exit_code(code) == exit_code(Code::unavailable) ? code : Code::invalid_config;
  }
  const Findings found = bind_findings(loaded, binding.problems);
  checked.findings.insert(checked.findings.end(), found.begin(), found.end());
  sort_by_place(checked.findings);
  checked.pipeline = std::move(binding.pipeline);
  return checked;
}

Result<BoundPipeline> Session::bind_again(const BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(const PluginRegistry* registry, plugins());
  PipelineBinding binding = bind_pipeline(pipeline.definition, *registry, services_);
  if (!binding.problems.empty()) {
    return binding.problems.front().status;
  }
  return std::move(binding.pipeline);
}

std::vector<std::string> Session::json_files_in(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  using Walk = std::filesystem::recursive_directory_iterator;
  Walk walk(folder, std::filesystem::directory_options::skip_permission_denied, error);
  for (; walk != Walk(); walk.increment(error)) {
    const std::filesystem::path& file = walk->path();
    if (file.filename().native().front() == '.') {
      walk.disable_recursion_pending();
    } else if (file.extension() == ".json") {
      files.push_back(file.string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> Session::pipelines_in(const std::filesystem::path& folder) {
  std::vector<std::string> files = json_files_in(folder);
  std::erase_if(
      files, [](const std::filesystem::path& file) { return file.stem().extension() == ".test"; });
  return files;
}

Result<std::vector<std::string>> Session::all_pipelines() {
  std::vector<std::string> files = pipelines_in("pipelines");
  if (files.empty()) {
    return Status(Code::invalid_argument, "there are no pipeline files in ./pipelines")
        .next("name a pipeline, or change to the folder that holds pipelines/");
  }
  return files;
}

Result<Partition> Session::partition(const PipelineDefinition& definition, CivilDay day) {
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(definition.partition.timezone));
  return day_partition(day, zone);
}

int Session::fail(const std::string& command, const Status& status) {
  if (output() == OutputFormat::json) {
    print_envelope(command, nullptr, log_->redact(status));
  } else {
    std::fputs(redact(error_text(status)).c_str(), stderr);
  }
  return exit_code(status.code());
}

}  // namespace daymill
