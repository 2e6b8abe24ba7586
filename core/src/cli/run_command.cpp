// daymill run: which days, and how many at once
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"
#include "cli/prune_snapshots.hpp"
#include "cli/run_arguments.hpp"
#include "run/cancellation.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

struct Selection {
  RunArguments common;
  bool due = false;
  bool failed = false;
  bool missing = false;
  bool all_closed = false;
  bool reverse = false;
  int jobs = 1;

  [[nodiscard]] bool has_range() const {
    return common.days.date || common.days.from || common.days.to;
  }
  /// Days that were found, not asked for.
  [[nodiscard]] bool is_found() const { return due || failed || missing || all_closed; }
};

Status check_selection(const Selection& selection) {
  if (selection.due + selection.failed + selection.missing + selection.all_closed > 1) {
    return Status(Code::invalid_argument,
                  "--due, --failed, --missing and --all-closed exclude one another");
  }
  if (selection.due && selection.has_range()) {
    return Status(Code::invalid_argument, "--due stands for the days of the pipeline's schedule")
        .next("use --due alone, or --date, or --from and --to");
  }
  if (selection.all_closed && selection.has_range()) {
    return Status(Code::invalid_argument, "--all-closed stands for every day that the source holds")
        .next("use --all-closed alone, or --from and --to");
  }
  return {};
}

Result<std::vector<PendingDay>> due_days(const PipelineDefinition& definition) {
  if (!definition.schedule) {
    return Status(Code::invalid_argument, "the pipeline has no \"schedule\"")
        .at(definition.file)
        .next("write \"schedule\": { \"cron\": \"30 0 * * *\" } into it, or name days");
  }
  DAYMILL_ASSIGN(const Timetable times, timetable(definition.partition, *definition.schedule));
  std::vector<PendingDay> days;
  for (const CivilDay day : times.due_days(current_instant())) {
    days.push_back(PendingDay{day, RunKind::run, "due"});
  }
  return days;
}

Result<std::vector<PendingDay>> select(Session& session, BoundPipeline& pipeline,
                                       const Selection& selection) {
  if (selection.due) {
    return due_days(pipeline.definition);
  }
  if (selection.failed) {
    DAYMILL_ASSIGN(RunJournal journal, session.journal());
    return failed_days(journal, pipeline.definition.name);
  }
  if (selection.all_closed) {
    return held_days(*pipeline.source);
  }
  DAYMILL_ASSIGN(const DayRange range, parse_day_range(selection.common.days));
  if (selection.missing) {
    DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
    DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
    return missing_days(*sink, range);
  }
  std::vector<PendingDay> days;
  for (const CivilDay day : range.days()) {
    days.push_back(PendingDay{day, RunKind::run, "asked for"});
  }
  return days;
}

Status drop_open_days(const PipelineDefinition& definition, std::vector<PendingDay>& days) {
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(definition.partition.timezone));
  const CivilDay newest = newest_closed(zone, definition.partition.closed_after, current_instant());
  std::erase_if(days, [&](const PendingDay& pending) { return pending.day > newest; });
  return {};
}

/// Asked for by date, a day that is not closed is an error; found otherwise, it is not yet due.
Status keep_closed(const PipelineDefinition& definition, const Selection& selection,
                   std::vector<PendingDay>& days) {
  if (selection.is_found() || days.empty()) {
    return drop_open_days(definition, days);
  }
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(definition.partition.timezone));
  return require_closed(days.back().day, zone, definition.partition.closed_after,
                        current_instant());
}

/// --failed may be narrowed to a range.
Status keep_range(const Selection& selection, std::vector<PendingDay>& days) {
  if (!selection.failed || !selection.has_range()) {
    return {};
  }
  DAYMILL_ASSIGN(const DayRange range, parse_day_range(selection.common.days));
  std::erase_if(days, [&](const PendingDay& pending) {
    return pending.day < range.first || pending.day > range.last;
  });
  return {};
}

/// Names days that the schedule does not reach. `option`: of the command that runs them.
Status name_days(Session& session, const PipelineDefinition& definition,
                 const std::vector<PendingDay>& due, std::vector<PendingDay> others,
                 const std::string& what, const std::string& option) {
  std::erase_if(others, [&](const PendingDay& other) {
    return std::any_of(due.begin(), due.end(),
                       [&](const PendingDay& one) { return one.day == other.day; });
  });
  DAYMILL_TRY(drop_open_days(definition, others));
  if (!others.empty()) {
    const std::string first = others.front().day.iso();
    const std::string last = others.back().day.iso();
    session.log().write(LogLevel::warning, "engine",
                        definition.name + ": beyond the schedule's reach and " + what + ": " +
                            std::to_string(others.size()) +
                            (others.size() == 1 ? " day, " : " days, ") + first +
                            (first == last ? "" : " to " + last) + "; daymill run " +
                            definition.file + " " + option);
  }
  return {};
}

