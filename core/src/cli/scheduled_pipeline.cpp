#include "cli/scheduled_pipeline.hpp"

#include <algorithm>
#include <filesystem>

namespace daymill {

namespace {

Status no_schedule(const std::string& file) {
  return Status(Code::invalid_argument, "the pipeline has no \"schedule\"")
      .at(file)
      .next("write \"schedule\": { \"cron\": \"30 0 * * *\" } into it");
}

Status first_error(const CheckedPipeline& checked) {
  const auto first =
      std::find_if(checked.findings.begin(), checked.findings.end(),
                   [](const Finding& finding) { return finding.severity == Severity::error; });
  return Status(checked.first_problem, "the pipeline has errors: " + first->message)
      .at(checked.file)
      .next("daymill validate " + checked.file);
}

bool has_no_schedule(const CheckedPipeline& checked) {
  return checked.document != nullptr && checked.document->root().is_object() &&
         checked.document->at("/schedule") == nullptr;
}

ScheduledPipeline read(Session& session, const std::string& pipeline) {
  ScheduledPipeline scheduled;
  scheduled.file = Session::file_of(pipeline);
  scheduled.problem = Session::require_file(pipeline);
  if (!scheduled.problem.ok()) {
    return scheduled;
  }
  const auto checked = session.check(pipeline);
  scheduled.is_by_hand = checked.ok() && has_no_schedule(*checked);
  if (scheduled.is_by_hand) {
    scheduled.problem = no_schedule(scheduled.file);
    return scheduled;
  }
  if (!checked.ok() || !checked->ok()) {
    scheduled.problem = checked.ok() ? first_error(*checked) : checked.status();
    return scheduled;
  }
  const PipelineDefinition& definition = checked->pipeline.definition;
  scheduled.name = definition.name;
  scheduled.cron = definition.schedule->cron;
  auto times = timetable(definition.partition, *definition.schedule);
  scheduled.problem = times.status();
  if (times.ok()) {
    scheduled.timetable = std::move(times).value();
  }
  return scheduled;
}

bool is_same_file(const ScheduledPipeline& a, const ScheduledPipeline& b) {
  std::error_code error;
  return a.file == b.file || std::filesystem::equivalent(a.file, b.file, error);
}

/// A name is the pipeline's identity: two files of one name would load each other's days. The one
/// that is called like it is no backup copy.
void refuse_one(ScheduledPipeline& first, ScheduledPipeline& second) {
  const bool second_is_it = std::filesystem::path(second.file).stem() == second.name &&
                            std::filesystem::path(first.file).stem() != first.name;
  ScheduledPipeline& refused = second_is_it ? first : second;
  const ScheduledPipeline& taken = second_is_it ? second : first;
  refused.timetable.reset();
  refused.problem =
      Status(Code::invalid_config, "the pipeline \"" + taken.name + "\" is also in " + taken.file)
          .at(refused.file)
          .next("give it another name, or take one of the two out of the folder");
}

}  // namespace

std::string ScheduledPipeline::description() const {
  return timetable ? "runs at \"" + cron + "\" in " + timetable->zone().name()
                   : problem.to_string() + "; " + problem.next();
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
    const bool is_listed =
        std::any_of(pipelines.begin(), pipelines.end(),
                    [&](const ScheduledPipeline& one) { return is_same_file(one, scheduled); });
    if (is_listed || (scheduled.is_by_hand && named.empty())) {
      continue;
    }
    for (ScheduledPipeline& other : pipelines) {
      if (other.timetable && scheduled.timetable && other.name == scheduled.name) {
        refuse_one(other, scheduled);
      }
    }
    pipelines.push_back(std::move(scheduled));
  }
  if (pipelines.empty()) {
    return Status(Code::invalid_argument, "no pipeline of ./pipelines has a \"schedule\"")
        .next("write \"schedule\": { \"cron\": \"30 0 * * *\" } into one");
  }
  return pipelines;
}

}  // namespace daymill
