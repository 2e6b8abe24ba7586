// Running and replaying one partition: attempts, retries, journal, and the report at the end. Only
// here is anything retried.
#pragma once

#include "observe/run_report.hpp"
#include "run/run_context.hpp"
#include "state/run_journal.hpp"

namespace daymill {

enum class RunKind { run = 1, replay };

/// What a run uses and does not own.
struct RunTools {
  const SnapshotStore& store;
  RunJournal& journal;
  Log& log;
  RunObserver& observer;
};

/// Never fails as a function: the report's state and failure say how it ended. On the control
/// thread.
RunReport run_partition(RunKind kind, BoundPipeline& pipeline, const Partition& partition,
                        const RunSettings& settings, const RunTools& tools);

}  // namespace daymill
