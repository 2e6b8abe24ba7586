// AttemptRun: what becomes of the splits that were read, and of those that contradict themselves.
#include <algorithm>

#include "daymill/failpoint.hpp"
#include "run/attempt_run.hpp"
#include "run/compare.hpp"
#include "run/contest.hpp"
#include "run/covering_reading.hpp"
#include "run/questions.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

std::string fingerprint_of(const std::vector<Receipt>& receipts, std::int64_t generation) {
  for (const Receipt& receipt : receipts) {
    if (receipt.generation == generation) {
      return receipt.fingerprint;
    }
  }
  return {};
}

}  // namespace

/// A copy of what somebody decided not to count stays, under a name that no run ever loads.
void AttemptRun::keep_aside(const StoredSnapshot& snapshot) {
  std::filesystem::path aside = snapshot.path;
  std::error_code ignored;
  std::filesystem::rename(snapshot.path, aside.replace_extension(".discarded"), ignored);
}

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
  Questions questions;
  for (const PlannedSplit& planned : plan_.splits) {
    if (planned.decision.action != Action::decide) {
      continue;
    }
    const std::int64_t loaded = planned.decision.generation;
    const std::string problem = planned.decision.reason + sums_of(planned);
    const Status answer =
        loaded == 0 ? ask(planned, problem, {Choice::as_new, Choice::replace})
                    : ask(planned, problem, {Choice::as_new, Choice::replace, Choice::discard});
    DAYMILL_TRY(questions.add(answer));
    if (answer.ok()) {
      contested_[planned.split.id] = loaded;
      // Then it is compared with what is loaded: the same is removed, the rest is asked about. Also
      // by a run that finds this one killed, which takes the record for lost after that removal,
      // not what came since for more of the same.
      DAYMILL_TRY(mark_removed(planned));
      const std::int64_t before = loaded == 0 ? 0 : loaded - 1;
      DAYMILL_TRY(set_record(planned, before, fingerprint_of(planned.receipts, before)));
    }
  }
  return questions.status();
}

/// The last generation that is loaded, if there is one.
Status AttemptRun::mark_removed(const PlannedSplit& planned) {
  if (planned.receipts.empty() || planned.receipts.back().removed) {
    return {};
  }
  context_.report.wrote_nothing = false;
  return sink_->mark_removed(context_.partition, planned.split.id,
                             planned.receipts.back().generation);
}

