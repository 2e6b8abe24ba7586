#include "run/commit.hpp"

#include "daymill/failpoint.hpp"
#include "run/cancellation.hpp"
#include "run/contest.hpp"
#include "run/early_load.hpp"
#include "run/load.hpp"
#include "run/reject_log.hpp"
#include "run/retry.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

constexpr std::int64_t kExamples = 10;  // rows that differ, shown to people
// Instead of a digest: the load's rows were taken over as they were and come from no snapshot.
constexpr char kAdopted[] = "adopted";

Result<SnapshotFile> open_snapshot(const RunContext& context, const Receipt& receipt) {
  const auto path = context.store.path_of(context.pipeline.definition.name, context.partition.label,
                                          receipt.snapshot);
  auto file = SnapshotFile::open(path);
  const std::string what = receipt.split + " generation " + std::to_string(receipt.generation);
  if (!file.ok()) {
    return Status(file.status().code() == Code::not_found ? Code::needs_decision
                                                          : file.status().code(),
                  "the snapshot of " + what + " cannot be read (" + file.status().message() +
                      "); the day cannot be rebuilt without it")
        .at(path.string())
        .next("bring the file back, then run the same command again");
  }
  if (file->manifest().fingerprint != receipt.fingerprint) {
    return Status(Code::needs_decision,
                  "the snapshot of " + what + " is not the one that was loaded: fingerprint " +
                      file->manifest().fingerprint + ", its receipt says " + receipt.fingerprint)
        .at(path.string());
  }
  return file;
}

/// As they will be needed for a replay: nobody may remove the source before.
Status check_snapshots(const RunContext& context, const std::vector<Receipt>& receipts) {
  for (const Receipt& receipt : receipts) {
    DAYMILL_TRY(open_snapshot(context, receipt));
  }
  return {};
}

Status check_decrease(RunContext& context, Sink& sink, const Evidence& before,
                      const LoadTotals& totals) {
  if (!before.load.has_value() || context.settings.accept_decrease) {
    return {};
  }
  std::string losses;
  if (totals.rows_out < before.load->rows_out) {
    losses = "rows " + grouped(before.load->rows_out) + " → " + grouped(totals.rows_out);
  }
  for (const Sum& old_sum : before.load->sums) {
    for (const Sum& new_sum : totals.sums_out) {
      if (old_sum.measure == new_sum.measure && new_sum.value < old_sum.value) {
        losses += (losses.empty() ? "" : ", ") + old_sum.measure + " " + grouped(old_sum.value) +
                  " → " + grouped(new_sum.value);
      }
    }
  }
  if (losses.empty()) {
    return {};
  }
  const std::string problem =
      "the result is smaller than what is loaded: " + losses + "; nothing was changed";
  if (context.report.kind != "replay") {
    return contest(context, sink, context.report.target, problem, {Choice::replace});
  }
  return Status(Code::needs_decision, problem)
      .at(context.report.target)
      .next("if that is right: daymill replay " + context.pipeline.definition.file + " --date " +
            context.partition.label + " --accept-decrease");
}

/// Tries the short transaction again as long as it meets a lock or a deadlock; the stage stays as
/// it is.
Status commit_with_retry(RunContext& context, Sink& sink, const Load& load,
                         const std::vector<Receipt>& receipts) {
  Backoff backoff(context.pipeline.definition.retry);
  for (std::int64_t attempt = 1;; ++attempt) {
    DAYMILL_FAILPOINT("run.commit");
    Status status = sink.commit(load, receipts);
    if (status.code() != Code::conflict || !backoff.may_retry(attempt)) {
      return status;
    }
    context.log.write(LogLevel::warning, "engine",
                      "commit met a conflict, trying again: " + status.to_string());
    if (!cancellation::sleep_for(backoff.delay(attempt))) {
      return cancellation::status();
    }
  }
}

