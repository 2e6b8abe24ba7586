// load: snapshots → decode → combine → transforms → the sink's writer, bucket by bucket.
#pragma once

#include <cstddef>
#include <vector>

#include "daymill/plugin.hpp"
#include "observe/progress.hpp"
#include "plan/bound_pipeline.hpp"
#include "run/load_path.hpp"
#include "run/reject_log.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

/// Writes all rows of `snapshots` (all splits and generations of the partition) through `writer`,
/// which is finished on success. Rejections go to `rejects`; over its budget: INVALID_DATA and
/// nothing is finished. Conservation is checked, see LoadPath.
Result<LoadTotals> load(BoundPipeline& pipeline, const Partition& partition,
                        std::vector<SnapshotFile>& snapshots, Writer& writer, RejectLog& rejects,
                        std::size_t memory_limit, RunObserver& observer);

}  // namespace daymill