/// Nothing is skipped silently.
Status name_days_left_out(Session& session, BoundPipeline& pipeline,
                          const std::vector<PendingDay>& due) {
  const PipelineDefinition& definition = pipeline.definition;
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  DAYMILL_ASSIGN(const std::vector<PendingDay> failed, failed_days(journal, definition.name));
  DAYMILL_TRY(name_days(session, definition, due, failed, "not done", "--failed"));
  const auto held = days_to_load(pipeline);
  if (!held.ok()) {
    session.log().write(
        LogLevel::debug, "engine",
        "whether the source holds other days is not known: " + held.status().to_string());
    return {};
  }
  return name_days(session, definition, due, *held, "held by the source", "--all-closed");
}

/// Housekeeping: where it cannot be done, the next time will do.
void prune(Session& session, BoundPipeline& pipeline) {
  const auto& snapshots = pipeline.definition.snapshots;
  if (!snapshots) {
    return;
  }
  const auto pruned = prune_snapshots(session, pipeline, snapshots->keep);
  if (!pruned.ok()) {
    session.log().write(LogLevel::warning, "engine",
                        "old snapshots are still there: " + pruned.status().to_string());
  } else if (pruned->files != 0) {
    session.log().write(LogLevel::info, "engine",
                        std::to_string(pruned->files) + " snapshots deleted that were kept for " +
                            std::to_string(snapshots->keep.count()) + " days: " +
                            grouped(static_cast<std::int64_t>(pruned->bytes)) + " bytes");
  }
}

Status run_days(Session& session, const Selection& selection, DayBatch& batch) {
  DAYMILL_TRY(check_selection(selection));
  if (!selection.due && !selection.failed && !selection.all_closed) {
    DAYMILL_TRY(parse_day_range(selection.common.days));  // before the pipeline's own mistakes
  }
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(selection.common.pipeline));
  DAYMILL_ASSIGN(std::vector<PendingDay> days, select(session, pipeline, selection));
  DAYMILL_TRY(keep_closed(pipeline.definition, selection, days));
  DAYMILL_TRY(keep_range(selection, days));
  if (selection.failed) {  // a replay that failed is replayed again
    for (const PendingDay& pending : days) {
      session.log().write(LogLevel::info, "engine", pending.day.iso() + ": " + pending.reason);
    }
  }
  if (days.empty()) {
    session.log().write(LogLevel::info, "engine", "no such days: nothing to do");
  }
  if (selection.reverse) {
    std::reverse(days.begin(), days.end());
  }
  DAYMILL_TRY(batch.run(pipeline, days));
  if (selection.due && !cancellation::requested()) {
    DAYMILL_TRY(name_days_left_out(session, pipeline, days));
    prune(session, pipeline);
  }
  return {};
}

}  // namespace

void add_run_command(CLI::App& app, const Runner& runner) {
  auto selection = std::make_shared<Selection>();
  CLI::App* command = app.add_subcommand(
      "run", "Bring closed days from the source into the target: extract, load, remove");
  add_arguments(*command, selection->common);
  command->add_flag("--due", selection->due,
                    "Days that the pipeline's schedule stands for, as far back as its catch_up");
  command->add_flag("--failed", selection->failed,
                    "Days whose newest run did not end well; with --from and --to only those");
  command->add_flag("--missing", selection->missing,
                    "Days of --from and --to that the target has no load of");
  command->add_flag("--all-closed", selection->all_closed,
                    "Every closed day that the source holds");
  command->add_flag("--reverse", selection->reverse, "Newest day first");
  command->add_option("--jobs", selection->jobs, "Days at once")->check(CLI::Range(1, 64));
  command->add_flag("--replace-foreign", selection->common.settings.replace_foreign,
                    "Rows of the day that no load of daymill wrote may be replaced");
  command->callback([selection, runner] {
    runner([selection](Session& session) {
      DayBatch batch(session, "run", selection->common.run_settings(), selection->jobs);
      const Status status = run_days(session, *selection, batch);
      return status.ok() ? batch.finish() : session.fail("run", status);
    });
  });
}

}  // namespace daymill
