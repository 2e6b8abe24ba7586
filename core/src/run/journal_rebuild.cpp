#include "run/journal_rebuild.hpp"

#include <algorithm>
#include <map>

#include "observe/run_report.hpp"
#include "observe/time_text.hpp"
#include "plan/newest_receipts.hpp"

namespace daymill {

namespace {

bool is_removed(const Evidence& evidence) {
  const auto newest = newest_receipts(evidence);
  return std::all_of(newest.begin(), newest.end(),
                     [](const auto& entry) { return entry.second->removed; });
}

JournalRun run_of(const BoundPipeline& pipeline, const PartitionEvidence& known) {
  const Evidence& evidence = known.evidence;
  const Load& load = *evidence.load;
  RunReport report;
  report.run_id = load.run_id;
  report.kind = "rebuilt";
  report.pipeline = pipeline.definition.name;
  report.partition = known.partition;
  report.state = !pipeline.removes() || is_removed(evidence) ? RunState::done : RunState::committed;
  report.started_at = report.finished_at = load.committed_at;
  report.epoch = load.epoch;
  report.wrote_nothing = false;
  report.rows_out = load.rows_out;
  report.rejected = load.rejected;
  report.rows_filtered = load.filtered;
  report.sums_out = load.sums;
  for (const Receipt& receipt : evidence.receipts) {
    report.rows_read += receipt.rows_in;
    report.splits.push_back(SplitReport{receipt.split,
                                        {},
                                        receipt.generation,
                                        receipt.rows_in,
                                        receipt.fingerprint,
                                        receipt.snapshot,
                                        receipt.removed ? "loaded and removed" : "loaded"});
  }
  JournalRun run;
  run.run_id = report.run_id;
  run.kind = report.kind;
  run.pipeline = report.pipeline;
  run.partition = report.partition;
  run.state = run_state_name(report.state);
  run.started_at = report.started_at;
  run.finished_at = report.state == RunState::done ? report.finished_at : "";
  run.report_json = to_json(report).dump();
  return run;
}

JournalRun run_of(const SnapshotManifest& manifest) {
  JournalRun run;
  run.run_id = manifest.run_id;
  run.kind = "rebuilt";
  run.pipeline = manifest.pipeline;
  run.partition = manifest.partition;
  run.state = run_state_name(RunState::snapshotted);
  run.started_at = manifest.created_at;
  return run;
}

/// What the evidence says of each day, by label.
Result<std::map<std::string, JournalRun>> runs_by_evidence(const BoundPipeline& pipeline,
                                                           Sink& sink, const SnapshotStore& store) {
  std::map<std::string, JournalRun> runs;
  std::map<std::string, std::map<std::string, std::int64_t>> receipted;
  DAYMILL_ASSIGN(const std::vector<PartitionEvidence> history, sink.history());
  for (const PartitionEvidence& known : history) {
    if (known.evidence.load.has_value()) {
      runs[known.partition] = run_of(pipeline, known);
    }
    for (const auto& [split, receipt] : newest_receipts(known.evidence)) {
      receipted[known.partition][split] = receipt->generation;
    }
  }
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> snapshots, store.list(pipeline.definition.name));
  for (const StoredSnapshot& snapshot : snapshots) {
    const SnapshotManifest& manifest = snapshot.manifest;
    if (manifest.generation > receipted[manifest.partition][manifest.split]) {
      runs[manifest.partition] = run_of(manifest);
    }
  }
  return runs;
}

}  // namespace

Result<std::vector<RebuiltRun>> rebuild_journal(const BoundPipeline& pipeline, Sink& sink,
                                                const SnapshotStore& store, RunJournal& journal) {
  DAYMILL_ASSIGN(auto runs, runs_by_evidence(pipeline, sink, store));
  std::vector<RebuiltRun> rebuilt;
  for (auto& [partition, run] : runs) {
    DAYMILL_ASSIGN(const std::vector<JournalRun> known,
                   journal.runs_of(pipeline.definition.name, partition, 1));
    RebuiltRun result{run, known.empty() ? "" : known.front().state, false};
    if (known.empty() || known.front().state != run.state) {
      DAYMILL_ASSIGN(const auto same_id, journal.find(run.run_id));
      if (same_id.has_value()) {
        result.run.run_id = new_run_id();
      }
      DAYMILL_TRY(journal.restore_run(result.run));
      result.added = true;
    }
    rebuilt.push_back(std::move(result));
  }
  return rebuilt;
}

}  // namespace daymill
