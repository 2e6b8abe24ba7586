// The run journal from the evidence: what is lost with state.db, as far as it can be known.
#pragma once

#include <string>
#include <vector>

#include "plan/bound_pipeline.hpp"
#include "snapshot/snapshot_store.hpp"
#include "state/run_journal.hpp"

namespace daymill {

struct RebuiltRun {
  JournalRun run;
  std::string journal_said;  ///< the state of the day's newest run before; empty: no run
  bool added = false;        ///< the journal did not say the same
};

/// The newest load of each day becomes a run of the journal, DONE or, when its removal is missing,
/// COMMITTED; a snapshot that was never loaded becomes an unfinished run. What the journal knows
/// already stays as it is; where it says something else than the evidence, the evidence is added
/// as the newer run. `sink` is bound.
Result<std::vector<RebuiltRun>> rebuild_journal(const BoundPipeline& pipeline, Sink& sink,
                                                const SnapshotStore& store, RunJournal& journal);

}  // namespace daymill
