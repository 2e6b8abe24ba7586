// AttemptRun: what becomes of the splits that were read, and of those that contradict themselves.
#include <algorithm>
#include <tuple>

#include "daymill/failpoint.hpp"
#include "run/attempt_run.hpp"
#include "run/compare.hpp"
#include "run/contest.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

/// A copy of what somebody decided not to count stays, under a name that no run ever loads.
void keep_aside(const StoredSnapshot& snapshot) {
  std::filesystem::path aside = snapshot.path;
  std::error_code ignored;
  std::filesystem::rename(snapshot.path, aside.replace_extension(".discarded"), ignored);
}

std::string fingerprint_of(const std::vector<Receipt>& receipts, std::int64_t generation) {
  for (const Receipt& receipt : receipts) {
    if (receipt.generation == generation) {
      return receipt.fingerprint;
    }
  }
  return {};
}

}  // namespace

Status AttemptRun::ask(const PlannedSplit& planned, const std::string& problem,
                       std::initializer_list<Choice> possible) {
  if (pipeline_.removes()) {
    return contest(context_, *sink_, planned.split.location, problem, possible);
  }
  // Without removal there are no generations: nothing can be counted beside, nothing taken away.
  return contest(context_, *sink_, planned.split.location, problem, {Choice::replace});
}

/// Splits whose evidence contradicts itself before anything is read. What somebody decided becomes
/// a removal record that contradicts nothing; the next round goes on from there.
Status AttemptRun::settle_contradictions() {
  for (const PlannedSplit& planned : plan_.splits) {
    if (planned.decision.action != Action::decide) {
      continue;
    }
    const std::int64_t loaded = planned.decision.generation;
    const std::string problem = planned.decision.reason + sums_of(planned);
    if (loaded == 0) {
      DAYMILL_TRY(ask(planned, problem, {Choice::as_new, Choice::replace}));
    } else {
      DAYMILL_TRY(ask(planned, problem, {Choice::as_new, Choice::replace, Choice::discard}));
    }
    contested_.insert(planned.split.id);
    const bool counts_beside = context_.settings.decision.choice == Choice::as_new || loaded == 0;
    DAYMILL_TRY(set_record(planned, counts_beside ? loaded : loaded - 1));
  }
  return {};
}

/// The removal record becomes `generation`, 0: none, although the split is there and stays.
Status AttemptRun::set_record(const PlannedSplit& planned, std::int64_t generation) {
  const RemovalProof proof{nullptr,
                           generation,
                           fingerprint_of(planned.receipts, generation),
                           pipeline_.definition.name,
                           context_.report.target,
                           RemovalKind::record_only};
  DAYMILL_FAILPOINT("run.set_record");
  DAYMILL_TRY(pipeline_.source->remove(context_.partition, planned.split, proof));
  context_.report.wrote_nothing = false;
  record_was_set_ = true;
  return {};
}

/// For a person who has to decide without a reading: what is loaded and what the source holds.
/// Empty when that cannot be found out.
std::string AttemptRun::sums_of(const PlannedSplit& planned) {
  if (!planned.split.present || planned.receipts.empty() || !planned.split.record_problem.empty()) {
    return {};
  }
  const ExtractSettings settings{context_.report.run_id, "-look", context_.settings.threads};
  const Receipt& receipt = planned.receipts.back();
  auto readings =
      extract(pipeline_, context_.partition, {ExtractTask{planned.split, receipt.generation}},
              context_.store, settings, context_.observer);
  if (!readings.ok()) {
    return {};
  }
  const StoredSnapshot& reading = readings->front().snapshot;
  const auto comparison = compare_with(receipt, reading);
  std::error_code ignored;
  std::filesystem::remove(reading.path, ignored);
  return comparison.ok() ? "; " + comparison->sums : std::string();
}

Result<Comparison> AttemptRun::compare_with(const Receipt& receipt, const StoredSnapshot& reading) {
  const auto path = snapshot_of(receipt);
  DAYMILL_ASSIGN(SnapshotFile loaded, SnapshotFile::open(path));
  return compare_readings(pipeline_, context_.partition, {path, 0, loaded.manifest()}, reading,
                          context_.settings.memory_limit);
}

