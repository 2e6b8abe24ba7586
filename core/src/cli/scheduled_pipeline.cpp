#include "cli/scheduled_pipeline.hpp"

#include <algorithm>

namespace daymill {

namespace {

Status first_error(const LoadedPipeline& loaded) {
  const auto first =
      std::find_if(loaded.findings.begin(), loaded.findings.end(),
                   [](const Finding& finding) { return finding.severity == Severity::error; });
  return Status(Code::invalid_config, "the pipeline has errors: " + first->message)
      .at(loaded.definition.file)
      .next("daymill validate " + loaded.definition.file);
}

/// A pipeline without a "schedule", in which nothing else is wrong, has neither times nor a
/// problem.
ScheduledPipeline read(Session& session, const std::string& pipeline) {
  ScheduledPipeline scheduled;
  scheduled.file = Session::file_of(pipeline);
  scheduled.problem = Session::require_file(pipeline);
  if (!scheduled.problem.ok()) {
    return scheduled;
  }
  const auto loaded = session.load(pipeline);
  if (!loaded.ok() || !loaded->ok()) {
    scheduled.problem = loaded.ok() ? first_error(*loaded) : loaded.status();
    return scheduled;
  }
  const PipelineDefinition& definition = loaded->definition;
  scheduled.name = definition.name;
  if (definition.schedule) {
    scheduled.cron = definition.schedule->cron;
    auto times = timetable(definition.partition, *definition.schedule);
    scheduled.problem = times.status();
    if (times.ok()) {
      scheduled.timetable = std::move(times).value();
    }
  }
  return scheduled;
}

/// A name is the pipeline's identity: two files of one name would load each other's days.
void refuse_second(const std::vector<ScheduledPipeline>& pipelines, ScheduledPipeline& second) {
  for (const ScheduledPipeline& first : pipelines) {
    if (second.timetable && first.name == second.name) {
      second.timetable.reset();
      second.problem = Status(Code::invalid_config,
                              "the pipeline \"" + first.name + "\" is also in " + first.file)
                           .at(second.file)
                           .next("give it another name, or take one of the two out of the folder");
    }
  }
}

}  // namespace

std::string ScheduledPipeline::description() const {
  return timetable ? "runs at \"" + cron + "\" in " + timetable->zone().name()
                   : problem.to_string();
}

Result<std::vector<ScheduledPipeline>> scheduled_pipelines(Session& session,
                                                           const std::vector<std::string>& named) {
  std::vector<std::string> files = named;
  if (named.empty()) {
    DAYMILL_ASSIGN(files, Session::all_pipelines());
  }
  std::vector<ScheduledPipeline> pipelines;
  for (const std::string& file : files) {
    ScheduledPipeline scheduled = read(session, file);
    if (std::any_of(pipelines.begin(), pipelines.end(),
                    [&](const ScheduledPipeline& one) { return one.file == scheduled.file; })) {
      continue;  // named twice
    }
    if (scheduled.timetable || !scheduled.problem.ok()) {
      refuse_second(pipelines, scheduled);
      pipelines.push_back(std::move(scheduled));
    } else if (!named.empty()) {
      return Status(Code::invalid_argument, "the pipeline has no \"schedule\"")
          .at(scheduled.file)
          .next("write \"schedule\": { \"cron\": \"30 0 * * *\" } into it");
    }
  }
  if (pipelines.empty()) {
    return Status(Code::invalid_argument, "no pipeline of ./pipelines has a \"schedule\"")
        .next("write \"schedule\": { \"cron\": \"30 0 * * *\" } into one");
  }
  return pipelines;
}

}  // namespace daymill