/// The connection was lost while COMMIT was under way: a fresh connection waits for the old one to
/// end, then the receipts tell.
Status resolve_unknown(RunContext& context, const Load& load, const Status& unknown) {
  context.log.write(LogLevel::warning, "engine",
                    "the answer to COMMIT was lost; reading the receipts");
  DAYMILL_FAILPOINT("run.resolve");
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, context.pipeline.make_sink());
  DAYMILL_TRY(sink->bind(context.pipeline.out_schema, context.pipeline.definition.name));
  DAYMILL_ASSIGN(const Evidence evidence, sink->receipts(context.partition, /*settle=*/true));
  if (evidence.load.has_value() && evidence.load->epoch == load.epoch &&
      evidence.load->run_id == load.run_id) {
    return {};
  }
  return Status(Code::unavailable, "not committed: " + unknown.message()).at(unknown.where());
}

Status write_rows(RunContext& context, Sink& sink, std::vector<SnapshotFile>& snapshots,
                  RejectLog& rejects, LoadTotals& totals) {
  DAYMILL_ASSIGN(const std::unique_ptr<Writer> writer, sink.open());
  auto loaded = load(context.pipeline, context.partition, snapshots, *writer, rejects,
                     context.settings.memory_limit, context.observer);
  if (!loaded.ok()) {
    if (rejects.over_budget()) {
      context.failed_as = RunState::too_many_rejects;
      context.report.rejected = rejects.count();
      context.report.reject_reasons = rejects.reasons();
    }
    return loaded.status();
  }
  totals = std::move(loaded).value();
  return {};
}

Status store_rejects(RunContext& context, Sink& sink, const RejectLog& rejects) {
  if (rejects.rows().empty()) {
    return {};
  }
  if (!context.pipeline.stores_rejects()) {
    warn(context, grouped(rejects.count()) + " rows are rejected, and the sink " +
                      context.pipeline.definition.sink.plugin +
                      " keeps no rejects: they are counted here and lie in the snapshots");
    return {};
  }
  return sink.reject(rejects.rows());
}

void report_totals(RunReport& report, std::int64_t epoch, const LoadTotals& totals,
                   const RejectLog& rejects) {
  report.epoch = epoch;
  report.wrote_nothing = false;
  report.rows_read = totals.rows_read;
  report.rows_merged = totals.rows_merged;
  report.rows_filtered = totals.rows_filtered;
  report.rows_out = totals.rows_out;
  report.rejected = rejects.count();
  report.reject_reasons = rejects.reasons();
  report.sums_read = totals.sums_read;
  report.sums_out = totals.sums_out;
  report.sums_rejected = rejects.sums();
}

/// Rows and rejects of the receipts' snapshots, staged by the sink; or staged by it already, while
/// the snapshots were written.
Status stage(RunContext& context, Sink& sink, const Attempt& attempt,
             const std::vector<Receipt>& receipts, EarlyLoad* early, RejectLog& rejects,
             LoadTotals& totals) {
  if (early != nullptr) {
    DAYMILL_TRY(check_snapshots(context, receipts));
    if (early->take(receipts, rejects, totals)) {
      return store_rejects(context, sink, rejects);
    }
  }
  std::vector<SnapshotFile> snapshots;
  std::int64_t expected_rows = 0;
  for (const Receipt& receipt : receipts) {
    DAYMILL_ASSIGN(SnapshotFile file, open_snapshot(context, receipt));
    snapshots.push_back(std::move(file));
    expected_rows += receipt.rows_in;
  }
  PhaseTimer phase(context, "load", expected_rows);
  DAYMILL_TRY(sink.begin(attempt));
  DAYMILL_TRY(write_rows(context, sink, snapshots, rejects, totals));
  phase.set_rows(totals.rows_read);
  return store_rejects(context, sink, rejects);
}

