#include "run/partition_run.hpp"

#include <utility>

#include "observe/time_text.hpp"
#include "run/attempt_replay.hpp"
#include "run/attempt_run.hpp"
#include "run/cancellation.hpp"
#include "run/retry.hpp"

namespace daymill {

namespace {

RunState state_of(const Status& failure) {
  switch (failure.code()) {
    case Code::cancelled:
      return RunState::cancelled;
    case Code::needs_decision:
      return RunState::needs_decision;
    case Code::fenced:
      return RunState::fenced;
    case Code::unavailable:
    case Code::timeout:
    case Code::conflict:
    case Code::resource_exhausted:
    case Code::commit_unknown:
      return RunState::retry_wait;
    default:
      return RunState::failed;
  }
}

}  // namespace

RunReport run_partition(RunKind kind, BoundPipeline& pipeline, const Partition& partition,
                        const RunSettings& settings, const RunTools& tools) {
  RunReport report;
  report.run_id = new_run_id();
  report.kind = kind == RunKind::replay                    ? "replay"
                : settings.decision.choice != Choice::none ? "decide"
                                                           : "run";
  report.rehearsed = settings.rehearse;
  report.pipeline = pipeline.definition.name;
  report.partition = partition.label;
  report.started_at = rfc3339_now();
  RunJournal* const journal = settings.rehearse ? nullptr : &tools.journal;
  const auto note = [&](const auto& write) {
    const Status status = journal == nullptr ? Status() : write(*journal);
    if (!status.ok()) {  // the evidence is elsewhere
      tools.log.write(LogLevel::warning, "engine",
                      "the run journal cannot be written: " + status.to_string());
    }
  };
  note([&](RunJournal& open) { return open.start_run(report); });

  std::int64_t attempt = 1;
  RunContext context{pipeline,
                     partition,
                     settings,
                     tools.store,
                     tools.log,
                     tools.observer,
                     report,
                     [&](RunState state, const std::string& detail) {
                       report.state = state;
                       note([&](RunJournal& open) {
                         return open.step(report.run_id, attempt, state, tools.log.redact(detail));
                       });
                     },
                     {},
                     0,
                     RunState::pending};
  Backoff backoff(pipeline.definition.retry);
  Status status;
  Status first_cause;
  Status last;
  for (;; ++attempt) {
    note([&](RunJournal& open) { return open.start_attempt(report.run_id, attempt); });
    status = kind == RunKind::run ? AttemptRun(context).run() : attempt_replay(context);
    if (status.ok()) {
      break;
    }
    note([&](RunJournal& open) {
      return open.attempt_failed(report.run_id, attempt, tools.log.redact(status));
    });
    const bool as_before = status.to_string() == std::exchange(last, status).to_string();
    if (first_cause.ok()) {
      first_cause = status;
    }
    if (settings.one_attempt || !is_retryable(status.code()) || !backoff.may_retry(attempt)) {
      break;
    }
    const auto delay = backoff.delay(attempt);
    tools.log.write(LogLevel::warning, "engine",
                    "attempt " + std::to_string(attempt) +
                        (as_before ? " failed as before" : " failed") + ", trying again in " +
                        std::to_string(delay.count()) + " ms" +
                        (as_before ? "" : ": " + status.to_string()));
    if (!cancellation::sleep_for(delay)) {
      status = cancellation::status();
      break;
    }
  }
  context.readings.clear();
  if (!status.ok()) {
    // Of failures that may pass, the first is the cause and the rest are its echo; one that cannot
    // pass stands for itself.
    report.failure = is_retryable(status.code()) ? first_cause : status;
    if (status.code() == Code::cancelled) {
      report.failure = cancellation::status();  // wherever it was met
    }
    report.state =
        context.failed_as != RunState::pending ? context.failed_as : state_of(report.failure);
  }
  report.finished_at = rfc3339_now();
  RunReport shown = redacted(std::move(report), tools.log);
  note([&](RunJournal& open) { return open.finish_run(shown); });
  return shown;
}

}  // namespace daymill