/// The removal record becomes `generation`, 0: none, although the split is there and stays.
Status AttemptRun::set_record(const PlannedSplit& planned, std::int64_t generation,
                              const std::string& fingerprint) {
  const RemovalProof proof{nullptr,
                           generation,
                           fingerprint,
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
  const std::string known = known_content(planned, reading);
  std::error_code ignored;
  std::filesystem::remove(reading.path, ignored);
  return comparison.ok() && comparison->growth != Growth::equal ? "; " + comparison->sums + known
                                                                : known;
}

/// Says so when a reading is just what was loaded as one of the generations: nothing in it is new.
std::string AttemptRun::known_content(const PlannedSplit& planned, const StoredSnapshot& reading) {
  for (const Receipt& receipt : planned.receipts) {
    if (receipt.fingerprint == reading.manifest.fingerprint) {
      return "; that is just what was loaded as generation " + std::to_string(receipt.generation);
    }
  }
  return {};
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
  Questions questions;
  for (const PlannedSplit& planned : plan_.splits) {
    switch (planned.decision.action) {
      case Action::extract:
        DAYMILL_TRY(questions.add(judge_first_reading(planned, changes)));
        break;
      case Action::compare:
        DAYMILL_TRY(questions.add(judge_second_reading(planned, changes)));
        break;
      case Action::load_snapshot:
        DAYMILL_TRY(questions.add(take_vanished(planned, changes)));
        break;
      case Action::recover:
        DAYMILL_TRY(questions.add(recover(planned, changes)));
        break;
      case Action::none:
      case Action::record_removal:
      case Action::decide:
        break;
    }
  }
  return questions.status();
}

/// The source no longer has it: what was read of it is all there is.
Status AttemptRun::take_vanished(const PlannedSplit& planned, std::vector<Change>& changes) {
  DAYMILL_ASSIGN(const StoredSnapshot* whole,
                 covering_reading(pipeline_, context_.partition, planned.loose_snapshots,
                                  context_.settings.memory_limit));
  if (whole == nullptr) {
    return several_readings(planned, planned.loose_snapshots);
  }
  warn(context_,
       planned.split.location +
           " vanished after it was read and before it was loaded; its snapshot is loaded");
  changes.push_back(Change{planned.split.id, planned.decision.generation, *whole});
  return {};
}

/// Readings that contradict each other, without a source that could tell which one counts.
Status AttemptRun::several_readings(const PlannedSplit& planned,
                                    const std::vector<StoredSnapshot>& readings) const {
  std::string files;
  for (const StoredSnapshot& reading : readings) {
    files += (files.empty() ? "" : ", ") + reading.path.string();
  }
  return Status(Code::needs_decision,
                "it was read several times before it was loaded, with different content: " + files)
      .at(planned.split.location)
      .next(
          "look at them with daymill snapshots cat; move away what is not to be counted, then run "
          "again");
}

/// Earlier readings that were never loaded must be in what is loaded now. One that is not is what
/// the source held before it was reset.
Status AttemptRun::judge_first_reading(const PlannedSplit& planned, std::vector<Change>& changes) {
  const StoredSnapshot& reading =
      reading_of(planned.split.id, planned.decision.generation)->snapshot;
  const std::int64_t generation = planned.decision.generation;
  std::vector<StoredSnapshot> lost;
  std::string problem = "the source was reset after it was read and before that was loaded";
  for (const StoredSnapshot& earlier : planned.loose_snapshots) {
    if (!pipeline_.has_receipts() || context_.settings.accept_decrease ||
        earlier.path == reading.path) {
      continue;
    }
    DAYMILL_ASSIGN(const Comparison comparison,
                   compare_readings(pipeline_, context_.partition, earlier, reading,
                                    context_.settings.memory_limit));
    if (comparison.growth == Growth::shrunk) {
      problem += ": " + comparison.detail + "; " + comparison.sums + "; the earlier reading is " +
                 earlier.path.string();
      lost.push_back(earlier);
    }
  }
  if (lost.empty()) {
    changes.push_back(Change{planned.split.id, generation, reading});
    return {};
  }
  DAYMILL_TRY(ask(planned, problem, {Choice::as_new, Choice::replace, Choice::discard}));
  if (context_.settings.decision.choice == Choice::replace) {
    for (const StoredSnapshot& earlier : lost) {
      keep_aside(earlier);
    }
    changes.push_back(Change{planned.split.id, generation, reading});
    return {};
  }
  DAYMILL_ASSIGN(const StoredSnapshot* before, covering_reading(pipeline_, context_.partition, lost,
                                                                context_.settings.memory_limit));
  if (before == nullptr) {
    return several_readings(planned, lost);
  }
  // The next round compares what is in the source with that, and goes by the same decision.
  contested_[planned.split.id] = generation;
  changes.push_back(Change{planned.split.id, generation, *before});
  forget_reading(planned.split.id);
  return {};
}

/// Somebody was asked about the very generation that is compared now.
bool AttemptRun::is_contested(const PlannedSplit& planned) const {
  const auto contested = contested_.find(planned.split.id);
  return contested != contested_.end() && contested->second == planned.decision.generation;
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
    if (!receipt.removed && !smaller && !is_contested(planned)) {
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
    replaced_.insert(planned.split.id);
    changes.push_back(Change{planned.split.id, planned.decision.generation, reading.snapshot});
  } else {
    take_away(planned, reading.snapshot);
  }
  return {};
}

/// What somebody decided about must not be loaded from an earlier reading of it, as if that were
/// counts that vanished before they were loaded. A reading that has more than the decision was
/// about stays. Only under a claim, and never readings of a generation that another run may be
/// about to commit again.
Status AttemptRun::settle_earlier_readings(const PlannedSplit& planned,
                                           const StoredSnapshot& decided) {
  const std::int64_t receipted = planned.receipts.empty() ? 0 : planned.receipts.back().generation;
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> stored,
                 context_.store.list(pipeline_.definition.name, context_.partition.label));
  for (const StoredSnapshot& other : stored) {
    if (other.manifest.split != planned.split.id || other.manifest.generation <= receipted ||
        other.path == decided.path) {
      continue;
    }
    DAYMILL_ASSIGN(const Comparison comparison,
                   compare_readings(pipeline_, context_.partition, other, decided,
                                    context_.settings.memory_limit));
    if (comparison.growth != Growth::shrunk) {
      keep_aside(other);
    }
  }
  return {};
}

/// Somebody decided that the reading is not what the receipt is for: it is counted later, as new,
/// or never.
void AttemptRun::take_away(const PlannedSplit& planned, const StoredSnapshot& reading) {
  if (context_.settings.decision.choice == Choice::discard) {
    decided_removals_[planned.split.id] = RemovalKind::discard;
  } else {
    std::error_code ignored;
    std::filesystem::remove(reading.path, ignored);  // it is read again under its own generation
    decided_removals_[planned.split.id] = RemovalKind::record_only;
  }
}

