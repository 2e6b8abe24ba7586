// load: snapshots → decode → combine → transforms → the sink's writer, bucket by bucket, with the
// writer on a thread of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "daymill/plugin.hpp"
#include "observe/progress.hpp"
#include "plan/bound_pipeline.hpp"
#include "run/reject_log.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

struct LoadTotals {
  std::int64_t rows_read = 0;
  std::int64_t rows_merged = 0;
  std::int64_t rows_filtered = 0;
  std::int64_t rows_out = 0;
  std::vector<Sum> sums_read;  ///< by the source's measures: what decoding gave, and what rejected
                               ///< rows would have brought
  std::vector<Sum> sums_out;   ///< by the measures of the rows in the target
};

/// Writes all rows of `snapshots` (all splits and generations of the partition) through `writer`,
/// which is finished on success. Rejections go to `rejects`; over its budget: INVALID_DATA and
/// nothing is finished. Conservation is checked here up to the writer: Σ read = Σ out + Σ filtered
/// + Σ rejected, a breach is INTERNAL with both sums.
Result<LoadTotals> load(BoundPipeline& pipeline, const Partition& partition,
                        std::vector<SnapshotFile>& snapshots, Writer& writer, RejectLog& rejects,
                        std::size_t memory_limit, RunObserver& observer);

}  // namespace daymill
