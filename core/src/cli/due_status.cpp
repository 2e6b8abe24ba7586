#include "cli/due_status.hpp"

#include <cstdio>
#include <map>

#include "cli/scheduled_pipeline.hpp"
#include "run/pending_days.hpp"

namespace daymill {

namespace {

struct DueStatus {
  std::size_t num_due = 0;
  std::vector<std::pair<std::string, PendingDay>> open;  // pipeline, day
  std::vector<Status> problems;                          // of pipelines
};

Status add_pipeline(RunJournal& journal, const ScheduledPipeline& pipeline, DueStatus& status) {
  if (!pipeline.timetable) {
    return pipeline.problem;
  }
  std::map<CivilDay, PendingDay> open;
  DAYMILL_ASSIGN(const std::vector<PendingDay> failed, failed_days(journal, pipeline.name));
  for (const PendingDay& pending : failed) {
    open.emplace(pending.day, pending);
  }
  for (const CivilDay day : pipeline.timetable->due_days(current_instant())) {
    ++status.num_due;
    DAYMILL_ASSIGN(const auto runs, journal.runs_of(pipeline.name, day.iso(), 1));
    if (runs.empty()) {
      open.emplace(day, PendingDay{day, RunKind::run, "never run"});
    }
  }
  for (const auto& [day, pending] : open) {
    status.open.emplace_back(pipeline.name, pending);
  }
  return {};
}

Result<DueStatus> due_status(Session& session, const std::string& named) {
  DAYMILL_ASSIGN(const std::vector<ScheduledPipeline> pipelines,
                 scheduled_pipelines(session, named.empty() ? std::vector<std::string>{}
                                                            : std::vector<std::string>{named}));
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  DueStatus status;
  for (const ScheduledPipeline& pipeline : pipelines) {
    if (const Status added = add_pipeline(journal, pipeline, status); !added.ok()) {
      status.problems.push_back(added);
    }
  }
  return status;
}

void print_text(const Session& session, const DueStatus& status) {
  std::vector<std::vector<std::string>> rows = {{"PIPELINE", "DATE", "WHY IT IS OPEN", "NEXT"}};
  for (const auto& [pipeline, pending] : status.open) {
    const std::string day = pending.day.iso();
    rows.push_back({pipeline, day, pending.reason, "daymill why " + pipeline + " " + day});
  }
  if (!status.open.empty()) {
    std::fputs(session.redact(table_text(rows)).c_str(), stdout);
  }
  std::printf("due: %zu days; open: %zu\n", status.num_due, status.open.size());
  for (const Status& problem : status.problems) {
    std::fputs(session.redact(error_text(problem)).c_str(), stderr);
  }
}

}  // namespace

int print_due_status(Session& session, const std::string& pipeline) {
  const auto status = due_status(session, pipeline);
  if (!status.ok()) {
    return session.fail("status", status.status());
  }
  if (session.output() == OutputFormat::text) {
    print_text(session, *status);
  } else {
    nlohmann::ordered_json open = nlohmann::ordered_json::array();
    for (const auto& [name, pending] : status->open) {
      open.push_back({{"pipeline", name},
                      {"partition", pending.day.iso()},
                      {"reason", session.redact(pending.reason)}});
    }
    print_envelope(
        "status", {{"due", status->num_due}, {"open", open}},
        status->problems.empty() ? Status() : session.log().redact(status->problems.front()));
  }
  if (!status->problems.empty()) {
    return exit_code(status->problems.front().code());
  }
  return status->open.empty() ? 0 : exit_code(Code::needs_decision);
}

}  // namespace daymill
