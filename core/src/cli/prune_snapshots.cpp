// daymill snapshots prune: what no replay needs any more
#include "cli/prune_snapshots.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "observe/run_report.hpp"
#include "plan/partition_plan.hpp"
#include "plan/snapshot_retention.hpp"

namespace daymill {

namespace {

/// Files of a day on which anything is left to do are needed, however old they are.
Status keep_open_days(BoundPipeline& pipeline, Sink& sink, const SnapshotStore& store,
                      std::vector<RetentionVerdict>& verdicts) {
  std::map<std::string, std::string> open;  // partition → what is left to do
  for (RetentionVerdict& verdict : verdicts) {
    if (!verdict.keep.empty()) {
      continue;
    }
    const std::string& label = verdict.snapshot.manifest.partition;
    if (open.count(label) == 0) {
      DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(label));
      DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
      DAYMILL_ASSIGN(const PartitionPlan plan, plan_partition(pipeline, sink, partition, store));
      std::string& left = open[label];
      left = plan.evidence.difference;
      for (const PlannedSplit& planned : plan.splits) {
        const bool kept_by_source =
            !pipeline.removes() && planned.decision.action == Action::compare;
        if (planned.decision.action != Action::none && !kept_by_source) {
          left = planned.split.id + ": " + planned.decision.reason;
        }
      }
    }
    verdict.keep = open[label].empty() ? "" : "the day is open: " + open[label];
  }
  return {};
}

Result<std::vector<RetentionVerdict>> judge(Session& session, BoundPipeline& pipeline,
                                            std::chrono::days keep) {
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  DAYMILL_ASSIGN(const std::vector<PartitionEvidence> history, sink->history());
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> snapshots, store.list(pipeline.definition.name));
  std::vector<RetentionVerdict> verdicts = judge_retention(snapshots, history, pipeline.removes(),
                                                           keep, std::chrono::system_clock::now());
  DAYMILL_TRY(keep_open_days(pipeline, *sink, store, verdicts));
  return verdicts;
}

Result<std::vector<RetentionVerdict>> judge(Session& session, const PruneArguments& arguments) {
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  const SnapshotDefinition snapshots = pipeline.definition.snapshots.value_or(SnapshotDefinition{});
  return judge(session, pipeline,
               arguments.keep_days ? std::chrono::days(*arguments.keep_days) : snapshots.keep);
}

Status remove_file(const StoredSnapshot& snapshot) {
  std::error_code error;
  std::filesystem::remove(snapshot.path, error);
  if (error) {
    return Status(Code::permission_denied, "cannot delete a snapshot: " + error.message())
        .at(snapshot.path.string());
  }
  std::filesystem::remove(snapshot.path.parent_path(), error);  // the day's folder, if empty now
  return {};
}

}  // namespace

Result<Pruned> prune_snapshots(Session& session, BoundPipeline& pipeline, std::chrono::days keep) {
  DAYMILL_ASSIGN(const std::vector<RetentionVerdict> verdicts, judge(session, pipeline, keep));
  Pruned pruned;
  for (const RetentionVerdict& verdict : verdicts) {
    if (verdict.keep.empty()) {
      DAYMILL_TRY(remove_file(verdict.snapshot));
      ++pruned.files;
      pruned.bytes += verdict.snapshot.bytes;
    }
  }
  return pruned;
}

int prune_snapshots(Session& session, const PruneArguments& arguments) {
  const std::string command = "snapshots prune";
  const auto verdicts = judge(session, arguments);
  if (!verdicts.ok()) {
    return session.fail(command, verdicts.status());
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"DATE", "FILE", "BYTES", "VERDICT"}};
  std::uintmax_t bytes = 0;
  for (const RetentionVerdict& verdict : *verdicts) {
    const bool goes = verdict.keep.empty();
    if (goes && !arguments.dry_run) {
      if (const Status status = remove_file(verdict.snapshot); !status.ok()) {
        return session.fail(command, status);
      }
    }
    bytes += goes ? verdict.snapshot.bytes : 0;
    const std::string outcome = !goes               ? "kept: " + verdict.keep
                                : arguments.dry_run ? "would be deleted"
                                                    : "deleted";
    rows.push_back({verdict.snapshot.manifest.partition, verdict.snapshot.path.filename().string(),
                    grouped(static_cast<std::int64_t>(verdict.snapshot.bytes)), outcome});
    list.push_back({{"partition", verdict.snapshot.manifest.partition},
                    {"file", verdict.snapshot.path.string()},
                    {"bytes", verdict.snapshot.bytes},
                    {"deleted", goes && !arguments.dry_run},
                    {"kept_because", verdict.keep}});
  }
  if (session.output() == OutputFormat::json) {
    print_envelope(command, {{"snapshots", list}, {"bytes", bytes}}, {});
    return 0;
  }
  std::fputs(session.redact(table_text(rows)).c_str(), stdout);
  std::fprintf(stderr, "%s bytes %s\n", grouped(static_cast<std::int64_t>(bytes)).c_str(),
               arguments.dry_run ? "would be freed" : "freed");
  return 0;
}

}  // namespace daymill