/// A run must not replace rows that somebody corrected or adopted by what the snapshots give, only
/// because late counts came. A replay is asked for by name; a source that is kept is the truth.
Status check_rows_to_replace(RunContext& context, Sink& sink, const Evidence& before) {
  if (context.report.kind == "replay" || !before.load.has_value() ||
      context.settings.replace_foreign) {
    return {};
  }
  if (before.load->config_digest == kAdopted) {
    return contest(context, sink, context.report.target,
                   "the rows of the day were adopted as they were; loading what the source holds "
                   "would replace them",
                   {Choice::replace});
  }
  if (!before.difference.empty() && context.pipeline.removes()) {
    return contest(context, sink, context.report.target,
                   "the target no longer holds what was loaded (" + before.difference +
                       "); loading what the source holds now would undo that",
                   {Choice::replace});
  }
  return {};
}

Status report_difference(RunContext& context, Sink& sink) {
  const PhaseTimer phase(context, "compare", -1);
  DAYMILL_ASSIGN(context.report.difference, sink.difference(kExamples));
  return {};
}

/// Rows that something else loaded may only be taken over when they are just those that would be
/// loaded: otherwise the source would be removed against rows that do not hold its counts.
Status check_adoption(RunContext& context, Sink& sink) {
  DAYMILL_TRY(report_difference(context, sink));
  const Difference& difference = *context.report.difference;
  if (difference.empty()) {
    return contest(context, sink, context.report.target,
                   "the day was loaded by something else, with just the rows that daymill would "
                   "load",
                   {Choice::adopt});
  }
  return contest(context, sink, context.report.target,
                 "the rows of the day are not what its source gives: loading would add " +
                     grouped(difference.added) + " rows, change " + grouped(difference.changed) +
                     " and remove " + grouped(difference.removed) + "; nothing was changed",
                 {Choice::replace});
}

Load load_of(const RunContext& context, std::int64_t epoch) {
  const BoundPipeline& pipeline = context.pipeline;
  Load load;
  load.epoch = epoch;
  load.pipeline = pipeline.definition.name;
  load.run_id = context.report.run_id;
  load.config_digest = pipeline.config_digest;
  load.plugins = pipeline.plugin_versions;
  return load;
}

Status commit_load(RunContext& context, Sink& sink, const Load& load,
                   const std::vector<Receipt>& receipts) {
  const PhaseTimer phase(context, "commit", -1);
  const Status status = commit_with_retry(context, sink, load, receipts);
  return status.code() == Code::commit_unknown ? resolve_unknown(context, load, status) : status;
}

Status attempt_load(RunContext& context, Sink& sink, const Attempt& attempt, const Evidence& before,
                    const std::vector<Receipt>& receipts, EarlyLoad* early, bool& refused) {
  RejectLog rejects(context.pipeline.definition.rejects, context.pipeline.source_schema);
  LoadTotals totals;
  DAYMILL_TRY(stage(context, sink, attempt, receipts, early, rejects, totals));
  if (attempt.adopt) {
    DAYMILL_TRY(check_adoption(context, sink));
  } else if (context.settings.show_difference) {
    DAYMILL_TRY(report_difference(context, sink));
  }
  DAYMILL_TRY(check_decrease(context, sink, before, totals));

  Load load = load_of(context, attempt.epoch);
  load.rows_out = totals.rows_out;
  load.rejected = rejects.count();
  load.filtered = totals.rows_filtered;
  load.sums = totals.sums_out;
  const Status status = commit_load(context, sink, load, receipts);
  refused = status.code() == Code::needs_decision;
  DAYMILL_TRY(status);
  report_totals(context.report, attempt.epoch, totals, rejects);
  return {};
}

/// The sink met rows that no load wrote: a person decides, perhaps has decided.
Status replace_refused_rows(RunContext& context, Sink& sink, Attempt attempt,
                            const Evidence& before, const std::vector<Receipt>& receipts,
                            const Status& refusal) {
  const std::string look = refusal.next().empty() ? "" : refusal.next() + "\n        ";
  const Status asked = contest(context, sink, context.report.target, refusal.message(),
                               {Choice::replace, Choice::adopt});
  if (!asked.ok()) {
    return Status(asked.code(), asked.message()).at(refusal.where()).next(look + asked.next());
  }
  sink.abort();
  attempt.replace_foreign = true;
  bool refused = false;
  return attempt_load(context, sink, attempt, before, receipts, nullptr, refused);
}

}  // namespace

