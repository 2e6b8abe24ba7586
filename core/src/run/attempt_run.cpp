#include "run/attempt_run.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "daymill/failpoint.hpp"
#include "run/cancellation.hpp"
#include "run/commit.hpp"
#include "run/compare.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

constexpr int kRounds = 4;

Status still_written(const RunContext& context) {
  return Status(Code::conflict, "still being written: the source changed during each of " +
                                    std::to_string(kRounds) +
                                    " readings; what was read is loaded, nothing is removed")
      .next("daymill run " + context.pipeline.definition.file + " --date " +
            context.partition.label + " when the writers are quiet; check that \"timezone\" (" +
            context.pipeline.definition.partition.timezone + ") is the one the producers write in");
}

}  // namespace

Status AttemptRun::run() {
  DAYMILL_ASSIGN(sink_, pipeline_.make_sink());
  DAYMILL_TRY(sink_->bind(pipeline_.out_schema, pipeline_.definition.name));
  DAYMILL_ASSIGN(context_.report.target, sink_->identity());
  for (int i = 0; i < kRounds; ++i) {
    if (cancellation::requested()) {
      return cancellation::status();
    }
    bool settled = false;
    const Status status = round(settled);
    if (status.code() == Code::needs_decision && evidence_moved()) {
      context_.readings.clear();
      context_.failed_as = RunState::pending;
      continue;  // another runner was at work: nobody has to decide what the next round may find
                 // settled
    }
    DAYMILL_TRY(status);
    if (settled) {
      return {};
    }
  }
  return still_written(context_);
}

Status AttemptRun::round(bool& settled) {
  DAYMILL_TRY(look());
  const std::int64_t loaded_epoch =
      plan_.evidence.load.has_value() ? plan_.evidence.load->epoch : 0;
  if (loaded_epoch != context_.readings_epoch) {
    context_.readings.clear();
    context_.readings_epoch = loaded_epoch;
  }
  context_.report.splits.clear();
  const bool idle = std::all_of(
      plan_.splits.begin(), plan_.splits.end(),
      [](const PlannedSplit& planned) { return planned.decision.action == Action::none; });
  if (idle) {
    settled = true;
    return conclude_without_work();
  }
  bool changed = false;
  if (plan_.loads()) {
    DAYMILL_TRY(claim(changed));
    if (changed) {
      return {};
    }
  }
  DAYMILL_TRY(extract_missing());
  std::vector<Change> changes;
  DAYMILL_TRY(judge_readings(changes));
  const bool reload = changes.empty() && !pipeline_.removes() && plan_.evidence.load.has_value() &&
                      !is_up_to_date(pipeline_, plan_.evidence);
  if (!changes.empty() || reload) {
    DAYMILL_TRY(claim(changed));
    if (changed) {
      return {};
    }
    DAYMILL_TRY(commit(changes));
  } else {
    DAYMILL_TRY(check_target());
  }
  DAYMILL_TRY(remove_splits(settled));
  if (settled) {
    context_.report.state = RunState::done;
  }
  return {};
}

Status AttemptRun::look() {
  DAYMILL_ASSIGN(plan_, plan_partition(pipeline_, *sink_, context_.partition, context_.store));
  return plan_.blocked();
}

/// Is the evidence no longer what the last round saw? After an error of its own: false.
bool AttemptRun::evidence_moved() {
  const PartitionPlan before = std::move(plan_);
  plan_ = PartitionPlan();
  return look().code() != Code::unavailable && !plan_.splits.empty() &&
         !plan_.same_evidence(before);
}

/// Takes the partition, then looks again: what was decided before the claim may be out of date.
Status AttemptRun::claim(bool& changed) {
  if (epoch_ != 0) {
    return {};
  }
  DAYMILL_FAILPOINT("run.claim");
  DAYMILL_ASSIGN(epoch_, sink_->claim(context_.partition));
  context_.report.wrote_nothing = false;
  const PartitionPlan before = std::move(plan_);
  DAYMILL_TRY(look());
  changed = !plan_.same_evidence(before);
  return {};
}

/// What is in the target must be what was loaded before the day counts as done or anything is
/// removed.
Status AttemptRun::check_target() const {
  if (plan_.evidence.difference.empty()) {
    return {};
  }
  return Status(Code::needs_decision,
                "the target no longer holds what was loaded: " + plan_.evidence.difference)
      .at(context_.report.target)
      .next("daymill replay " + pipeline_.definition.file + " --date " + context_.partition.label +
            " rebuilds the day from its snapshots");
}

