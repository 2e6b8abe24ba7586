// daymill run, daymill replay
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/progress.hpp"
#include "run/cancellation.hpp"
#include "run/partition_run.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

struct RunArguments {
  std::string pipeline;
  DayArguments days;
  RunSettings settings;
  std::size_t memory_mib = 96;
};

void add_arguments(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("pipeline", arguments.pipeline,
                  "Pipeline file, or the name of one in ./pipelines")
      ->required();
  command.add_option("--date", arguments.days.date, "The day, YYYY-MM-DD");
  command.add_option("--from", arguments.days.from, "First day");
  command.add_option("--to", arguments.days.to, "Last day, included");
  command.add_option("--memory", arguments.memory_mib, "MiB that combining may hold at once")
      ->check(CLI::Range(1, 1 << 20));
  command.add_flag("--accept-decrease", arguments.settings.accept_decrease,
                   "A smaller result may replace what is loaded");
}

Status require_closed_days(const PipelineDefinition& definition, const DayRange& range) {
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(definition.partition.timezone));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return require_closed(range.last, zone, definition.partition.closed_after, now);
}

void print_report(Session& session, const RunReport& report) {
  if (session.output() == OutputFormat::text) {
    std::fputs(session.redact(to_text(report)).c_str(), stdout);
    std::fflush(stdout);
    if (!report.failure.ok()) {
      std::fputs(session.redact(error_text(report.failure)).c_str(), stderr);
    }
  }
}

/// The exit code that all failed ones share, otherwise 1.
int exit_code_of(const std::vector<RunReport>& reports) {
  int code = 0;
  for (const RunReport& report : reports) {
    const int own = report.exit_code();
    if (own != 0) {
      code = code == 0 || code == own ? own : 1;
    }
  }
  return code;
}

void print_summary(Session& session, const std::string& command,
                   const std::vector<RunReport>& reports, int code) {
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json runs = nlohmann::ordered_json::array();
    Status first_failure;
    for (const RunReport& report : reports) {
      runs.push_back(to_json(report));
      if (first_failure.ok() && report.exit_code() != 0) {
        first_failure =
            report.failure.ok() ? Status(Code::internal, "not finished") : report.failure;
      }
    }
    print_envelope(command, {{"runs", runs}}, first_failure);
    return;
  }
  if (reports.size() < 2) {
    return;
  }
  std::string failed;
  for (const RunReport& report : reports) {
    if (report.exit_code() != 0) {
      failed += " " + report.partition + " (" + run_state_name(report.state) + ")";
    }
  }
  std::fprintf(stderr, "%zu days, %s\n", reports.size(),
               code == 0 ? "all done" : ("not done:" + failed).c_str());
}

Result<std::vector<RunReport>> run_days(Session& session, RunKind kind,
                                        const RunArguments& arguments) {
  DAYMILL_ASSIGN(const DayRange range, parse_day_range(arguments.days));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  DAYMILL_TRY(require_closed_days(pipeline.definition, range));
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  RunSettings settings = arguments.settings;
  settings.memory_limit = arguments.memory_mib << 20;
  std::vector<RunReport> reports;
  for (const CivilDay day : range.days()) {
    if (cancellation::requested()) {
      break;
    }
    DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
    ProgressBar progress(pipeline.definition.name + " " + partition.label);
    reports.push_back(run_partition(kind, pipeline, partition, settings,
                                    RunTools{store, journal, session.log(), progress}));
    print_report(session, reports.back());
  }
  return reports;
}

int run_and_report(Session& session, const std::string& command, RunKind kind,
                   const RunArguments& arguments) {
  const auto reports = run_days(session, kind, arguments);
  if (!reports.ok()) {
    return session.fail(command, reports.status());
  }
  const int code = cancellation::requested() ? exit_code(Code::cancelled) : exit_code_of(*reports);
  print_summary(session, command, *reports, code);
  return code;
}

}  // namespace

void add_run_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand(
      "run", "Bring closed days from the source into the target: extract, load, remove");
  add_arguments(*command, *arguments);
  command->add_flag("--replace-foreign", arguments->settings.replace_foreign,
                    "Rows of the day that no load of daymill wrote may be replaced");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return run_and_report(session, "run", RunKind::run, *arguments);
    });
  });
}

void add_replay_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand(
      "replay", "Rebuild loaded days from their snapshots; the source is not reached");
  add_arguments(*command, *arguments);
  command->add_flag("--force", arguments->settings.force,
                    "Load even when the target holds the same already");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return run_and_report(session, "replay", RunKind::replay, *arguments);
    });
  });
}

}  // namespace daymill
