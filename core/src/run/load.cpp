#include "run/load.hpp"

#include <utility>

#include "run/cancellation.hpp"

namespace daymill {

Result<LoadTotals> load(BoundPipeline& pipeline, const Partition& partition,
                        std::vector<SnapshotFile>& snapshots, Writer& writer, RejectLog& rejects,
                        std::size_t memory_limit, RunObserver& observer) {
  std::int64_t rows_read = 0;
  std::vector<LoadInput> inputs;
  for (const SnapshotFile& file : snapshots) {
    const SnapshotManifest& manifest = file.manifest();
    rows_read += manifest.rows;
    inputs.push_back({manifest.split, manifest.generation, manifest.raw_schema});
  }
  LoadPath path(pipeline, writer, rejects, memory_limit);
  DAYMILL_TRY(path.open(partition, std::move(inputs)));
  for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket) {
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      DAYMILL_TRY(snapshots[i].read_bucket(bucket, [&](RecordBatch raw) {
        if (cancellation::requested()) {
          return cancellation::status();
        }
        observer.rows_done(raw.num_rows());
        return path.decode(i, std::move(raw));
      }));
    }
    DAYMILL_TRY(path.drain());
  }
  DAYMILL_ASSIGN(LoadTotals totals, path.finish_rows(rows_read));
  DAYMILL_TRY(path.finish_writer());
  return totals;
}

}  // namespace daymill
