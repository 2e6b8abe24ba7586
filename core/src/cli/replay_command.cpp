// daymill replay: days again, from their snapshots
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"
#include "cli/run_arguments.hpp"

namespace daymill {

namespace {

struct ReplayArguments {
  RunArguments common;
  bool difference = false;
  bool apply = false;

  [[nodiscard]] RunSettings run_settings() const {
    RunSettings settings = common.run_settings();
    settings.show_difference = difference;
    settings.rehearse = difference && !apply;
    return settings;
  }
};

Status replay_days(Session& session, const ReplayArguments& arguments, DayBatch& batch) {
  DAYMILL_ASSIGN(const DayRange range, parse_day_range(arguments.common.days));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.common.pipeline));
  std::vector<PendingDay> days;
  for (const CivilDay day : range.days()) {
    days.push_back(PendingDay{day, RunKind::replay, "asked for"});
  }
  return batch.run(pipeline, days);
}

}  // namespace

void add_replay_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command = app.add_subcommand(
      "replay", "Rebuild loaded days from their snapshots; the source is not reached");
  add_arguments(*command, arguments->common);
  command->add_flag("--force", arguments->common.settings.force,
                    "Load even when the target holds the same already");
  command->add_flag("--diff", arguments->difference,
                    "Show which rows and sums would change, and change nothing");
  command->add_flag("--apply", arguments->apply, "With --diff: show it, then go on");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      DayBatch batch(session, "replay", arguments->run_settings());
      const Status status = replay_days(session, *arguments, batch);
      return status.ok() ? batch.finish() : session.fail("replay", status);
    });
  });
}

}  // namespace daymill