std::filesystem::path AttemptRun::snapshot_of(const Receipt& receipt) const {
  return context_.store.path_of(pipeline_.definition.name, context_.partition.label,
                                receipt.snapshot);
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
  const std::int64_t generation = planned.decision.generation;
  const bool earlier = pipeline_.has_receipts() && planned.loose_snapshot.has_value() &&
                       planned.loose_snapshot->path != reading.snapshot.path &&
                       !context_.settings.accept_decrease;
  if (earlier) {
    DAYMILL_ASSIGN(const Comparison comparison,
                   compare_readings(pipeline_, context_.partition, *planned.loose_snapshot,
                                    reading.snapshot, context_.settings.memory_limit));
    if (comparison.growth == Growth::shrunk) {
      DAYMILL_TRY(ask(planned,
                      "the source was reset after it was read and before that was loaded: " +
                          comparison.detail + "; " + comparison.sums + "; the earlier reading is " +
                          planned.loose_snapshot->path.string(),
                      {Choice::as_new, Choice::replace, Choice::discard}));
      if (context_.settings.decision.choice != Choice::replace) {
        changes.push_back(Change{planned.split.id, generation, *planned.loose_snapshot});
        take_away(planned, reading.snapshot);
        return {};
      }
    }
  }
  changes.push_back(Change{planned.split.id, generation, reading.snapshot});
  return {};
}

Status AttemptRun::judge_second_reading(const PlannedSplit& planned, std::vector<Change>& changes) {
  const ExtractedSplit& reading = *reading_of(planned.split.id, planned.decision.generation);
  const Receipt& receipt = planned.receipts.back();
  const auto loaded_path = snapshot_of(receipt);
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
  Status contested;
  if (!loaded_exists) {
    contested = ask(planned,
                    "the source changed since it was loaded and the loaded snapshot is gone "
                    "(bring it back if you can): " +
                        loaded_path.string(),
                    {Choice::replace, Choice::discard});
  } else {
    DAYMILL_ASSIGN(const Comparison comparison, compare_with(receipt, reading.snapshot));
    const bool smaller = comparison.growth == Growth::shrunk && !context_.settings.accept_decrease;
    if (!receipt.removed && !smaller && contested_.count(planned.split.id) == 0) {
      changes.push_back(Change{planned.split.id, planned.decision.generation, reading.snapshot});
      return {};
    }
    std::string why = "the source holds something else than what was loaded: ";
    if (receipt.removed) {
      why =
          "it was removed before, and the source holds something else again without a removal "
          "record: ";
    } else if (smaller) {
      why = "the source holds less than what was loaded (flushed, restored or corrected): " +
            comparison.detail + "; ";
    }
    contested =
        ask(planned, why + comparison.sums, {Choice::as_new, Choice::replace, Choice::discard});
  }
  DAYMILL_TRY(contested);
  if (context_.settings.decision.choice == Choice::replace) {
    changes.push_back(Change{planned.split.id, planned.decision.generation, reading.snapshot});
  } else {
    take_away(planned, reading.snapshot);
  }
  return {};
}

/// Somebody decided that the reading is not what the receipt is for: it is counted later, as new,
/// or never.
void AttemptRun::take_away(const PlannedSplit& planned, const StoredSnapshot& reading) {
  if (context_.settings.decision.choice == Choice::discard) {
    keep_aside(reading);
    decided_removals_[planned.split.id] = RemovalKind::discard;
  } else {
    std::error_code ignored;
    std::filesystem::remove(reading.path, ignored);  // it is read again under its own generation
    decided_removals_[planned.split.id] = RemovalKind::record_only;
  }
}

/// A day is rebuilt from all that its receipts name. Without one of those files late data cannot be
/// loaded; it stays in the source, or somebody decides to give it up.
Status AttemptRun::check_snapshots(std::vector<Change>& changes) {
  for (const PlannedSplit& other : plan_.splits) {
    for (const Receipt& receipt : other.receipts) {
      const bool replaced = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.split == receipt.split && change.generation == receipt.generation;
      });
      std::error_code error;
      if (replaced || std::filesystem::exists(snapshot_of(receipt), error)) {
        continue;
      }
      DAYMILL_TRY(give_up_late_data(snapshot_of(receipt), changes));
      return {};
    }
  }
  return {};
}