Status AttemptRun::conclude_without_work() {
  DAYMILL_TRY(check_target());
  const Evidence& evidence = plan_.evidence;
  context_.report.state = evidence.load.has_value() ? RunState::done : RunState::empty;
  for (const PlannedSplit& planned : plan_.splits) {
    note_split(planned, planned.receipts.empty() ? nullptr : &planned.receipts.back(),
               planned.decision.reason);
  }
  if (evidence.load.has_value() && evidence.load->config_digest != pipeline_.config_digest) {
    warn(context_, "the pipeline's settings changed since the day was loaded; daymill replay " +
                       pipeline_.definition.file + " --date " + context_.partition.label +
                       " applies them");
  }
  return {};
}

ExtractedSplit* AttemptRun::reading_of(const std::string& split, std::int64_t generation) {
  for (ExtractedSplit& reading : context_.readings) {
    if (reading.split == split && reading.generation == generation) {
      return &reading;
    }
  }
  return nullptr;
}

Status AttemptRun::extract_missing() {
  std::vector<ExtractTask> tasks;
  std::int64_t expected_rows = 0;
  bool any_present = false;
  for (const PlannedSplit& planned : plan_.splits) {
    const bool reads =
        planned.decision.action == Action::extract || planned.decision.action == Action::compare;
    any_present |= planned.split.present;
    if (reads && reading_of(planned.split.id, planned.decision.generation) == nullptr) {
      tasks.push_back(ExtractTask{planned.split, planned.decision.generation});
      expected_rows += std::max<std::int64_t>(0, planned.split.estimated_rows);
    }
  }
  for (const PlannedSplit& planned : plan_.splits) {
    if (any_present && !planned.split.present && planned.receipts.empty() &&
        planned.split.removals == 0) {
      warn(context_, planned.split.location + " does not exist; its measure counts as 0");
    }
  }
  if (tasks.empty()) {
    return {};
  }
  context_.step(RunState::reading, std::to_string(tasks.size()) + " splits");
  PhaseTimer phase(context_, "extract", expected_rows);
  const ExtractSettings settings{context_.report.run_id,
                                 extractions_ == 0 ? "" : "-" + std::to_string(extractions_ + 1),
                                 context_.settings.threads};
  ++extractions_;
  DAYMILL_ASSIGN(
      std::vector<ExtractedSplit> extracted,
      extract(pipeline_, context_.partition, tasks, context_.store, settings, context_.observer));
  std::int64_t rows = 0;
  for (ExtractedSplit& reading : extracted) {
    rows += reading.snapshot.manifest.rows;
    context_.readings.push_back(std::move(reading));
  }
  phase.set_rows(rows);
  context_.step(RunState::snapshotted, std::to_string(rows) + " rows");
  return {};
}

Status AttemptRun::judge_readings(std::vector<Change>& changes) {
  for (const PlannedSplit& planned : plan_.splits) {
    switch (planned.decision.action) {
      case Action::extract:
        DAYMILL_TRY(judge_first_reading(planned, changes));
        break;
      case Action::compare:
        DAYMILL_TRY(judge_second_reading(planned, changes));
        break;
      case Action::load_snapshot:
        warn(context_,
             planned.split.location +
                 " vanished after it was read and before it was loaded; its snapshot is loaded");
        changes.push_back(
            Change{planned.split.id, planned.decision.generation, *planned.loose_snapshot});
        break;
      case Action::recover:
        DAYMILL_TRY(recover(planned, changes));
        break;
      case Action::none:
      case Action::record_removal:
      case Action::decide:
        break;
    }
  }
  return {};
}

Status AttemptRun::judge_first_reading(const PlannedSplit& planned, std::vector<Change>& changes) {
  const ExtractedSplit& reading = *reading_of(planned.split.id, planned.decision.generation);
  const bool earlier = pipeline_.has_receipts() && planned.loose_snapshot.has_value() &&
                       planned.loose_snapshot->path != reading.snapshot.path &&
                       !context_.settings.accept_decrease;
  if (earlier) {
    DAYMILL_ASSIGN(const Comparison comparison,
                   compare_readings(pipeline_, context_.partition, *planned.loose_snapshot,
                                    reading.snapshot, context_.settings.memory_limit));
    if (comparison.growth == Growth::shrunk) {
      return Status(Code::needs_decision,
                    "the source was reset after it was read: " + comparison.detail)
          .at(planned.split.location)
          .next("the earlier reading is " + planned.loose_snapshot->path.string() +
                "; run with --accept-decrease to take what the source holds now");
    }
  }
  changes.push_back(Change{planned.split.id, planned.decision.generation, reading.snapshot});
  return {};
}

