// Which days of a pipeline are left to do, by what is known of them. A failed day is known to the
// journal; the others are found by evidence, so a lost journal hides none that was begun.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/bound_pipeline.hpp"
#include "plan/day_range.hpp"
#include "run/partition_run.hpp"
#include "snapshot/snapshot_store.hpp"
#include "state/run_journal.hpp"

namespace daymill {

struct PendingDay {
  CivilDay day;
  RunKind kind = RunKind::run;
  std::string reason;  ///< for people
};

/// Where pending days are looked for. `sink` is bound.
struct PendingDaySources {
  BoundPipeline& pipeline;
  Sink& sink;
  RunJournal& journal;
  const SnapshotStore& store;
};

/// All of these: oldest day first, each day once.

/// Days whose newest run in the journal did not end DONE or EMPTY.
Result<std::vector<PendingDay>> failed_days(RunJournal& journal, const std::string& pipeline);

/// Days of the range that the target holds no load of.
Result<std::vector<PendingDay>> missing_days(Sink& sink, const DayRange& range);

/// Days that the source holds something of. UNSUPPORTED when it has no inventory.
Result<std::vector<PendingDay>> held_days(Source& source);

/// Of the days that the source holds, those that are to be loaded: of a source that is emptied all,
/// of one that is kept those that the target holds no load of. UNSUPPORTED when one of the two
/// cannot tell.
Result<std::vector<PendingDay>> days_to_load(BoundPipeline& pipeline);

/// Everything that was begun and not finished: failed days; attempts that claimed a day and
/// committed nothing; loads whose removal is missing; snapshots that were never loaded.
Result<std::vector<PendingDay>> unfinished_days(const PendingDaySources& sources);

}  // namespace daymill
