#include "run/pending_days.hpp"

#include <limits>
#include <map>
#include <set>

#include "plan/newest_receipts.hpp"

namespace daymill {

namespace {

/// Days by date; the first reason that is found stays.
class Days {
 public:
  /// Labels that are no date are not daymill's.
  void add(const std::string& label, RunKind kind, const std::string& reason) {
    if (const auto day = CivilDay::parse(label); day.ok()) {
      days_.try_emplace(*day, PendingDay{*day, kind, reason});
    }
  }
  void add_all(const Days& others, RunKind kind) {
    for (const auto& [day, pending] : others.days_) {
      if (pending.kind == kind) {
        days_.try_emplace(day, pending);
      }
    }
  }
  [[nodiscard]] std::vector<PendingDay> list() const {
    std::vector<PendingDay> list;
    for (const auto& [day, pending] : days_) {
      list.push_back(pending);
    }
    return list;
  }

 private:
  std::map<CivilDay, PendingDay> days_;
};

bool ended_well(const JournalRun& run) {
  return run.state == run_state_name(RunState::done) ||
         run.state == run_state_name(RunState::empty);
}

/// Also gives the days whose newest run ended well.
Result<std::set<std::string>> add_failed(Days& days, RunJournal& journal,
                                         const std::string& pipeline) {
  DAYMILL_ASSIGN(const std::vector<JournalRun> runs,
                 journal.newest_by_partition(pipeline, std::numeric_limits<int>::max()));
  std::set<std::string> well;
  for (const JournalRun& run : runs) {
    if (ended_well(run)) {
      well.insert(run.partition);
    } else if (run.kind != "replay" || run.error_code != code_name(Code::not_found)) {
      days.add(run.partition, run.kind == "replay" ? RunKind::replay : RunKind::run,
               run.finished_at.empty() ? "its last run is under way, or died, in state " + run.state
                                       : "its last run ended " + run.state);
    }
  }
  return well;
}

/// A claim without a commit may also have found, in the end, that nothing was to be loaded: then
/// the journal says that it `ended_well`.
void add_unfinished(Days& days, const PartitionEvidence& known, bool removes, bool ended_well) {
  const Evidence& evidence = known.evidence;
  const std::int64_t loaded = evidence.load.has_value() ? evidence.load->epoch : 0;
  if (evidence.epoch > loaded && !ended_well) {
    days.add(known.partition, RunKind::run,
             "attempt " + std::to_string(evidence.epoch) + " committed nothing");
  }
  for (const auto& [split, receipt] : newest_receipts(evidence)) {
    if (removes && !receipt->removed) {
      days.add(known.partition, RunKind::run, split + " is loaded and not yet removed");
    }
  }
}

Result<std::set<std::string>> loaded_days(Sink& sink) {
  DAYMILL_ASSIGN(const std::vector<PartitionEvidence> history, sink.history());
  std::set<std::string> loaded;
  for (const PartitionEvidence& known : history) {
    if (known.evidence.load.has_value()) {
      loaded.insert(known.partition);
    }
  }
  return loaded;
}

}  // namespace

Result<std::vector<PendingDay>> failed_days(RunJournal& journal, const std::string& pipeline) {
  Days days;
  DAYMILL_TRY(add_failed(days, journal, pipeline));
  return days.list();
}

Result<std::vector<PendingDay>> missing_days(Sink& sink, const DayRange& range) {
  DAYMILL_ASSIGN(const std::set<std::string> loaded, loaded_days(sink));
  Days days;
  for (const CivilDay day : range.days()) {
    if (loaded.count(day.iso()) == 0) {
      days.add(day.iso(), RunKind::run, "never loaded");
    }
  }
  return days.list();
}

Result<std::vector<PendingDay>> held_days(Source& source) {
  DAYMILL_ASSIGN(const std::vector<std::string> labels, source.inventory());
  Days days;
  for (const std::string& label : labels) {
    days.add(label, RunKind::run, "the source holds it");
  }
  return days.list();
}

Result<std::vector<PendingDay>> days_to_load(BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(std::vector<PendingDay> days, held_days(*pipeline.source));
  if (!pipeline.removes()) {
    DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
    DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
    DAYMILL_ASSIGN(const std::set<std::string> loaded, loaded_days(*sink));
    std::erase_if(days,
                  [&](const PendingDay& pending) { return loaded.count(pending.day.iso()) != 0; });
  }
  return days;
}

Result<std::vector<PendingDay>> unfinished_days(const PendingDaySources& sources) {
  const std::string& name = sources.pipeline.definition.name;
  Days days;
  Days failed;
  DAYMILL_ASSIGN(const std::set<std::string> well, add_failed(failed, sources.journal, name));
  const auto history = sources.sink.history();
  if (!sources.pipeline.has_receipts() || history.status().code() == Code::unsupported) {
    return failed.list();  // only the journal knows
  }
  DAYMILL_TRY(history);
  days.add_all(failed, RunKind::run);
  std::map<std::string, std::map<std::string, std::int64_t>> receipted;
  for (const PartitionEvidence& known : *history) {
    add_unfinished(days, known, sources.pipeline.removes(), well.count(known.partition) != 0);
    for (const auto& [split, receipt] : newest_receipts(known.evidence)) {
      receipted[known.partition][split] = receipt->generation;
    }
  }
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> snapshots, sources.store.list(name));
  for (const StoredSnapshot& snapshot : snapshots) {
    const SnapshotManifest& manifest = snapshot.manifest;
    if (manifest.generation > receipted[manifest.partition][manifest.split]) {
      days.add(manifest.partition, RunKind::run, manifest.split + " was read and never loaded");
    }
  }
  days.add_all(failed, RunKind::replay);  // only where nothing else is left to do
  return days.list();
}

}  // namespace daymill
