// daymill resume: everything that was begun and not finished
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"

namespace daymill {

namespace {

struct ResumeArguments {
  std::vector<std::string> pipelines;
  bool dry_run = false;
};

Result<std::vector<PendingDay>> find_days(Session& session, BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  return unfinished_days(PendingDaySources{pipeline, *sink, journal, store});
}

Status resume_pipeline(Session& session, const std::string& file, bool dry_run,
                       nlohmann::ordered_json& list, DayBatch& batch) {
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(file));
  DAYMILL_ASSIGN(const std::vector<PendingDay> days, find_days(session, pipeline));
  for (const PendingDay& pending : days) {
    const std::string line = pipeline.definition.name + " " + pending.day.iso() + ": " +
                             pending.reason +
                             (pending.kind == RunKind::replay ? "; it is replayed" : "");
    list.push_back({{"pipeline", pipeline.definition.name},
                    {"partition", pending.day.iso()},
                    {"kind", pending.kind == RunKind::replay ? "replay" : "run"},
                    {"reason", session.redact(pending.reason)}});
    if (dry_run && session.output() == OutputFormat::text) {
      std::puts(session.redact(line).c_str());
    } else if (!dry_run) {
      session.log().write(LogLevel::info, "engine", line);
    }
  }
  if (days.empty()) {
    session.log().write(LogLevel::info, "engine",
                        pipeline.definition.name + ": nothing unfinished");
  }
  return dry_run ? Status() : batch.run(pipeline, days);
}

int resume(Session& session, const ResumeArguments& arguments) {
  std::vector<std::string> pipelines = arguments.pipelines;
  if (pipelines.empty()) {
    auto all = Session::all_pipelines();
    if (!all.ok()) {
      return session.fail("resume", all.status());
    }
    pipelines = std::move(all).value();
  }
  DayBatch batch(session, "resume", RunSettings{});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& pipeline : pipelines) {
    if (const Status status = resume_pipeline(session, pipeline, arguments.dry_run, list, batch);
        !status.ok()) {
      batch.note_failure(status);  // the other pipelines go on
    }
  }
  return arguments.dry_run ? batch.finish({{"days", list}}) : batch.finish();
}

}  // namespace

void add_resume_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<ResumeArguments>();
  CLI::App* command = app.add_subcommand(
      "resume", "Finish every day that was begun and not finished: failed, killed, not removed");
  command->add_option("pipelines", arguments->pipelines,
                      "Pipeline files or names; without any: all of ./pipelines");
  command->add_flag("--dry-run", arguments->dry_run, "Only list those days, with the reason");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) { return resume(session, *arguments); });
  });
}

}  // namespace daymill
