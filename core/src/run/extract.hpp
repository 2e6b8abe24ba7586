// extract: reads splits of the source into durable snapshots, several at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "observe/progress.hpp"
#include "plan/bound_pipeline.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

class EarlyLoad;

struct ExtractTask {
  Split split;
  std::int64_t generation = 0;
};

struct ExtractedSplit {
  std::string split;
  std::int64_t generation = 0;
  StoredSnapshot snapshot;
  /// Holds what makes the split safe to remove, as long as it lives: the proof is of exactly this
  /// snapshot.
  std::unique_ptr<Reader> reader;
  /// The split did not change while it was read. Otherwise the snapshot is good to load and no
  /// proof for a removal.
  bool confirmed = false;
};

struct ExtractSettings {
  std::string run_id;
  std::string tag;  ///< makes the file names of one run unique
  int threads = 2;
};

/// One result per task, in their order. A split that changes while it is read is read again, three
/// times at most. On an error nothing is left behind. `early`, if any, has the tasks as its inputs;
/// it is started, and gets what is read at once, or is given up.
Result<std::vector<ExtractedSplit>> extract(BoundPipeline& pipeline, const Partition& partition,
                                            const std::vector<ExtractTask>& tasks,
                                            const SnapshotStore& store,
                                            const ExtractSettings& settings, RunObserver& observer,
                                            EarlyLoad* early = nullptr);

}  // namespace daymill
