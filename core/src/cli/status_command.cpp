// daymill status, daymill show: the run journal
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/due_status.hpp"
#include "cli/session.hpp"

namespace daymill {

namespace {

struct StatusArguments {
  std::string pipeline;
  int limit = 40;
  bool all_runs = false;
  bool due = false;
};

nlohmann::ordered_json to_json(const JournalRun& run) {
  return {
      {"run_id", run.run_id},           {"kind", run.kind},         {"pipeline", run.pipeline},
      {"partition", run.partition},     {"state", run.state},       {"started_at", run.started_at},
      {"finished_at", run.finished_at}, {"attempts", run.attempts}, {"error_code", run.error_code},
      {"error", run.error_message}};
}

int print_status(Session& session, const StatusArguments& arguments) {
  auto journal = session.journal();
  if (!journal.ok()) {
    return session.fail("status", journal.status());
  }
  const std::string pipeline = session.name_of(arguments.pipeline);
  const auto runs = arguments.all_runs ? journal->runs(pipeline, arguments.limit)
                                       : journal->newest_by_partition(pipeline, arguments.limit);
  if (!runs.ok()) {
    return session.fail("status", runs.status());
  }
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const JournalRun& run : *runs) {
      list.push_back(to_json(run));
    }
    print_envelope("status", {{"runs", list}}, {});
    return 0;
  }
  if (runs->empty()) {
    std::puts("no runs yet");
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"PIPELINE", "DATE", "STATE", "KIND", "STARTED", "ATTEMPTS", "RUN", "ERROR"}};
  for (const JournalRun& run : *runs) {
    const std::string state = run.finished_at.empty() ? run.state + " (unfinished)" : run.state;
    rows.push_back({run.pipeline, run.partition, state, run.kind, run.started_at,
                    std::to_string(run.attempts), run.run_id, run.error_message.substr(0, 80)});
  }
  std::fputs(session.redact(table_text(rows)).c_str(), stdout);
  return 0;
}

int print_run(Session& session, const std::string& run_id) {
  auto journal = session.journal();
  if (!journal.ok()) {
    return session.fail("show", journal.status());
  }
  const auto run = journal->find(run_id);
  if (!run.ok()) {
    return session.fail("show", run.status());
  }
  if (!run->has_value()) {
    return session.fail(
        "show",
        Status(Code::not_found, "no run \"" + run_id + "\" in the journal").next("daymill status"));
  }
  const auto steps = journal->steps((*run)->run_id);
  if (!steps.ok()) {
    return session.fail("show", steps.status());
  }
  const nlohmann::ordered_json report =
      nlohmann::ordered_json::parse((*run)->report_json, nullptr, false);
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const JournalStep& step : *steps) {
      list.push_back({{"attempt", step.attempt},
                      {"state", step.state},
                      {"at", step.at},
                      {"detail", step.detail}});
    }
    print_envelope("show",
                   {{"run", to_json(**run)},
                    {"steps", list},
                    {"report", report.is_discarded() ? nlohmann::ordered_json() : report}},
                   {});
    return 0;
  }
  std::printf("run %s  %s %s %s  %s\n", (*run)->run_id.c_str(), (*run)->kind.c_str(),
              (*run)->pipeline.c_str(), (*run)->partition.c_str(), (*run)->state.c_str());
  for (const JournalStep& step : *steps) {
    std::printf("  %s  attempt %lld  %-12s %s\n", step.at.c_str(),
                static_cast<long long>(step.attempt), step.state.c_str(),
                session.redact(step.detail).c_str());
  }
  if (!report.is_discarded()) {
    std::puts(session.redact(report.dump(2)).c_str());
  }
  return 0;
}

}  // namespace

void add_status_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<StatusArguments>();
  CLI::App* command = app.add_subcommand("status", "The newest run of each day");
  command->add_option("pipeline", arguments->pipeline,
                      "Pipeline name or file; all pipelines without it");
  CLI::Option* limit = command->add_option("--limit", arguments->limit, "At most this many lines")
                           ->check(CLI::Range(1, 100000));
  CLI::Option* runs = command->add_flag("--runs", arguments->all_runs, "Every run, newest first");
  command
      ->add_flag("--due", arguments->due,
                 "Days that are due by a schedule, or failed, and are not done; exit code 1 if any")
      ->excludes(limit)
      ->excludes(runs);
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return arguments->due ? print_due_status(session, arguments->pipeline)
                            : print_status(session, *arguments);
    });
  });
}

void add_show_command(CLI::App& app, const Runner& runner) {
  auto run_id = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("show", "One run: its steps, attempts, errors and report");
  command->add_option("run", *run_id, "Run id, or the beginning or end of one")->required();
  command->callback([run_id, runner] {
    runner([run_id](Session& session) { return print_run(session, *run_id); });
  });
}

}  // namespace daymill
