// What a run of one partition will do: the evidence of all its splits and the decision for each.
// `daymill plan` prints it, run carries it out, so that a dry run cannot say something else than a
// run does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "plan/bound_pipeline.hpp"
#include "plan/reconcile.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

struct PlannedSplit {
  Split split;
  Decision decision;
  std::vector<Receipt> receipts;  ///< of this split, by generation
  std::vector<StoredSnapshot>
      loose_snapshots;  ///< durable snapshots of the next generation that no receipt names
};

struct PartitionPlan {
  Partition partition;
  Evidence evidence;
  std::vector<PlannedSplit> splits;

  [[nodiscard]] bool has(Action action) const;
  /// Something must certainly be loaded (a claim is due).
  [[nodiscard]] bool loads() const {
    return has(Action::extract) || has(Action::load_snapshot) || has(Action::recover);
  }
  /// Same evidence, as far as decisions go.
  [[nodiscard]] bool same_evidence(const PartitionPlan& other) const;
};

/// Reads the evidence (source, sink, snapshots) and decides. Writes nothing. INVALID_CONFIG when
/// the day was loaded from a split that a source which is kept no longer has.
Result<PartitionPlan> plan_partition(BoundPipeline& pipeline, Sink& sink,
                                     const Partition& partition, const SnapshotStore& store);

}  // namespace daymill