/// The split is read again by the next round.
void AttemptRun::forget_reading(const std::string& split) {
  std::erase_if(context_.readings, [&](const ExtractedSplit& reading) {
    if (reading.split != split) {
      return false;
    }
    std::error_code ignored;
    std::filesystem::remove(reading.snapshot.path, ignored);
    return true;
  });
}

/// Somebody is asked about what the source holds. It still does: what was read of it for the
/// question must not lie there as if it were all that is left of vanished counts.
void AttemptRun::forget_unloaded_readings() {
  for (const ExtractedSplit& reading : context_.readings) {
    const bool named =
        std::any_of(plan_.evidence.receipts.begin(), plan_.evidence.receipts.end(),
                    [&](const Receipt& receipt) {
                      return receipt.snapshot == reading.snapshot.path.filename().string();
                    });
    if (!named) {
      std::error_code ignored;
      std::filesystem::remove(reading.snapshot.path, ignored);
    }
  }
  context_.readings.clear();
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
    const Action action = planned.decision.action;
    const auto change = std::find_if(changes.begin(), changes.end(), [&](const Change& given) {
      return given.split == planned.split.id;
    });
    if (change == changes.end()) {
      continue;
    }
    if (action != Action::extract && action != Action::load_snapshot) {
      return contest(context_, *sink_, planned.split.location, problem, {});
    }
    DAYMILL_TRY(ask(planned, problem, {Choice::discard}));
    DAYMILL_TRY(set_aside_readings(planned.split.id, change->generation));
    decided_removals_[planned.split.id] =
        action == Action::extract ? RemovalKind::discard : RemovalKind::record_only;
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
  const std::int64_t last = planned.split.removals;
  std::int64_t newest = receipted;  // that is loaded or can be
  std::vector<std::int64_t> lost;
  // Generation m itself when the sink holds an older content of it.
  for (std::int64_t generation = std::min(receipted + 1, last); generation <= last; ++generation) {
    const std::vector<StoredSnapshot> candidates =
        removed_readings(stored, planned.split, generation);
    DAYMILL_ASSIGN(const StoredSnapshot* found,
                   covering_reading(pipeline_, context_.partition, candidates,
                                    context_.settings.memory_limit));
    if (found != nullptr) {
      changes.push_back(Change{planned.split.id, generation, *found});
      newest = generation;
    } else if (!candidates.empty()) {
      return several_readings(planned, candidates);
    } else {
      lost.push_back(generation);
    }
  }
  if (!lost.empty()) {
    return accept_loss(planned, newest, lost);
  }
  warn(context_, planned.split.location +
                     ": the sink had lost what was removed from the source; it is loaded again "
                     "from snapshots");
  return {};
}

/// Which files may hold what was removed as `generation`? The record names the fingerprint of the
/// last one. Before that: only what did not change while it was read is ever removed.
std::vector<StoredSnapshot> AttemptRun::removed_readings(const std::vector<StoredSnapshot>& stored,
                                                         const Split& split,
                                                         std::int64_t generation) {
  std::vector<StoredSnapshot> readings;
  for (const StoredSnapshot& snapshot : stored) {
    const bool last = generation == split.removals;
    const bool fits = last ? snapshot.manifest.fingerprint == split.removed_fingerprint
                           : snapshot.manifest.confirmed;
    if (snapshot.manifest.split == split.id && snapshot.manifest.generation == generation && fits) {
      readings.push_back(snapshot);
    }
  }
  return readings;
}

/// What can be found is loaded; `newest` is the last generation that is loaded or can be.
Status AttemptRun::accept_loss(const PlannedSplit& planned, std::int64_t newest,
                               const std::vector<std::int64_t>& lost) {
  std::string generations;
  for (const std::int64_t generation : lost) {
    generations += (generations.empty() ? "" : ", ") + std::to_string(generation);
  }
  const Status asked =
      ask(planned,
          "generation " + generations + " of " + planned.split.id +
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
  if (lost.back() != planned.split.removals) {
    return {};  // the gap stays, the rest is loaded
  }
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> stored,
                 context_.store.list(pipeline_.definition.name, context_.partition.label));
  std::string fingerprint = fingerprint_of(planned.receipts, newest);
  for (const StoredSnapshot& snapshot : removed_readings(stored, planned.split, newest)) {
    fingerprint = snapshot.manifest.fingerprint;
  }
  return set_record(planned, newest, fingerprint);
}

}  // namespace daymill
