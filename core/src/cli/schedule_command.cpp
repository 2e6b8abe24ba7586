// daymill schedule: runs pipelines at the times of their schedules
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/scheduler.hpp"

namespace daymill {

namespace {

struct ScheduleArguments {
  std::vector<std::string> pipelines;
  int jobs = 1;
  std::optional<int> memory_mib;
  bool dry_run = false;
};

std::string days_text(const std::vector<CivilDay>& days) {
  std::string text;
  for (const CivilDay day : days) {
    text += (text.empty() ? "" : " ") + day.iso();
  }
  return text;
}

nlohmann::ordered_json to_json(const Session& session, const ScheduledPipeline& pipeline,
                               Instant now) {
  nlohmann::ordered_json json = {{"pipeline", pipeline.name}, {"file", pipeline.file}};
  if (!pipeline.timetable) {
    json["problem"] = session.redact(pipeline.problem.to_string());
    return json;
  }
  const Timetable& times = *pipeline.timetable;
  nlohmann::ordered_json due = nlohmann::ordered_json::array();
  for (const CivilDay day : times.due_days(now)) {
    due.push_back(day.iso());
  }
  json["cron"] = pipeline.cron;
  json["timezone"] = times.zone().name();
  json["last"] = times.zone().text(times.last_time(now));
  json["next"] = times.zone().text(times.next_time(now));
  json["due"] = due;
  return json;
}

void print_table(const Session& session, const std::vector<ScheduledPipeline>& pipelines,
                 Instant now) {
  std::vector<std::vector<std::string>> rows = {{"PIPELINE", "LAST", "NEXT", "DUE NOW"}};
  for (const ScheduledPipeline& pipeline : pipelines) {
    if (pipeline.timetable) {
      const Timetable& times = *pipeline.timetable;
      rows.push_back({pipeline.name, times.zone().text(times.last_time(now)),
                      times.zone().text(times.next_time(now)), days_text(times.due_days(now))});
    } else {
      std::fputs(session.redact(error_text(pipeline.problem)).c_str(), stderr);
    }
  }
  std::fputs(table_text(rows).c_str(), stdout);
}

int print_times(Session& session, const std::vector<ScheduledPipeline>& pipelines) {
  const Instant now = current_instant();
  const auto wrong =
      std::find_if(pipelines.begin(), pipelines.end(),
                   [](const ScheduledPipeline& pipeline) { return !pipeline.problem.ok(); });
  const Status problem = wrong == pipelines.end() ? Status() : wrong->problem;
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ScheduledPipeline& pipeline : pipelines) {
      list.push_back(to_json(session, pipeline, now));
    }
    print_envelope("schedule", {{"pipelines", list}}, session.log().redact(problem));
  } else {
    print_table(session, pipelines, now);
  }
  return exit_code(problem.code());
}

/// What this process was told about logs and output holds for the runs, too.
std::vector<std::string> options_of_runs(const Session& session,
                                         const ScheduleArguments& arguments) {
  std::vector<std::string> options = session.options().arguments();
  if (arguments.memory_mib) {
    options.insert(options.end(), {"--memory", std::to_string(*arguments.memory_mib)});
  }
  return options;
}

int schedule(Session& session, const ScheduleArguments& arguments) {
  const auto pipelines = scheduled_pipelines(session, arguments.pipelines);
  if (!pipelines.ok()) {
    return session.fail("schedule", pipelines.status());
  }
  if (arguments.dry_run) {
    return print_times(session, *pipelines);
  }
  if (std::none_of(pipelines->begin(), pipelines->end(),
                   [](const ScheduledPipeline& one) { return one.timetable.has_value(); })) {
    return session.fail("schedule", pipelines->front().problem);
  }
  Scheduler(session, arguments.pipelines, options_of_runs(session, arguments), arguments.jobs)
      .run();
  return 0;
}

}  // namespace

void add_schedule_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<ScheduleArguments>();
  CLI::App* command = app.add_subcommand(
      "schedule", "Run pipelines at the times of their \"schedule\", until it is stopped");
  command->add_option("pipelines", arguments->pipelines,
                      "Pipeline files or names; without any: those of ./pipelines that have one");
  command->add_option("--jobs", arguments->jobs, "Pipelines at once")->check(CLI::Range(1, 64));
  command->add_option("--memory", arguments->memory_mib, "As for run, of each")
      ->check(CLI::Range(1, 1 << 20));
  command->add_flag("--dry-run", arguments->dry_run,
                    "Only show the times, and the days that are due now");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) { return schedule(session, *arguments); });
  });
}

}  // namespace daymill
