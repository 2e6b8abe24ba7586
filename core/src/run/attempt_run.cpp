#include "run/attempt_run.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "daymill/failpoint.hpp"
#include "run/cancellation.hpp"
#include "run/commit.hpp"
#include "run/contest.hpp"

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
    early_.reset();
    if (!status.ok() && !decided_removals_.empty()) {
      context_.readings.clear();  // their files are gone or set aside
    }
    if (status.code() == Code::needs_decision && evidence_moved()) {
      context_.readings.clear();
      context_.failed_as = RunState::pending;
      continue;  // another runner was at work: nobody has to decide what the next round may find
                 // settled
    }
    if (status.code() == Code::needs_decision) {
      forget_unloaded_readings();
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
  record_was_set_ = false;
  decided_removals_.clear();
  replaced_.clear();
  DAYMILL_TRY(settle_contradictions());
  if (record_was_set_) {
    return {};
  }
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
  DAYMILL_TRY(check_snapshots(changes));
  if (record_was_set_) {
    return {};
  }
  if (!decided_removals_.empty()) {
    return remove_decided();
  }
  const bool reload = changes.empty() && !pipeline_.removes() && plan_.evidence.load.has_value() &&
                      !is_up_to_date(pipeline_, plan_.evidence);
  if (!changes.empty() || reload) {
    DAYMILL_TRY(claim(changed));
    if (changed) {
      return {};
    }
    for (const PlannedSplit& planned : plan_.splits) {
      const ExtractedSplit* reading = reading_of(planned.split.id, planned.decision.generation);
      if (reading != nullptr && replaced_.count(planned.split.id) != 0) {
        DAYMILL_TRY(settle_earlier_readings(planned, reading->snapshot));
      }
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
  return {};
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
Status AttemptRun::check_target() {
  const bool adopts = context_.settings.decision.choice == Choice::adopt;
  if (plan_.evidence.difference.empty()) {
    return adopts && !plan_.evidence.load.has_value() ? adopt_target() : Status();
  }
  if (adopts) {
    return adopt_target();
  }
  const std::string adopt =
      decide_commands(pipeline_.definition.file, context_.partition.label, {Choice::adopt});
  return Status(Code::needs_decision,
                "the target no longer holds what was loaded: " + plan_.evidence.difference)
      .at(context_.report.target)
      .next("daymill replay " + pipeline_.definition.file + " --date " + context_.partition.label +
            "   rebuild the day from its snapshots\n        " + adopt);
}

/// The rows of the day stay as they are and count as loaded from now on, with what is known of
/// splits that were loaded before.
Status AttemptRun::adopt_target() {
  bool changed = false;
  DAYMILL_TRY(claim(changed));
  if (changed) {
    return Status(Code::conflict, "another run was at work on the day; run the same command again");
  }
  DAYMILL_TRY(adopt_rows(context_, *sink_, epoch_, plan_.evidence));
  epoch_ = 0;
  return look();
}

Status AttemptRun::conclude_without_work() {
  DAYMILL_TRY(check_target());
  const Evidence& evidence = plan_.evidence;
  context_.report.state = evidence.load.has_value() ? RunState::done : RunState::empty;
  for (const PlannedSplit& planned : plan_.splits) {
    DAYMILL_TRY(note_removal(planned));
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
  DAYMILL_TRY(load_and_commit(context_, *sink_, epoch_, plan_.evidence, receipts, early_.get()));
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
      DAYMILL_TRY(note_removal(planned));
      note_split(planned, &receipt,
                 removes ? planned.decision.reason : "loaded; the source keeps it");
    } else if (vanished) {
      DAYMILL_TRY(remove_split(planned, receipt, nullptr, RemovalKind::by_proof, settled));
    } else if (reading == nullptr || !reading->confirmed || reading->reader == nullptr) {
      settled = false;  // recovered, or read while it changed: another round reads it again
    } else {
      DAYMILL_TRY(
          remove_split(planned, receipt, reading->reader.get(), RemovalKind::by_proof, settled));
    }
  }
  if (removes || settled) {
    context_.readings.clear();  // every proof is used or worthless now
  }
  return {};
}

/// What somebody decided, under a claim: no other run may have changed what it was about. The next
/// round goes on with what is left.
Status AttemptRun::remove_decided() {
  bool changed = false;
  DAYMILL_TRY(claim(changed));
  if (changed) {
    context_.readings.clear();
    return {};
  }
  for (const PlannedSplit& planned : plan_.splits) {
    const auto decided = decided_removals_.find(planned.split.id);
    if (decided == decided_removals_.end() || planned.decision.action == Action::load_snapshot) {
      continue;  // of what vanished only readings were left, and they are set aside
    }
    Receipt receipt;
    receipt.split = planned.split.id;
    if (!planned.receipts.empty()) {
      receipt = planned.receipts.back();
    }
    const ExtractedSplit* reading = reading_of(planned.split.id, planned.decision.generation);
    const bool discards = decided->second == RemovalKind::discard;
    if (discards && (reading == nullptr || !reading->confirmed || reading->reader == nullptr)) {
      return written_meanwhile(planned);
    }
    if (discards && std::filesystem::exists(reading->snapshot.path)) {
      DAYMILL_TRY(settle_earlier_readings(planned, reading->snapshot));
      keep_aside(reading->snapshot);
    }
    bool removed = true;
    DAYMILL_TRY(remove_split(planned, receipt, discards ? reading->reader.get() : nullptr,
                             decided->second, removed));
    if (discards && !removed) {
      return written_meanwhile(planned);
    }
  }
  context_.readings.clear();
  return {};
}

/// What somebody decided to discard is no longer what they saw.
Status AttemptRun::written_meanwhile(const PlannedSplit& planned) {
  return Status(Code::needs_decision,
                "it was written while it was to be discarded and may hold counts that nobody has "
                "seen; nothing of it was removed")
      .at(planned.split.location)
      .next("stop its writers, then run the day and decide again");
}

/// A removal that was done and not noted in the sink, because the process died in between.
Status AttemptRun::note_removal(const PlannedSplit& planned) {
  if (!pipeline_.removes() || planned.receipts.empty()) {
    return {};
  }
  const Receipt& receipt = planned.receipts.back();
  if (receipt.removed || planned.split.removals != receipt.generation) {
    return {};
  }
  DAYMILL_FAILPOINT("run.note_removal");
  return mark_removed(planned);
}

Status AttemptRun::remove_split(const PlannedSplit& planned, const Receipt& receipt, Reader* reader,
                                RemovalKind kind, bool& settled) {
  const RemovalProof proof{reader,
                           receipt.generation,
                           receipt.fingerprint,
                           pipeline_.definition.name,
                           context_.report.target,
                           kind};
  DAYMILL_FAILPOINT("run.remove");
  DAYMILL_ASSIGN(const Removal removal,
                 pipeline_.source->remove(context_.partition, planned.split, proof));
  if (removal == Removal::changed) {
    settled = false;
    warn_of_writes(planned);
    note_split(planned, &receipt, "loaded; it changed since, so it stays");
    return {};
  }
  context_.report.wrote_nothing = false;
  DAYMILL_FAILPOINT("run.mark_removed");
  if (receipt.generation > 0) {
    DAYMILL_TRY(sink_->mark_removed(context_.partition, planned.split.id, receipt.generation));
  }
  DAYMILL_FAILPOINT("run.removed");
  if (reader == nullptr && planned.decision.action == Action::record_removal) {
    warn(context_, planned.split.location +
                       " was deleted by somebody after it was loaded; nothing is lost, the removal "
                       "is recorded");
  }
  const char* outcome =
      removal == Removal::removed ? "loaded and removed" : "loaded, removed before";
  note_split(planned, &receipt,
             kind == RemovalKind::discard ? "removed without being counted, as decided" : outcome);
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
