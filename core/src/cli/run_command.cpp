// daymill run: which days, and how many at once
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"
#include "cli/run_arguments.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

struct Selection {
  RunArguments common;
  bool failed = false;
  bool missing = false;
  bool all_closed = false;
  bool reverse = false;
  int jobs = 1;

  [[nodiscard]] bool has_range() const {
    return common.days.date || common.days.from || common.days.to;
  }
};

Status check_selection(const Selection& selection) {
  if (selection.failed + selection.missing + selection.all_closed > 1) {
    return Status(Code::invalid_argument,
                  "--failed, --missing and --all-closed exclude one another");
  }
  if (selection.all_closed && selection.has_range()) {
    return Status(Code::invalid_argument, "--all-closed stands for every day that the source holds")
        .next("use --all-closed alone, or --from and --to");
  }
  return {};
}

Result<std::vector<PendingDay>> select(Session& session, BoundPipeline& pipeline,
                                       const Selection& selection) {
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

/// Asked for by date, a day that is not closed is an error; found otherwise, it is not yet due.
Status keep_closed(const PipelineDefinition& definition, const Selection& selection,
                   std::vector<PendingDay>& days) {
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(definition.partition.timezone));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const CivilDay newest = newest_closed(zone, definition.partition.closed_after, now);
  const bool by_date = !selection.failed && !selection.missing && !selection.all_closed;
  if (by_date && !days.empty()) {
    return require_closed(days.back().day, zone, definition.partition.closed_after, now);
  }
  std::erase_if(days, [&](const PendingDay& pending) { return pending.day > newest; });
  return {};
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

Status run_days(Session& session, const Selection& selection, DayBatch& batch) {
  DAYMILL_TRY(check_selection(selection));
  if (!selection.failed && !selection.all_closed) {
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
  return batch.run(pipeline, days);
}

}  // namespace

void add_run_command(CLI::App& app, const Runner& runner) {
  auto selection = std::make_shared<Selection>();
  CLI::App* command = app.add_subcommand(
      "run", "Bring closed days from the source into the target: extract, load, remove");
  add_arguments(*command, selection->common);
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