Status AttemptRun::judge_second_reading(const PlannedSplit& planned, std::vector<Change>& changes) {
  const ExtractedSplit& reading = *reading_of(planned.split.id, planned.decision.generation);
  const Receipt& receipt = planned.receipts.back();
  const auto loaded_path =
      context_.store.path_of(pipeline_.definition.name, context_.partition.label, receipt.snapshot);
  std::error_code error;
  const bool loaded_exists = std::filesystem::exists(loaded_path, error);
  if (reading.snapshot.manifest.fingerprint == receipt.fingerprint) {
    DAYMILL_FAILPOINT("snapshot.keep_one");
    if (reading.snapshot.path !=
        loaded_path) {  // the same content: keep one file, under the name that the receipt has
      loaded_exists ? (void)std::filesystem::remove(reading.snapshot.path, error)
                    : std::filesystem::rename(reading.snapshot.path, loaded_path, error);
    }
    return {};
  }
  const std::string decide =
      "settle it by hand: what the source holds now is in " + reading.snapshot.path.string();
  if (receipt.removed) {
    return Status(Code::needs_decision,
                  "it was removed before, and the source holds something else again without a "
                  "removal record")
        .at(planned.split.location)
        .next(decide);
  }
  if (!loaded_exists) {
    return Status(Code::needs_decision,
                  "the source changed since it was loaded and the loaded snapshot is gone: " +
                      loaded_path.string())
        .at(planned.split.location)
        .next("bring the file back, then run the same command again");
  }
  DAYMILL_ASSIGN(SnapshotFile loaded, SnapshotFile::open(loaded_path));
  const StoredSnapshot older{loaded_path, 0, loaded.manifest()};
  DAYMILL_ASSIGN(const Comparison comparison,
                 compare_readings(pipeline_, context_.partition, older, reading.snapshot,
                                  context_.settings.memory_limit));
  if (comparison.growth == Growth::shrunk && !context_.settings.accept_decrease) {
    return Status(Code::needs_decision,
                  "the source holds less than what was loaded (flushed, restored or corrected): " +
                      comparison.detail)
        .at(planned.split.location)
        .next("run with --accept-decrease to replace the day by what the source holds now");
  }
  changes.push_back(Change{planned.split.id, planned.decision.generation, reading.snapshot});
  return {};
}

/// The source removed generations that the sink does not hold: a restored backup of the sink, or
/// another database.
Status AttemptRun::recover(const PlannedSplit& planned, std::vector<Change>& changes) {
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> stored,
                 context_.store.list(pipeline_.definition.name, context_.partition.label));
  const std::int64_t receipted = planned.receipts.empty() ? 0 : planned.receipts.back().generation;
  for (std::int64_t generation = receipted + 1; generation <= planned.split.removals;
       ++generation) {
    const StoredSnapshot* found = nullptr;
    for (const StoredSnapshot& snapshot : stored) {
      const bool last = generation == planned.split.removals;
      if (snapshot.manifest.split == planned.split.id &&
          snapshot.manifest.generation == generation &&
          (!last || snapshot.manifest.fingerprint == planned.split.removed_fingerprint)) {
        found = &snapshot;
      }
    }
    if (found == nullptr) {
      context_.failed_as = RunState::data_loss_suspected;
      return Status(Code::needs_decision, "generation " + std::to_string(generation) + " of " +
                                              planned.split.id +
                                              " was loaded and removed from the source, but this "
                                              "sink does not hold it and no snapshot of it is here")
          .at(planned.split.location)
          .next(
              "is the sink the right database, or was it restored from a backup? Bring the "
              "snapshots to " +
              context_.store.root().string() + " and run again");
    }
    changes.push_back(Change{planned.split.id, generation, *found});
  }
  warn(context_, planned.split.location +
                     ": the sink had lost what was removed from the source; it is loaded again "
                     "from snapshots");
  return {};
}

std::vector<Receipt> AttemptRun::receipts_after(const std::vector<Change>& changes) const {
  std::vector<Receipt> receipts = plan_.evidence.receipts;
  for (const Change& change : changes) {
    const SnapshotManifest& manifest = change.snapshot.manifest;
    Receipt receipt{change.split,  change.generation,
                    epoch_,        manifest.fingerprint,
                    manifest.rows, change.snapshot.path.filename().string(),
                    false};
    auto same = std::find_if(receipts.begin(), receipts.end(), [&](const Receipt& other) {
      return other.split == change.split && other.generation == change.generation;
    });
    if (same != receipts.end()) {
      *same = std::move(receipt);
    } else {
      receipts.push_back(std::move(receipt));
    }
  }
  std::sort(receipts.begin(), receipts.end(), [](const Receipt& a, const Receipt& b) {
    return std::tie(a.split, a.generation) < std::tie(b.split, b.generation);
  });
  return receipts;
}

