// What a command works with: settings of the process, plugins, snapshots, journal. Made once by the
// command line.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "observe/log.hpp"
#include "pipeline/load_pipeline.hpp"
#include "plan/bound_pipeline.hpp"
#include "plan/day_range.hpp"
#include "plugin/plugin_registry.hpp"
#include "snapshot/snapshot_store.hpp"
#include "state/run_journal.hpp"

namespace daymill {

/// Options that every command has.
struct GlobalOptions {
  OutputFormat output = OutputFormat::text;
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;

  /// As they are typed.
  [[nodiscard]] std::vector<std::string> arguments() const;
};

/// A pipeline file as far as it can be judged without reaching a server.
struct CheckedPipeline {
  std::string file;
  Findings findings;       ///< of the file, its components and their schemas, in the file's order
  BoundPipeline pipeline;  ///< complete only when `ok()`
  std::shared_ptr<const JsonDocument> document;  ///< null when the file could not be read
  Code first_problem = Code::ok;

  [[nodiscard]] bool ok() const { return !has_errors(findings); }
};

class Session {
 public:
  explicit Session(const GlobalOptions& options);

  [[nodiscard]] const GlobalOptions& options() const { return options_; }
  [[nodiscard]] OutputFormat output() const { return options_.output; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] const std::shared_ptr<HostServices>& services() const { return services_; }

  /// DAYMILL_HOME, or ~/.local/share/daymill; created, readable by its owner only.
  Result<std::filesystem::path> home();
  Result<SnapshotStore> snapshots();
  Result<RunJournal> journal();
  /// All plugins of the plugin folders, loaded at the first call.
  Result<const PluginRegistry*> plugins();

  /// "ad_ctr" stands for pipelines/ad_ctr.json when there is no file of that name.
  static std::string file_of(const std::string& pipeline);
  /// The name under which a pipeline is kept, of its file or name.
  std::string name_of(const std::string& pipeline);
  /// INVALID_ARGUMENT, with what it may be meant for, when there is no such file.
  static Status require_file(const std::string& pipeline);
  /// A pipeline file, or the name of one in ./pipelines. Loads it against the installed plugins;
  /// its secrets are hidden from the log.
  Result<LoadedPipeline> load(const std::string& pipeline,
                              const VariableLookup& variables = environment_variables());
  /// load() and bind_pipeline(), with everything that they find.
  Result<CheckedPipeline> check(const std::string& pipeline,
                                const VariableLookup& variables = environment_variables());
  /// check(); findings are printed to stderr, errors among them returned as INVALID_CONFIG.
  Result<BoundPipeline> bind(const std::string& pipeline);
  /// The same pipeline with components of its own, for another thread.
  Result<BoundPipeline> bind_again(const BoundPipeline& pipeline);
  /// *.json below `folder`, by name; not what may not be read (a volume's lost+found), and not what
  /// is hidden (the copies behind the links of a mounted Kubernetes ConfigMap).
  static std::vector<std::string> json_files_in(const std::filesystem::path& folder);
  /// Those that are no tests (*.test.json).
  static std::vector<std::string> pipelines_in(const std::filesystem::path& folder);
  /// Files of ./pipelines, by name; for commands that are about all pipelines.
  static Result<std::vector<std::string>> all_pipelines();
  /// The day of the pipeline's time zone as a partition.
  static Result<Partition> partition(const PipelineDefinition& definition, CivilDay day);

  /// Prints an error as the session's output wants it and gives the exit code.
  int fail(const std::string& command, const Status& status);
  [[nodiscard]] std::string redact(const std::string& text) const { return log_->redact(text); }

 private:
  GlobalOptions options_;
  std::shared_ptr<Log> log_;
  std::shared_ptr<HostServices> services_;
  std::optional<PluginRegistry> registry_;
};

}  // namespace daymill