Attempt attempt_of(const RunContext& context, std::int64_t epoch) {
  return {context.partition, epoch, context.report.run_id, context.settings.replace_foreign};
}

Status rehearse_load(RunContext& context, Sink& sink, const std::vector<Receipt>& receipts) {
  RejectLog rejects(context.pipeline.definition.rejects, context.pipeline.source_schema);
  LoadTotals totals;
  const Attempt attempt{context.partition, 0, context.report.run_id};
  Status status = stage(context, sink, attempt, receipts, nullptr, rejects, totals);
  if (status.ok()) {
    status = report_difference(context, sink);
  }
  sink.abort();
  DAYMILL_TRY(status);
  report_totals(context.report, 0, totals, rejects);
  context.report.wrote_nothing = true;
  return {};
}

Status adopt_rows(RunContext& context, Sink& sink, std::int64_t epoch, const Evidence& before) {
  Attempt attempt{context.partition, epoch, context.report.run_id};
  attempt.adopt = true;
  const auto adopt = [&]() -> Status {
    DAYMILL_TRY(sink.begin(attempt));
    DAYMILL_ASSIGN(const std::unique_ptr<Writer> writer, sink.open());
    DAYMILL_TRY(writer->finish());
    DAYMILL_ASSIGN(const Difference day, sink.difference(0));  // against nothing: all of the day
    if (day.rows_before == 0) {
      return Status(Code::not_found, "the target has no rows of " + context.partition.label)
          .at(context.report.target);
    }
    DAYMILL_TRY(contest(context, sink, context.report.target,
                        "the day holds " + grouped(day.rows_before) +
                            " rows that are not what a load wrote; they stay",
                        {Choice::adopt}));
    if (before.load.has_value() && before.load->rejected > 0) {  // they stay what they were
      DAYMILL_ASSIGN(const std::vector<RejectRow> rejects,
                     sink.rejects(context.partition, before.load->rejected));
      DAYMILL_TRY(sink.reject(rejects));
    }
    Load load = load_of(context, epoch);
    load.config_digest = kAdopted;
    load.rows_out = day.rows_before;
    load.sums = day.before;
    load.rejected = before.load.has_value() ? before.load->rejected : 0;
    DAYMILL_TRY(commit_load(context, sink, load, before.receipts));
    context.report.epoch = epoch;
    context.report.rows_out = load.rows_out;
    context.report.sums_out = load.sums;
    return {};
  };
  const Status status = adopt();
  if (!status.ok()) {
    sink.abort();
  }
  return status;
}

bool is_up_to_date(const BoundPipeline& pipeline, const Evidence& evidence) {
  return evidence.load.has_value() && evidence.difference.empty() &&
         (evidence.load->config_digest == pipeline.config_digest ||
          evidence.load->config_digest == kAdopted);
}

Status load_and_commit(RunContext& context, Sink& sink, std::int64_t epoch, const Evidence& before,
                       const std::vector<Receipt>& receipts, EarlyLoad* early) {
  DAYMILL_TRY(check_rows_to_replace(context, sink, before));
  context.step(RunState::loading, "epoch " + std::to_string(epoch));
  Attempt attempt = attempt_of(context, epoch);
  attempt.adopt = context.settings.decision.choice == Choice::adopt && !before.load.has_value();
  bool refused = false;
  Status status = attempt_load(context, sink, attempt, before, receipts, early, refused);
  if (refused && !attempt.replace_foreign && !attempt.adopt) {
    status = replace_refused_rows(context, sink, attempt, before, receipts, status);
  }
  if (!status.ok()) {
    sink.abort();
    return status;
  }
  DAYMILL_FAILPOINT("run.committed");
  context.step(RunState::committed, "epoch " + std::to_string(epoch));
  return {};
}

}  // namespace daymill