Status AttemptRun::commit(const std::vector<Change>& changes) {
  std::vector<Receipt> receipts = receipts_after(changes);
  DAYMILL_FAILPOINT("run.load");
  DAYMILL_TRY(load_and_commit(context_, *sink_, epoch_, plan_.evidence, receipts));
  epoch_ = 0;  // used: another commit needs another claim
  plan_.evidence.receipts = receipts;
  for (PlannedSplit& planned : plan_.splits) {
    planned.receipts.clear();
    for (const Receipt& receipt : receipts) {
      if (receipt.split == planned.split.id) {
        planned.receipts.push_back(receipt);
      }
    }
  }
  discard_superseded(changes);
  return {};
}

/// Older readings of what has just been committed: smaller or equal, and named by no receipt any
/// more. Those of other runs are left for a day, as another runner may be at work with them.
void AttemptRun::discard_superseded(const std::vector<Change>& changes) const {
  DAYMILL_FAILPOINT_HERE("snapshot.discard");
  const auto stored = context_.store.list(pipeline_.definition.name, context_.partition.label);
  if (!stored.ok()) {
    return;
  }
  for (const StoredSnapshot& snapshot : *stored) {
    std::error_code error;
    const auto age = std::filesystem::file_time_type::clock::now() -
                     std::filesystem::last_write_time(snapshot.path, error);
    const bool settled = snapshot.manifest.run_id == context_.report.run_id ||
                         (!error && age > std::chrono::hours(24));
    for (const Change& change : changes) {
      if (settled && snapshot.manifest.split == change.split &&
          snapshot.manifest.generation == change.generation &&
          snapshot.path.filename() != change.snapshot.path.filename()) {
        std::error_code ignored;
        std::filesystem::remove(snapshot.path, ignored);
      }
    }
  }
}

Status AttemptRun::remove_splits(bool& settled) {
  settled = true;
  const bool removes = pipeline_.removes();
  if (removes) {
    context_.step(RunState::removing, "");
  }
  const PhaseTimer phase(context_, "remove", -1);
  for (const PlannedSplit& planned : plan_.splits) {
    if (planned.receipts.empty()) {
      note_split(planned, nullptr, planned.decision.reason);
      continue;
    }
    const Receipt& receipt = planned.receipts.back();
    const ExtractedSplit* reading = reading_of(planned.split.id, receipt.generation);
    const bool vanished = planned.decision.action == Action::load_snapshot ||
                          planned.decision.action == Action::record_removal;
    if (!removes || (planned.decision.action == Action::none && reading == nullptr)) {
      note_split(planned, &receipt,
                 removes ? planned.decision.reason : "loaded; the source keeps it");
    } else if (vanished) {
      DAYMILL_TRY(remove_split(planned, receipt, nullptr, settled));
    } else if (reading == nullptr || !reading->confirmed || reading->reader == nullptr) {
      settled = false;  // recovered, or read while it changed: another round reads it again
    } else {
      DAYMILL_TRY(remove_split(planned, receipt, reading->reader.get(), settled));
    }
  }
  if (removes || settled) {
    context_.readings.clear();  // every proof is used or worthless now
  }
  return {};
}

Status AttemptRun::remove_split(const PlannedSplit& planned, const Receipt& receipt, Reader* reader,
                                bool& settled) {
  const RemovalProof proof{reader, receipt.generation, receipt.fingerprint,
                           pipeline_.definition.name, context_.report.target};
  DAYMILL_FAILPOINT("run.remove");
  DAYMILL_ASSIGN(const Removal removal,
                 pipeline_.source->remove(context_.partition, planned.split, proof));
  if (removal == Removal::changed) {
    settled = false;
    note_split(planned, &receipt, "loaded; it changed since, so it stays");
    return {};
  }
  context_.report.wrote_nothing = false;
  DAYMILL_FAILPOINT("run.mark_removed");
  DAYMILL_TRY(sink_->mark_removed(context_.partition, planned.split.id, receipt.generation));
  DAYMILL_FAILPOINT("run.removed");
  if (reader == nullptr && planned.decision.action == Action::record_removal) {
    warn(context_, planned.split.location +
                       " was deleted by somebody after it was loaded; nothing is lost, the removal "
                       "is recorded");
  }
  note_split(planned, &receipt,
             removal == Removal::removed ? "loaded and removed" : "loaded, removed before");
  return {};
}

void AttemptRun::note_split(const PlannedSplit& planned, const Receipt* receipt,
                            const std::string& outcome) {
  SplitReport split{planned.split.id, planned.split.location, 0, 0, {}, {}, outcome};
  if (receipt != nullptr) {
    split.generation = receipt->generation;
    split.rows = receipt->rows_in;
    split.fingerprint = receipt->fingerprint;
    split.snapshot = receipt->snapshot;
  }
  context_.report.splits.push_back(std::move(split));
}

}  // namespace daymill