Status AttemptRun::give_up_late_data(const std::filesystem::path& missing,
                                     std::vector<Change>& changes) {
  const std::string problem =
      "the day cannot be rebuilt with what the source holds now, because a snapshot of what was "
      "loaded before is gone (bring it back if you can): " +
      missing.string();
  for (const PlannedSplit& planned : plan_.splits) {
    const bool late = planned.decision.action == Action::extract && !planned.receipts.empty();
    const auto change = std::find_if(changes.begin(), changes.end(), [&](const Change& given) {
      return given.split == planned.split.id;
    });
    if (change == changes.end()) {
      continue;
    }
    if (!late) {
      return contest(context_, *sink_, planned.split.location, problem, {});
    }
    DAYMILL_TRY(ask(planned, problem, {Choice::discard}));
    DAYMILL_TRY(set_aside_readings(planned.split.id, change->generation));
    decided_removals_[planned.split.id] = RemovalKind::discard;
    changes.erase(change);
  }
  return {};
}

/// No reading of the generation, of whichever run, may be taken for counts that vanished before
/// they were loaded.
Status AttemptRun::set_aside_readings(const std::string& split, std::int64_t generation) {
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> stored,
                 context_.store.list(pipeline_.definition.name, context_.partition.label));
  for (const StoredSnapshot& snapshot : stored) {
    if (snapshot.manifest.split == split && snapshot.manifest.generation == generation) {
      keep_aside(snapshot);
    }
  }
  return {};
}

/// The source removed generations that the sink does not hold: a restored backup of the sink, or
/// another database.
Status AttemptRun::recover(const PlannedSplit& planned, std::vector<Change>& changes) {
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> stored,
                 context_.store.list(pipeline_.definition.name, context_.partition.label));
  const std::int64_t receipted = planned.receipts.empty() ? 0 : planned.receipts.back().generation;
  // Generation m itself when the sink holds an older content of it.
  for (std::int64_t generation = std::min(receipted + 1, planned.split.removals);
       generation <= planned.split.removals; ++generation) {
    const StoredSnapshot* found = removed_snapshot(stored, planned.split, generation);
    if (found == nullptr) {
      return accept_loss(planned, receipted, generation);
    }
    changes.push_back(Change{planned.split.id, generation, *found});
  }
  warn(context_, planned.split.location +
                     ": the sink had lost what was removed from the source; it is loaded again "
                     "from snapshots");
  return {};
}

/// Which file holds what was removed as `generation`? The record names the fingerprint of the last
/// one. Before that: only what did not change while it was read is ever removed, and the last such
/// reading is the one.
const StoredSnapshot* AttemptRun::removed_snapshot(const std::vector<StoredSnapshot>& stored,
                                                   const Split& split, std::int64_t generation) {
  const StoredSnapshot* found = nullptr;
  const auto rank = [](const SnapshotManifest& manifest) {
    return std::tie(manifest.confirmed, manifest.created_at, manifest.rows);
  };
  for (const StoredSnapshot& snapshot : stored) {
    const bool last = generation == split.removals;
    if (snapshot.manifest.split == split.id && snapshot.manifest.generation == generation &&
        (!last || snapshot.manifest.fingerprint == split.removed_fingerprint) &&
        (found == nullptr || rank(found->manifest) < rank(snapshot.manifest))) {
      found = &snapshot;
    }
  }
  return found;
}

Status AttemptRun::accept_loss(const PlannedSplit& planned, std::int64_t receipted,
                               std::int64_t lost) {
  const Status asked =
      ask(planned,
          "generation " + std::to_string(lost) + " of " + planned.split.id +
              " was loaded and removed from the source, but this sink does not hold it and no "
              "snapshot of it is in " +
              context_.store.root().string() +
              " (is the sink the right database? was it restored from a backup? bring the "
              "snapshots back if you can; as-new accepts the loss)",
          {Choice::as_new});
  if (!asked.ok()) {
    context_.failed_as = RunState::data_loss_suspected;
    return asked;
  }
  return set_record(planned, receipted);
}

}  // namespace daymill
